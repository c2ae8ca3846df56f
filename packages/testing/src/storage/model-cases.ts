import type { JournalEntry, QueryOptions, Storage, WriteBatch } from '@tradeswarm/core'
import { verifyJournal } from '@tradeswarm/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  blobOf,
  entriesAfter,
  expectCode,
  type ManualClock,
  openFixture,
  readAll,
  type StorageContractOptions,
} from './contract-harness.js'
import { StorageModel } from './storage-model.js'

const keys = ['', 'a', 'a/1', 'a/2', 'é', '\uE000', '🐝', '🐝/x'] as const
const collections = ['orders', 'fills'] as const
const kinds = ['message', 'order', 'ledger'] as const
const texts = ['', '{}', 'text', '漢\u0000🐝'] as const

/** Leaves out what a generator left undefined, as `exactOptionalPropertyTypes` asks. */
const optional = <Shape extends object>(
  shape: { [Key in keyof Shape]-?: fc.Arbitrary<NonNullable<Shape[Key]>> },
  requiredKeys: (keyof Shape)[],
) => fc.record(shape, { requiredKeys: requiredKeys as never[] }) as unknown as fc.Arbitrary<Shape>

const tags = fc.dictionary(fc.constantFrom('symbol', 'state', '🐝'), fc.constantFrom('', 'x', 'y'))
const keyValueWrite = optional<NonNullable<WriteBatch['keyValue']>[number]>(
  {
    key: fc.constantFrom(...keys),
    value: fc.constantFrom(...texts),
    ifRevision: fc.nat(2),
    ttlMs: fc.integer({ min: 1, max: 40 }),
  },
  ['key'],
)
const recordWrite = fc.record({
  collection: fc.constantFrom(...collections),
  record: fc.record({
    id: fc.constantFrom(...keys),
    time: fc.integer({ min: -2, max: 3 }),
    tags,
    text: fc.constantFrom(...texts),
  }),
})
const batch = fc.record({
  type: fc.constant('commit' as const),
  drafts: fc.array(
    fc.record({ id: fc.nat(60).map(String), kind: fc.constantFrom(...kinds), text: fc.constantFrom(...texts) }),
    { maxLength: 4 },
  ),
  cursor: fc.option(fc.record({ consumer: fc.constantFrom('one', 'two'), fraction: fc.integer({ min: 0, max: 4 }) })),
  keyValue: fc.array(keyValueWrite, { maxLength: 4 }),
  records: fc.array(recordWrite, { maxLength: 4 }),
  blobs: fc.array(fc.constantFrom(...texts).map(blobOf), { maxLength: 2 }),
})
const command = fc.oneof(
  { weight: 8, arbitrary: batch },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('erase' as const), text: fc.constantFrom(...texts) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('reopen' as const) }) },
)
const query = optional<QueryOptions>(
  {
    where: tags,
    fromTime: fc.integer({ min: -3, max: 3 }),
    toTime: fc.integer({ min: -3, max: 3 }),
    order: fc.constantFrom('ascending' as const, 'descending' as const),
    after: fc.record({ time: fc.integer({ min: -3, max: 3 }), id: fc.constantFrom(...keys) }),
    limit: fc.nat(5),
  },
  [],
)
const probes = fc.record({
  query,
  prefix: fc.constantFrom(...keys),
  after: fc.option(fc.constantFrom(...keys), { nil: undefined }),
  limit: fc.nat(6),
  from: fc.integer({ min: -1, max: 20 }),
  to: fc.integer({ min: 0, max: 20 }),
  kinds: fc.subarray([...kinds]),
})

/** A random program of commits, erasures and restarts reads the same from the storage as from a naive model. */
export function modelCases(options: StorageContractOptions): void {
  describe('random programs', () => {
    test('read the same as from a naive model', { timeout: 120_000 }, async () => {
      const program = fc.array(command, { minLength: 1, maxLength: 25 })
      await fc.assert(
        fc.asyncProperty(program, probes, async (commands, probe) => {
          const fixture = await options.create()
          const opened = await openFixture(options, fixture)
          try {
            await runProgram(commands, opened.storage, opened.clock, opened.reopen, probe)
          } finally {
            await opened.close()
            await fixture.cleanup?.()
          }
        }),
        { numRuns: 60 },
      )
    })
  })
}

