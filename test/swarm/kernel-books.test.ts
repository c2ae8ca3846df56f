import { type KernelBooks, kernelFromBooks } from '@tradeswarm/agents'
import { createPaperBroker } from '@tradeswarm/broker-paper'
import {
  createSilentLogger,
  createSwarm,
  type JournalEntry,
  type Logger,
  type ServiceHost,
  type StorageDefinition,
  sha256Hex,
} from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { createTradingKernel, rebuildKernelState, type TradingKernel, tradingCalendar } from '@tradeswarm/trading'
import { expect, test } from 'vitest'

const account = 'paper'
const instrument = {
  symbol: 'AAA',
  kind: 'crypto-spot',
  asset: 'AAA',
  currency: 'USD',
  tickSize: '0.01',
  lotSize: '1',
  minimumNotional: '1',
  calendar: 'always-open',
} as const

type World = {
  readonly kernel: TradingKernel
  readonly books: KernelBooks
  readonly host: ServiceHost
  /** How many records it was made of, besides a snapshot, each time that a kernel was made. */
  readonly made: readonly { readonly snapshot: boolean; readonly records: number }[]
  readonly warnings: readonly unknown[]
  stop(): Promise<void>
}

async function open(
  storage: StorageDefinition,
  change: (host: ServiceHost) => ServiceHost = (host) => host,
): Promise<World> {
  const made: { snapshot: boolean; records: number }[] = []
  const warnings: unknown[] = []
  const logger: Logger = {
    ...createSilentLogger(),
    warn: (_, fields) => void warnings.push(fields?.['why'] ?? fields?.['error']),
    child: () => logger,
    isEnabled: () => true,
  }
  let world: Pick<World, 'kernel' | 'books' | 'host'> | undefined
  const service = {
    name: 'kernel',
    async start(given: ServiceHost) {
      const host = change(given)
      const opened = await kernelFromBooks(host, account, (stored) => {
        made.push({ snapshot: stored.snapshot !== undefined, records: [...(stored.history ?? [])].length })
        return createTradingKernel({
          account,
          currency: 'USD',
          definition: createPaperBroker({ account, instruments: [instrument], cash: { USD: '1000' } }),
          brokerContext: { ...host, feed: { name: 'none', subscribe: () => () => undefined } },
          calendar: tradingCalendar('always-open'),
          policy: { maximumQuoteAgeMs: 1_000 },
          ...stored,
          killSwitchStore: { load: async () => undefined, save: async () => undefined },
          deposits: '1000',
          logger: createSilentLogger(),
        })
      })
      world = { ...opened, host }
      await opened.kernel.start()
    },
    stop: async () => world?.kernel.stop(),
  }
  const swarm = createSwarm({ agents: [], services: [service], storage, runtime: { logger } })
  await swarm.start()
  if (world === undefined) throw new Error('the kernel was not made')
  return { ...world, made, warnings, stop: () => swarm.stop() }
}

/** A halt and its end are two records. */
async function work({ kernel }: World): Promise<void> {
  await kernel.halt('halted', 'lunch', { operator: 'ann' })
  await kernel.resume({ operator: 'ann', reason: 'lunch is over' })
}

async function recorded({ host }: World): Promise<string> {
  const entries: { payload: unknown }[] = []
  for await (const { text } of host.journal.read({ kinds: ['risk', 'order', 'ledger'] }))
    entries.push({ payload: JSON.parse(text) })
  return rebuildKernelState(entries)
}

/** A world that was left with a snapshot, and two records after it. */
async function leave(storage: StorageDefinition): Promise<void> {
  const world = await open(storage)
  await work(world)
  await world.books.save(world.kernel, 1)
  await work(world)
  expect(world.warnings).toEqual([])
  await world.stop()
}

test('I23 a kernel goes on from its snapshot and what came after it, to the byte as from the whole journal', async () => {
  const storage = createMemoryStorage()
  await leave(storage)
  const again = await open(storage)
  expect(again.made).toEqual([{ snapshot: true, records: 2 }])
  await work(again)
  expect(again.kernel.snapshot()).toBe(await recorded(again))
  await again.books.save(again.kernel, 1)
  await again.stop()
  const third = await open(storage)
  expect(third.made).toEqual([{ snapshot: true, records: 0 }])
  expect(third.kernel.snapshot()).toBe(await recorded(third))
  expect(third.warnings).toEqual([])
  await third.stop()
})

test('a snapshot is written when enough was journalled since the last one', async () => {
  const world = await open(createMemoryStorage())
  const before = world.books.tail
  await world.books.save(world.kernel, before + 1)
  expect(world.books.tail).toBe(before)
  await world.books.save(world.kernel, before)
  expect(world.books.tail).toBe(0)
  await world.stop()
})

const part = `kernel-snapshot-part/0/0/${account}`
const manifest = `kernel-snapshot/${account}`

