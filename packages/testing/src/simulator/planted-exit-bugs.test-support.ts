import { SwarmError } from '@tradeswarm/core'
import { type Broker, createTradingKernel, type OrderRequest, type PermittedOrder } from '@tradeswarm/trading'
import type { PlantedBug } from './planted-bugs.test-support.js'
import type { SimulationSubject } from './run-scenario.js'

/** The kernel over a broker with other methods. */
function overBroker(change: (broker: Broker) => Partial<Broker>): SimulationSubject {
  return {
    createKernel: ({ definition, ...options }) =>
      createTradingKernel({
        ...options,
        definition: {
          ...definition,
          async open(context) {
            const broker = await definition.open(context)
            return { ...broker, ...change(broker) }
          },
        },
      }),
  }
}

const unanswered = (): SwarmError =>
  new SwarmError({ code: 'TIMEOUT', message: 'no answer', retryability: 'unknown-outcome' })

/** The fifth sending of an exit, and all after it, go nowhere. */
function givingUp(broker: Broker): Partial<Broker> {
  const tries = new Map<string, number>()
  return {
    async place(order) {
      const { clientOrderId, reduceOnly } = order.request
      const tried = (tries.get(clientOrderId) ?? 0) + 1
      tries.set(clientOrderId, tried)
      if (reduceOnly && tried > 4) throw unanswered()
      await broker.place(order)
    },
  }
}

/** What is to be cancelled is not sent again, whether or not it ever arrived. */
function forgettingCancelled(broker: Broker): Partial<Broker> {
  const cancelled = new Set<string>()
  return {
    async place(order) {
      const { clientOrderId, reduceOnly, type } = order.request
      if (reduceOnly && type === 'market' && cancelled.has(clientOrderId)) throw unanswered()
      await broker.place(order)
    },
    async cancel(clientOrderId) {
      cancelled.add(clientOrderId)
      await broker.cancel(clientOrderId)
    },
  }
}

/** An exit for an auction waits for it, whatever else is to be done. */
function insistingOnAuction(broker: Broker): Partial<Broker> {
  const waiting = new Set<string>()
  const isForAuction = ({ reduceOnly, timeInForce }: OrderRequest): boolean =>
    reduceOnly && (timeInForce === 'at-close' || timeInForce === 'at-open')
  return {
    async place(order: PermittedOrder) {
      if (isForAuction(order.request)) waiting.add(order.request.clientOrderId)
      await broker.place(order)
    },
    async cancel(clientOrderId) {
      if (!waiting.has(clientOrderId)) await broker.cancel(clientOrderId)
    },
  }
}

/** Mistakes that leave a position with nothing but an exit that does not come, each to be found though an alert tells of it. */
export const plantedExitBugs: readonly PlantedBug[] = [
  {
    name: 'an exit that is given up after a few tries',
    feature: 'exits',
    foundBy: ['I29', 'I13'],
    subject: overBroker(givingUp),
  },
  {
    name: 'a lost market exit that is not sent again once it was to be cancelled',
    feature: 'exits',
    foundBy: ['I29', 'I13'],
    subject: overBroker(forgettingCancelled),
  },
  {
    name: 'an exit for an auction that stays while the price passes the stop',
    feature: 'exits',
    foundBy: ['I29', 'I13'],
    subject: overBroker(insistingOnAuction),
  },
]
