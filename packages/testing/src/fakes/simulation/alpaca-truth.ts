import type { PaperOperator } from '@tradeswarm/broker-paper'
import { decimalText, type Instrument, type VenueOrder } from '@tradeswarm/trading'
import { exact } from '../../simulator/exact.js'
import type { VenueOrderTruth } from '../../simulator/venue-order.js'
import type { FakeLedger } from '../alpaca/fake-ledger.js'
import { engineRequest, type FakeOrder, isOpen } from '../alpaca/fake-order.js'
import type { FakeVenue } from '../alpaca/fake-venue.js'
import { addFill, type FakeTruth, type TruthListeners, truthOf } from './fake-truth.js'

/** The books of a fake Alpaca. */
export function createAlpacaTruth(
  venue: FakeVenue,
  engine: PaperOperator,
  { onOrder, onFill, permitted, instruments }: TruthListeners & { readonly instruments: readonly Instrument[] },
): FakeTruth {
  const byId = new Map<string, VenueOrderTruth>()
  const orders: VenueOrderTruth[] = []
  let activities = 0
  const total = (asset: string): bigint =>
    exact(engine.holdings().find((holding) => holding.asset === asset)?.total ?? '0')
  const take = (order: FakeOrder): void => {
    // The stop of a pair has no permit of its own: with its target it is one order.
    const pair = isStopOfPair(order) ? byId.get(order.parent?.id ?? '') : undefined
    if (pair !== undefined) {
      byId.set(order.id, pair)
      return
    }
    const { id, clientOrderId, terms, submittedAt, replaces } = order
    const before = replaces === undefined ? undefined : byId.get(replaces)
    const carried = before === undefined ? 0n : before.carried + before.filled
    const request = permitted(clientOrderId) ?? {
      ...engineRequest(id, terms, ''),
      clientOrderId,
      symbol: terms.asset.symbol.replace('/', '-'),
    }
    const size = terms.quantity === undefined ? '0' : decimalText(terms.quantity)
    const truth = truthOf(id, request, size, submittedAt, carried)
    byId.set(id, truth)
    orders.push(truth)
    onOrder(truth)
  }
  const execute = ({ json: activity, cost }: ReturnType<FakeLedger['from']>[number]): void => {
    const order = byId.get(String(activity['order_id']))
    if (order === undefined || cost === undefined) return
    const fill = addFill(order, {
      tradeId: `${String(activity['order_id'])}:${String(activity['cum_qty'])}`,
      price: String(activity['price']),
      quantity: String(activity['qty']),
      ...cost,
      feeInAsset: cost.feeCurrency !== 'USD',
    })
    onFill(order, fill)
  }
  return {
    orders,
    cash: total,
    held: (symbol) => total(instruments.find((one) => one.symbol === symbol)?.asset ?? symbol),
    currencies: () => ['USD'],
    look() {
      for (const order of venue.orders.values()) if (!byId.has(order.id)) take(order)
      const told = venue.ledger.from(activities)
      activities += told.length
      told.forEach(execute)
      for (const order of venue.orders.values()) {
        const truth = byId.get(order.id)
        if (truth !== undefined && !isStopOfPair(order)) truth.status = statusOf(order, truth)
      }
    },
  }
}

function isStopOfPair({ parent, terms }: FakeOrder): boolean {
  return parent !== undefined && terms.orderClass === 'oco'
}

/** A pair is open as long as one of its orders is, and has filled when both together have. */
function statusOf(order: FakeOrder, { filled, quantity }: VenueOrderTruth): VenueOrder['status'] {
  if (isOpen(order)) return 'open'
  if (order.terms.orderClass !== 'oco') return order.status as VenueOrder['status']
  if (filled >= quantity) return 'filled'
  if (order.legs.some(isOpen)) return 'open'
  return order.status === 'filled' ? 'canceled' : (order.status as VenueOrder['status'])
}