test.each<[string, string, (value: string) => string]>([
  ['a part that was altered', part, (value) => value.replace('USD', 'EUR')],
  ['a part that is gone', part, () => ''],
  ['a manifest that is none', manifest, () => '{}'],
  ['a manifest that is no JSON', manifest, () => 'x'],
  ['a manifest of a later format', manifest, (value) => value.replace('"version":2', '"version":3')],
  ['an entry of another hash', manifest, (value) => value.replace(/"hash":"../, '"hash":"zz')],
  ['an entry that there is not', manifest, (value) => value.replace(/"id":"paper/, '"id":"other')],
])('%s: the books come from the whole journal, and that is told', async (_, key, alter) => {
  const storage = createMemoryStorage()
  await leave(storage)
  const again = await open(storage, (host) => ({
    ...host,
    keyValue: {
      ...host.keyValue,
      async get(asked) {
        const stored = await host.keyValue.get(asked)
        return stored === undefined || asked !== key ? stored : { ...stored, value: alter(stored.value) }
      },
    },
  }))
  expect(again.made).toMatchObject([{ snapshot: false }])
  expect(again.warnings).toHaveLength(1)
  expect(again.kernel.snapshot()).toBe(await recorded(again))
  await again.stop()
})

test('a snapshot that no kernel can be made of is as none', async () => {
  const storage = createMemoryStorage()
  const world = await open(storage)
  const kernel: TradingKernel = {
    ...world.kernel,
    async capture(taken) {
      taken()
      return ['{"version":7}']
    },
  }
  await world.books.save(kernel, 1)
  await world.stop()
  const again = await open(storage)
  expect(again.made).toMatchObject([{ snapshot: true }, { snapshot: false }])
  expect(again.kernel.snapshot()).toBe(await recorded(again))
  await again.stop()
})

test('I23 while a kernel runs its books are written down again and again, so that a start after a crash reads little', async () => {
  const storage = createMemoryStorage()
  const world = await open(storage)
  world.books.follow(world.kernel, 6)
  for (let count = 0; count < 20; count += 1) {
    await work(world)
    // What waits to be written is written when its turn has come.
    await world.books.save(world.kernel, Number.POSITIVE_INFINITY)
  }
  expect(world.books.tail).toBeLessThan(6)
  // It is not stopped in order.
  const again = await open(storage)
  expect(again.made).toMatchObject([{ snapshot: true }])
  expect(again.made[0]?.records).toBeLessThan(6)
  expect(again.kernel.snapshot()).toBe(await recorded(again))
  const parts = await world.host.keyValue.list({ prefix: 'kernel-snapshot' })
  expect(parts.map(({ key }) => key)).toEqual([
    'kernel-snapshot-part/0/0/paper',
    'kernel-snapshot-part/1/0/paper',
    'kernel-snapshot/paper',
  ])
  await again.stop()
})

test('I23 a crash at any step of writing a snapshot, with work going on meanwhile, leaves one to go on from', async () => {
  for (let steps = 0; steps < 6; steps += 1) {
    const storage = createMemoryStorage()
    await leave(storage)
    let left = steps
    const world = await open(storage, (host) => ({
      ...host,
      async saveNow(key, value, options) {
        if (left === 0) throw new Error('the power is cut')
        left -= 1
        await host.saveNow(key, value, options)
      },
    }))
    await work(world)
    const saved = world.books.save(world.kernel, 1)
    await work(world)
    await saved
    await world.stop()
    const again = await open(storage)
    expect(again.made).toMatchObject([{ snapshot: true }])
    expect(again.warnings).toEqual([])
    expect(again.kernel.snapshot()).toBe(await recorded(again))
    await again.stop()
  }
})

test('a snapshot of the first format is gone on from, and makes room for the next', async () => {
  const storage = createMemoryStorage()
  const world = await open(storage)
  await work(world)
  const text = world.kernel.snapshot()
  await world.host.durable()
  let last: JournalEntry | undefined
  for await (const entry of world.host.journal.read({ kinds: ['risk', 'order', 'ledger'] })) last = entry
  const { sequence, hash, id } = last ?? { sequence: 0, hash: '', id: '' }
  const half = text.length >> 1
  await world.host.saveNow('kernel-snapshot/paper/0', text.slice(0, half))
  await world.host.saveNow('kernel-snapshot/paper/1', text.slice(half))
  const first = { version: 1, sequence, hash, id, sha256: sha256Hex(text), parts: 2 }
  await world.host.saveNow('kernel-snapshot/paper', JSON.stringify(first))
  await world.stop()
  const again = await open(storage)
  expect(again.made).toMatchObject([{ snapshot: true, records: 0 }])
  await work(again)
  await again.books.save(again.kernel, 1)
  const keys = (await again.host.keyValue.list({ prefix: 'kernel-snapshot' })).map(({ key }) => key)
  expect(keys).toEqual(['kernel-snapshot-part/0/0/paper', 'kernel-snapshot/paper'])
  expect(again.warnings).toEqual([])
  await again.stop()
})

test('books that may be ahead of their journal are not kept', async () => {
  const storage = createMemoryStorage()
  let full = false
  const world = await open(storage, (host) => ({
    ...host,
    append(draft) {
      if (full) throw new Error('the disk is full')
      host.append(draft)
    },
  }))
  full = true
  await expect(work(world)).rejects.toThrow()
  full = false
  await world.books.save(world.kernel, 1)
  await world.stop()
  const again = await open(storage)
  expect(again.made).toMatchObject([{ snapshot: false }])
  await again.stop()
})
