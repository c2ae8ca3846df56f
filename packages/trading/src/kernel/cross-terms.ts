import type { SettlementTerms } from '../instruments/unit-terms.js'
import { type Decimal, decimal, one, zero } from '../money/decimal.js'
import type { OrderHeader, OrderRecord } from '../orders/order-record.js'
import type { OrderRequest } from '../orders/order-request.js'
import { requestInForce } from '../orders/request-in-force.js'
import { isAcknowledged } from './coverage.js'
import { type KernelRuntime, nothingSent, tradingState } from './kernel-runtime.js'

/**
 * What may be crossed: a plain order that would trade when the market reaches it, of units that are paid for in the account's currency. What
 * waits, is tied or worked, or must rest is not; nor is a contract or what settles in another currency, which the books of principals have
 * at a rate and without their margin.
 */
export function canNet(
  terms: Pick<OrderHeader, 'request' | keyof SettlementTerms> & {
    readonly execution: unknown
    readonly contingency: unknown
  },
): boolean {
  if (terms.settlement !== undefined || terms.currency !== undefined || terms.multiplier !== undefined) return false
  const { request, execution, contingency } = terms
  const { type, timeInForce, postOnly, sizedIn } = request
  if (execution !== undefined || contingency !== undefined) return false
  if (postOnly !== undefined || sizedIn !== undefined || !netTimes.has(timeInForce)) return false
  return type === 'market' || (type === 'limit' && !request.reduceOnly)
}

const netTimes: ReadonlySet<string> = new Set(['day', 'gtc', 'gtd', 'ioc'])

/** Whether another order, which would be in the way of this one, is going to be crossed with it instead, as things stand now. */
export function willCross(runtime: KernelRuntime, header: OrderHeader, other: OrderRecord): boolean {
  if (other.header.request.reduceOnly === header.request.reduceOnly) return false
  if (header.request.reduceOnly)
    return (
      isCrossable(other) &&
      crossPrice(runtime, header, { ...other.header, request: requestInForce(other) }) !== undefined
    )
  return other.state.status === 'permitted' && crossPrice(runtime, other.header, header) !== undefined
}

/** An entry that nothing is on the way with: not sent yet, or acknowledged by the venue. */
function isCrossable(entry: OrderRecord): boolean {
  return entry.state.status === 'permitted' || isAcknowledged(entry)
}

/**
 * At which price an exit and an entry would be crossed now; undefined where they may not be. They belong to two principals; whoever leaves
 * holds all that it sells; both may trade; the market is open and its price fresh; the price is within the limits of both, none of them
 * would do better at the quote, and it lies between the levels at which the entry's plan would leave again.
 */
export function crossPrice(runtime: KernelRuntime, exit: OrderHeader, entry: OrderHeader): Decimal | undefined {
  if (exit.nets !== true || entry.nets !== true || runtime.state.risk.policy.netting !== 'internal-cross')
    return undefined
  if (exit.agent === entry.agent && exit.strategy === entry.strategy) return undefined
  if (exit.request.side === entry.request.side || exit.request.symbol !== entry.request.symbol) return undefined
  if (!mayTrade(runtime, exit, entry) || !holdsAll(runtime, exit)) return undefined
  const price = middlePrice(runtime, exit.request, entry.request)
  return price === undefined || isLeftAt(entry, price) ? undefined : price
}

function mayTrade(runtime: KernelRuntime, exit: OrderHeader, entry: OrderHeader): boolean {
  const { symbol } = exit.request
  const multiplier = runtime.broker?.instrument(symbol)?.multiplier
  if (multiplier !== undefined && !decimal(multiplier).eq(one)) return false
  const trip = runtime.state.trips.get(symbol)
  if (trip?.status !== 'open' || trip.timeExitDue || trip.due !== undefined || trip.leaving === true) return false
  if (!runtime.reconciled || nothingSent(runtime) !== undefined) return false
  return tradingState(runtime, entry).state === 'active' && tradingState(runtime, exit).state !== 'halted'
}

/** Nobody's units but its own change hands by a cross. */
function holdsAll({ state }: KernelRuntime, { agent, strategy, request }: OrderHeader): boolean {
  let units = zero
  for (const part of state.activity.holdings(request.symbol))
    if (part.use.agent === agent && part.use.strategy === strategy) units = units.plus(part.units)
  return units.gte(decimal(request.quantity))
}

const half = decimal('0.5')

/** The middle of bid and ask, or the last price where a trade has come since, moved as far as the limits ask for and the quote allows. */
function middlePrice(runtime: KernelRuntime, exit: OrderRequest, entry: OrderRequest): Decimal | undefined {
  const { symbol } = exit
  const quote = runtime.market.quoteOf(symbol)
  const last = runtime.market.last(symbol)
  if (last === undefined || !isFresh(runtime, last.time)) return undefined
  const bid = quote === undefined ? last.price : decimal(quote.bid)
  const ask = quote === undefined ? last.price : decimal(quote.ask)
  if (!bid.gt(zero) || bid.gt(ask)) return undefined
  const middle = bid.eq(ask) ? bid : bid.plus(ask).times(half)
  const [buy, sell] = entry.side === 'buy' ? [entry, exit] : [exit, entry]
  const highest = buy.limitPrice === undefined ? ask : least(ask, decimal(buy.limitPrice))
  const lowest = sell.limitPrice === undefined ? bid : greatest(bid, decimal(sell.limitPrice))
  if (lowest.gt(highest)) return undefined
  return least(greatest(middle, lowest), highest)
}

/** A price of this session, and not older than the policy takes. */
function isFresh({ clock, calendar, state }: KernelRuntime, time: number): boolean {
  const now = clock.now()
  const session = calendar.openSession(now)
  const { maximumQuoteAgeMs } = state.risk.policy
  return session !== undefined && time >= session.open && now - time <= (maximumQuoteAgeMs ?? Number.POSITIVE_INFINITY)
}

/** Whether the plan of an entry would leave at a price at once. */
function isLeftAt({ exits, request }: OrderHeader, price: Decimal): boolean {
  if (exits === undefined) return false
  const [low, high] =
    request.side === 'buy' ? [exits.stopPrice, exits.targetPrice] : [exits.targetPrice, exits.stopPrice]
  return price.lte(decimal(low)) || price.gte(decimal(high))
}

function least(a: Decimal, b: Decimal): Decimal {
  return a.lt(b) ? a : b
}

function greatest(a: Decimal, b: Decimal): Decimal {
  return a.gt(b) ? a : b
}
