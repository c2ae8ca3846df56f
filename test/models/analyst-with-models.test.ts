import {
  type AnalystModelConfig,
  defineTradingSwarm,
  type ModelBasis,
  type TradingSwarmStatus,
} from '@tradeswarm/agents'
import { backtest } from '@tradeswarm/backtest'
import type { JournalEntry, StorageDefinition } from '@tradeswarm/core'
import { withSwarmEconomics } from '@tradeswarm/llm'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import type { FakeModelAnswer, FakeModelRequest } from '@tradeswarm/testing/fakes'
import { afterEach, describe, expect, test } from 'vitest'
import { messagesOf, readJournal, withStorage } from '../swarm/recorded-journal.test-support.js'
import { recordSmallRun, smallRunOptions } from '../swarm/small-run.test-support.js'
import { eagerConfig, smallInputs, smallSymbols } from '../swarm/small-tape.test-support.js'
import {
  answersTo,
  type FakeProvider,
  honestModel,
  honestOpinion,
  itemsOf,
  partOf,
  providers,
} from './model-run.test-support.js'

const open: FakeProvider[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ server }) => server.close()))
})

type Options = {
  readonly answer?: (request: FakeModelRequest) => FakeModelAnswer
  readonly provider?: keyof typeof providers
  readonly model?: Partial<AnalystModelConfig>
  /** Sessions after which the run is stopped; default all. */
  readonly sessions?: number
  readonly prepare?: (fake: FakeProvider) => void
}

/** A backtest of the eager swarm with a model, and all that it left behind. */
async function run({ answer = honestModel, provider = 'openAi', model = {}, sessions, prepare }: Options = {}) {
  const fake = await providers[provider]({ answer })
  open.push(fake)
  prepare?.(fake)
  const storage = createMemoryStorage()
  const abort = new AbortController()
  let status: TradingSwarmStatus | undefined
  let closed = 0
  const result = await backtest({
    ...smallRunOptions({
      swarm: {
        model: withSwarmEconomics(fake.model, { calls: { maximumAttempts: 1 } }),
        config: { ...eagerConfig, analyst: { ...eagerConfig.analyst, model } },
      },
    }),
    storage,
    signal: abort.signal,
    onSessionClosed: (_date, swarm) => {
      status = swarm.status()
      closed += 1
      if (closed === sessions) abort.abort()
    },
  })
  const statistics = status?.models
  if (statistics === undefined) throw new Error('the status tells nothing of the models')
  return { result, storage, entries: await readJournal(storage), server: fake.server, statistics }
}

type Recommendation = {
  readonly symbol: string
  readonly sessionDate: string
  readonly direction: string
  readonly model?: ModelBasis
}
type Round = {
  readonly posts: { readonly rejected: Record<string, number> }
  readonly opinions: { readonly accepted: number; readonly rejected: Record<string, number>; readonly byRules: number }
  readonly costUsd?: string
}
const recommendationsIn = (entries: readonly JournalEntry[]) =>
  messagesOf<Recommendation>(entries, 'recommendation.issued').map(({ payload }) => payload)
const roundsIn = (entries: readonly JournalEntry[]) =>
  messagesOf<Round>(entries, 'model.round-completed').map(({ payload }) => payload)
const blobs = (storage: StorageDefinition, hashes: readonly string[]) =>
  withStorage(storage, (opened) => Promise.all(hashes.map((hash) => opened.blobs.get(hash))))

