// A file that was altered or cut short behind a swarm's back: the swarm refuses to start on it, or is suspended at the entry that it
// cannot trust, and names what is damaged; `tradeswarm verify` names it too. Put right, the swarm goes on where it stood.
import { copyFileSync, statSync, truncateSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { runCommandLine } from '@tradeswarm/cli'
import {
  Agent,
  createSwarm,
  createSystemClock,
  defineTopic,
  eraseArchived,
  type SwarmAlert,
  sha256Hex,
} from '@tradeswarm/core'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'

const Order = defineTopic('order.wanted', { schema: z.object({ n: z.number() }), delivery: 'durable' })

type Script = { readonly handled: number[]; wanted: number; reached: () => void }

class Worker extends Agent<typeof Worker> {
  static readonly role = 'worker'
  static readonly config = z.object({ script: z.custom<Script>() })

  protected override onStart() {
    const { script } = this.config
    this.subscribe(Order, ({ n }, context) => {
      context.state.set('last', n)
      if (n < 0) throw new Error('never')
      context.putBlob(`the text of order ${n}`)
      script.handled.push(n)
      if (script.handled.length === script.wanted) script.reached()
    })
  }
}

let folder: string
let whole: string
let file: string

function swarmOn(path: string) {
  const alerts: SwarmAlert[] = []
  const reached = Promise.withResolvers<void>()
  const alerted = Promise.withResolvers<SwarmAlert>()
  const script: Script = { handled: [], wanted: Number.POSITIVE_INFINITY, reached: reached.resolve }
  const swarm = createSwarm({
    agents: [{ agent: Worker, config: { script } }],
    storage: createSqliteStorage(path),
    maximumTries: 1,
    onAlert(alert) {
      alerts.push(alert)
      alerted.resolve(alert)
    },
  })
  return { swarm, script, alerts, alerted: alerted.promise, reached: reached.promise }
}

// Orders 1 to 20 were handled, one was given up, and 21 to 30 wait for the next swarm.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tradeswarm-damage-'))
  whole = join(folder, 'whole.db')
  const { swarm, script, reached } = swarmOn(whole)
  script.wanted = 20
  await swarm.start()
  await swarm.publish(Order, { n: -1 })
  for (let n = 1; n <= 20; n += 1) await swarm.publish(Order, { n })
  await reached
  await swarm.agent('worker').pause()
  for (let n = 21; n <= 30; n += 1) await swarm.publish(Order, { n })
  await swarm.stop()
})
afterAll(() => rm(folder, { recursive: true }))
beforeEach(() => {
  file = join(folder, 'swarm.db')
  copyFileSync(whole, file)
})

function change(sql: string): void {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA busy_timeout = 5000')
  expect(Number(database.prepare(sql).run().changes)).toBe(1)
  database.close()
}

async function verify(...words: readonly string[]) {
  const out: string[] = []
  const code = await runCommandLine(['verify', file, ...words], {
    clock: createSystemClock(),
    isInteractive: false,
    workingDirectory: folder,
    print: (line) => void out.push(line),
    complain: (line) => void out.push(line),
    draw: () => undefined,
    onInterrupt: () => () => undefined,
  })
  return { code, text: out.join('\n') }
}

test('a file that nobody has touched is whole, and its swarm goes on', async () => {
  expect(await verify()).toMatchObject({
    code: 0,
    text: expect.stringMatching(/^Hash chain: 32 entries hold.*\nRows: \d+ keys/),
  })
  const { swarm, script, reached, alerts } = swarmOn(file)
  script.wanted = 10
  await swarm.start()
  await reached
  await swarm.stop()
  expect([script.handled, alerts]).toEqual([Array.from({ length: 10 }, (_, index) => 21 + index), []])
})

describe('what a swarm needs at its start keeps it from starting, by name', () => {
  test.each([
    ["UPDATE key_value SET value = '{}' WHERE key = 'state/worker/last'", 'state/worker/last', 'key_value'],
    [
      "UPDATE key_value SET value = '1' WHERE key = 'acks/order.wanted worker'",
      'acks/order.wanted worker',
      'key_value',
    ],
    ['UPDATE journal_cursors SET sequence = 2', 'order.wanted worker', 'journal_cursors'],
    ["UPDATE journal SET text = '{}' WHERE sequence = (SELECT max(sequence) FROM journal)", 'entry 32', 'journal'],
  ])('%s', async (sql, key, table) => {
    change(sql)
    const { swarm, script } = swarmOn(file)
    const error = await swarm.start().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'STORAGE_CORRUPT', context: { table } })
    expect((error as Error).message).toContain(key)
    expect((error as Error).message).toContain(file)
    expect([script.handled, swarm.status().state]).toEqual([[], 'created'])
    const verdict = await verify()
    expect(verdict.code).toBe(1)
    expect(verdict.text).toContain(key)
  })
})

