import { type SharedCall, startSharedCall } from './shared-call.js'

/** Calls that are under way, by what they ask. */
export type SingleFlight = {
  /** The call of this key that is under way, if there is one. */
  find<T>(key: string): SharedCall<T> | undefined
  /**
   * Starts a call, and lets others join it until `over` settles. With too many under way it is made alone, and nobody joins.
   */
  start<T>(key: string, call: (signal: AbortSignal) => Promise<T>, over: (value: T) => Promise<unknown>): SharedCall<T>
}

/** At most `maximumCalls` are shared at once. A call that fails is forgotten at once: the next one tries anew. */
export function createSingleFlight(maximumCalls: number): SingleFlight {
  const underWay = new Map<string, SharedCall<unknown>>()
  return {
    find: <T>(key: string) => underWay.get(key) as SharedCall<T> | undefined,
    start(key, call, over) {
      const forget = (): void => {
        if (underWay.get(key) === shared) underWay.delete(key)
      }
      const shared = startSharedCall(call, forget)
      if (underWay.size >= maximumCalls) return shared
      underWay.set(key, shared)
      shared.value.then(over).then(forget, forget)
      return shared
    },
  }
}
