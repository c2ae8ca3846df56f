/** A restart that counts against an intensity. */
export type CountedRestart = {
  /** When it began to start its children; infinite before that, negatively so when it never will. */
  beganMs: number
}

/** The restarts of the last so many milliseconds. Those that were decided but have not begun count as well. */
export class RestartWindow {
  #restarts: CountedRestart[] = []

  /** How many count at this time. Those of before are forgotten. */
  count(nowMs: number, perMs: number): number {
    if (this.#restarts.length > 0) this.#restarts = this.#restarts.filter(({ beganMs }) => beganMs > nowMs - perMs)
    return this.#restarts.length
  }

  add(): CountedRestart {
    const restart = { beganMs: Number.POSITIVE_INFINITY }
    this.#restarts.push(restart)
    return restart
  }
}