test('an entry that waits to be handled suspends the swarm before it, by name; put right, the swarm goes on', async () => {
  const { text } = new DatabaseSync(file).prepare('SELECT text FROM journal WHERE sequence = 27').get() as {
    text: string
  }
  change(`UPDATE journal SET text = replace(text, '"n":25', '"n":2500') WHERE sequence = 27`)
  expect(await verify()).toMatchObject({ code: 1, text: expect.stringMatching(/^Hash chain: broken at entry 27/) })
  const { swarm, script, alerts, alerted, reached } = swarmOn(file)
  script.wanted = 10
  await swarm.start()
  expect(await alerted).toMatchObject({
    code: 'STORAGE_CORRUPT',
    message: expect.stringMatching(/table journal, entry 2[78]/),
  })
  expect(swarm.status()).toMatchObject({ state: 'suspended', agents: [{ state: 'paused' }] })
  expect(script.handled).not.toContain(2500)
  change(`UPDATE journal SET text = '${text}' WHERE sequence = 27`)
  await swarm.resume()
  await reached
  await swarm.stop()
  expect(script.handled).toEqual(Array.from({ length: 10 }, (_, index) => 21 + index))
  expect(alerts).toHaveLength(1)
  expect((await verify()).code).toBe(0)
})

test.each([
  ["UPDATE blobs SET text = 'another text' WHERE hash = '%'", 'blobs', sha256Hex('the text of order 7')],
  ["UPDATE records SET text = '{}' WHERE collection = 'dead-letters'", 'records', 'dead-letters/'],
])('a row that the swarm seldom reads is named by verify: %s', async (sql, table, key) => {
  change(sql.replace('%', key))
  const { code, text } = await verify()
  expect(code).toBe(1)
  expect(text).toMatch(new RegExp(`Rows: .* the row "${key}.*" of table ${table} was altered`))
  expect(JSON.parse((await verify('--json')).text)).toMatchObject({
    ok: false,
    chain: { ok: true },
    rows: { damaged: [{ table, key: expect.stringContaining(key) }] },
  })
})

test('a file that was cut short keeps the swarm from starting, and is named', async () => {
  truncateSync(file, statSync(file).size - 1_000)
  const { swarm } = swarmOn(file)
  await expect(swarm.start()).rejects.toMatchObject({
    code: 'STORAGE_CORRUPT',
    message: expect.stringMatching(/swarm\.db is cut short/),
  })
  expect(await verify()).toEqual({ code: 1, text: expect.stringMatching(/swarm\.db is cut short.*STORAGE_CORRUPT/) })
})

test('segments that were erased are named, and are no damage', async () => {
  const { swarm, script, reached } = swarmOn(file)
  script.wanted = 10
  await swarm.start()
  await reached
  await swarm.archive({ keepEntries: 2, segmentEntries: 10 })
  await eraseArchived(swarm.storage, { to: 20 })
  await swarm.stop()
  const { code, text } = await verify()
  expect(code).toBe(0)
  expect(text).toMatch(/Hash chain: \d+ entries hold[\s\S]*Erased: entries 1 to 10[\s\S]*Erased: entries 11 to 20/)
  expect(JSON.parse((await verify('--json')).text)).toMatchObject({
    ok: true,
    chain: { erased: [{ from: 1 }, { from: 11 }] },
  })
  change(
    "UPDATE blobs SET text = text || ' ' WHERE text LIKE 'tradeswarm-journal-segment-1%' AND rowid = (SELECT min(rowid) FROM blobs WHERE text LIKE 'tradeswarm-journal-segment-1%')",
  )
  expect(await verify()).toMatchObject({
    code: 1,
    text: expect.stringMatching(/Hash chain: broken at entry 21: .*blob/),
  })
})