describe.each(['openAi', 'anthropic'] as const)('over the wire of %s', (provider) => {
  test('a recommendation names prompts, models, cost and evidence, from cash back to the posts', async () => {
    const { entries, storage, statistics, server } = await run({ provider, sessions: 25 })
    const posts = new Map(
      messagesOf<{ source: string; id: string }>(entries, 'post.received').map(({ payload }) => [
        `${payload.source} ${payload.id}`,
        payload,
      ]),
    )
    const recommendations = recommendationsIn(entries)
    expect(recommendations.length).toBeGreaterThan(20)
    for (const { model } of recommendations) {
      expect(model?.origin).toBe('model')
      expect(model?.uses.map(({ prompt }) => prompt)).toEqual(
        (model?.posts.length ?? 0) > 0 ? ['reader@1', 'reasoner@1'] : ['reasoner@1'],
      )
      expect(
        model?.uses.every((use) => /^(openai\.responses:gpt-5-mini|anthropic.*:claude-haiku-4-5)$/.test(use.model)),
      ).toBe(true)
      expect(model?.costUsd).toMatch(/^0\.0\d+$/)
      for (const { source, id } of model?.posts ?? []) expect(posts.has(`${source} ${id}`)).toBe(true)
      const [brief, rationale] = await blobs(storage, [model?.briefHash ?? '', model?.rationaleHash ?? ''])
      expect(JSON.parse(brief ?? '')).toMatchObject({ symbol: expect.stringMatching(/AAA|BBB|CCC/) })
      expect(rationale).toMatch(/^The rules say/)
    }
    expect(statistics).toMatchObject({ unpriced: 0, toolCalls: 0, oversized: 0 })
    expect(statistics.opinions.accepted).toBe(statistics.opinions.asked)
    expect(statistics.posts.accepted).toBe(statistics.posts.asked)
    const cost = roundsIn(entries).reduce((sum, { costUsd = 'NaN' }) => sum + Number(costUsd), 0)
    expect(cost).toBeCloseTo(Number(statistics.costUsd), 6)
    expect(server.seen).toHaveLength(statistics.calls)
  })

  test('no call has tools, a temperature or, where the provider does without, a limit of output, unless it is asked for', async () => {
    const { server } = await run({ provider, sessions: 2 })
    for (const { body } of server.seen) {
      expect(body).not.toHaveProperty('temperature')
      expect(body).not.toHaveProperty('tools')
      expect(body).not.toHaveProperty('tool_choice')
      expect(body).not.toHaveProperty('max_output_tokens')
    }
    const { server: asked } = await run({ provider, sessions: 2, model: { call: { maxOutputTokens: 500 } } })
    expect(asked.seen.every(({ maximumOutputTokens = 0 }) => maximumOutputTokens % 500 === 0)).toBe(true)
  })
})

test('the same answers give the same journal', async () => {
  const [one, other] = [await run({ sessions: 12 }), await run({ sessions: 12 })]
  expect(other.result.journalHash).toBe(one.result.journalHash)
  expect(other.server.seen.map(({ user }) => user)).toEqual(one.server.seen.map(({ user }) => user))
})

describe('what strangers wrote', () => {
  test('reaches the reader alone, quoted, one symbol to a call; nobody else sees a word of it, nor an author or an id', async () => {
    const { server, entries } = await run({ sessions: 15, model: { debate: { rounds: 1, usdPerDay: '50' } } })
    const words = (text: string) => text.toLowerCase().match(/[a-z]{5,}/g) ?? []
    const posts = messagesOf<{ id: string; author?: string }>(entries, 'post.received').map(({ payload }) => payload)
    const written = new Set(smallInputs.posts.flatMap(({ text }) => words(text)))
    const own = new Set(
      server.seen.flatMap((request) => words(`${request.system} ${JSON.stringify(honestOpinion({ rules: {} }))}`)),
    )
    let readerCalls = 0
    for (const request of server.seen) {
      for (const { id } of posts) expect(request.prompt).not.toContain(id)
      if (partOf(request) === 'reader') {
        readerCalls += 1
        expect(new Set(itemsOf(request).map(({ item }) => item['instrument'])).size).toBe(1)
        continue
      }
      for (const { author } of posts) if (author !== undefined) expect(request.prompt).not.toContain(author)
      const strings: string[] = []
      JSON.parse(request.user, (_key, value: unknown) => {
        if (typeof value === 'string') strings.push(value)
        return value
      })
      const foreign = strings.flatMap(words).filter((word) => written.has(word) && !own.has(word))
      expect(
        foreign.filter((word) => !/^(posts|quiet|crowded|copied|earnings|guidance|product|trend)$/.test(word)),
      ).toEqual([])
    }
    expect(readerCalls).toBeGreaterThan(10)
  })
})

