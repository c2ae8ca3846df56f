import type { ClockAndTimers } from '../time/clock.js'

/** The waits between the tries of one agent's messages, which can be cut short. */
export class Naps {
  readonly #timers: ClockAndTimers
  readonly #sleepers = new Map<() => void, string>()

  constructor(timers: ClockAndTimers) {
    this.#timers = timers
  }

  /** The messages that wait for their next try. */
  get messageIds(): readonly string[] {
    return [...this.#sleepers.values()]
  }

  /** Resolves after so long, or when all are woken. */
  nap(messageId: string, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel()
        this.#sleepers.delete(wake)
        resolve()
      }
      const cancel = this.#timers.at(this.#timers.now() + ms, wake)
      this.#sleepers.set(wake, messageId)
    })
  }

  wakeAll(): void {
    for (const wake of this.#sleepers.keys()) wake()
  }
}
