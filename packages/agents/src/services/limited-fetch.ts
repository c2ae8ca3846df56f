import type { OutboundLimiter } from '@tradeswarm/core'

export type LimitedFetchOptions = {
  readonly fetch: typeof fetch
  /** Of whoever shares it, all requests count together. */
  readonly limiter: OutboundLimiter
  /** Aborted when nothing is to go out any more. */
  readonly stopped: AbortSignal
}

/**
 * A fetch whose requests take turns. One that is aborted while it waits, by its own signal or by `stopped`, is never sent; one that was sent
 * keeps its place until its answer begins. Rejects with what `fetch` does, `ABORTED` or `OUTBOUND_FULL`.
 */
export function createLimitedFetch({ fetch, limiter, stopped }: LimitedFetchOptions): typeof globalThis.fetch {
  return (input, init) => {
    const own = init?.signal ?? (input instanceof Request ? input.signal : undefined)
    return limiter.execute(() => {
      // Whoever has a signal of its own waits by that one.
      stopped.throwIfAborted()
      return fetch(input, init)
    }, own ?? stopped)
  }
}
