import type { BrokerEvent } from '@tradeswarm/trading'
import { type Exact, exact, exactText, floorTo, least, times, unit } from './exact.js'
import type { VenueState } from './venue-admission.js'
import type { VenueFill, VenueOrderTruth, VenueWord } from './venue-order.js'
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
  return {
    fillAfterCancel(pick) {
      const candidates = orders.filter(isLate)
      const order = candidates[candidates.length - 1 - (pick % Math.max(1, candidates.length))]
      const price = order === undefined ? 0n : priceOf(order.request.symbol)
      if (order === undefined || price === 0n) return
      const { side, symbol, reduceOnly } = order.request
      const left = order.quantity - order.carried - order.filled
      const there = side === 'sell' ? books.held(symbol) : -books.held(symbol)
      const affordable = (books.cash(books.currencyOf(symbol)) * unit) / (2n * price)
      const isBound = reduceOnly || (side === 'sell' && rules.lendsAt === undefined)
      const most = isBound ? there : side === 'sell' ? left : affordable
      const quantity = floorTo(least(left, most), books.lot(symbol))
      if (quantity > 0n) execute(order, price, quantity)
    },
    bust(pick) {
      const { order, fill } = pickFill(pick)
      if (order === undefined || fill === undefined || fill.busted) return
      const { side, symbol } = order.request
      const units = books.unitsToday(symbol, fill.quantity, fill.splitsBefore)
      if (rules.lendsAt === undefined && side === 'buy' && books.held(symbol) < units) return
      fill.busted = true
      order.filled -= fill.quantity
      books.move(order, fill, -1n)
      fill.change = changeBy(say(order, { type: 'busted', tradeId: fill.tradeId }))
      dropNeedless(symbol)
    },
    correct(pick, basisPoints) {
      const { order, fill } = pickFill(pick)
      if (order === undefined || fill === undefined || fill.busted || order.external) return
      books.move(order, fill, -1n)
      const cents = exact('0.01')
      const price = floorTo((fill.price * BigInt(10_000 + basisPoints)) / 10_000n, cents)
      fill.price = price > 0n ? price : cents
      if (!fill.feeInAsset)
        fill.fee = times(times(fill.price, fill.quantity), exact(String(rules.feeBasisPoints)) / 10_000n)
      books.move(order, fill, 1n)
      const { tradeId, quantity, fee, feeCurrency } = fill
      const figures = { price: exactText(fill.price), quantity: exactText(quantity), fee: exactText(fee), feeCurrency }
      const market = { referencePrice: exactText(fill.price), referenceTime: now(), liquidity: 'taker' as const }
      fill.change = changeBy(say(order, { type: 'corrected', execution: { tradeId, ...figures, ...market } }))
    },
  }
}
