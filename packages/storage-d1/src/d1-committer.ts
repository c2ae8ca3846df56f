import {
  archiveConflict,
  type Clock,
  checkWriteBatch,
  duplicateJournalId,
  type JournalHead,
  SwarmError,
  storageCorrupt,
  type WriteBatch,
} from '@tradeswarm/core'
import { type BlobPlace, blobStatements, putBlobs } from './d1-blobs.js'
import { isBroken, isOutcomeUnknown, storageError } from './d1-errors.js'
import { fenceStatement, headStatement, type StoredHead, storedHead } from './d1-head.js'
import { archiveStatements, cursorStatements, findDuplicateId, journalStatements } from './d1-journal.js'
import { findRevisionConflict, keyValueStatements } from './d1-key-value.js'
import { recordStatements } from './d1-records.js'
import type { Database, Statement } from './database.js'

/** What a committer is made of; `writerId` is no other's. */
export type CommitterParts = {
  readonly database: Database
  readonly blobs: BlobPlace
  readonly clock: Clock
  readonly writerId: string
}

/** One that was forgotten and takes effect all the same counts as another writer's. */
const mostUnanswered = 16

/**
 * The one writer of a storage. It remembers the last commit, and each of its own takes effect only on top of that one:
 * where another writer has been, every commit from then on throws `JOURNAL_CONFLICT` and writes nothing.
 */
export class Committer {
  readonly #parts: CommitterParts
  #head: StoredHead
  /** Commits on top of the remembered one that the database did not answer; one of them may still take effect. */
  #unanswered: StoredHead[] = []
  #fenced: SwarmError | undefined
  #attempts = 0
  #queue: Promise<unknown> = Promise.resolve()

  constructor(parts: CommitterParts, head: StoredHead) {
    this.#parts = parts
    this.#head = head
  }

  /** The head with everything that is known to be committed. */
  get journalHead(): JournalHead {
    return this.#head.journal
  }

  /** In the order of the calls, one after the other. */
  commit(batch: WriteBatch): Promise<void> {
    return this.enqueue(() => this.#commit(batch))
  }

  /** Does a piece of work after the commits that were called for before it. */
  enqueue<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#queue.then(work)
    this.#queue = done.catch(() => undefined)
    return done
  }

  async #commit(batch: WriteBatch): Promise<void> {
    if (this.#unanswered.length > 0) await this.#settle()
    if (this.#fenced !== undefined) throw this.#fenced
    const { database, blobs } = this.#parts
    const next = this.#next(batch)
    const statements = this.#statements(batch)
    if (statements.length === 0) return
    await putBlobs(blobs, batch.blobs ?? [])
    try {
      await database.transaction([fenceStatement(this.#head.token), ...statements, headStatement(next)])
    } catch (error) {
      if (!isOutcomeUnknown(error)) throw await this.#refusal(error, batch)
      await this.#lookAfter(error, next)
    }
    this.#remember(next)
  }

  /** Whatever was on its way on top of the former commit cannot take effect any more. */
  #remember(head: StoredHead): void {
    this.#head = head
    this.#unanswered = []
  }

  /** The row with the head as the batch leaves it. Throws what {@link checkWriteBatch} does. */
  #next(batch: WriteBatch): StoredHead {
    const { archived } = this.#head
    const journal = checkWriteBatch(batch, this.#head.journal, { place: this.#parts.database.name, archived })
    this.#attempts += 1
    return {
      commits: this.#head.commits + 1,
      token: `${this.#parts.writerId}/${this.#attempts}`,
      journal,
      archived: batch.archive === undefined ? archived : { sequence: batch.archive.to, hash: batch.archive.hash },
    }
  }

  #statements(batch: WriteBatch): Statement[] {
    const { database, clock } = this.#parts
    const isArchived = this.#head.archived.sequence > 0
    return [
      ...journalStatements(batch.journal ?? [], database.name, isArchived),
      ...keyValueStatements(batch.keyValue ?? [], clock.now(), database.name),
      ...cursorStatements(batch.cursors ?? [], database.name),
      ...recordStatements(batch.records ?? [], database.name),
      ...blobStatements(batch.blobs ?? []),
      ...(batch.archive === undefined ? [] : archiveStatements(batch.archive)),
    ]
  }

  /** What to throw of a batch that the database refused: nothing of it was written. */
  async #refusal(error: unknown, batch: WriteBatch): Promise<SwarmError> {
    const { database, clock } = this.#parts
    if (isBroken(error, 'head_conflict')) return this.#fence(await storedHead(database))
    if (isBroken(error, 'swarm_journal.id') || isBroken(error, 'duplicate_id'))
      return duplicateJournalId(database.name, (await findDuplicateId(database, batch.journal ?? [])) ?? 'of the batch')
    if (isBroken(error, 'revision_conflict')) {
      const conflict = await findRevisionConflict(database, batch.keyValue ?? [], clock.now())
      if (conflict !== undefined) return conflict
    }
    if (isBroken(error, 'archive_conflict') && batch.archive !== undefined)
      return archiveConflict(database.name, batch.archive, `entry ${batch.archive.to} is another one, or not live`)
    if (isBroken(error, 'swarm_journal.sequence'))
      return storageCorrupt(database.name, `the journal holds entries beyond its head`, {
        table: 'swarm_journal',
        sequence: this.#head.journal.sequence + 1,
      })
    return storageError(error, database.name, 'commit')
  }

  /** Returns when the commit took effect though its answer was lost; else throws what is known of it. */
  async #lookAfter(error: unknown, next: StoredHead): Promise<void> {
    const { database } = this.#parts
    const stored = await storedHead(database).catch(() => undefined)
    if (stored?.token === next.token) return
    this.#unanswered = [...this.#unanswered.slice(1 - mostUnanswered), next]
    throw storageError(error, database.name, 'commit')
  }

  /** Finds out, before the next commit, what became of the one that was not answered. */
  async #settle(): Promise<void> {
    const stored = await storedHead(this.#parts.database)
    // Not there yet: it may still arrive, and then the fence of the next commit finds it.
    if (stored.token === this.#head.token) return
    this.#fence(stored)
  }

  /** Says why the stored commit is not the remembered one: it is an unanswered one, which is remembered now, or another writer's. */
  #fence(stored: StoredHead): SwarmError {
    const { name } = this.#parts.database
    const late = this.#unanswered.find(({ token }) => token === stored.token)
    if (late !== undefined) {
      this.#remember(late)
      return conflict(
        name,
        stored,
        'a commit of this storage that was not answered has taken effect since; read the head',
      )
    }
    this.#fenced = conflict(
      name,
      stored,
      'another writer has committed since this storage was opened; stop one of the two and open again',
    )
    return this.#fenced
  }
}

function conflict(place: string, { journal }: StoredHead, why: string): SwarmError {
  return new SwarmError({
    code: 'JOURNAL_CONFLICT',
    message: `${place}: ${why} (the journal ends at entry ${journal.sequence}); nothing was written`,
    context: { place, sequence: journal.sequence },
  })
}
