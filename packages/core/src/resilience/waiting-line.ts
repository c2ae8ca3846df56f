import type { SwarmError } from '../errors/swarm-error.js'
import type { Deadline, Deadlines } from '../time/deadlines.js'
import { abortedError } from './call-scope.js'

export type WaitingLineOptions = {
  readonly deadlines: Deadlines
  /** Undefined: as long as it takes. */
  readonly maximumWaitMs: number | undefined
  /** What who has waited that long is refused with. */
  readonly waitedTooLong: () => SwarmError
  /** Called when somebody has left without having been let in. */
  readonly onLeft?: () => void
}

/** Calls that wait for their turn, first come, first served; each leaves by itself when it is aborted or its time is up. */
export class WaitingLine {
  readonly #options: WaitingLineOptions
  #first: Waiter | undefined
  #last: Waiter | undefined
  #length = 0

  constructor(options: WaitingLineOptions) {
    this.#options = options
  }

  get length(): number {
    return this.#length
  }

  /** Resolves when let in; rejects with `ABORTED` or with what `waitedTooLong` makes. How many may wait is for the caller to check. */
  join(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(abortedError(signal))
      const waiter = new Waiter(this, signal, resolve, reject)
      waiter.previous = this.#last
      if (this.#last === undefined) this.#first = waiter
      else this.#last.next = waiter
      this.#last = waiter
      this.#length += 1
      signal?.addEventListener('abort', waiter)
      const { deadlines, maximumWaitMs, waitedTooLong } = this.#options
      if (maximumWaitMs !== undefined)
        waiter.deadline = deadlines.set(maximumWaitMs, () => this.refuse(waiter, waitedTooLong()))
    })
  }

  /** Lets in who has waited longest; false when nobody waits. */
  admitFirst(): boolean {
    const waiter = this.#first
    if (waiter === undefined) return false
    this.#remove(waiter)
    waiter.resolve()
    return true
  }

  refuse(waiter: Waiter, error: SwarmError): void {
    this.#remove(waiter)
    waiter.reject(error)
    this.#options.onLeft?.()
  }

  #remove(waiter: Waiter): void {
    if (waiter.previous === undefined) this.#first = waiter.next
    else waiter.previous.next = waiter.next
    if (waiter.next === undefined) this.#last = waiter.previous
    else waiter.next.previous = waiter.previous
    this.#length -= 1
    waiter.signal?.removeEventListener('abort', waiter)
    waiter.deadline?.clear()
  }
}

/** One call in the line; listens to its signal itself. */
class Waiter {
  readonly #line: WaitingLine
  readonly signal: AbortSignal | undefined
  readonly resolve: () => void
  readonly reject: (error: SwarmError) => void
  deadline: Deadline | undefined
  previous: Waiter | undefined
  next: Waiter | undefined

  constructor(
    line: WaitingLine,
    signal: AbortSignal | undefined,
    resolve: () => void,
    reject: (error: SwarmError) => void,
  ) {
    this.#line = line
    this.signal = signal
    this.resolve = resolve
    this.reject = reject
    this.deadline = undefined
    this.previous = undefined
    this.next = undefined
  }

  handleEvent(): void {
    if (this.signal !== undefined) this.#line.refuse(this, abortedError(this.signal))
  }
}