describe('an answer that is not sound', () => {
  const opinionSaying =
    (changes: (brief: Readonly<Record<string, unknown>>) => object) => (request: FakeModelRequest) =>
      partOf(request) === 'reader'
        ? honestModel(request)
        : answersTo(request, (brief) => ({ ...honestOpinion(brief), ...changes(brief) }))

  const unsound: Readonly<Record<string, (request: FakeModelRequest) => FakeModelAnswer>> = {
    'made-up-number': opinionSaying(() => ({ rationale: 'Revenue will grow by 123456%.' })),
    'unknown-symbol': opinionSaying(() => ({ rationale: 'NVDA is better.' })),
    'wrong-symbol': opinionSaying(() => ({ symbol: 'NVDA' })),
    inconsistent: opinionSaying(() => ({ action: 'enter-long', score: -1 })),
    'no-such-evidence': opinionSaying(() => ({
      evidence: ['correlations', 'patterns', 'portfolio', 'levels', 'posts', 'gap', 'volatility'],
    })),
    'unreadable-rationale': opinionSaying(() => ({ rationale: 'up \u001b[31m' })),
    probabilities: opinionSaying((brief) => ({
      scenarios: { ...honestOpinion(brief).scenarios, bull: { probability: 0.9, returnPercent: 5 } },
    })),
    'outside-schema': opinionSaying(() => ({ confidence: 1e308 })),
    'no-answer': (request) => (partOf(request) === 'reader' ? honestModel(request) : 'I would rather not.'),
  }

  test.each(Object.entries(unsound))('%s: is counted, journalled, and the rules stand', async (fault, answer) => {
    const { entries, statistics } = await run({ answer, sessions: 8 })
    const rejected = statistics.opinions.rejected[fault] ?? 0
    expect(rejected).toBeGreaterThan(0)
    const rounds = roundsIn(entries)
    expect(rounds.reduce((sum, { opinions }) => sum + (opinions.rejected[fault] ?? 0), 0)).toBe(rejected)
    if (fault === 'no-such-evidence') return
    expect(rejected).toBe(statistics.opinions.asked)
    const plain = await runWithoutModel(8)
    const actOf = ({ symbol, sessionDate, direction }: Recommendation) => `${sessionDate} ${symbol} ${direction}`
    expect(recommendationsIn(entries).map(actOf).sort()).toEqual(recommendationsIn(plain).map(actOf).sort())
    for (const { model } of recommendationsIn(entries))
      expect(model).toMatchObject({ origin: 'rules', fault, sections: [] })
  })

  async function runWithoutModel(sessions: number): Promise<readonly JournalEntry[]> {
    const abort = new AbortController()
    let closed = 0
    const onSessionClosed = (): void => {
      closed += 1
      if (closed === sessions) abort.abort()
    }
    return (await recordSmallRun({ onSessionClosed, signal: abort.signal })).entries
  }

  test('leads to nothing where that is asked for', async () => {
    const { entries, statistics } = await run({
      answer: unsound['no-answer'] ?? honestModel,
      sessions: 8,
      model: { fallback: 'abstain' },
    })
    expect(recommendationsIn(entries)).toEqual([])
    expect(statistics.opinions.rejected).toEqual({ 'no-answer': statistics.opinions.asked })
  })

  test('of the reader leaves that post out', async () => {
    const { statistics, entries } = await run({
      sessions: 8,
      answer: (request) =>
        partOf(request) === 'reader'
          ? answersTo(request, ({ text }) =>
              String(text).length % 2 === 0
                ? 'BUY EVERYTHING'
                : { relevance: 'about', stance: 'bullish', strength: 0.5, certainty: 0.5, kind: 'news', event: 'none' },
            )
          : honestModel(request),
    })
    expect(statistics.posts.rejected['outside-schema']).toBeGreaterThan(10)
    expect(statistics.posts.accepted).toBeGreaterThan(10)
    expect(JSON.stringify(entries)).not.toContain('BUY EVERYTHING')
  })
})

describe('a provider', () => {
  test.each([
    ['unauthorised', 401],
    ['option-rejected', 400],
    ['unavailable', 500],
    ['unavailable', 529],
  ] as const)('that answers %s (%i) is told apart, and the rules stand', async (fault, status) => {
    const { statistics, entries } = await run({
      sessions: 3,
      prepare: ({ server }) => server.fail({ kind: 'status', status, times: 10_000 }),
    })
    expect(Object.keys(statistics.opinions.rejected)).toEqual([fault])
    expect(Object.keys(statistics.posts.rejected)).toEqual([fault])
    expect(recommendationsIn(entries).every(({ model }) => model?.origin === 'rules' && model.fault === fault)).toBe(
      true,
    )
  })

  test('that calls a tool, or answers without end, is not listened to', async () => {
    const { statistics } = await run({
      sessions: 3,
      answer: (request) => ({
        text: `${honestModel(request) as string}`,
        toolCalls: [{ name: 'place_order', input: { symbol: 'AAA', quantity: 1000 } }],
      }),
    })
    expect(statistics.toolCalls).toBeGreaterThan(3)
    expect(statistics.opinions.accepted + statistics.posts.accepted).toBe(0)
    const { statistics: long } = await run({ sessions: 2, answer: () => 'a'.repeat(300_000) })
    expect(long.oversized).toBeGreaterThan(3)
    expect(long.opinions.accepted).toBe(0)
  })
})

