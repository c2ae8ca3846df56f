import { canonicalJson } from '../encoding/canonical-json.js'
import { messageOf, SwarmError } from '../errors/swarm-error.js'
import type { Message } from '../messages/message.js'
import { chainEntries } from '../storage/chain-entries.js'
import { isBatchWritten } from '../storage/is-batch-written.js'
import type { EntryDraft, JournalHead } from '../storage/journal.js'
import type { QueryRecord } from '../storage/query-store.js'
import type { CursorWrite, KeyValueWrite, Storage, WriteBatch } from '../storage/storage.js'
import type { EpochMs } from '../time/clock.js'
import { type JournalDraft, LateDraft } from './journal-draft.js'
import { emptyPending, headAfter, isEmpty, type Pending, type PendingBatch, writeBatchOf } from './pending-batch.js'

/** The one writer of a swarm's storage: it numbers and chains entries as they come and commits them in that order. */
export type JournalWriter = {
  /** Adds an entry and returns its number, which is final. It is durable after the next {@link JournalWriter.flush}. */
  append(draft: JournalDraft): number
  /** As `append`, with canonical JSON that was made before. */
  appendText(draft: EntryDraft): number
  /** Adds a message, which is handed to `onDurable` once it is written; messages are handed over in the order of their entries. */
  appendMessage(message: Message, text: string, hasOwnId: boolean): void
  /** Hands a message that has no entry to `onDurable` with those of the next commit, in its place among them. */
  deliverAfterCommit(message: Message): void
  putRecord(collection: string, record: QueryRecord): void
  putBlob(hash: string, text: string): void
  putKeyValue(write: KeyValueWrite): void
  putCursor(write: CursorWrite): void
  /** The head with everything that is written, being written, or hashed to be written. */
  head(): JournalHead
  /** The number of the next entry to be appended. */
  nextSequence(): number
  /** The last entry that is known to be written. */
  durableSequence(): number
  /**
   * True when a message with this id of its publisher's own waits to be written or was among the last that were: more of them than can be
   * written while somebody looks one up in the journal.
   */
  hasTaken(id: string): boolean
  /**
   * Commits whatever is pending. Calls that come during a commit share the next one. Throws `JOURNAL_FAILED`, whose cause is what the storage
   * threw, once a commit has failed: whatever the storage says of its commit, what was appended stays pending, so its outcome is unknown.
   */
  flush(): Promise<void>
  /** As `flush`, but waits on through a failure until {@link JournalWriter.retry} has written it; throws `JOURNAL_FAILED` once that was given up. */
  settled(): Promise<void>
  /** Commits again what a failed commit left behind, once for all who ask, unless it turns out to be written. Throws what the storage throws. */
  retry(): Promise<void>
  /**
   * Commits a batch that leaves the journal's head as it is, between two commits of the writer's own. What the storage throws is the
   * caller's alone: nothing is retried, and the writer goes on. Throws `JOURNAL_FAILED` once a commit has failed.
   */
  commitApart(batch: WriteBatch): Promise<void>
  /** When the commit that is under way began, on the clock of `now`; undefined while there is none. */
  committingSince(): EpochMs | undefined
  /** Gives up what a failed commit left behind: whoever waits for it is told. */
  abandon(): void
  /** Throws `JOURNAL_FAILED` once a commit has failed. */
  assertSound(): void
  isSound(): boolean
}

