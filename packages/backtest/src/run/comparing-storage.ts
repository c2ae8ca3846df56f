import {
  chainHash,
  emptyJournalHead,
  type JournalEntry,
  type QueryRecord,
  type Storage,
  type StorageDefinition,
  SwarmError,
  type WriteBatch,
} from '@tradeswarm/core'
import { type Difference, differenceBetween } from './difference.js'

/** The collection that an operator’s acts read. */
const deadLetters = 'dead-letters'

/** A storage that knows how much of its record has come again. */
export type ComparingStorage = StorageDefinition & {
  /** How many entries were the same so far. */
  compared(): number
  /** True when every recorded entry has come again. */
  isCaughtUp(): boolean
}

/** The run goes on after the recorded entries, or ends with them. */
export type AfterRecorded = 'continue' | 'end'

/**
 * A storage for running a recorded journal again: what comes is compared with what stands there, and written only when
 * the recorded part has passed. The first difference is thrown as `REPLAY_DIVERGED` with a {@link Difference} in its context.
 */
export function createComparingStorage(
  recorded: Storage,
  recordedEntries: number,
  afterRecorded: AfterRecorded,
): ComparingStorage {
  let compared = 0
  let previousHash = emptyJournalHead.hash
  // Not verified, here and in the other reads of a recorded run: an altered entry is to be shown by its difference.
  const expected = recorded.journal.read({ to: Math.max(1, recordedEntries), unverified: true })[Symbol.asyncIterator]()

  let ahead: JournalEntry | undefined
  /** A hash that was another, where what its block holds further is yet to come. */
  let otherHash: Difference | undefined
  /** Its entries have hashes of their own, and those of this run others. */
  let isOlder = false

  const nextRecorded = async (): Promise<JournalEntry | undefined> => {
    const result = await expected.next()
    return result.done === true ? undefined : result.value
  }

  /** Compares what an entry holds, then its hash: entries have that of their block, so one of them may hold something else further on. */
  const compare = async (entry: JournalEntry): Promise<void> => {
    const original = ahead ?? (await nextRecorded())
    ahead = undefined
    if (original === undefined || !isSame(original, entry)) throw diverged(differenceBetween(original, entry))
    // Older versions chained each entry by itself, to the hash of the one before.
    if (original.hash !== entry.hash) {
      if (original.hash === chainHash(previousHash, original)) isOlder = true
      else otherHash ??= differenceBetween(original, entry)
    }
    previousHash = original.hash
    compared += 1
  }

  const compareAll = async (entries: readonly JournalEntry[]): Promise<void> => {
    const awaited = otherHash
    for (const entry of entries) {
      if (entry.sequence <= recordedEntries) await compare(entry)
      else if (afterRecorded === 'end') throw diverged(differenceBetween(undefined, entry))
      if (awaited !== undefined) throw diverged(awaited)
    }
    if (otherHash === undefined || entries.length === 0) return
    ahead = await nextRecorded()
    if (ahead?.hash !== previousHash) throw diverged(otherHash)
  }

  /** What came so far, since the record says of each what became of it later. */
  const letters = new Map<string, QueryRecord>()
  const records: Storage['records'] = {
    get: (collection, id) =>
      collection === deadLetters ? Promise.resolve(letters.get(id)) : recorded.records.get(collection, id),
    query: (collection, query) => recorded.records.query(collection, query),
    count: (collection, where) => recorded.records.count(collection, where),
  }

  const commit = async (batch: WriteBatch): Promise<void> => {
    const isBehind = compared < recordedEntries
    await compareAll(batch.journal ?? [])
    if (isBehind && (batch.journal?.at(-1)?.sequence ?? 0) > recordedEntries) {
      throw new SwarmError({
        code: 'REPLAY_DIVERGED',
        message: `the record ends at entry ${recordedEntries}, in the middle of an instant: it was not written by this program`,
      })
    }
    for (const { collection, record } of batch.records ?? [])
      if (collection === deadLetters) letters.set(record.id, record)
    if (isBehind || afterRecorded === 'end') return
    if (isOlder) {
      throw new SwarmError({
        code: 'REPLAY_DIVERGED',
        message:
          'the record was chained by an older version: it can be replayed and verified, but not gone on with; start the run anew',
      })
    }
    await recorded.commit(batch)
  }

  // A run that starts again from its first entry must not see what it wrote the first time.
  const nothing: Storage['keyValue'] = { get: async () => undefined, list: async () => [] }
  const storage: Storage = {
    journal: {
      head: async () => ({ sequence: 0, hash: '0'.repeat(64) }),
      get: async () => undefined,
      read: nothingToRead,
      cursor: async () => 0,
      cursors: async () => [],
      first: async () => 1,
      segments: async () => [],
    },
    keyValue: nothing,
    records,
    blobs: recorded.blobs,
    commit,
    close: async () => undefined,
  }
  return {
    name: 'comparing',
    open: async () => storage,
    compared: () => compared,
    isCaughtUp: () => compared >= recordedEntries,
  }
}

/** The hash alone would not do: an entry that was altered after it was written keeps the hash of what it was. */
function isSame(recorded: JournalEntry, replayed: JournalEntry): boolean {
  const { text, id, kind, time } = recorded
  return text === replayed.text && id === replayed.id && kind === replayed.kind && time === replayed.time
}

function diverged(difference: Difference): SwarmError {
  return new SwarmError({ code: 'REPLAY_DIVERGED', message: difference.message, context: { difference } })
}

async function* nothingToRead(): AsyncGenerator<JournalEntry> {}
