import type { Cancel, ClockAndTimers } from './clock.js'

/** One deadline that was set. */
export type Deadline = {
  /** Calls it off; harmless when it has passed. */
  clear(): void
}

/** Told when its deadline has passed. Must not throw. */
export type Expiring = { expire(): void }

/** Many deadlines on few timers of the clock: those of one duration are a list in order of time, so that setting and clearing one is a matter of two links. */
export type Deadlines = {
  /** Tells the target (or calls the function, which must not throw) once `afterMs` have gone by, unless cleared before. */
  set(afterMs: number, target: Expiring | (() => void)): Deadline
  /** Clears all; none can be set any more. */
  close(): void
}

/** When deadlines of more durations than this are kept, those durations of which none is set are forgotten. */
const durationsBeforeSweep = 64

/**
 * Deadlines on a clock. They fall due at their time to the millisecond, as the clock's own timers do, and by the time that has gone by where the
 * clock tells it: setting the machine's clock neither lets all of them pass at once nor holds them up.
 */
export function createDeadlines(clock: ClockAndTimers): Deadlines {
  const lists = new Map<number, DeadlineList>()
  let closed = false
  const elapsed = clock.elapsed === undefined ? () => clock.now() : clock.elapsed.bind(clock)
  return {
    set(afterMs, target) {
      if (closed) return cleared
      let list = lists.get(afterMs)
      if (list === undefined) {
        if (lists.size >= durationsBeforeSweep) sweep(lists)
        list = new DeadlineList(clock, elapsed, afterMs)
        lists.set(afterMs, list)
      }
      return list.add(target)
    },
    close() {
      closed = true
      for (const list of lists.values()) list.close()
      lists.clear()
    },
  }
}

function sweep(lists: Map<number, DeadlineList>): void {
  for (const [afterMs, list] of lists) {
    if (!list.isEmpty) continue
    list.close()
    lists.delete(afterMs)
  }
}

const nothing = (): void => undefined

const cleared: Deadline = { clear: () => undefined }

class Entry implements Deadline {
  /** On the clock that never goes back. */
  readonly time: number
  target: Expiring | (() => void)
  list: DeadlineList | undefined
  previous: Entry | undefined
  next: Entry | undefined

  constructor(time: number, target: Expiring | (() => void), list: DeadlineList) {
    this.time = time
    this.target = target
    this.list = list
    this.previous = undefined
    this.next = undefined
  }

  clear(): void {
    this.list?.remove(this)
  }
}

/** The deadlines of one duration; each new one is the last to fall due. */
class DeadlineList {
  readonly #clock: ClockAndTimers
  readonly #elapsed: () => number
  readonly #afterMs: number
  #first: Entry | undefined
  #last: Entry | undefined
  #cancelTimer: Cancel | undefined

  constructor(clock: ClockAndTimers, elapsed: () => number, afterMs: number) {
    this.#clock = clock
    this.#elapsed = elapsed
    this.#afterMs = afterMs
  }

  get isEmpty(): boolean {
    return this.#first === undefined
  }

  add(target: Expiring | (() => void)): Entry {
    const entry = new Entry(this.#elapsed() + this.#afterMs, target, this)
    entry.previous = this.#last
    if (this.#last === undefined) this.#first = entry
    else this.#last.next = entry
    this.#last = entry
    // The timer outlives the deadline that it was set for: what is set and cleared a million times a second needs one.
    if (this.#cancelTimer === undefined) this.#arm(this.#afterMs)
    return entry
  }

  remove(entry: Entry): void {
    if (entry.previous === undefined) this.#first = entry.next
    else entry.previous.next = entry.next
    if (entry.next === undefined) this.#last = entry.previous
    else entry.next.previous = entry.previous
    // Lets go of everything: an old entry that still named its neighbours would keep all that came after it from a quick collection.
    entry.list = undefined
    entry.previous = undefined
    entry.next = undefined
    entry.target = nothing
  }

  close(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    for (let entry = this.#first; entry !== undefined; entry = this.#first) this.remove(entry)
  }

  #arm(waitMs: number): void {
    // Rounded up, for a timer that fires a little early only has to be set again.
    this.#cancelTimer = this.#clock.at(this.#clock.now() + Math.ceil(waitMs), () => this.#fire())
  }

  #fire(): void {
    const now = this.#elapsed()
    try {
      // Until all that is due was called the timer counts as set, as what a callback sets here is the last to fall due, not the next.
      for (let entry = this.#first; entry !== undefined && entry.time <= now; entry = this.#first) {
        const { target } = entry
        this.remove(entry)
        if (typeof target === 'function') target()
        else target.expire()
      }
    } finally {
      this.#cancelTimer = undefined
      if (this.#first !== undefined) this.#arm(this.#first.time - this.#elapsed())
    }
  }
}
