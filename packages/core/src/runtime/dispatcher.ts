import { SwarmError } from '../errors/swarm-error.js'
import type { ClockAndTimers, EpochMs, Priority } from '../time/clock.js'

/** One thing to be handled by one owner. */
export type DispatchTask = {
  readonly owner: string
  /** Tasks of one owner and key run one after the other. */
  readonly key: string
  readonly priority: Priority
  /** True for a task that was begun and must be done again: it goes before what waits with the same priority, and is never refused. */
  readonly again?: boolean
  /** Must not reject. */
  run(): Promise<void>
}

/** Decides when each task runs. Virtual time runs one at a time in a fixed order; real time runs keys in parallel. */
export type Dispatcher = ClockAndTimers & {
  /** True when a step of virtual time ends with `onInstantEnd`, false when each commit stands alone. */
  readonly virtual: boolean
  /** Throws `MAILBOX_FULL` when the owner has 100,000 tasks waiting. */
  enqueue(task: DispatchTask): void
  /** Tasks of a paused owner wait. */
  pause(owner: string): void
  resume(owner: string): void
  /** Drops the waiting tasks of an owner that is gone. */
  discard(owner: string): void
  depth(owner: string): number
  /** Resolves when nothing that can run is waiting or running, of one owner or of all; timers that lie ahead do not count. */
  idle(owner?: string): Promise<void>
}

/** More waiting messages than this are refused: the publisher is told with `MAILBOX_FULL`. */
export const maximumMailboxDepth = 100_000

/** So many tasks of one owner run side by side in real time; the rest wait. Critical ones do not count and do not wait. */
export const maximumParallelTasks = 100

export const priorityRank: Readonly<Record<Priority, number>> = { critical: 0, high: 1, normal: 2, low: 3 }

export type InstantEnd = (time: EpochMs) => Promise<void>

export function mailboxFull(owner: string): SwarmError {
  return new SwarmError({
    code: 'MAILBOX_FULL',
    message: `agent ${owner} has ${maximumMailboxDepth} messages waiting: it is paused or too slow; resume it, add replicas or publish less`,
    retryability: 'retryable',
    context: { owner, maximumMailboxDepth },
  })
}

/** The time itself. Throws `INVALID_TIME` unless it is finite: NaN would break the order of the queue, infinity the clock. */
export function assertTime(time: EpochMs): EpochMs {
  if (Number.isFinite(time)) return time
  throw new SwarmError({ code: 'INVALID_TIME', message: `a timer was set for ${time}: give it epoch milliseconds` })
}
