import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import type { Experimental_BatchV4 as ProviderBatch } from '@ai-sdk/provider'
import { createSequentialIds, SwarmError } from '@tradeswarm/core'
import {
  createFakeAnthropic,
  createFakeOpenAi,
  type FakeBatchFate,
  type FakeModelServer,
} from '@tradeswarm/testing/fakes'
import { afterEach, describe, expect, test } from 'vitest'
import { createBudget } from '../budget/budget.js'
import type { BudgetLimits } from '../budget/budget-limits.js'
import { budgetStoreOf } from '../budget/budget-store.js'
import { createPriceTable } from '../prices/price-table.js'
import { createMapStorage, type MapStorage } from '../testing-support/map-storage.test-support.js'
import { promptOf } from '../testing-support/scripted-model.test-support.js'
import { createBatchDesk } from './batch-desk.js'
import type { BatchDeskOptions } from './batch-desk-options.js'
import type { BatchOutcome } from './batch-outcome.js'

const servers: FakeModelServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

const start = 1_767_225_600_000
const modelIds = { openai: 'gpt-5-mini', anthropic: 'claude-haiku-4-5' }

/** Time that the test moves, and the timers that are due by then. */
function handClock() {
  let now = start
  let timers: { time: number; callback: () => void | Promise<void> }[] = []
  return {
    now: () => now,
    at(time: number, callback: () => void | Promise<void>) {
      const timer = { time, callback }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    async advance(ms: number) {
      now += ms
      const due = timers.filter(({ time }) => time <= now)
      timers = timers.filter(({ time }) => time > now)
      for (const { callback } of due) await callback()
    },
    pending: () => timers.length,
  }
}

async function providerOf(kind: 'openai' | 'anthropic', clock = handClock()) {
  const options = {
    answer: ({ user }: { user: string }) => `you said ${user}`,
    now: () => Math.floor(clock.now() / 1_000),
  }
  const server = await (kind === 'openai' ? createFakeOpenAi(options) : createFakeAnthropic(options))
  servers.push(server)
  const settings = { baseURL: server.baseUrl, apiKey: server.apiKey }
  const provider = kind === 'openai' ? createOpenAI(settings) : createAnthropic(settings)
  return { kind, clock, server, batch: provider.experimental_batch() as ProviderBatch }
}

type Provider = Awaited<ReturnType<typeof providerOf>>

/** One process: a desk on a storage. */
function processOf(
  { batch, clock }: Provider,
  disk: MapStorage,
  {
    death,
    budget,
    ...more
  }: Partial<BatchDeskOptions> & { death?: Parameters<MapStorage['open']>[0]; limits?: BudgetLimits } = {},
) {
  const failures: string[] = []
  const storage = disk.open(death)
  const ids = createSequentialIds()
  const desk = createBatchDesk({
    batch,
    storage,
    clock,
    ids: { next: (prefix) => ids.next(`${prefix}${disk.keyValue.size}`) },
    onFailure: ({ error }) => failures.push(String(error)),
    ...(budget === undefined ? {} : { budget }),
    ...more,
  })
  return { desk, failures }
}

const calls = (count: number, maxOutputTokens = 20) =>
  Array.from({ length: count }, (_, index) => ({
    id: `post ${index}`,
    call: { prompt: promptOf(`number ${index}`), maxOutputTokens },
  }))

const textsOf = ({ items }: BatchOutcome) =>
  [...items].map(([id, item]) => {
    if (item.status !== 'answered') return `${id}: ${item.status}`
    const [part] = item.result.content
    return `${id}: ${part?.type === 'text' ? part.text : part?.type}`
  })
const whole = (count: number) => Array.from({ length: count }, (_, index) => `post ${index}: you said number ${index}`)

describe.each(['openai', 'anthropic'] as const)('batches of %s', (kind) => {
  const modelId = modelIds[kind]

  test('are handed in once, asked about on the clock, and give each its own answer', async () => {
    const provider = await providerOf(kind)
    const { desk } = processOf(provider, createMapStorage())
    await desk.open()
    const id = await desk.submit({ modelId, items: calls(5) })
    expect(desk.status()).toMatchObject([{ id, state: 'submitted', requests: 5 }])
    const results = desk.results(id)
    await provider.clock.advance(60_000)
    expect(desk.status()).toMatchObject([{ state: 'submitted' }])
    await provider.server.batches.process()
    await provider.clock.advance(60_000)
    expect(textsOf(await results)).toEqual(whole(5))
    expect(provider.server.batches.all).toHaveLength(1)
    await desk.forget(id)
    expect(desk.status()).toEqual([])
    desk.close()
    expect(provider.clock.pending()).toBe(0)
  })

  test('outlive the process: the next one has the results, and the one after it too', async () => {
    const provider = await providerOf(kind)
    const disk = createMapStorage()
    const first = processOf(provider, disk)
    await first.desk.open()
    const id = await first.desk.submit({ modelId, items: calls(3) })
    first.desk.close()
    await provider.server.batches.process()
    const second = processOf(provider, disk)
    await second.desk.open()
    expect(textsOf(await second.desk.results(id))).toEqual(whole(3))
    second.desk.close()
    provider.server.fail({ kind: 'status', status: 500, times: 100 })
    const third = processOf(provider, disk)
    await third.desk.open()
    expect(textsOf(await third.desk.results(id))).toEqual(whole(3))
    expect(provider.server.batches.all).toHaveLength(1)
  })

  test('are at the provider once, whatever commit the process dies at, before or after it took effect', async () => {
    let deaths = 0
    for (let atCommit = 1; atCommit <= 8; atCommit += 1)
      for (const isWritten of [false, true]) {
        const provider = await providerOf(kind)
        const disk = createMapStorage()
        const doomed = processOf(provider, disk, { death: { atCommit, isWritten } })
        await doomed.desk.open()
        const isTaken = await doomed.desk.submit({ modelId, items: calls(3) }).then(
          () => true,
          () => false,
        )
        await provider.server.batches.process()
        await doomed.desk.poll()
        if (doomed.failures.length > 0 || !isTaken) deaths += 1
        doomed.desk.close()
        const next = processOf(provider, disk)
        await next.desk.open()
        for (let turn = 0; turn < 4; turn += 1) {
          await provider.clock.advance(130_000)
          await provider.server.batches.process()
          await next.desk.poll()
        }
        const place = `death at commit ${atCommit}, ${isWritten ? 'written' : 'not written'}`
        const known = next.desk.status()
        // What was never durable was never promised.
        expect(known.length, place).toBe(atCommit === 1 && !isWritten ? 0 : 1)
        expect(provider.server.batches.all.length, place).toBe(known.length)
        for (const { id } of known) expect(textsOf(await next.desk.results(id)), place).toEqual(whole(3))
        next.desk.close()
      }
    expect(deaths).toBeGreaterThan(5)
  })

  test('whose reply was lost are found again by their ids, and not sent twice', async () => {
    const provider = await providerOf(kind)
    const { server, clock } = provider
    // Another batch of that size is under way, and no more than a suspect.
    const other = processOf(provider, createMapStorage())
    await other.desk.open()
    await other.desk.submit({ modelId, items: calls(3) })
    const { desk, failures } = processOf(provider, createMapStorage(), { ids: createSequentialIds() })
    await desk.open()
    // OpenAI is handed a file of requests first.
    server.fail({ kind: 'lost-reply', after: kind === 'openai' ? 1 : 0 })
    const id = await desk.submit({ modelId, items: calls(3) })
    expect(failures).toHaveLength(1)
    await clock.advance(200_000)
    await clock.advance(200_000)
    // Two are under way that may be it: it is not sent again.
    expect(desk.status()).toMatchObject([{ state: 'sending' }])
    expect(server.batches.all).toHaveLength(2)
    await server.batches.process()
    await desk.poll()
    expect(desk.status()).toMatchObject([{ state: 'submitted', batchId: 'batch_2' }])
    await desk.poll()
    expect(textsOf(await desk.results(id))).toEqual(whole(3))
    expect(server.batches.all).toHaveLength(2)
    desk.close()
    other.desk.close()
  })

  test('whose start took too long may have been taken: they are looked for', async () => {
    const provider = await providerOf(kind)
    const batch = Object.assign(Object.create(provider.batch) as ProviderBatch, {
      doStartBatch: async (options: Parameters<ProviderBatch['doStartBatch']>[0]) => {
        await provider.batch.doStartBatch(options)
        throw new SwarmError({ code: 'TIMED_OUT', message: 'it took longer than 120,000 ms' })
      },
    })
    const { desk } = processOf({ ...provider, batch }, createMapStorage())
    await desk.open()
    const id = await desk.submit({ modelId, items: calls(2) })
    expect(desk.status()).toMatchObject([{ state: 'sending' }])
    await provider.server.batches.process()
    await desk.poll()
    await desk.poll()
    expect(textsOf(await desk.results(id))).toEqual(whole(2))
    expect(provider.server.batches.all).toHaveLength(1)
    desk.close()
  })

  test('whose start hangs are given up without harm, and sent again once it is over', async () => {
    const provider = await providerOf(kind)
    const started = Promise.withResolvers<void>()
    const broken = Promise.withResolvers<never>()
    let starts = 0
    const batch = Object.assign(Object.create(provider.batch) as ProviderBatch, {
      doStartBatch(options: Parameters<ProviderBatch['doStartBatch']>[0]) {
        starts += 1
        if (starts > 1) return Promise.resolve({ batchId: 'second' })
        const answer = provider.batch.doStartBatch(options)
        started.resolve()
        return Promise.race([answer, broken.promise])
      },
      doListBatches: () => Promise.resolve({ batches: [] }),
    })
    const { desk, failures } = processOf({ ...provider, batch }, createMapStorage(), { timeoutMs: 30_000 })
    await desk.open()
    provider.server.fail({ kind: 'hang' })
    const submitting = desk.submit({ modelId, items: calls(2) })
    // As soon as can be, while what is sent is still being read.
    await started.promise
    await provider.clock.advance(30_000)
    const id = await submitting
    expect(failures[0]).toMatch(/longer than 30000 ms/)
    for (let poll = 0; poll < 3; poll += 1) await provider.clock.advance(200_000)
    expect([starts, desk.status()]).toMatchObject([1, [{ id, state: 'sending' }]])
    broken.reject(new Error('the connection broke'))
    await provider.clock.advance(200_000)
    expect([starts, desk.status()]).toMatchObject([2, [{ id, state: 'submitted' }]])
    desk.close()
  })

  test('that were not taken are sent again, and those that were refused are not', async () => {
    const provider = await providerOf(kind)
    const { desk, failures } = processOf(provider, createMapStorage())
    await desk.open()
    provider.server.fail({ kind: 'status', status: 429 })
    const busy = await desk.submit({ modelId, items: calls(1) })
    expect(desk.status()).toMatchObject([{ state: 'intended' }])
    expect(failures).toHaveLength(1)
    await provider.clock.advance(60_000)
    expect(desk.status()).toMatchObject([{ id: busy, state: 'submitted' }])
    provider.server.fail({ kind: 'cut' })
    const cut = await desk.submit({ modelId, items: calls(2) })
    expect(desk.status()[1]).toMatchObject({ id: cut, state: 'sending' })
    await provider.clock.advance(60_000)
    expect(desk.status()[1]).toMatchObject({ state: 'sending' })
    await provider.clock.advance(60_000)
    expect(desk.status()[1]).toMatchObject({ state: 'submitted' })
    provider.server.fail({ kind: 'status', status: 400 })
    const refused = await desk.submit({ modelId, items: calls(1) })
    expect(textsOf(await desk.results(refused))).toEqual(['post 0: unsent'])
    desk.close()
  })

  test.each<[FakeBatchFate, string]>([
    ['failed', 'failed'],
    ['expired', 'expired'],
    ['cancelled', 'cancelled'],
    ['missing', 'missing'],
    ['wrong-id', 'missing'],
    ['twice', 'ambiguous'],
  ])('of which a part was %s: the others are not touched by it', async (fate, status) => {
    const provider = await providerOf(kind)
    const { desk } = processOf(provider, createMapStorage())
    await desk.open()
    const id = await desk.submit({ modelId, items: calls(4) })
    await provider.server.batches.process({ 1: fate })
    // What is missing may come yet.
    for (let poll = 0; poll < 3; poll += 1) await desk.poll()
    const outcome = await desk.results(id)
    expect(textsOf(outcome)).toEqual(whole(4).map((text, index) => (index === 1 ? `post 1: ${status}` : text)))
    expect(outcome.unknownIds).toBe(fate === 'wrong-id' ? 1 : 0)
    desk.close()
  })

  test('whose day is over have expired, and those that are called off are cancelled', async () => {
    const provider = await providerOf(kind)
    const { desk } = processOf(provider, createMapStorage())
    await desk.open()
    const late = await desk.submit({ modelId, items: calls(2) })
    provider.server.batches.expire()
    const off = await desk.submit({ modelId, items: calls(2) })
    await desk.cancel(off)
    expect(provider.server.batches.all[1]?.state).toBe('cancelling')
    await provider.server.batches.process()
    await desk.poll()
    expect(textsOf(await desk.results(late))).toEqual(['post 0: expired', 'post 1: expired'])
    expect(textsOf(await desk.results(off))).toEqual(['post 0: cancelled', 'post 1: cancelled'])
    desk.close()
  })

  test('whose results are garbage are read again, and given up in the end', async () => {
    const provider = await providerOf(kind)
    const { desk, failures } = processOf(provider, createMapStorage())
    await desk.open()
    const mended = await desk.submit({ modelId, items: calls(2) })
    await provider.server.batches.process()
    // Once the status is cut in half, and once the results, after the status was asked twice.
    provider.server.fail({ kind: 'garbage' })
    await desk.poll()
    provider.server.fail({ kind: 'garbage', after: 2 })
    await desk.poll()
    // The second was cut between two lines.
    expect(failures).toHaveLength(1)
    expect(desk.status()).toMatchObject([{ state: 'submitted' }])
    await desk.poll()
    expect(textsOf(await desk.results(mended))).toEqual(whole(2))
    const lost = await desk.submit({ modelId, items: calls(2) })
    await provider.server.batches.process({ 0: 'garbage' })
    for (let poll = 0; poll < 25; poll += 1) await desk.poll()
    expect(textsOf(await desk.results(lost))).toEqual(['post 0: failed', 'post 1: failed'])
    desk.close()
  })

  test('cost half, of what was answered alone; the worst is set aside before, over a restart too', async () => {
    const provider = await providerOf(kind)
    const disk = createMapStorage()
    const price = {
      input: '1',
      output: '10',
      maximumOutputTokens: 1_000,
      contextTokens: 10_000,
      source: 'test',
      date: '2026-01-01',
    }
    const prices = createPriceTable({ [modelId]: price })
    const budgetOf = () => createBudget({ usdPerDay: '0.01', store: budgetStoreOf(disk.open()), clock: provider.clock })
    const first = budgetOf()
    const doomed = processOf(provider, disk, { budget: first, prices })
    await doomed.desk.open()
    const id = await doomed.desk.submit({ modelId, items: calls(3) })
    const used = Number(first.status()[0]?.usedUsd)
    // Three answers of 20 tokens at half the price, and prompts of at most as many tokens as bytes.
    expect(used).toBeGreaterThan((3 * 20 * 10) / 2e6)
    doomed.desk.close()

    const second = budgetOf()
    const next = processOf(provider, disk, { budget: second, prices })
    await next.desk.open()
    await second.held('nothing')
    expect(Number(second.status()[0]?.usedUsd)).toBe(used)
    await provider.server.batches.process({ 2: 'expired' })
    await next.desk.poll()
    await next.desk.results(id)
    const { input, output } = provider.server.batches.billed()
    const cost = (input + 10 * output) / 2e6
    expect(Number(second.status()[0]?.usedUsd)).toBeCloseTo(cost, 12)
    expect(next.desk.status()).toMatchObject([{ state: 'ended' }])
    expect(Number(next.desk.status()[0]?.costUsd)).toBeCloseTo(cost, 12)
    await second.flush()
    const third = budgetOf()
    await third.held('nothing')
    expect(Number(third.status()[0]?.usedUsd)).toBeCloseTo(cost, 12)
    await expect(next.desk.submit({ modelId, items: calls(100) })).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' })
    expect(next.desk.status()).toHaveLength(1)
    next.desk.close()
  })
})

test('what makes no sense is named', async () => {
  const provider = await providerOf('openai')
  const { desk } = processOf(provider, createMapStorage())
  await expect(desk.submit({ modelId: 'm', items: calls(1) })).rejects.toMatchObject({ code: 'BATCH_DESK_CLOSED' })
  await desk.open()
  await expect(desk.submit({ modelId: 'm', items: [] })).rejects.toThrow(/no items/)
  await expect(desk.submit({ modelId: 'm', items: [...calls(1), ...calls(1)] })).rejects.toThrow(/one id/)
  await expect(desk.results('b')).rejects.toMatchObject({ code: 'BATCH_NOT_FOUND' })
  const id = await desk.submit({ modelId: 'gpt-5-mini', items: calls(1) })
  await expect(desk.forget(id)).rejects.toMatchObject({ code: 'BATCH_UNDER_WAY' })
  await expect(desk.results(id, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
  desk.close()
  const storage = createMapStorage().open()
  const { batch } = provider
  const { doListBatches: _, ...listless } = {
    ...batch,
    doListBatches: undefined,
    provider: 'p',
    specificationVersion: 'v4',
  }
  expect(() => createBatchDesk({ batch: listless as never, storage })).toThrow(/lists its batches/)
  expect(() => createBatchDesk({ batch, storage, pollMs: 0 })).toThrow(/pollMs is 0/)
  const unknown = Object.assign(Object.create(batch) as ProviderBatch, { provider: 'acme.batch' })
  expect(() => createBatchDesk({ batch: unknown, storage })).toThrow(/terms are not known of acme.batch/)
})