export type JournalWriterOptions = {
  readonly storage: Storage
  readonly start: JournalHead
  /** Default: commits have no beginning that could be asked for. */
  readonly now?: () => EpochMs
  /** In virtual time nobody waits for a commit but whoever drives the time, who is told what the storage itself threw. */
  readonly virtual?: boolean
  /** Called at each failure with what the storage threw: until a retry succeeds nothing more is accepted. */
  readonly onFailure?: (error: unknown) => void
  /** Receives the messages of each commit once it is durable. */
  readonly onDurable?: (messages: readonly Message[]) => void
  /** Told how long each commit took, in milliseconds of `elapsed`. */
  readonly onCommit?: (elapsedMs: number) => void
  readonly elapsed?: () => number
  /** Adds what has gathered elsewhere, such as acknowledgements, right before a commit. */
  readonly contribute?: (batch: PendingBatch) => void
  /** True when `contribute` has something that is to be written. */
  readonly hasContribution?: () => boolean
  /**
   * Waits before a commit that met `STORAGE_BUSY`, so that nothing was written, is tried again after so many failures, from 1. Without it the
   * first one counts as a failure of the storage.
   */
  readonly waitWhileBusy?: ((failures: number) => Promise<void>) | undefined
  /** Lets work gather before a commit, so that many share one. Without it a commit begins in a microtask. */
  readonly nextTurn?: ((callback: () => void) => void) | undefined
}

/** So often a commit is tried that meets a storage that is busy: with another's commit, which ends. */
const maximumTriesWhileBusy = 6

/** So many ids of publishers' own are remembered beside those that wait to be written. */
const maximumRememberedIds = 10_000

type Commit = { readonly flushed: Promise<void>; settled: Promise<void> | undefined }

