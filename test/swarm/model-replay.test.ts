// A run whose analyst asks a language model over the wire, recorded, repeated and taken up again.
import { createOpenAI } from '@ai-sdk/openai'
import { defineTradingSwarm, MarketBar, RecommendationIssued, SignalAggregated } from '@tradeswarm/agents'
import { type ReplayResult, replayRun } from '@tradeswarm/backtest'
import { Agent, type AgentClass, type JournalEntry, modelCallKind, type StorageDefinition } from '@tradeswarm/core'
import { callContext, createModelRecorder, type ModelRecorder, withSwarmEconomics } from '@tradeswarm/llm'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { createFakeOpenAi, type FakeModelServer } from '@tradeswarm/testing/fakes'
import { generateText, type LanguageModel, streamText } from 'ai'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { messagesOf, withStorage } from './recorded-journal.test-support.js'
import { recordSmallRun, runSmall, smallRunOptions } from './small-run.test-support.js'
import { smallSessions, smallTape } from './small-tape.test-support.js'

/** Enough of the small tape is left for dozens of calls. */
const firstAsked = smallTape.bars.at(-60)?.date ?? ''

let server: FakeModelServer
/** What the model says is another thing each time: only a record can give it again. */
let said = 0
/** Settles when the second of the two that are asked at once has been heard. */
let second = Promise.withResolvers<void>()

beforeEach(async () => {
  said = 0
  second = Promise.withResolvers<void>()
  server = await createFakeOpenAi({
    async answer({ user }) {
      said += 1
      const answer = `answer ${said} to ${user}, said in more than one piece`
      if (user.startsWith('first')) await second.promise
      return answer
    },
  })
})
afterEach(() => server.close())

/** Asks three times for each signal, twice at once, and publishes what it heard, in the order in which it heard it. */
function askingAnalyst(model: LanguageModel, question = 'what of'): AgentClass {
  class AskingAnalyst extends Agent<typeof AskingAnalyst> {
    static readonly role: string = 'analyst'
    static readonly publishes = [RecommendationIssued]

    protected override onStart(): void {
      this.subscribe(MarketBar, (bar, context) => context.state.set(`close/${bar.symbol}`, bar.close))
      this.subscribe(SignalAggregated, async ({ symbol, sessionDate }, context) => {
        const close = context.state.get<string>(`close/${symbol}`)
        if (close === undefined || symbol !== 'CCC' || sessionDate < firstAsked) return
        const heard: string[] = []
        second = Promise.withResolvers<void>()
        const ask = async (prompt: string): Promise<void> => {
          const providerOptions = callContext({ agent: 'analyst' })
          const { text } = await generateText({ model, prompt, providerOptions, maxRetries: 0 }).catch((error) => ({
            text: `${error.name}: ${error.message}`,
          }))
          heard.push(text)
          if (prompt.startsWith('second')) second.resolve()
        }
        await Promise.all([ask(`first ${symbol}`), ask(`second ${symbol}`)])
        const streamed = streamText({
          model,
          prompt: `${question} ${symbol}`,
          providerOptions: callContext({ agent: 'analyst' }),
          maxRetries: 0,
          onError: () => undefined,
        })
        for await (const piece of streamed.textStream) heard.push(piece)
        await context.publish(RecommendationIssued, {
          symbol,
          sessionDate,
          direction: 'enter-long',
          setup: heard.join('|'),
          score: 1,
          confidence: 1,
          horizonSessions: 3,
          referencePrice: close,
          entryPrice: close,
          stopPrice: (Number(close) * 0.97).toFixed(2),
          targetPrice: (Number(close) * 1.06).toFixed(2),
          riskReward: 2,
          rank: 1,
          reasons: [],
          signalMessageId: context.message?.id ?? '',
          parametersVersion: 0,
        })
      })
    }
  }
  return AskingAnalyst
}

function economic(recorder: ModelRecorder): LanguageModel {
  const openai = createOpenAI({ baseURL: server.baseUrl, apiKey: server.apiKey })
  return recorder.record(withSwarmEconomics(openai('gpt-5-mini'), { cache: false, calls: { maximumAttempts: 1 } }))
}

