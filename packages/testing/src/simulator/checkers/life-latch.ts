/**
 * What must hold in one life by the calls made in it: from when it was asked for until its end was answered as done. An end that was answered as
 * failed has ended nothing.
 */
export type LifeLatch = {
  /** Not while its end is under way: then it may be over. */
  readonly holds: boolean
  /** It holds from here on, whatever ends of it are under way: they were asked for before. */
  hold(): void
  /** It holds, and its turn came before or after those ends that are under way: nobody knows. */
  holdInTurn(): void
  beginEnd(call: object): void
  finishEnd(call: object, failed: boolean): void
}

/** Nothing holds. */
export function createLifeLatch(): LifeLatch {
  let held = false
  const ending = new Set<object>()
  return {
    get holds() {
      return held && ending.size === 0
    },
    hold() {
      held = true
      ending.clear()
    },
    holdInTurn() {
      if (ending.size === 0) held = true
    },
    beginEnd(call) {
      ending.add(call)
    },
    finishEnd(call, failed) {
      if (ending.delete(call) && !failed) held = false
    },
  }
}