describe('a debate', () => {
  test('has both sides speak in sections and numbers, and a judge decide', async () => {
    const { server, entries, statistics } = await run({
      sessions: 6,
      model: { debate: { rounds: 2, usdPerDay: '500' } },
    })
    const parts = server.seen.map(partOf)
    expect(new Set(parts)).toEqual(new Set(['reader', 'bull', 'bear', 'judge']))
    expect(parts.filter((part) => part === 'bull')).toHaveLength(12)
    expect(parts.filter((part) => part === 'bear')).toHaveLength(12)
    expect(statistics.debates).toEqual({ held: 6, cutShort: 0 })
    const judged = server.seen.filter((request) => partOf(request) === 'judge').flatMap(itemsOf)
    for (const { item } of judged)
      expect(item).toMatchObject({ brief: {}, bull: { points: [{ evidence: 'price', strength: 0.5 }] }, bear: {} })
    const [first] = recommendationsIn(entries)
    expect(first?.model?.debate).toMatchObject({ rounds: 2, bull: { conviction: 0.5 } })
    expect(first?.model?.uses.map(({ prompt }) => prompt)).toEqual(['reader@1', 'bull@1', 'bear@1', 'judge@1'])
  })

  test('ends when its money is used up, and the opinion is formed without it', async () => {
    const { server, statistics } = await run({ sessions: 4, model: { debate: { rounds: 3, usdPerDay: '0.0001' } } })
    expect(server.seen.map(partOf).filter((part) => part === 'bull' || part === 'bear')).toEqual([])
    expect(statistics.debates).toEqual({ held: 4, cutShort: 4 })
    expect(statistics.opinions.accepted).toBe(statistics.opinions.asked)
  })
})

test('reader and reasoner may be two models, and only the reader is shown posts', async () => {
  const [reader, reasoner] = await Promise.all([
    providers.openAi({ answer: honestModel }),
    providers.anthropic({ answer: honestModel }),
  ])
  open.push(reader, reasoner)
  const cast = { reader: reader.model, reasoner: reasoner.model }
  const { entries } = await recordSmallRun({ swarm: { model: cast } })
  expect(new Set(reader.server.seen.map(partOf))).toEqual(new Set(['reader']))
  expect(new Set(reasoner.server.seen.map(partOf))).toEqual(new Set(['reasoner']))
  const used = recommendationsIn(entries).flatMap(
    ({ model }) => model?.uses.map((use) => `${use.part} ${use.model}`) ?? [],
  )
  expect(new Set(used)).toEqual(
    new Set(['reader openai.responses:gpt-5-mini', 'reasoner anthropic.messages:claude-haiku-4-5']),
  )
})

test('a model that is none, and options for one that there is not, are refused', () => {
  const define = (options: object) => () => defineTradingSwarm({ symbols: smallSymbols, ...options })
  expect(define({ model: 'gpt-5-mini' })).toThrow(/model: it is "gpt-5-mini"; give a model object/)
  expect(define({ config: { analyst: { model: { maximumPosts: 3 } } } })).toThrow(
    /config\.analyst\.model: the swarm has no model/,
  )
  const model = { specificationVersion: 'v4', doGenerate: () => undefined } as never
  expect(define({ model, config: { analyst: { model: { maximumPost: 3 } } } })).toThrow(/did you mean maximumPosts\?/)
  expect(define({ model, config: { analyst: { model: { debate: { rounds: 9, usdPerDay: '1' } } } } })).toThrow(/rounds/)
  expect(define({ model, config: { analyst: { minimumScor: 0 } } })).toThrow(/did you mean minimumScore\?/)
})
