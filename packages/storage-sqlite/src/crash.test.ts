import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createSeededRandom, type Storage, SwarmError, sha256Hex, verifyJournal } from '@tradeswarm/core'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSqliteStorage } from './create-sqlite-storage.js'

const clock = { now: () => 0 }
let folder: string
let program: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tradeswarm-crash-'))
  program = join(folder, 'crash-writer.mjs')
  await build({
    entryPoints: [fileURLToPath(new URL('./crash-writer.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@tradeswarm/source'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)" },
    logLevel: 'silent',
  })
})

afterAll(() => rm(folder, { recursive: true }))

function startChild(file: string, mode: 'commit' | 'hold' | 'race'): ChildProcess {
  return spawn(process.execPath, [program, file, mode], { stdio: ['pipe', 'pipe', 'inherit'] })
}

/** Runs the child until it has said so many lines, kills it, and returns all that it said before it died. */
async function linesUntilKilled(child: ChildProcess, count: number): Promise<string[]> {
  const lines: string[] = []
  if (child.stdout === null) throw new Error('the child has no stdout')
  const closed = once(child, 'close')
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    if (lines.length === count) child.kill('SIGKILL')
  }
  const [, signal] = await closed
  expect(signal, 'the child was killed and did not fail by itself').toBe('SIGKILL')
  return lines
}

/** Asserts that every batch up to the last is there in all of its parts, and returns the number of the last. */
async function assertWholeBatches(storage: Storage): Promise<number> {
  const batches = await storage.records.count('batches')
  const entries = Array.from({ length: batches }, (_, index) => 1 + ((index + 1) % 4)).reduce(
    (sum, count) => sum + count,
    0,
  )
  expect(await verifyJournal(storage.journal)).toMatchObject({ ok: true, entries })
  expect(await storage.journal.cursor('consumer')).toBe(entries)
  expect((await storage.keyValue.get('last'))?.value).toBe(batches === 0 ? undefined : `${batches}`)
  expect(await storage.keyValue.list({ prefix: 'batch/', limit: 1_000_000 })).toHaveLength(batches)
  for (let batch = 1; batch <= batches; batch += 1) {
    const record = await storage.records.get('batches', `${batch}`)
    expect((await storage.keyValue.get(`batch/${batch}`))?.value).toBe(record?.text)
    expect(await storage.blobs.get(sha256Hex(record?.text ?? ''))).toBe(record?.text)
    expect(await storage.records.count('batches', { batch: `${batch}` })).toBe(1)
    expect(await storage.journal.get(`batch-${batch}-${batch % 4}`)).toBeDefined()
  }
  return batches
}

describe('a process that is killed', () => {
  test('loses no batch that it was told is committed, and leaves none in part', async () => {
    const file = join(folder, 'crash.db')
    const random = createSeededRandom('crash')
    let batches = 0
    for (let round = 0; round < 8; round += 1) {
      const lines = await linesUntilKilled(startChild(file, 'commit'), 1 + Math.floor(random.next() * 400))
      const acknowledged = Number(lines.at(-1))
      expect(Number(lines[0])).toBe(batches + 1)
      const storage = await createSqliteStorage(file, { mustExist: true }).open({ clock })
      batches = await assertWholeBatches(storage)
      expect(batches).toBeGreaterThanOrEqual(acknowledged)
      await storage.close()
    }
    expect(batches).toBeGreaterThan(8)
    expect((await readdir(folder)).filter((name) => name.startsWith('crash.db'))).toEqual(['crash.db'])
  })

  test('recovers in a reader too, and in the next writer', async () => {
    const file = join(folder, 'recovered.db')
    for (let round = 0; round < 3; round += 1) {
      const lines = await linesUntilKilled(startChild(file, 'commit'), 30)
      const reader = await createSqliteStorage(file, { readOnly: true }).open({ clock })
      expect(await assertWholeBatches(reader)).toBeGreaterThanOrEqual(Number(lines.at(-1)))
      await reader.close()
    }
  })

  test('locks its file against a second writer while it lives, not against readers, and no longer', async () => {
    const file = join(folder, 'held.db')
    const child = startChild(file, 'hold')
    if (child.stdout === null) throw new Error('the child has no stdout')
    await once(child.stdout, 'data')

    const error = await createSqliteStorage(file)
      .open({ clock })
      .catch((thrown: unknown) => thrown)
    expect(SwarmError.isInstance(error, 'STORAGE_LOCKED') && error.message).toContain(file)
    const reader = await createSqliteStorage(file, { readOnly: true }).open({ clock })
    expect((await reader.journal.head()).sequence).toBe(0)
    await reader.close()
    const names = (await readdir(folder)).filter((name) => name.startsWith('held.db')).sort()
    expect(names).toEqual(['held.db', 'held.db-lock', 'held.db-shm', 'held.db-wal'])

    child.kill('SIGKILL')
    await once(child, 'close')
    const writer = await createSqliteStorage(file).open({ clock })
    await writer.commit({ keyValue: [{ key: 'a', value: 'x' }] })
    await writer.close()
  })

  test('is succeeded by one of several that start at once, and by one only', async () => {
    const file = join(folder, 'raced.db')
    for (let round = 0; round < 4; round += 1) {
      const children = Array.from({ length: 4 }, () => startChild(file, 'race'))
      const closed = Promise.all(children.map((child) => once(child, 'close')))
      const first = async ({ stdout }: ChildProcess): Promise<string> => {
        if (stdout === null) throw new Error('the child has no stdout')
        const [line] = (await once(createInterface({ input: stdout }), 'line')) as [string]
        return line
      }
      const said = await Promise.all(children.map(first))
      expect(said.toSorted()).toEqual(['STORAGE_LOCKED', 'STORAGE_LOCKED', 'STORAGE_LOCKED', 'open'])
      const reader = await createSqliteStorage(file, { readOnly: true }).open({ clock })
      expect((await reader.journal.head()).sequence).toBe(0)
      await reader.close()
      // The next round's children meet the lock file and the WAL of the one that was killed.
      for (const child of children) child.kill('SIGKILL')
      await closed
    }
  })
})
