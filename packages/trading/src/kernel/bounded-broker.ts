import type { Broker } from '../orders/broker.js'
import { AwaitedWords } from './awaited-words.js'
import type { Within } from './within.js'

/**
 * A broker of which each call ends within a limit: a venue that hangs would hold up everything that waits for the kernel. One that takes
 * longer is of unknown outcome (`TIMED_OUT`), and goes on unheard. A placement or an amendment that the venue's stream tells of has ended,
 * answered or not: what was executed of it is to be covered at once.
 */
export function boundedBroker(broker: Broker, within: Within, limitMs: number): Broker {
  const { name, account, mode, capabilities } = broker
  const bounded = <T>(call: string, work: Promise<T>): Promise<T> =>
    within(limitMs, `${call} at ${name}, account ${account},`, work)
  const words = new AwaitedWords()
  return {
    name,
    account,
    mode,
    ...(capabilities === undefined ? {} : { capabilities }),
    instrument: (symbol) => broker.instrument(symbol),
    place: (order) =>
      bounded(
        'place',
        words.order(order.request.clientOrderId, () => broker.place(order)),
      ),
    cancel: (clientOrderId) =>
      bounded(
        'cancel',
        words.cancel(clientOrderId, () => broker.cancel(clientOrderId)),
      ),
    order: (clientOrderId) => bounded('order', broker.order(clientOrderId)),
    openOrders: () => bounded('openOrders', broker.openOrders()),
    balances: () => bounded('balances', broker.balances()),
    subscribe: (listener) =>
      broker.subscribe((event) => {
        words.hear(event)
        return listener(event)
      }),
    close: () => broker.close(),
    ...optionalCalls(broker, bounded, words),
  }
}

type OptionalCalls = Pick<Broker, 'replace' | 'executions' | 'movements' | 'subscribeMovements' | 'time'>

/** What the broker cannot do stays away. */
function optionalCalls(
  broker: Broker,
  bounded: <T>(call: string, work: Promise<T>) => Promise<T>,
  words: AwaitedWords,
): OptionalCalls {
  const { replace, executions, movements, subscribeMovements, time } = broker
  return {
    ...(replace && {
      replace: (id, order) =>
        bounded(
          'replace',
          words.order(order.request.clientOrderId, () => replace.call(broker, id, order)),
        ),
    }),
    ...(executions && { executions: (since) => bounded('executions', executions.call(broker, since)) }),
    ...(movements && { movements: (since) => bounded('movements', movements.call(broker, since)) }),
    ...(subscribeMovements && { subscribeMovements: (listener) => subscribeMovements.call(broker, listener) }),
    ...(time && { time: () => bounded('time', time.call(broker)) }),
  }
}
