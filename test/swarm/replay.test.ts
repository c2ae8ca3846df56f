import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type ReplayOptions, type ReplayResult, replayRun } from '@tradeswarm/backtest'
import {
  canonicalJson,
  chainEntries,
  chainHash,
  emptyJournalHead,
  type JournalEntry,
  type StorageDefinition,
  verifyJournal,
} from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { messagesOf, withStorage } from './recorded-journal.test-support.js'
import { scriptedAnalyst } from './scripted-analyst.test-support.js'
import { type RecordedSmallRun, recordSmallRun, runSmall, smallRunOptions } from './small-run.test-support.js'
import { smallSessions, tradedFrom } from './small-tape.test-support.js'

const replay = (definition: StorageDefinition, options?: ReplayOptions): Promise<ReplayResult> =>
  withStorage(definition, (storage) => replayRun(storage, options))

let folder: string
let run: RecordedSmallRun

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tradeswarm-replay-'))
  run = await recordSmallRun()
})

afterAll(() => rm(folder, { recursive: true }))

/** A journal with other texts but a right chain, as somebody would write it who knows how; texts of posts are copied. */
async function doctored(change: (entry: JournalEntry) => string | undefined): Promise<StorageDefinition> {
  const definition = createMemoryStorage()
  const blobs = await withStorage(run.storage, async (storage) => {
    const hashes = new Set(
      messagesOf<{ textHash: string }>(run.entries, 'post.received').map(({ payload }) => payload.textHash),
    )
    return Promise.all([...hashes].map(async (hash) => ({ hash, text: (await storage.blobs.get(hash)) ?? '' })))
  })
  let { hash } = emptyJournalHead
  const journal = run.entries.map((entry): JournalEntry => {
    const next = { ...entry, text: change(entry) ?? entry.text }
    hash = chainHash(hash, next)
    return { ...next, hash }
  })
  await withStorage(definition, (storage) => storage.commit({ journal, blobs }))
  return definition
}

const changeText = (entry: JournalEntry, change: (data: Record<string, never>) => unknown): string =>
  canonicalJson(change(JSON.parse(entry.text) as Record<string, never>))

describe('a replay', () => {
  test('of a finished run is the same, entry by entry', async () => {
    let seen = 0
    const result = await replay(run.storage, {
      onProgress: (compared, total) => {
        expect(compared).toBeLessThanOrEqual(total)
        seen = compared
      },
    })
    expect(result).toEqual({ status: 'same', entries: run.entries.length, journalHash: run.result.journalHash })
    expect(seen).toBeGreaterThan(1_000)
  })

  test('of a stopped run is the same', async () => {
    const storage = createMemoryStorage()
    const abort = new AbortController()
    const date = smallSessions()[tradedFrom + 25]?.date
    const stopped = await runSmall({
      storage,
      signal: abort.signal,
      onSessionClosed: (closed) => (closed === date ? abort.abort() : undefined),
    })
    expect(stopped.status).toBe('stopped')
    expect(await replay(storage)).toEqual({
      status: 'same',
      entries: stopped.counts.entries,
      journalHash: stopped.journalHash,
    })
  })

  test('of a run in SQLite is the same and leaves the file as it was', async () => {
    const file = join(folder, 'same.db')
    await runSmall({ storage: createSqliteStorage(file) })
    expect(await replay(createSqliteStorage(file, { readOnly: true }))).toMatchObject({
      status: 'same',
      journalHash: run.result.journalHash,
    })
  })

  test('of a run that an older version chained, each entry by itself, is the same', async () => {
    const storage = await doctored(() => undefined)
    expect(await withStorage(storage, (opened) => verifyJournal(opened.journal))).toMatchObject({ ok: true })
    expect(await replay(storage)).toMatchObject({ status: 'same', entries: run.entries.length })
  })

  test('of a run with an agent of the user needs its code', async () => {
    const storage = createMemoryStorage()
    const swarm = {
      replace: { analyst: scriptedAnalyst((signal) => signal.market.some((measure) => measure.score > 0.2)) },
      config: {},
    }
    const { status } = await runSmall({ storage, swarm })
    expect(status).toBe('completed')
    await expect(replay(storage)).rejects.toMatchObject({ code: 'REPLAY_NEEDS_CODE' })
    expect(await replay(storage, { swarm: smallRunOptions({ swarm }).swarm })).toMatchObject({ status: 'same' })
    const other = { replace: { analyst: scriptedAnalyst(() => false) }, config: {} }
    const found = await replay(storage, { swarm: smallRunOptions({ swarm: other }).swarm })
    expect(found).toMatchObject({ status: 'different', difference: { topic: 'recommendation.issued' } })
  })
})

