import { SwarmError } from '../errors/swarm-error.js'
import type { ClockAndTimers } from '../time/clock.js'
import { createDeadlines, type Deadlines } from '../time/deadlines.js'
import { abortedError } from './call-scope.js'
import { assertInRange, assertWhole } from './check-option.js'
import { tell } from './tell.js'
import { WaitingLine } from './waiting-line.js'

/** What a bulkhead tells its observer. */
export type BulkheadEvent = { readonly type: 'refused'; readonly running: number; readonly waiting: number }

/** Since the bulkhead was made. */
export type BulkheadCounters = { readonly entered: number; readonly refused: number }

export type BulkheadOptions = {
  readonly clock: ClockAndTimers
  /** So many calls run at once, 1 to 1,000,000. */
  readonly concurrency: number
  /** So many more wait, in order of arrival, 0 to 1,000,000; default 0. Whoever comes then is refused. */
  readonly maximumWaiting?: number
  /** Who has waited so long is refused, 1 to 86,400,000; default: none waits only so long. */
  readonly maximumWaitMs?: number
  /** For `maximumWaitMs`. Shared with others, whose owner closes them; default: deadlines of its own. */
  readonly deadlines?: Deadlines
  /** Told of every call that was refused. What it throws is dropped. */
  readonly onEvent?: (event: BulkheadEvent) => void
}

/** The bulkhead by itself, for where a closure for each call is too much: who has entered must leave. */
export class Bulkhead {
  readonly concurrency: number
  readonly #maximumWaiting: number
  readonly #onEvent: ((event: BulkheadEvent) => void) | undefined
  readonly #line: WaitingLine
  readonly #counters = { entered: 0, refused: 0 }
  #running = 0

  /** Throws `INVALID_OPTION`. */
  constructor({ clock, concurrency, maximumWaiting = 0, maximumWaitMs, deadlines, onEvent }: BulkheadOptions) {
    assertWhole('a bulkhead', 'concurrency', concurrency, 1, 1_000_000)
    assertWhole('a bulkhead', 'maximumWaiting', maximumWaiting, 0, 1_000_000)
    if (maximumWaitMs !== undefined) assertInRange('a bulkhead', 'maximumWaitMs', maximumWaitMs, 1, 86_400_000)
    this.concurrency = concurrency
    this.#maximumWaiting = maximumWaiting
    this.#onEvent = onEvent
    this.#line = new WaitingLine({
      deadlines: deadlines ?? createDeadlines(clock),
      maximumWaitMs,
      waitedTooLong: () => this.#refused(`it has waited ${maximumWaitMs} ms for its turn`),
    })
  }

  get running(): number {
    return this.#running
  }

  get waiting(): number {
    return this.#line.length
  }

  get counters(): BulkheadCounters {
    return this.#counters
  }

  /** True when entered: {@link leave} must follow. Overtakes nobody, as nobody waits while there is room. */
  tryEnter(): boolean {
    if (this.#running >= this.concurrency) return false
    this.#running += 1
    this.#counters.entered += 1
    return true
  }

  /** Enters as soon as there is room: {@link leave} must follow. Rejects with `BULKHEAD_FULL` (retryable) or `ABORTED`. */
  enter(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(abortedError(signal))
    if (this.tryEnter()) return Promise.resolve()
    if (this.#line.length >= this.#maximumWaiting)
      return Promise.reject(this.#refused(`${this.#running} run and ${this.waiting} wait already`))
    return this.#line.join(signal)
  }

  /** Hands the place to who has waited longest. Throws `BULKHEAD_NOT_ENTERED` when nobody is in. */
  leave(): void {
    if (this.#running === 0) {
      throw new SwarmError({
        code: 'BULKHEAD_NOT_ENTERED',
        message: 'a bulkhead was left more often than entered: call leave() once for each time that one has entered',
      })
    }
    if (this.#line.admitFirst()) this.#counters.entered += 1
    else this.#running -= 1
  }

  #refused(why: string): SwarmError {
    this.#counters.refused += 1
    tell(this.#onEvent, { type: 'refused', running: this.#running, waiting: this.waiting })
    return new SwarmError({
      code: 'BULKHEAD_FULL',
      message: `a bulkhead refused a call: ${why}`,
      retryability: 'retryable',
      context: { concurrency: this.concurrency, running: this.#running, waiting: this.waiting },
    })
  }
}
