import type { BrokerEvent } from '@tradeswarm/trading'
import { type Exact, exact, exactText, floorTo, least, times, unit } from './exact.js'
import type { VenueState } from './venue-admission.js'
import { measureOf, unitsFor, type VenueFill, type VenueOrderTruth, type VenueWord } from './venue-order.js'
import type { SimulatedVenue } from './venue-port.js'

/** What a venue does when it executes, and when it speaks. */
export type VenueHands = {
  execute(order: VenueOrderTruth, price: Exact, quantity: Exact): void
  dropNeedless(symbol: string): void
  say(order: VenueOrderTruth, word: VenueWord): BrokerEvent
  now(): number
}

function changeBy({ type, eventId, time }: BrokerEvent): NonNullable<VenueFill['change']> {
  return { type: type === 'busted' ? type : 'corrected', eventId, time }
}

type Figures = Pick<VenueFill, 'price' | 'quantity'>

/** Executions that come after the cancel, are taken back, or get other figures. */
export function createVenueMishaps(
  { books, orders, rules, price: priceOf }: VenueState,
  { execute, dropNeedless, say, now }: VenueHands,
): Pick<SimulatedVenue, 'fillAfterCancel' | 'bust' | 'correct'> {
  const pickFill = (pick: number): { readonly order?: VenueOrderTruth; readonly fill?: VenueFill } => {
    const all = orders
      .filter(({ status }) => status !== 'open' && status !== 'replaced')
      .flatMap((order) => order.fills.map((fill) => ({ order, fill })))
    return all[all.length - 1 - (pick % Math.max(1, all.length))] ?? {}
  }
  const isLate = ({ status, quantity, carried, filled, external, splitsBefore, request }: VenueOrderTruth): boolean =>
    status === 'canceled' && carried + filled < quantity && !external && splitsBefore === books.splits(request.symbol)
  /** Whether cash and position bear that an execution was of so many units more, or fewer. */
  const isThere = ({ request }: VenueOrderTruth, { price, splitsBefore }: VenueFill, more: Exact): boolean => {
    const { reduceOnly, side, symbol } = request
    // What a contract has paid out on others since would have to change as well.
    if (books.isContract(symbol)) return false
    const units = books.unitsToday(symbol, side === 'buy' ? more : -more, splitsBefore)
    const after = books.held(symbol) + units
    if (reduceOnly && more > 0n) return side === 'buy' ? after <= 0n : after >= 0n
    if (rules.lendsAt === undefined && after < 0n) return false
    return side === 'sell' || more < 0n || 2n * times(price, more) <= books.cash(books.currencyOf(symbol))
  }
  /** Whether an order is still for no more than was ordered. */
  const isWithin = (order: VenueOrderTruth, fill: VenueFill, { price, quantity }: Figures): boolean =>
    order.carried + order.filled + measureOf(order, price, quantity) <=
    order.quantity + measureOf(order, fill.price, fill.quantity)
  /** Books an execution anew with other figures, and tells of it. */
  const putRight = (order: VenueOrderTruth, fill: VenueFill, right: Figures): void => {
    books.move(order, fill, -1n)
    order.filled -= measureOf(order, fill.price, fill.quantity)
    Object.assign(fill, right)
    order.filled += measureOf(order, fill.price, fill.quantity)
    const rate = exact(String(rules.feeBasisPoints)) / 10_000n
    fill.fee = times(fill.feeInAsset ? fill.quantity : times(fill.price, fill.quantity), rate)
    books.move(order, fill, 1n)
    const { tradeId, price, quantity, fee, feeCurrency } = fill
    const figures = { price: exactText(price), quantity: exactText(quantity), fee: exactText(fee), feeCurrency }
    const market = { referencePrice: exactText(price), referenceTime: now(), liquidity: 'taker' as const }
    fill.change = changeBy(say(order, { type: 'corrected', execution: { tradeId, ...figures, ...market } }))
  }
  const recount = (order: VenueOrderTruth, fill: VenueFill, share: number): 'more' | 'fewer' | undefined => {
    const lot = books.lot(order.request.symbol)
    const wanted = floorTo((fill.quantity * BigInt(Math.round(share * 100))) / 100n, lot)
    const left = order.quantity - order.carried - order.filled
    const most = fill.quantity + unitsFor(order, fill.price, left, lot)
    const quantity = least(wanted > 0n ? wanted : lot, most)
    const more = quantity - fill.quantity
    if (more === 0n || !isThere(order, fill, more)) return undefined
    putRight(order, fill, { price: fill.price, quantity })
    dropNeedless(order.request.symbol)
    return more > 0n ? 'more' : 'fewer'
  }
  return {
    fillAfterCancel(pick) {
      const candidates = orders.filter(isLate)
      const order = candidates[candidates.length - 1 - (pick % Math.max(1, candidates.length))]
      const price = order === undefined ? 0n : priceOf(order.request.symbol)
      if (order === undefined || price === 0n) return
      const { side, symbol, reduceOnly } = order.request
      const unitPrice = books.unitPrice(symbol, price)
      const left = unitsFor(order, unitPrice, order.quantity - order.carried - order.filled, books.lot(symbol))
      const there = side === 'sell' ? books.held(symbol) : -books.held(symbol)
      const affordable = (books.cash(books.currencyOf(symbol)) * unit) / (2n * price)
      const isContract = books.isContract(symbol)
      const isBound = reduceOnly || (side === 'sell' && rules.lendsAt === undefined && !isContract)
      const most = isBound ? there : side === 'sell' || isContract ? left : affordable
      const quantity = floorTo(least(left, most), books.lot(symbol))
      if (quantity > 0n) execute(order, price, quantity)
    },
    bust(pick) {
      const { order, fill } = pickFill(pick)
      if (order === undefined || fill === undefined || fill.busted) return
      const { side, symbol } = order.request
      const units = books.unitsToday(symbol, fill.quantity, fill.splitsBefore)
      const isContract = books.isContract(symbol)
      if (!isContract && rules.lendsAt === undefined && side === 'buy' && books.held(symbol) < units) return
      // Where nothing is held after it, nothing may be left to be paid out.
      const after = books.held(symbol) - (side === 'buy' ? units : -units)
      if (isContract && after === 0n && books.costWithout(order, fill) !== 0n) return
      fill.busted = true
      order.filled -= measureOf(order, books.unitPrice(symbol, fill.price), fill.quantity)
      books.move(order, fill, -1n)
      fill.change = changeBy(say(order, { type: 'busted', tradeId: fill.tradeId }))
      dropNeedless(symbol)
    },
    correct(pick, change) {
      const { order, fill } = pickFill(pick)
      if (order === undefined || fill === undefined || fill.busted || order.external) return undefined
      if (books.isContract(order.request.symbol)) return undefined
      if ('share' in change) return recount(order, fill, change.share)
      const cents = exact('0.01')
      const price = floorTo((fill.price * BigInt(10_000 + change.basisPoints)) / 10_000n, cents)
      const right = { price: price > 0n ? price : cents, quantity: fill.quantity }
      if (isWithin(order, fill, right)) putRight(order, fill, right)
      return undefined
    },
  }
}