function askingSwarm(question?: string, model?: LanguageModel) {
  const recorder = createModelRecorder({ patienceMs: 2_000 })
  const analyst = askingAnalyst(model ?? economic(recorder), question)
  return { replace: { analyst }, services: [recorder.service], config: {} }
}

const replay = (definition: StorageDefinition, swarm: ReturnType<typeof askingSwarm>): Promise<ReplayResult> =>
  withStorage(definition, (storage) =>
    replayRun(storage, { swarm: defineTradingSwarm({ ...smallRunOptions().swarm, ...swarm }) }),
  )

const callsIn = (entries: readonly JournalEntry[]) => entries.filter(({ kind }) => kind === modelCallKind)

test('a run is repeated to the same hash without a call, streams and the order of answers included', async () => {
  server.fail({ kind: 'status', status: 500 })
  const run = await recordSmallRun({ swarm: askingSwarm() })
  const asked = server.seen.length
  const heard = messagesOf<{ setup: string }>(run.entries, 'recommendation.issued').map(({ payload }) =>
    payload.setup.split('|'),
  )
  expect(asked).toBeGreaterThan(10)
  expect(callsIn(run.entries)).toHaveLength(asked)
  // The one that was begun later answered first, and what failed failed.
  expect(heard.at(-1)?.[0]).toMatch(/to second/)
  expect(heard.at(-1)?.length).toBeGreaterThan(4)
  expect(JSON.stringify(heard[0])).toContain('the fake provider answers 500')
  // Nothing that was said lies in the journal but where the agent put it.
  expect(callsIn(run.entries).some(({ text }) => /answer \d|first/.test(text))).toBe(false)

  expect(await replay(run.storage, askingSwarm())).toEqual({
    status: 'same',
    entries: run.entries.length,
    journalHash: run.result.journalHash,
  })
  // A name is enough where nothing is asked.
  const recorder = createModelRecorder()
  const named = recorder.record({ provider: 'openai.responses', modelId: 'gpt-5-mini' })
  const offline = { replace: { analyst: askingAnalyst(named) }, services: [recorder.service], config: {} }
  expect(await replay(run.storage, offline)).toMatchObject({ status: 'same' })
  expect(server.seen).toHaveLength(asked)
})

test('another question is named, with the call and the place where it differs', async () => {
  const run = await recordSmallRun({ swarm: askingSwarm() })
  const asked = server.seen.length
  const result = await replay(run.storage, askingSwarm('and what of'))
  expect(result).toMatchObject({
    status: 'different',
    difference: {
      kind: modelCallKind,
      message: expect.stringMatching(
        /call 3 of analyst \(openai\.responses:gpt-5-mini\): prompt\.0\.content\.0\.text was "what of \w+" and is now "and what of \w+"/,
      ),
    },
  })
  expect(server.seen).toHaveLength(asked)
})

test('an answer that was erased is named', async () => {
  const run = await recordSmallRun({ swarm: askingSwarm() })
  const { answer } = JSON.parse(callsIn(run.entries)[0]?.text ?? '') as { answer: string }
  await withStorage(run.storage, (storage) => storage.blobs.delete(answer))
  const result = await replay(run.storage, askingSwarm())
  expect(result).toMatchObject({ status: 'different' })
  expect(JSON.stringify(result)).toContain(answer)
})

test('a run that was stopped is taken up: what was answered is not asked again, what was not is', async () => {
  const whole = await recordSmallRun({ swarm: askingSwarm() })
  const inAll = callsIn(whole.entries).length
  const before = server.seen.length
  const storage = createMemoryStorage()
  const stop = new AbortController()
  const middle = smallSessions().at(-10)?.date
  await runSmall({
    swarm: askingSwarm(),
    storage,
    signal: stop.signal,
    onProgress: ({ sessionDate }) => {
      if (sessionDate === middle) stop.abort()
    },
  })
  const first = server.seen.length - before
  expect(first).toBeGreaterThan(0)
  expect(first).toBeLessThan(inAll)
  const result = await runSmall({ swarm: askingSwarm(), storage, resume: true })
  expect(server.seen.length - before).toBe(inAll)
  expect(await replay(storage, askingSwarm())).toMatchObject({ status: 'same', journalHash: result.journalHash })
  expect(server.seen.length - before).toBe(inAll)
})
