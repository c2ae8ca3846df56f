import { type Clock, type Logger, messageOf, type Timers } from '@tradeswarm/core'
import type { MarketEvent, TradingKernel } from '@tradeswarm/trading'

/** An account that is not done with an event after so long holds up the others no longer. */
const patienceMs = 250
/** Behind so many events, an account hears of trades, too, only the last of each symbol. */
const mostTrades = 1_000

type Kernel = Pick<TradingKernel, 'settled' | 'onMarket'>

/** Tells accounts of the market side by side: none that is slow, or fails, keeps another from its prices. */
export type MarketLanes = {
  /** Rejects with what the first account that was waited for throws; what others throw is logged. */
  take(event: MarketEvent): Promise<void>
}

/**
 * Lanes in virtual time, where nothing hangs: all accounts are waited for. `kernels` may grow.
 */
export function createMarketLanes(kernels: ReadonlyMap<string, Kernel>): MarketLanes {
  return {
    async take(event) {
      throwFirst(await Promise.allSettled([...kernels.values()].map((kernel) => tell(kernel, event))))
    },
  }
}

/**
 * Lanes in real time: an account is waited for a moment only, and what it was too busy to take waits for it, in order. Quotes conflate, and
 * trades in a flood; nothing else is left out.
 */
export function createBoundedLanes(
  kernels: ReadonlyMap<string, Kernel>,
  options: { readonly logger: Logger; readonly timers: Clock & Pick<Timers, 'at'> },
): MarketLanes {
  const { logger, timers } = options
  const lanes = [...kernels].map(([account, kernel]) => {
    const failed = (thrown: unknown): void =>
      logger.error('an account failed to take an event of the market', { account, error: messageOf(thrown) })
    return { lane: new MarketLane(kernel, failed), failed }
  })
  return {
    async take(event) {
      let isWaitedFor = true
      const taken = lanes.map(async ({ lane, failed }) => {
        try {
          await lane.take(event)
        } catch (thrown) {
          if (isWaitedFor) throw thrown
          failed(thrown)
        }
      })
      const outcomes = await withPatience(timers, Promise.allSettled(taken))
      isWaitedFor = false
      throwFirst(outcomes ?? [])
    },
  }
}

/** The market events of one account, one at a time and in order. */
class MarketLane {
  readonly #kernel: Kernel
  readonly #failed: (thrown: unknown) => void
  /** By what takes whose place: quotes by symbol, everything else by itself. */
  readonly #waiting = new Map<string, MarketEvent>()
  #events = 0
  #isBusy = false

  constructor(kernel: Kernel, failed: (thrown: unknown) => void) {
    this.#kernel = kernel
    this.#failed = failed
  }

  /** Resolves when the event was taken; nothing where others have to be taken before it. Rejects with what taking it throws. */
  take(event: MarketEvent): Promise<void> | undefined {
    if (!this.#isBusy) return this.#run(event)
    const key = this.#keyOf(event)
    // To the end, so that what waits stays in order of time.
    this.#waiting.delete(key)
    this.#waiting.set(key, event)
    return undefined
  }

  #keyOf(event: MarketEvent): string {
    if (event.type === 'quote' || (event.type === 'trade' && this.#waiting.size >= mostTrades))
      return `${event.type} ${event.symbol}`
    this.#events += 1
    return String(this.#events)
  }

  async #run(event: MarketEvent): Promise<void> {
    this.#isBusy = true
    try {
      await tell(this.#kernel, event)
    } finally {
      void this.#catchUp()
    }
  }

  async #catchUp(): Promise<void> {
    for (const [key, event] of this.#waiting) {
      this.#waiting.delete(key)
      try {
        await tell(this.#kernel, event)
      } catch (thrown) {
        this.#failed(thrown)
      }
    }
    this.#isBusy = false
  }
}

/** After the broker's word about it: one that matches by itself fills first, and its fills are in the books before the event is marked. */
async function tell(kernel: Kernel, event: MarketEvent): Promise<void> {
  await kernel.settled()
  await kernel.onMarket(event)
}

function throwFirst(outcomes: readonly PromiseSettledResult<unknown>[]): void {
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

/** What work comes to, or undefined where it takes too long. */
function withPatience<T>(timers: Clock & Pick<Timers, 'at'>, work: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve) => {
    const cancel = timers.at(timers.now() + patienceMs, () => resolve(undefined))
    void work.then((value) => {
      cancel()
      resolve(value)
    })
  })
}
