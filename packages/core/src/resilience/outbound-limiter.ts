import PQueue from 'p-queue'
import { SwarmError } from '../errors/swarm-error.js'
import type { Priority } from '../time/clock.js'
import { abortedError, type CallScope } from './call-scope.js'
import { assertInRange, assertWhole, invalidOption } from './check-option.js'
import { NestablePolicy, type ScopedFunction } from './nestable-policy.js'
import type { Policy } from './policy.js'

export type OutboundLimiterOptions = {
  /** So many calls run at once, 1 to 10,000. */
  readonly concurrency: number
  /** So many calls begin in any `intervalMs`, 1 to 1,000,000; default: any number. Counted on the machine's clock. */
  readonly intervalCap?: number
  /** 1 to 86,400,000; to be given with `intervalCap`. */
  readonly intervalMs?: number
  /** So many more wait, 1 to 1,000,000; default 1,000. Whoever comes then is refused with `OUTBOUND_FULL` (retryable). */
  readonly maximumWaiting?: number
}

/** Limits what goes out to sources and brokers. By itself it is for calls of normal priority. */
export type OutboundLimiter = Policy & {
  readonly running: number
  readonly waiting: number
  /** The same limiter for calls of another priority: a higher one goes first, equal ones in order of arrival. */
  priority(priority: Priority): Policy
}

const ranks: Readonly<Record<Priority, number>> = { critical: 3, high: 2, normal: 1, low: 0 }

/**
 * A p-queue as a policy. A call that is aborted while it waits leaves the queue; one that runs keeps its place until it ends,
 * so that there are never more than `concurrency`. Throws `INVALID_OPTION`.
 */
export function createOutboundLimiter(options: OutboundLimiterOptions): OutboundLimiter {
  const { concurrency, intervalCap, intervalMs, maximumWaiting = 1_000 } = options
  const owner = 'an outbound limiter'
  assertWhole(owner, 'concurrency', concurrency, 1, 10_000)
  assertWhole(owner, 'maximumWaiting', maximumWaiting, 1, 1_000_000)
  if (intervalCap !== undefined) assertWhole(owner, 'intervalCap', intervalCap, 1, 1_000_000)
  if (intervalMs !== undefined) assertInRange(owner, 'intervalMs', intervalMs, 1, 86_400_000)
  if ((intervalCap === undefined) !== (intervalMs === undefined))
    throw invalidOption(owner, 'intervalMs', intervalMs, 'given exactly when intervalCap is')
  const queue =
    intervalCap === undefined || intervalMs === undefined
      ? new PQueue({ concurrency })
      : new PQueue({ concurrency, intervalCap, interval: intervalMs, strict: true })
  return new QueuedPolicy(queue, maximumWaiting, 'normal')
}

class QueuedPolicy extends NestablePolicy implements OutboundLimiter {
  readonly #queue: PQueue
  readonly #maximumWaiting: number
  readonly #priority: Priority

  constructor(queue: PQueue, maximumWaiting: number, priority: Priority) {
    super()
    this.#queue = queue
    this.#maximumWaiting = maximumWaiting
    this.#priority = priority
  }

  get running(): number {
    return this.#queue.pending
  }

  get waiting(): number {
    return this.#queue.size
  }

  priority(priority: Priority): Policy {
    return new QueuedPolicy(this.#queue, this.#maximumWaiting, priority)
  }

  async run<Result>(fn: ScopedFunction<Result>, scope: CallScope): Promise<Result> {
    const queue = this.#queue
    if (queue.size >= this.#maximumWaiting) throw this.#full()
    const priority = ranks[this.#priority]
    const signal = scope.listenable
    if (signal === undefined) return queue.add(async () => fn(scope), { priority })
    if (signal.aborted) throw abortedError(signal)
    // The queue hears of an abort only while the call waits: told of a later one, it would give the place of a call that still runs to another.
    const waiting = new AbortController()
    const onAbort = (): void => {
      signal.removeEventListener('abort', onAbort)
      waiting.abort(abortedError(signal))
    }
    signal.addEventListener('abort', onAbort)
    return queue.add(
      async () => {
        signal.removeEventListener('abort', onAbort)
        return fn(scope)
      },
      { priority, signal: waiting.signal },
    )
  }

  #full(): SwarmError {
    return new SwarmError({
      code: 'OUTBOUND_FULL',
      message: `a call was not sent out: ${this.#queue.pending} run and ${this.#queue.size} wait already`,
      retryability: 'retryable',
      context: { running: this.#queue.pending, waiting: this.#queue.size },
    })
  }
}
