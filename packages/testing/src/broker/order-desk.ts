import type { Broker, BrokerEvent, Execution, OrderRequest } from '@tradeswarm/trading'
import type { BrokerCapability } from './broker-capability.js'
import type { OpenGuard } from './open-guard.js'

/** The fields of an order that a case cares about; the rest is an order to buy 10 AAA at the market, for the day where there are sessions. */
export type OrderFields = Partial<Omit<OrderRequest, 'account'>>

/** An open account, and all that it said. */
export type OrderDesk = {
  readonly broker: Broker
  /** What its harness says that the broker can do. */
  readonly declared: readonly BrokerCapability[]
  /** And for what is not traded in these cases. */
  readonly elsewhere: readonly BrokerCapability[]
  readonly guard: OpenGuard
  readonly events: readonly BrokerEvent[]
  request(fields?: OrderFields): OrderRequest
  /** Places an order and answers its client order id. */
  place(fields?: OrderFields): Promise<string>
  /** Amends an order and answers the client order id of the revision. */
  amend(clientOrderId: string, fields: OrderFields): Promise<string>
  /** The types of the events about one order, in order. */
  wordsAbout(clientOrderId: string): readonly BrokerEvent['type'][]
  /** All fills of an order. */
  fillsOf(clientOrderId: string): readonly Execution[]
  /** The only fill of an order. */
  fillOf(clientOrderId: string): Execution
  /** What a fill has to say of the market besides its own price: nothing where the broker does not declare `reference-prices`. */
  reference(fields: Partial<Execution>): Partial<Execution>
  rejectionCodeOf(clientOrderId: string): string | undefined
  balance(asset: string): Promise<string>
}

export type OrderDeskParts = Pick<OrderDesk, 'broker' | 'declared' | 'elsewhere' | 'guard'> & {
  readonly account: string
}

/** Listens to an account from now on, and places orders there. */
export function createOrderDesk({ broker, declared, elsewhere, guard, account }: OrderDeskParts): OrderDesk {
  const events: BrokerEvent[] = []
  broker.subscribe((event) => {
    events.push(event)
  })
  let orders = 0
  const desk: OrderDesk = {
    broker,
    declared,
    elsewhere,
    guard,
    events,
    request(fields = {}) {
      orders += 1
      return {
        account,
        clientOrderId: `order${orders}`,
        symbol: 'AAA',
        side: 'buy',
        type: 'market',
        quantity: '10',
        timeInForce: declared.includes('sessions') ? 'day' : 'gtc',
        reduceOnly: false,
        ...fields,
      }
    },
    async place(fields) {
      const request = desk.request(fields)
      await broker.place(guard.permit(request))
      return request.clientOrderId
    },
    async amend(clientOrderId, fields) {
      const request = desk.request(fields)
      await broker.replace?.(clientOrderId, guard.permit(request))
      return request.clientOrderId
    },
    wordsAbout: (id) => events.filter(({ clientOrderId }) => clientOrderId === id).map(({ type }) => type),
    fillsOf: (id) =>
      events.flatMap((event) => (event.type === 'filled' && event.clientOrderId === id ? [event.execution] : [])),
    fillOf(clientOrderId) {
      const fills = desk.fillsOf(clientOrderId)
      const [fill] = fills
      if (fill === undefined || fills.length > 1)
        throw new Error(`${clientOrderId} has ${fills.length} fills instead of 1`)
      return fill
    },
    reference: (fields) => (declared.includes('reference-prices') ? fields : {}),
    rejectionCodeOf: (id) =>
      events.flatMap((event) => (event.type === 'rejected' && event.clientOrderId === id ? [event.code] : []))[0],
    async balance(asset) {
      return (await broker.balances()).find((balance) => balance.asset === asset)?.total ?? '0'
    },
  }
  return desk
}
