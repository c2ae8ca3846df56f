import { type Exact, floorTo, least, unit } from './exact.js'
import type { VenueState } from './venue-admission.js'
import type { VenueOrderTruth, VenueWord } from './venue-order.js'
import type { SimulatedVenue } from './venue-port.js'

/** What a venue does when it executes, and when it speaks. */
export type VenueHands = {
  execute(order: VenueOrderTruth, price: Exact, quantity: Exact): void
  dropNeedless(symbol: string): void
  say(order: VenueOrderTruth, word: VenueWord): void
}

/** Executions that come after the cancel, or are taken back. */
export function createVenueMishaps(
  { books, orders, rules, price: priceOf }: VenueState,
  { execute, dropNeedless, say }: VenueHands,
): Pick<SimulatedVenue, 'fillAfterCancel' | 'bust'> {
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
      const all = orders
        .filter(({ status }) => status !== 'open' && status !== 'replaced')
        .flatMap((order) => order.fills.map((fill) => ({ order, fill })))
      const { order, fill } = all[all.length - 1 - (pick % Math.max(1, all.length))] ?? {}
      if (order === undefined || fill === undefined || fill.busted) return
      const { side, symbol } = order.request
      const units = books.unitsToday(symbol, fill.quantity, fill.splitsBefore)
      if (rules.lendsAt === undefined && side === 'buy' && books.held(symbol) < units) return
      fill.busted = true
      order.filled -= fill.quantity
      books.move(order, fill, -1n)
      say(order, { type: 'busted', tradeId: fill.tradeId })
      dropNeedless(symbol)
    },
  }
}
