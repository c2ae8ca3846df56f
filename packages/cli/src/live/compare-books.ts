import {
  createSilentLogger,
  createSystemClock,
  createSystemIds,
  createSystemRandom,
  type Storage,
  SwarmError,
} from '@tradeswarm/core'
import {
  type Broker,
  type BrokerDefinition,
  balanceAgrees,
  decimal,
  decimalText,
  type OrderStatus,
  type PortfolioView,
  reduceOrder,
  type VenueOrder,
  zero,
} from '@tradeswarm/trading'
import { type AssessedOrder, type OrderHappening, readRecords } from '../runs/run-records.js'

/** What the books say and what the venue says, side by side. */
export type BooksComparison = {
  readonly agree: boolean
  /** One sentence for each difference. */
  readonly differences: readonly string[]
  readonly balances: number
  readonly openOrders: number
  readonly executions: number
}

/** Opens an account to look at it: nothing can be sent. */
export function openToLook(definition: BrokerDefinition): Promise<Broker> {
  return definition.open({
    clock: createSystemClock(),
    ids: createSystemIds(),
    random: createSystemRandom(),
    logger: createSilentLogger(),
    feed: { name: 'none', subscribe: () => () => undefined },
    guard: {
      consume() {
        throw new SwarmError({ code: 'PERMIT_FORGED', message: 'this account was opened to look at it only' })
      },
    },
  })
}

export type ComparisonOptions = {
  readonly broker: Broker
  readonly portfolio: PortfolioView
  /** The run, as far as it is durable. */
  readonly storage: Storage
  /** Executions before this instant, by the venue's clock, are not looked at. */
  readonly since: number
  /** Nobody else trades on the account: what the journal does not hold is a difference. */
  readonly isAlone: boolean
}

/** Compares cash, positions, open orders and executions with what the venue answers now. */
export async function compareBooks(options: ComparisonOptions): Promise<BooksComparison> {
  const { broker, portfolio, storage, since, isAlone } = options
  const [ours, balances, open, executions] = await Promise.all([
    readOrders(storage, since),
    broker.balances(),
    broker.openOrders(),
    broker.executions?.(since) ?? [],
  ])
  const mine = executions.filter(({ clientOrderId }) => isAlone || ours.ids.has(clientOrderId))
  const told = new Set(mine.map(({ execution }) => execution.tradeId))
  const differences = [
    ...balanceDifferences(broker, portfolio, balances, isAlone),
    ...orderDifferences(ours, open, isAlone),
    ...[...told]
      .filter((id) => !ours.trades.has(id))
      .map((id) => `the venue tells of execution ${id}, the books do not`),
    ...[...ours.trades].filter((id) => !told.has(id)).map((id) => `the books hold execution ${id}, the venue does not`),
  ]
  return {
    agree: differences.length === 0,
    differences,
    balances: balances.length,
    openOrders: open.length,
    executions: mine.length,
  }
}

type OwnOrders = {
  /** Every client order id that the journal holds. */
  readonly ids: ReadonlySet<string>
  /** The ids of each order that is open by the journal, its amendments included. */
  readonly open: readonly ReadonlySet<string>[]
  readonly trades: ReadonlySet<string>
}

/** Those in which an order was sent and has not ended. */
const openStatuses: ReadonlySet<OrderStatus> = new Set<OrderStatus>([
  'submitted',
  'accepted',
  'triggered',
  'partially-filled',
  'pending-cancel',
  'pending-replace',
  'unknown',
])

async function readOrders(storage: Storage, since: number): Promise<OwnOrders> {
  const orders = new Map<string, { readonly order: AssessedOrder; readonly happenings: OrderHappening[] }>()
  const trades = new Set<string>()
  for await (const record of readRecords(storage, ['risk', 'order', 'ledger'])) {
    if (record.kind === 'assessed') orders.set(record.order.header.orderId, { order: record.order, happenings: [] })
    if (record.kind !== 'happened') continue
    const { event, orderId } = record.happening
    orders.get(orderId)?.happenings.push(record.happening)
    if (event.type === 'filled' && event.time >= since) trades.add(event.execution.tradeId)
  }
  const ids = new Set<string>()
  const open: ReadonlySet<string>[] = []
  for (const { order, happenings } of orders.values()) {
    if (order.verdict.permit === undefined) continue
    const own = new Set([order.header.request.clientOrderId])
    for (const { event } of happenings) if (event.type === 'amend-requested') own.add(event.by)
    for (const id of own) ids.add(id)
    const { status } = reduceOrder(
      order.header.request.quantity,
      happenings.map(({ event }) => event),
    )
    if (openStatuses.has(status)) open.push(own)
  }
  return { ids, open, trades }
}

function balanceDifferences(
  broker: Broker,
  portfolio: PortfolioView,
  balances: Awaited<ReturnType<Broker['balances']>>,
  isAlone: boolean,
): readonly string[] {
  const books = new Map(Object.entries(portfolio.cash).map(([currency, { total }]) => [currency, decimal(total)]))
  for (const { symbol, quantity } of portfolio.positions) {
    const asset = broker.instrument(symbol)?.asset ?? symbol
    books.set(asset, (books.get(asset) ?? zero).plus(decimal(quantity)))
  }
  const venue = new Map(balances.map(({ asset, total }) => [asset, decimal(total)]))
  const assets = isAlone ? new Set([...books.keys(), ...venue.keys()]) : new Set(books.keys())
  return [...assets].sort().flatMap((asset) => {
    const [mine, theirs] = [books.get(asset) ?? zero, venue.get(asset) ?? zero]
    if (balanceAgrees(mine, theirs, broker.capabilities?.balancePrecision)) return []
    return [`${asset}: the books hold ${decimalText(mine)}, the venue ${decimalText(theirs)}`]
  })
}

function orderDifferences(ours: OwnOrders, open: readonly VenueOrder[], isAlone: boolean): readonly string[] {
  const there = new Set(open.map(({ clientOrderId }) => clientOrderId))
  const strange = isAlone ? open.filter(({ clientOrderId }) => !ours.ids.has(clientOrderId)) : []
  const expected = new Set(ours.open.flatMap((ids) => [...ids]))
  return [
    ...strange.map(
      ({ clientOrderId }) => `order ${clientOrderId} is open at the venue, and the journal does not hold it`,
    ),
    ...open
      .filter(({ clientOrderId }) => ours.ids.has(clientOrderId) && !expected.has(clientOrderId))
      .map(({ clientOrderId }) => `order ${clientOrderId} is open at the venue and has ended in the books`),
    ...ours.open
      .filter((ids) => ![...ids].some((id) => there.has(id)))
      .map((ids) => `order ${[...ids][0]} is open in the books and not at the venue`),
  ]
}
