import type { Broker } from '../orders/broker.js'
import type { Within } from './within.js'

/**
 * A broker of which each call ends within a limit: a venue that hangs would hold up everything that waits for the kernel. One that takes
 * longer is of unknown outcome (`TIMED_OUT`), and goes on unheard.
 */
export function boundedBroker(broker: Broker, within: Within, limitMs: number): Broker {
  const { name, account, mode, capabilities } = broker
  const bounded = <T>(call: string, work: Promise<T>): Promise<T> =>
    within(limitMs, `${call} at ${name}, account ${account},`, work)
  return {
    name,
    account,
    mode,
    ...(capabilities === undefined ? {} : { capabilities }),
    instrument: (symbol) => broker.instrument(symbol),
    place: (order) => bounded('place', broker.place(order)),
    cancel: (clientOrderId) => bounded('cancel', broker.cancel(clientOrderId)),
    order: (clientOrderId) => bounded('order', broker.order(clientOrderId)),
    openOrders: () => bounded('openOrders', broker.openOrders()),
    balances: () => bounded('balances', broker.balances()),
    subscribe: (listener) => broker.subscribe(listener),
    close: () => broker.close(),
    ...optionalCalls(broker, bounded),
  }
}

type OptionalCalls = Pick<Broker, 'replace' | 'executions' | 'movements' | 'subscribeMovements' | 'time'>

/** What the broker cannot do stays away. */
function optionalCalls(broker: Broker, bounded: <T>(call: string, work: Promise<T>) => Promise<T>): OptionalCalls {
  const { replace, executions, movements, subscribeMovements, time } = broker
  return {
    ...(replace && { replace: (id, order) => bounded('replace', replace.call(broker, id, order)) }),
    ...(executions && { executions: (since) => bounded('executions', executions.call(broker, since)) }),
    ...(movements && { movements: (since) => bounded('movements', movements.call(broker, since)) }),
    ...(subscribeMovements && { subscribeMovements: (listener) => subscribeMovements.call(broker, listener) }),
    ...(time && { time: () => bounded('time', time.call(broker)) }),
  }
}
