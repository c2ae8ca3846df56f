import type { HandlerRun } from './handler-run.js'

/**
 * The handlers of one agent that wait for something, in the order in which they began to. Links and no set: each table that a set has
 * outgrown names the next one, and the collector, once it has moved one aside, keeps all that follow, with the messages of their handlers.
 */
export class WaitingRuns {
  size = 0
  #first: HandlerRun | undefined
  #last: HandlerRun | undefined

  /** Does nothing for one that is there. */
  add(run: HandlerRun): void {
    if (run.isWaiting) return
    run.isWaiting = true
    run.previousWaiting = this.#last
    if (this.#last === undefined) this.#first = run
    else this.#last.nextWaiting = run
    this.#last = run
    this.size += 1
  }

  /** Does nothing for one that is not there. */
  remove(run: HandlerRun): void {
    if (!run.isWaiting) return
    const { previousWaiting, nextWaiting } = run
    if (previousWaiting === undefined) this.#first = nextWaiting
    else previousWaiting.nextWaiting = nextWaiting
    if (nextWaiting === undefined) this.#last = previousWaiting
    else nextWaiting.previousWaiting = previousWaiting
    run.isWaiting = false
    run.previousWaiting = undefined
    run.nextWaiting = undefined
    this.size -= 1
  }

  /** As they are at the moment. */
  all(): readonly HandlerRun[] {
    const runs: HandlerRun[] = []
    for (let run = this.#first; run !== undefined; run = run.nextWaiting) runs.push(run)
    return runs
  }
}
