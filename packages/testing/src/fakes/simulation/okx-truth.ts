import type { PaperOperator } from '@tradeswarm/broker-paper'
import { decimalText, type OrderRequest, type VenueOrder } from '@tradeswarm/trading'
import { type Exact, exact } from '../../simulator/exact.js'
import type { VenueOrderTruth } from '../../simulator/venue-order.js'
import type { AlgoOrder } from '../okx/algo-order.js'
import { engineRequest, isOpen, type OkxOrder } from '../okx/okx-order.js'
import type { TradingFloor } from '../okx/trading-floor.js'
import { addFill, type FakeTruth, type TruthListeners, truthOf } from './fake-truth.js'
import { type ContractTruthParts, createOkxContractTruth } from './okx-contract-truth.js'

/** The books of a fake OKX. An algo order and what it has become are one order. */
export function createOkxTruth(
  { venue, algos }: Pick<TradingFloor, 'venue' | 'algos'>,
  engine: PaperOperator,
  { onOrder, onFill, permitted, ...account }: TruthListeners & Omit<ContractTruthParts, 'venue' | 'engine'>,
): FakeTruth {
  const byId = new Map<string, VenueOrderTruth>()
  const orders: VenueOrderTruth[] = []
  let fills = 0
  const { instruments, currency } = account
  const contracts = createOkxContractTruth({ ...account, venue, engine })
  const total = (asset: string): Exact =>
    exact(engine.holdings().find((holding) => holding.asset === asset)?.total ?? '0')
  const begin = (id: string, request: OrderRequest, size: string, time: number): void => {
    const truth = truthOf(id, request, size, time)
    byId.set(id, truth)
    orders.push(truth)
    onOrder(truth)
  }
  const takeAlgo = (algo: AlgoOrder): void => {
    const { algoId, terms, cTime } = algo
    const size = terms.size === undefined ? '0' : decimalText(terms.size)
    begin(
      algoId,
      permitted(terms.algoClOrdId) ?? unasked(terms.algoClOrdId, terms.listing.instId, terms.side, size),
      size,
      cTime,
    )
  }
  const takeOrder = (order: OkxOrder): void => {
    const { ordId, terms, origin, cTime } = order
    const parent = byId.get(origin.algoId)
    if (parent !== undefined) {
      byId.set(ordId, parent)
      return
    }
    const request = permitted(terms.clOrdId) ?? { ...engineRequest(ordId, terms, ''), clientOrderId: terms.clOrdId }
    begin(ordId, request, decimalText(terms.size), cTime)
  }
  const execute = (json: Readonly<Record<string, string>>): void => {
    contracts.execute(json)
    const order = byId.get(json['ordId'] ?? '')
    if (order === undefined) return
    const { tradeId = '', fillPx = '0', fillSz = '0', fee = '0', feeCcy = '' } = json
    const paid = fee.startsWith('-') ? fee.slice(1) : fee === '0' ? '0' : `-${fee}`
    const feeInAsset = feeCcy !== currency
    const paidOut = json['instType'] === 'SWAP' ? json['fillPnl'] : undefined
    const figures = { price: fillPx, quantity: fillSz, fee: paid, feeCurrency: feeCcy, feeInAsset, paidOut }
    onFill(order, addFill(order, { tradeId, ...figures }))
  }
  const truth: FakeTruth = {
    orders,
    cash: total,
    held: (symbol) => total(instruments.find((one) => one.symbol === symbol)?.asset ?? symbol),
    currencies: () => [currency],
    contract: contracts.held,
    contradiction: contracts.contradiction,
    fund(symbol, rate, price) {
      truth.look()
      contracts.fund(symbol, rate, price)
    },
    look() {
      for (const algo of algos.orders.values()) if (!byId.has(algo.algoId)) takeAlgo(algo)
      for (const order of venue.orders.values()) if (!byId.has(order.ordId)) takeOrder(order)
      const told = venue.ledger.fills
      for (; fills < told.length; fills += 1) execute(told[fills]?.json ?? {})
      for (const algo of algos.orders.values()) {
        const truth = byId.get(algo.algoId)
        const child = algo.ordId === '' ? undefined : venue.orders.get(algo.ordId)
        if (truth === undefined) continue
        truth.triggered = algo.state === 'effective'
        truth.status = child === undefined ? algoStatus(algo) : statusOf(child)
      }
      for (const order of venue.orders.values()) {
        const truth = byId.get(order.ordId)
        if (truth === undefined || order.origin.algoId !== '') continue
        truth.status = statusOf(order)
        truth.quantity = exact(decimalText(order.terms.size))
      }
      contracts.look()
    },
  }
  return truth
}

function unasked(clientOrderId: string, symbol: string, side: 'buy' | 'sell', quantity: string): OrderRequest {
  const terms = { type: 'stop', quantity, timeInForce: 'gtc', reduceOnly: false } as const
  return { account: '', clientOrderId, symbol, side, ...terms }
}

function statusOf(order: OkxOrder): VenueOrder['status'] {
  if (isOpen(order)) return 'open'
  return order.state === 'filled' ? 'filled' : 'canceled'
}

function algoStatus({ state }: AlgoOrder): VenueOrder['status'] {
  return state === 'live' ? 'open' : 'canceled'
}
