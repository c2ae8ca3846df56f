import type { Fifo } from '../collections/fifo.js'
import { SwarmError } from '../errors/swarm-error.js'
import type { ClockAndTimers, EpochMs, Priority } from '../time/clock.js'

/** A row of tasks that run one after the other. Made by whoever enqueues; the dispatcher keeps its notes in it. */
export class Lane {
  /** True while a task of the lane runs or is about to. */
  busy = false
  waiting: Fifo<DispatchTask> | undefined
}

/** One thing to be handled by one owner. */
export type DispatchTask = {
  readonly owner: string
  /** Tasks of one lane run one after the other. */
  readonly lane: Lane
  readonly priority: Priority
  /** True for a task that was begun and must be done again: it goes before what waits with the same priority, and is never refused. */
  readonly again?: boolean
  /** Returns nothing when it is done already. Must neither throw nor reject. */
  run(): Promise<void> | void
}

/** What waits for one owner. */
export type Mailbox = {
  /** How many tasks wait; those that run do not count. */
  readonly depth: number
  /** As {@link Dispatcher.enqueue}, for a task of this owner. */
  enqueue(task: DispatchTask): void
}

/** Decides when each task runs. Virtual time runs one at a time in a fixed order; real time runs lanes in parallel. */
export type Dispatcher = ClockAndTimers & {
  /** True when a step of virtual time ends with `onInstantEnd`, false when each commit stands alone. */
  readonly virtual: boolean
  /** Throws `MAILBOX_FULL` when the owner has 100,000 tasks waiting. */
  enqueue(task: DispatchTask): void
  /** The mailbox of an owner, for whoever asks often. */
  mailbox(owner: string): Mailbox
  /** Forgets a task that waits, the first of its lane: its turn will pass without it. */
  drop(task: DispatchTask): void
  /** Tasks of a paused owner wait. */
  pause(owner: string): void
  resume(owner: string): void
  /** Drops the waiting tasks of an owner that is gone; returns them in the order in which they would have run. */
  discard(owner: string): readonly DispatchTask[]
  depth(owner: string): number
  /** Resolves when nothing that can run is waiting or running, of one owner or of all; timers that lie ahead do not count. */
  idle(owner?: string): Promise<void>
}

/** More waiting messages than this are refused: the publisher is told with `MAILBOX_FULL`. */
export const maximumMailboxDepth = 100_000

/** So many tasks of one owner run side by side in real time; the rest wait. Critical ones do not count and do not wait. */
export const maximumParallelTasks = 100

export const priorityRank: Readonly<Record<Priority, 0 | 1 | 2 | 3>> = { critical: 0, high: 1, normal: 2, low: 3 }

export type InstantEnd = (time: EpochMs) => Promise<void>

export function mailboxFull(owner: string, capacity: number = maximumMailboxDepth): SwarmError {
  return new SwarmError({
    code: 'MAILBOX_FULL',
    message: `agent ${owner} has ${capacity} messages waiting: it is paused or too slow; resume it, add replicas or publish less`,
    retryability: 'retryable',
    context: { owner, maximumMailboxDepth: capacity },
  })
}

/** The time itself. Throws `INVALID_TIME` unless it is finite: NaN would break the order of the queue, infinity the clock. */
export function assertTime(time: EpochMs): EpochMs {
  if (Number.isFinite(time)) return time
  throw new SwarmError({ code: 'INVALID_TIME', message: `a timer was set for ${time}: give it epoch milliseconds` })
}
