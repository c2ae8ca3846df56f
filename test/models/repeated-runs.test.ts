import type { LanguageModelV4 } from '@ai-sdk/provider'
import { createTradingSwarm } from '@tradeswarm/agents'
import { replayRun } from '@tradeswarm/backtest'
import { modelCallKind } from '@tradeswarm/core'
import { createModelRecorder } from '@tradeswarm/llm'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { expect, test } from 'vitest'
import { messagesOf, readJournal, withStorage } from '../swarm/recorded-journal.test-support.js'
import { recordSmallRun, runSmall, smallRunOptions } from '../swarm/small-run.test-support.js'
import { eagerConfig } from '../swarm/small-tape.test-support.js'
import { honestLanguageModel } from './model-run.test-support.js'

const withModel = { model: honestLanguageModel }

test('a run with models is replayed with models that answer alike, and not without', async () => {
  const { storage, result } = await recordSmallRun({ swarm: withModel })
  const { swarm } = smallRunOptions({ swarm: withModel })
  await withStorage(storage, async (opened) => {
    expect(await replayRun(opened, { swarm })).toMatchObject({ status: 'same', journalHash: result.journalHash })
    await expect(replayRun(opened)).rejects.toMatchObject({ code: 'REPLAY_NEEDS_MODEL', message: /honest:gpt-5-mini/ })
  })
  const other = {
    ...honestLanguageModel,
    doGenerate: () => Promise.reject(new Error('another answer')),
  }
  await withStorage(storage, async (opened) => {
    const replayed = await replayRun(opened, { swarm: smallRunOptions({ swarm: { model: other } }).swarm })
    expect(replayed).toMatchObject({ status: 'different' })
  })
})

test('a run that is stopped and resumed with its model comes to the same journal, and with another model it is refused', async () => {
  const storage = createMemoryStorage()
  const abort = new AbortController()
  await runSmall({ swarm: withModel, storage, signal: abort.signal, onSessionClosed: () => abort.abort() })
  const another = { model: { ...honestLanguageModel, modelId: 'gpt-5' } }
  await expect(runSmall({ swarm: another, storage, resume: true })).rejects.toMatchObject({ code: 'RESUME_MISMATCH' })
  const resumed = await runSmall({ swarm: withModel, storage, resume: true })
  expect(resumed.journalHash).toBe((await runSmall({ swarm: withModel })).journalHash)
})

test('a run whose model is recorded is replayed without a call, fallbacks and all, to the same journal', async () => {
  let calls = 0
  const failing: LanguageModelV4 = {
    ...honestLanguageModel,
    async doGenerate(params) {
      calls += 1
      if (calls % 11 === 0) throw new Error('the provider is down')
      return honestLanguageModel.doGenerate(params)
    },
  }
  const recording = (model: LanguageModelV4 | { provider: string; modelId: string }) => {
    const recorder = createModelRecorder()
    return { model: recorder.record(model), services: [recorder.service] }
  }
  const { storage, result, entries } = await recordSmallRun({ swarm: recording(failing) })
  const asked = calls
  expect(asked).toBeGreaterThan(100)
  expect(entries.filter(({ kind }) => kind === modelCallKind)).toHaveLength(asked)
  const rounds = messagesOf<{ opinions: { byRules: number; accepted: number } }>(entries, 'model.round-completed')
  for (const how of ['byRules', 'accepted'] as const)
    expect(rounds.some(({ payload }) => payload.opinions[how] > 0)).toBe(true)
  for (const model of [failing, { provider: 'honest', modelId: 'gpt-5-mini' }]) {
    const { swarm } = smallRunOptions({ swarm: recording(model) })
    const replayed = await withStorage(storage, (opened) => replayRun(opened, { swarm }))
    expect(replayed).toEqual({ status: 'same', entries: entries.length, journalHash: result.journalHash })
  }
  expect(calls).toBe(asked)
})

test('a model that is there and is not to be asked about posts changes nothing of what posts say', async () => {
  const analyst = { ...eagerConfig.analyst, model: { maximumPosts: 0 } }
  const { entries } = await recordSmallRun({ swarm: { ...withModel, config: { ...eagerConfig, analyst } } })
  const rounds = messagesOf<{ posts: { asked: number }; opinions: { accepted: number } }>(
    entries,
    'model.round-completed',
  )
  expect(rounds.length).toBeGreaterThan(70)
  for (const { payload } of rounds) expect(payload.posts.asked).toBe(0)
  expect(rounds.some(({ payload }) => payload.opinions.accepted > 0)).toBe(true)
})

test('a swarm without a model has no figures of models, and no agent of it may ask for any', async () => {
  const { entries } = await recordSmallRun()
  expect(messagesOf(entries, 'model.round-completed')).toEqual([])
  expect(createTradingSwarm).toBeTypeOf('function')
  expect((await readJournal((await recordSmallRun()).storage)).some(({ text }) => text.includes('"models"'))).toBe(
    false,
  )
})
