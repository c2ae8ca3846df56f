import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BacktestResult, tapeFromInputs } from '@tradeswarm/backtest'
import { createSeededRandom, type StorageDefinition, verifyJournal } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildSmallRunProgram, runChild } from './child-run.test-support.js'
import { withStorage } from './recorded-journal.test-support.js'
import { runSmall, type SmallRunOptions } from './small-run.test-support.js'
import { smallInputs, smallSessions, tradedFrom } from './small-tape.test-support.js'

/** Runs, or goes on, until a session has closed, then stops by the signal. */
function runUntil(
  storage: StorageDefinition,
  date: string | undefined,
  options: SmallRunOptions = {},
): Promise<BacktestResult> {
  const abort = new AbortController()
  return runSmall({
    ...options,
    storage,
    signal: abort.signal,
    onSessionClosed: (closed) => {
      if (closed === date) abort.abort()
    },
  })
}

const sessionAfter = (traded: number): string => smallSessions()[tradedFrom + traded]?.date ?? ''

describe('a run that is stopped and resumed', () => {
  let folder: string
  let program: string
  let uninterrupted: BacktestResult

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tradeswarm-resume-'))
    program = await buildSmallRunProgram(folder)
    uninterrupted = await runSmall()
  })

  afterAll(() => rm(folder, { recursive: true }))

  test.each([0, 1, 13, 39, 76])(
    'says where it stopped after session %i, and comes to the same journal',
    async (traded) => {
      const storage = createMemoryStorage()
      const stopped = await runUntil(storage, sessionAfter(traded))
      expect(stopped).toMatchObject({ status: 'stopped', lastSession: sessionAfter(traded), resumedAfter: 0 })
      expect(stopped.journalHash).not.toBe(uninterrupted.journalHash)
      const resumed = await runUntil(storage, undefined, { resume: true })
      expect(resumed).toMatchObject({
        status: 'completed',
        journalHash: uninterrupted.journalHash,
        resumedAfter: stopped.counts.entries,
      })
      expect(resumed.statistics).toEqual(uninterrupted.statistics)
      expect(resumed.counts).toEqual(uninterrupted.counts)
    },
  )

  test('comes to the same journal when it is stopped twice, in SQLite', async () => {
    const storage = createSqliteStorage(join(folder, 'twice.db'))
    const first = await runUntil(storage, sessionAfter(10))
    const second = await runUntil(storage, sessionAfter(44), { resume: true })
    expect(second).toMatchObject({ status: 'stopped', resumedAfter: first.counts.entries })
    expect((await runUntil(storage, undefined, { resume: true })).journalHash).toBe(uninterrupted.journalHash)
    expect((await runUntil(storage, undefined, { resume: true })).journalHash, 'a finished run is found finished').toBe(
      uninterrupted.journalHash,
    )
  })

  test('comes to the same journal when its process is killed without warning, again and again', async () => {
    const file = join(folder, 'killed.db')
    const random = createSeededRandom('kill')
    const clock = { now: () => 0 }
    for (let round = 0; round < 4; round += 1) {
      const { signal } = await runChild(program, file, 1 + Math.floor(random.next() * 55))
      expect(signal).toBe('SIGKILL')
      const verified = await withStorage(createSqliteStorage(file), (storage) => verifyJournal(storage.journal))
      expect(verified).toMatchObject({ ok: true })
    }
    const opened = await createSqliteStorage(file).open({ clock })
    const { sequence } = await opened.journal.head()
    await opened.close()
    expect(sequence, 'it was killed in the middle of its work').toBeGreaterThan(1_000)
    const finished = await runChild(program, file)
    expect(finished.lines.at(-1)).toBe(`completed ${uninterrupted.journalHash}`)
  })
})

describe('a storage that holds a run', () => {
  const storage = createMemoryStorage()

  beforeAll(async () => {
    await runUntil(storage, sessionAfter(3))
  })

  test('is not run over unasked', async () => {
    await expect(runSmall({ storage })).rejects.toMatchObject({ code: 'RUN_EXISTS' })
  })

  const [firstBar, ...bars] = smallInputs.bars
  if (firstBar === undefined) throw new Error('the small tape has no bars')
  test.each([
    ['seed', { seed: 43 }, /\bseed was 42 and is now 43/],
    [
      'tape',
      { tape: tapeFromInputs({ ...smallInputs, bars: [{ ...firstBar, volume: '1' }, ...bars] }) },
      /tape\.hash was "[0-9a-f]{64}" and is now/,
    ],
    ['fee', { feeBasisPoints: '7' }, /fees\.basisPoints was "5" and is now "7"/],
    ['policy', { swarm: { policy: { maxOpenPositions: 3 } } }, /policy\.maxOpenPositions was 2 and is now 3/],
    ['agent option', { swarm: { config: { trader: { maximumPositions: 1 } } } }, /swarm\.config\./],
  ] as const)('is not resumed with another %s; the message names the field', async (_, change, message) => {
    const failure = runSmall({ ...change, storage, resume: true })
    await expect(failure).rejects.toMatchObject({ code: 'RESUME_MISMATCH' })
    await expect(failure).rejects.toThrow(message)
  })

  test('is unchanged by the attempts, and goes on', async () => {
    expect((await runSmall({ storage, resume: true })).journalHash).toBe((await runSmall()).journalHash)
  })
})
