import type { EpochMs } from '@tradeswarm/core'
import { type Decimal, decimal, type Execution, type OrderExecution, one } from '@tradeswarm/trading'
import type { Settlement } from './paper-account.js'
import type { RestingOrder } from './resting-order.js'
import { inUnits, type SplitRatio } from './split-ratio.js'

/** One execution as the venue keeps it. */
export type LoggedTrade = {
  readonly order: RestingOrder
  /** The id that the order had then. */
  readonly clientOrderId: string
  readonly time: EpochMs
  execution: Execution
  isBusted: boolean
  /** What was made of it last, once that was told. */
  change?: NonNullable<OrderExecution['change']>
  /** Splits of its symbol since then: its units count so many times as many now. */
  splits: readonly SplitRatio[]
  /** Those of them in which its order was restated. */
  restated: readonly SplitRatio[]
}

/** Most trades never see a split, and share this. */
const none: readonly SplitRatio[] = Object.freeze([])

/** All executions, in the order in which they were made. */
export class TradeLog {
  readonly #trades: LoggedTrade[] = []

  add(order: RestingOrder, time: EpochMs, execution: Execution): void {
    const { clientOrderId } = order.request
    this.#trades.push({ order, clientOrderId, time, execution, isBusted: false, splits: none, restated: none })
  }

  /** Notes a split, before the orders of its symbol are restated. */
  split(symbol: string, ratio: SplitRatio): void {
    for (const trade of this.#trades) {
      if (trade.order.request.symbol !== symbol) continue
      trade.splits = [...trade.splits, ratio]
      if (trade.order.status === 'open') trade.restated = [...trade.restated, ratio]
    }
  }

  /** The execution with this trade id, unless it was taken back. */
  find(tradeId: string): LoggedTrade | undefined {
    return this.#trades.findLast((trade) => trade.execution.tradeId === tradeId && !trade.isBusted)
  }

  /** Executions made or changed at or after an instant, in the order in which they were made; those taken back say so. */
  since(time: EpochMs): readonly OrderExecution[] {
    return this.#trades
      .filter(({ time: made, change }) => made >= time || (change !== undefined && change.time >= time))
      .sort((a, b) => a.time - b.time)
      .map(({ order, clientOrderId, time: at, execution, change }) => {
        const told = { clientOrderId, venueOrderId: order.venueOrderId, time: at, execution }
        return change === undefined ? told : { ...told, change }
      })
  }
}

/** How an execution of a trade moved the account, with units as they count now. */
export function settlementOf({ order, splits }: LoggedTrade, execution: Execution): Settlement {
  const { asset, currency } = order.listing.instrument
  const quantity = decimal(execution.quantity, 'quantity')
  const price = decimal(execution.price, 'price')
  const fee = decimal(execution.fee, 'fee')
  return {
    side: order.request.side,
    asset,
    currency,
    quantity: splits.reduce(inUnits, quantity),
    notional: notionalOf(order, price, quantity),
    ...contractTrade(order, execution.tradeId, price, quantity),
    fee: execution.feeCurrency === asset ? splits.reduce(inUnits, fee) : fee,
    feeCurrency: execution.feeCurrency,
  }
}

/** Of a contract: the trade as its book keeps it. */
export function contractTrade(
  order: RestingOrder,
  tradeId: string,
  price: Decimal,
  quantity: Decimal,
): Pick<Settlement, 'contract'> {
  if (!order.listing.isContract) return {}
  const units = order.request.side === 'buy' ? quantity : quantity.neg()
  return { contract: { tradeId, units, unitPrice: notionalOf(order, price, one) } }
}

/** What a trade is worth in the instrument's currency. */
export function notionalOf({ listing: { multiplier } }: RestingOrder, price: Decimal, quantity: Decimal): Decimal {
  const notional = price.times(quantity)
  return multiplier === undefined ? notional : notional.times(multiplier)
}
