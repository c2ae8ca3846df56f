import { messageOf } from '@tradeswarm/core'
import type { Broker, BrokerContext, BrokerEvent, VenueMovement } from '@tradeswarm/trading'
import type { VenueSession } from './venue-session.js'

/** Makes a broker adapter on a session with the simulated venue. */
export type SimulatedAdapter = (
  session: VenueSession,
  context: BrokerContext,
  account: string,
) => Broker | Promise<Broker>

/** A gap in the stream that could not be filled is asked for again after so long. */
const askAgainMs = 1_000

/**
 * The adapter that simulations use unless they are given another: it asks the guard before the first byte, and after each gap in
 * the stream, and at its opening, it asks for all that was said meanwhile. It never repeats a request.
 */
export function createSessionBroker(session: VenueSession, { guard, logger }: BrokerContext, account: string): Broker {
  const listeners = new Set<(event: BrokerEvent) => void | Promise<void>>()
  const { capabilities, executions, movements, listenMovements, time, replace } = session
  const movementListeners = new Set<(movement: VenueMovement) => void | Promise<void>>()
  let heard = 0
  let asking = false
  let missed = false
  const deliver = (event: BrokerEvent): void => {
    for (const listener of listeners) void listener(event)
  }
  const fillGap = async (): Promise<void> => {
    missed = asking
    if (asking) return
    asking = true
    try {
      const { events, next } = await session.eventsSince(heard)
      heard = next
      events.forEach(deliver)
    } catch (thrown) {
      logger.warn('the gap in the stream was not filled', { error: messageOf(thrown) })
      session.after(askAgainMs, () => void fillGap())
    } finally {
      asking = false
    }
    if (missed) await fillGap()
  }
  return {
    name: 'simulated',
    account,
    mode: 'demo',
    ...(capabilities === undefined ? {} : { capabilities }),
    instrument: (symbol) => session.instrument(symbol),
    async place(order) {
      guard.consume(order)
      await session.place(order.request)
    },
    cancel: (clientOrderId) => session.cancel(clientOrderId),
    ...(replace === undefined
      ? {}
      : {
          async replace(id, order) {
            guard.consume(order)
            await replace(id, order.request)
          },
        }),
    order: (clientOrderId) => session.order(clientOrderId),
    openOrders: () => session.openOrders(),
    ...(executions === undefined ? {} : { executions }),
    ...(movements === undefined ? {} : { movements }),
    ...(listenMovements === undefined
      ? {}
      : {
          subscribeMovements(listener) {
            if (movementListeners.size === 0)
              listenMovements((movement) => {
                for (const each of movementListeners) void each(movement)
              })
            movementListeners.add(listener)
            return () => movementListeners.delete(listener)
          },
        }),
    ...(time === undefined ? {} : { time }),
    balances: () => session.balances(),
    subscribe(listener) {
      if (listeners.size === 0) {
        session.listen(deliver, () => void fillGap())
        void fillGap()
      }
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async close() {
      session.close()
    },
  }
}