type Command = typeof command extends fc.Arbitrary<infer Value> ? Value : never
type Probes = typeof probes extends fc.Arbitrary<infer Value> ? Value : never

async function runProgram(
  commands: readonly Command[],
  first: Storage,
  clock: ManualClock,
  reopen: () => Promise<Storage>,
  probe: Probes,
): Promise<void> {
  const model = new StorageModel()
  let storage = first
  for (const step of commands) {
    if (step.type === 'advance') clock.advance(step.ms)
    else if (step.type === 'reopen') storage = await reopen()
    else if (step.type === 'erase') {
      await storage.blobs.delete(blobOf(step.text).hash)
      delete model.blobs[blobOf(step.text).hash]
    } else await commitToBoth(step, model, storage, clock)
    await expectSameReads(model, storage, clock, probe)
  }
  expect(await verifyJournal(storage.journal)).toEqual({
    ok: true,
    entries: model.journal.length,
    hash: model.head().hash,
  })
}

async function commitToBoth(
  step: Extract<Command, { type: 'commit' }>,
  model: StorageModel,
  storage: Storage,
  clock: ManualClock,
): Promise<void> {
  const unique = step.drafts.filter((draft, index) => step.drafts.findIndex(({ id }) => id === draft.id) === index)
  const journal: JournalEntry[] = entriesAfter(model.head(), unique)
  const headAfter = model.head().sequence + journal.length
  const sequence = Math.floor((headAfter * (step.cursor?.fraction ?? 0)) / 4)
  const write: WriteBatch = {
    journal,
    cursors: step.cursor === null ? [] : [{ consumer: step.cursor.consumer, sequence }],
    keyValue: step.keyValue,
    records: step.records,
    blobs: step.blobs,
  }
  const code = model.commit(write, clock.now())
  if (code === undefined) await storage.commit(write)
  else await expectCode(code, () => storage.commit(write))
}

async function expectSameReads(
  model: StorageModel,
  storage: Storage,
  clock: ManualClock,
  probe: Probes,
): Promise<void> {
  const now = clock.now()
  expect(await storage.journal.head()).toEqual(model.head())
  expect(await readAll(storage)).toEqual(model.journal)
  expect(await readAll(storage, { from: probe.from, to: probe.to, kinds: probe.kinds })).toEqual(
    model.journal.filter(
      ({ sequence, kind }) => sequence >= probe.from && sequence <= probe.to && probe.kinds.includes(kind as never),
    ),
  )
  for (const { id } of model.journal) expect((await storage.journal.get(id))?.id).toBe(id)
  for (const consumer of ['one', 'two'])
    expect(await storage.journal.cursor(consumer)).toBe(model.cursors[consumer] ?? 0)
  expect(await storage.journal.cursors()).toEqual(
    Object.entries(model.cursors)
      .map(([consumer, sequence]) => ({ consumer, sequence }))
      .sort((left, right) => (left.consumer < right.consumer ? -1 : 1)),
  )
  expect(await storage.journal.first()).toBe(1)
  expect(await storage.keyValue.list({ prefix: '' })).toEqual(model.list('', undefined, 1_000, now))
  const page = {
    prefix: probe.prefix,
    limit: probe.limit,
    ...(probe.after === undefined ? {} : { after: probe.after }),
  }
  expect(await storage.keyValue.list(page)).toEqual(model.list(probe.prefix, probe.after, probe.limit, now))
  for (const key of keys)
    expect(await storage.keyValue.get(key)).toEqual(
      model.list(key, undefined, 1_000, now).find((entry) => entry.key === key),
    )
  for (const collection of collections) {
    expect(await storage.records.query(collection)).toEqual(model.query(collection, {}))
    expect(await storage.records.query(collection, probe.query)).toEqual(model.query(collection, probe.query))
    const where = probe.query.where ?? {}
    expect(await storage.records.count(collection, where)).toBe(model.query(collection, { where }).length)
  }
  for (const text of texts) expect(await storage.blobs.get(blobOf(text).hash)).toBe(model.blobs[blobOf(text).hash])
}
