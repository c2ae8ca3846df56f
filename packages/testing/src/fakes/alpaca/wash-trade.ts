import { type FakeOrder, type FakeTerms, isOpen } from './fake-order.js'
import { type FakeRefusal, forbidden } from './fake-refusal.js'

const paired: ReadonlySet<string> = new Set(['bracket', 'oco', 'oto'])

/** Alpaca's guard against trading with oneself: the new order against each open one of the other side. */
export function checkWashTrade(terms: FakeTerms, orders: Iterable<FakeOrder>): FakeRefusal | undefined {
  if (paired.has(terms.orderClass) || terms.type === 'trailing_stop') return undefined
  for (const order of orders) {
    if (!isOpen(order) || order.terms.asset !== terms.asset || order.terms.side === terms.side) continue
    if (paired.has(order.terms.orderClass) || order.terms.type === 'trailing_stop') continue
    if (!wouldCross(terms, order.terms)) continue
    return forbidden('potential wash trade detected. use complex orders', {
      existing_order_id: order.id,
      reject_reason: `opposite side ${order.terms.type} order exists`,
    })
  }
  return undefined
}

function wouldCross(one: FakeTerms, other: FakeTerms): boolean {
  const { limitPrice } = one
  if (one.type === 'market' || one.type === 'stop' || limitPrice === undefined) return true
  if (other.limitPrice === undefined) return true
  return one.side === 'buy' ? limitPrice.gte(other.limitPrice) : other.limitPrice.gte(limitPrice)
}