describe('a record that was tampered with', () => {
  async function tampered(name: string, sequence: number, from: string, to: string): Promise<StorageDefinition> {
    const file = join(folder, name)
    await runSmall({ storage: createSqliteStorage(file) })
    const database = new DatabaseSync(file)
    const { changes } = database
      .prepare('UPDATE journal SET text = replace(text, ?, ?) WHERE sequence = ?')
      .run(from, to, sequence)
    database.close()
    expect(changes).toBe(1)
    const storage = createSqliteStorage(file)
    const verified = await withStorage(storage, (opened) => verifyJournal(opened.journal))
    // What was hashed together is named by its first entry.
    const { hash } = run.entries[sequence - 1] as JournalEntry
    const first = run.entries.find((entry) => entry.hash === hash)?.sequence
    expect(verified).toMatchObject({ ok: false, sequence: first })
    return storage
  }

  test('in something that was decided: the replay names entry, topic and field', async () => {
    const [, second] = messagesOf<{ setup: string }>(run.entries, 'recommendation.issued')
    if (second === undefined) throw new Error('there is no second recommendation')
    const storage = await tampered(
      'decision.db',
      second.sequence,
      `"setup":"${second.payload.setup}"`,
      '"setup":"inside-tip"',
    )
    const result = await replay(storage)
    expect(result).toMatchObject({
      status: 'different',
      difference: {
        sequence: second.sequence,
        kind: 'message',
        topic: 'recommendation.issued',
        field: 'payload.setup',
        recorded: 'inside-tip',
        replayed: second.payload.setup,
      },
    })
    expect(result.status === 'different' && result.difference.message).toContain(
      `entry ${second.sequence} (recommendation.issued): payload.setup`,
    )
  })

  test('in the books: the replay names entry and field', async () => {
    const fill = run.entries.find((entry) => entry.kind === 'ledger' && entry.text.includes('"kind":"fill"'))
    const { entry } = JSON.parse(fill?.text ?? '{}') as { entry: { fee: string } }
    const storage = await tampered('books.db', fill?.sequence ?? 0, `"fee":"${entry.fee}"`, '"fee":"0"')
    const result = await replay(storage)
    expect(result).toMatchObject({
      status: 'different',
      difference: { sequence: fill?.sequence, kind: 'ledger', recorded: '0', replayed: entry.fee },
    })
    expect(result.status === 'different' && result.difference.field).toMatch(/fee$/)
  })

  test('in an input: the replay reads the other input, and its hash gives it away', async () => {
    const [bar] = messagesOf<{ volume: string }>(run.entries, 'market.bar')
    const storage = await tampered('input.db', bar?.sequence ?? 0, `"volume":"${bar?.payload.volume}"`, '"volume":"1"')
    expect(await replay(storage)).toMatchObject({
      status: 'different',
      difference: { sequence: bar?.sequence, topic: 'market.bar', field: 'hash' },
    })
  })

  test('and chained again: a changed decision differs where it stands', async () => {
    const target = messagesOf<{ confidence: number }>(run.entries, 'recommendation.issued').at(-3)
    const storage = await doctored((entry) =>
      entry.sequence === target?.sequence
        ? changeText(entry, (data) => ({
            ...data,
            payload: { ...(data['payload'] as unknown as object), confidence: 0.987 },
          }))
        : undefined,
    )
    expect(await withStorage(storage, (opened) => verifyJournal(opened.journal))).toMatchObject({ ok: true })
    expect(await replay(storage)).toMatchObject({
      status: 'different',
      difference: {
        sequence: target?.sequence,
        topic: 'recommendation.issued',
        field: 'payload.confidence',
        recorded: 0.987,
        replayed: target?.payload.confidence,
      },
    })
  })

  test('and chained again under another option of an agent: the first decision that it changes is named', async () => {
    type Header = { swarm: { config: { analyst: object } } }
    const storage = await doctored((entry) =>
      entry.kind === 'run'
        ? changeText(entry, (data) => {
            const header = data as unknown as Header
            return {
              ...header,
              swarm: {
                ...header.swarm,
                config: { ...header.swarm.config, analyst: { ...header.swarm.config.analyst, horizonSessions: 5 } },
              },
            }
          })
        : undefined,
    )
    const [first] = messagesOf(run.entries, 'recommendation.issued')
    expect(await replay(storage)).toMatchObject({
      status: 'different',
      difference: {
        sequence: first?.sequence,
        topic: 'recommendation.issued',
        field: 'payload.horizonSessions',
        recorded: 4,
        replayed: 5,
      },
    })
  })

  test('by cutting off its tail inside an instant is not taken for a whole one', async () => {
    const storage = createMemoryStorage()
    const [first] = messagesOf(run.entries, 'recommendation.issued')
    const whole = await doctored(() => undefined)
    const kept = run.entries.slice(0, first?.sequence)
    const before = kept.filter(({ hash }) => hash !== kept.at(-1)?.hash)
    const journal = [...before, ...chainEntries(before.at(-1) ?? emptyJournalHead, kept.slice(before.length))]
    const blobs = await withStorage(whole, (opened) =>
      Promise.all(
        messagesOf<{ textHash: string }>(journal, 'post.received').map(async ({ payload }) => ({
          hash: payload.textHash,
          text: (await opened.blobs.get(payload.textHash)) ?? '',
        })),
      ),
    )
    await withStorage(storage, (opened) => opened.commit({ journal, blobs }))
    await expect(replay(storage)).resolves.toMatchObject({ status: 'different' })
  })
})

describe('a text that was erased', () => {
  test('is named by a replay, while the chain still verifies', async () => {
    const file = join(folder, 'erased.db')
    await runSmall({ storage: createSqliteStorage(file) })
    const hash = messagesOf<{ textHash: string }>(run.entries, 'post.received')[5]?.payload.textHash ?? ''
    await withStorage(createSqliteStorage(file), async (storage) => {
      await storage.blobs.delete(hash)
      expect(await verifyJournal(storage.journal)).toMatchObject({ ok: true })
      const failure = replayRun(storage)
      await expect(failure).rejects.toMatchObject({
        code: 'REPLAY_TEXT_ERASED',
        context: { erased: expect.arrayContaining([hash]) },
      })
      await expect(failure).rejects.toThrow(hash)
    })
  })
})
