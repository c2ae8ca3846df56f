import type { ClockAndTimers } from '@tradeswarm/core'
import type { Broker, BrokerDefinition, OrderRequest, PermittedOrder } from '@tradeswarm/trading'
import type { SimulatedLine } from '../../simulator/line/simulated-line.js'
import type { LinkOptions, VenueEnd, VenueLink } from '../../simulator/venue-end.js'

/** What an adapter reaches the simulated venue with: options as `transport` of the adapters takes them. */
export type SimulatedTransport = Pick<SimulatedLine, 'fetch' | 'connect'> & { readonly clock: ClockAndTimers }

/** How an adapter waits where a day lasts a minute: as its defaults, but several times faster. */
export const simulatedPatience = { heartbeatMs: 2_500, outcomeWaitsMs: [50, 100, 200, 400, 800] } as const

export type LinkParts = {
  readonly mode: Broker['mode']
  /** What was permitted, by client order id. */
  readonly requests: Map<string, OrderRequest>
  readonly lineOf: (options: LinkOptions) => SimulatedLine
  readonly define: (transport: SimulatedTransport) => BrokerDefinition
}

/** Connects lives to a fake, each with an adapter and a line of its own. */
export function linkTo({ mode, requests, lineOf, define }: LinkParts): VenueEnd['link'] {
  return (options): VenueLink => {
    const line = lineOf(options)
    const { clock, timers, onCancelSent, onBalances } = options
    const transport = {
      fetch: line.fetch,
      connect: line.connect,
      clock: { now: clock.now, elapsed: () => clock.now(), at: timers.at },
    }
    return {
      mode,
      async open(context) {
        const guard = {
          consume(order: PermittedOrder): void {
            context.guard.consume(order)
            requests.set(order.request.clientOrderId, order.request)
          },
        }
        const broker = await define(transport).open({ ...context, guard })
        return told(broker, onCancelSent, onBalances)
      },
      hear: () => undefined,
      restored: line.restored,
      end: line.end,
    }
  }
}

/** A broker that says when it is asked for cancels and balances. */
function told(broker: Broker, onCancelSent: (id: string) => void, onBalances: () => void): Broker {
  return new Proxy(broker, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (name === 'cancel')
        return (id: string) => {
          onCancelSent(id)
          return target.cancel(id)
        }
      if (name === 'balances')
        return async () => {
          const balances = await target.balances()
          onBalances()
          return balances
        }
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