export function createJournalWriter(options: JournalWriterOptions): JournalWriter {
  const { storage, nextTurn } = options
  let head = options.start
  let durableSequence = head.sequence
  let pending = emptyPending()
  /** The commit that runs or has run last, and the one that waits for it. */
  let last: Promise<void> = Promise.resolve()
  let next: Commit | undefined
  let inFlight: Pending | undefined
  let committingSince: EpochMs | undefined
  let failure: { readonly cause: unknown; readonly batch: Pending } | undefined
  let recovery = createRecovery()
  let retrying: Promise<void> | undefined
  const writtenIds = new Set<string>()

  const failed = (): SwarmError =>
    new SwarmError({
      code: 'JOURNAL_FAILED',
      message: `the journal could not be written (${messageOf(failure?.cause)}), so nothing more is accepted, and what was pending may be written yet; mend the storage, then resume the swarm or start a new one`,
      cause: failure?.cause,
      retryability: 'unknown-outcome',
    })

  const assertSound = (): void => {
    if (failure !== undefined) throw failed()
  }

  const isIdle = (): boolean => isEmpty(pending) && options.hasContribution?.() !== true

  const written = (batch: Pending): void => {
    durableSequence = batch.journal.at(-1)?.sequence ?? durableSequence
    inFlight = undefined
    if (batch.ownIds !== undefined) rememberAll(writtenIds, batch.ownIds)
    if (batch.messages.length > 0) options.onDurable?.(batch.messages)
  }

  const commitPatiently = async (batch: WriteBatch): Promise<void> => {
    for (let failures = 1; ; failures += 1) {
      try {
        await storage.commit(batch)
        return
      } catch (error) {
        const mayPass = SwarmError.isInstance(error, 'STORAGE_BUSY') && failures < maximumTriesWhileBusy
        if (!mayPass || options.waitWhileBusy === undefined) throw error
        await options.waitWhileBusy(failures)
      }
    }
  }

  const commitPending = async (): Promise<void> => {
    next = undefined
    assertSound()
    if (isIdle()) return
    pending.journal = chainEntries(head, pending.drafts)
    head = headAfter(pending.journal, head)
    options.contribute?.(pending)
    const batch = pending
    inFlight = batch
    pending = emptyPending()
    const startedAt = options.elapsed?.() ?? 0
    committingSince = options.now?.()
    try {
      await commitPatiently(writeBatchOf(batch))
      options.onCommit?.((options.elapsed?.() ?? 0) - startedAt)
    } catch (error) {
      failure = { cause: error, batch }
      options.onFailure?.(error)
      throw options.virtual === true ? error : failed()
    } finally {
      committingSince = undefined
    }
    written(batch)
  }

  const begin = (): Commit => {
    const gathered = last
      .catch(() => undefined)
      .then(() => (nextTurn === undefined ? undefined : new Promise<void>(nextTurn)))
    const flushed = gathered.then(commitPending)
    // Whoever cares has a promise of their own.
    flushed.catch(() => undefined)
    last = flushed
    return { flushed, settled: undefined }
  }

  const flush = (): Promise<void> => {
    if (failure === undefined && next === undefined && isIdle()) return last
    next ??= begin()
    return next.flushed
  }

  const throughFailure = async (flushed: Promise<void>): Promise<void> => {
    try {
      await flushed
    } catch {
      await recovery.promise
      await settled()
    }
  }

  const settled = (): Promise<void> => {
    const flushed = flush()
    const commit = next
    if (commit === undefined) return inFlight === undefined && failure === undefined ? flushed : throughFailure(flushed)
    commit.settled ??= throughFailure(flushed)
    return commit.settled
  }

  const commitApart = (batch: WriteBatch): Promise<void> => {
    const apart = last
      .catch(() => undefined)
      .then(() => {
        assertSound()
        return storage.commit(batch)
      })
    // Whoever flushes next waits for it, but does not share its failure.
    last = apart.catch(() => undefined)
    return apart
  }

  const retryOnce = async (): Promise<void> => {
    if (failure === undefined) return
    const { batch } = failure
    // After an outcome that nobody knows it may be written.
    if (!(await isBatchWritten(storage, writeBatchOf(batch)))) await commitPatiently(writeBatchOf(batch))
    failure = undefined
    last = Promise.resolve()
    written(batch)
    const recovered = recovery
    recovery = createRecovery()
    recovered.resolve()
    await flush()
  }

  const retry = (): Promise<void> => {
    retrying ??= retryOnce().finally(() => {
      retrying = undefined
    })
    return retrying
  }

  const appendText: JournalWriter['appendText'] = (draft) => {
    assertSound()
    pending.drafts.push(draft)
    return head.sequence + pending.drafts.length
  }

  return {
    append(draft) {
      if (draft.isFinal === true) return appendText(new LateDraft(draft))
      const { id, kind, time, payload } = draft
      return appendText({ id, kind, time, text: canonicalJson(payload) })
    },
    appendText,
    appendMessage(message, text, hasOwnId) {
      const sequence = appendText({ id: message.id, kind: 'message', time: message.time, text })
      ;(message as { sequence?: number }).sequence = sequence
      pending.messages.push(message)
      if (!hasOwnId) return
      pending.ownIds ??= new Set()
      pending.ownIds.add(message.id)
    },
    deliverAfterCommit: (message) => void pending.messages.push(message),
    putRecord(collection, record) {
      assertSound()
      pending.records.push({ collection, record })
    },
    putBlob(hash, text) {
      assertSound()
      pending.blobs.push({ hash, text })
    },
    putKeyValue(write) {
      assertSound()
      pending.keyValue.push(write)
    },
    putCursor(write) {
      assertSound()
      pending.cursors.push(write)
    },
    assertSound,
    isSound: () => failure === undefined,
    head: () => ({ sequence: head.sequence, hash: head.hash }),
    nextSequence: () => head.sequence + pending.drafts.length + 1,
    durableSequence: () => durableSequence,
    committingSince: () => committingSince,
    hasTaken: (id) => writtenIds.has(id) || [pending, inFlight, failure?.batch].some((batch) => batch?.ownIds?.has(id)),
    flush,
    settled,
    retry,
    commitApart,
    abandon() {
      if (failure !== undefined) recovery.reject(failed())
    },
  }
}

type Recovery = { readonly promise: Promise<void>; resolve(): void; reject(error: unknown): void }

function createRecovery(): Recovery {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  promise.catch(() => undefined)
  return { promise, resolve, reject }
}

function rememberAll(remembered: Set<string>, ids: ReadonlySet<string>): void {
  for (const id of ids) remembered.add(id)
  for (const oldest of remembered) {
    if (remembered.size <= maximumRememberedIds) return
    remembered.delete(oldest)
  }
}
