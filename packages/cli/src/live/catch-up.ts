import { MarketBar, PostReceived } from '@tradeswarm/agents'
import { messageIn, type RunTally } from '@tradeswarm/backtest'
import { type EpochMs, type Service, type ServiceHost, type Storage, SwarmError } from '@tradeswarm/core'
import type { BarEvent, SessionDate } from '@tradeswarm/trading'

/** How far the agents of a run have been told, by its journal. */
export type LastInputs = {
  /** The last bar of each symbol. */
  readonly bars: ReadonlyMap<string, SessionDate>
  readonly postAt: EpochMs | undefined
  /** How many messages of each topic the journal holds. */
  readonly tally: RunTally
}

export async function readLastInputs(storage: Storage): Promise<LastInputs> {
  const bars = new Map<string, SessionDate>()
  const tally = new Map<string, number>()
  let postAt: EpochMs | undefined
  for await (const entry of storage.journal.read({ kinds: ['message'], unverified: true })) {
    const message = messageIn(entry)
    if (message !== undefined) tally.set(message.topic, (tally.get(message.topic) ?? 0) + 1)
    if (message?.topic === MarketBar.name) {
      const { symbol, sessionDate } = message.payload as BarEvent
      bars.set(symbol, sessionDate)
    }
    if (message?.topic === PostReceived.name) {
      const { at } = message.payload as { readonly at: EpochMs }
      postAt = Math.max(at, postAt ?? at)
    }
  }
  return { bars, postAt, tally }
}

const barsAtOnce = 500

/** Tells agents of sessions that they were not there for. */
export type CatchUp = { readonly service: Service; tell(bars: readonly BarEvent[]): Promise<void> }

/** The service must be among those of the swarm, which must run when it is to tell. */
export function createCatchUp(): CatchUp {
  let host: ServiceHost | undefined
  return {
    service: {
      name: 'catch-up',
      publishes: [MarketBar],
      async start(given) {
        host = given
      },
      async stop() {
        host = undefined
      },
    },
    async tell(bars) {
      const running = host
      if (running === undefined)
        throw new SwarmError({ code: 'NOT_RUNNING', message: 'catch-up: the swarm does not run' })
      // In order, and made durable together: one by one a year of many symbols would take minutes.
      for (let next = 0; next < bars.length; next += barsAtOnce) {
        const some = bars.slice(next, next + barsAtOnce)
        await Promise.all(some.map((bar) => running.publish(MarketBar, bar)))
      }
    },
  }
}
