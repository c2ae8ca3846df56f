import type { z } from 'zod'
import type { Ids } from '../ids/ids.js'
import type { Logger } from '../logging/logger.js'
import type { Request } from '../messages/request.js'
import type { PayloadInputOf, Topic } from '../messages/topic.js'
import type { Random } from '../random/random.js'
import type { Journal } from '../storage/journal.js'
import type { KeyValueStore } from '../storage/key-value-store.js'
import type { QueryRecord } from '../storage/query-store.js'
import type { ClockAndTimers } from '../time/clock.js'
import type { MessageOptions } from './bus.js'
import type { JournalDraft } from './journal-draft.js'
import type { RecordedRun } from './recorded-run.js'

/** Which chain a message of a service belongs to. */
export type PublishOptions = MessageOptions & {
  /** The chain it belongs to; a new one by default. */
  readonly correlationId?: string
  readonly causationId?: string
}

/** Who asks a service. */
export type ServiceCall = {
  /** The id of the agent. */
  readonly caller: string
}

/** What the swarm gives to a service. */
export type ServiceHost = {
  readonly clock: ClockAndTimers
  readonly ids: Ids
  readonly random: Random
  readonly logger: Logger
  readonly keyValue: KeyValueStore
  /** What earlier runs on this storage wrote. */
  readonly journal: Pick<Journal, 'read' | 'get'>
  /** Present where a recorded run runs again: what it was answered from outside is to be answered again. */
  readonly recorded?: RecordedRun
  /** Publishes at once; resolves to the message's id when it is durable, if its topic is. */
  publish<T extends Topic>(topic: T, payload: PayloadInputOf<T>, options?: PublishOptions): Promise<string>
  respond<R extends Request>(
    request: R,
    handler: (input: z.output<R['input']>, call: ServiceCall) => z.input<R['output']> | Promise<z.input<R['output']>>,
  ): void
  /** Adds an entry to the journal; its place is final at once. */
  append(draft: JournalDraft): void
  putRecord(collection: string, record: QueryRecord): void
  /** Keeps a text; returns its SHA-256. */
  putBlob(text: string): string
  readBlob(hash: string): Promise<string | undefined>
  /**
   * Writes a key durably, by itself and at once: for latches that must not wait for an instant's end. With `ifRevision` only if the key is still
   * at that revision (0: does not exist); throws `REVISION_CONFLICT` otherwise. Without a value the key is deleted.
   */
  saveNow(key: string, value: string | undefined, options?: { readonly ifRevision?: number }): Promise<void>
  /** Resolves when all appended so far survives a crash; in virtual time at once, as the whole instant commits together. */
  durable(): Promise<void>
}

/**
 * A part of a swarm that is no agent: it starts before every agent, stops after them, is not supervised and
 * cannot be paused. Kernels, market feeds and intakes are services.
 */
export type Service = {
  readonly name: string
  /** The only topics it may publish. They are closed to agents, but for roles that a topic names in its `publishers`. */
  readonly publishes?: readonly Topic[]
  readonly responds?: readonly Request[]
  start(host: ServiceHost): Promise<void>
  stop(): Promise<void>
}
