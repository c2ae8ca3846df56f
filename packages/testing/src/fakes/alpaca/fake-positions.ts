import { type Decimal, decimal, decimalText, divide, zero } from '@tradeswarm/trading'
import type { ListedAsset } from './fake-assets.js'

type Holding = { quantity: Decimal; cost: Decimal }

/** What the account holds and what it paid, from its executions. */
export class FakePositions {
  readonly #holdings = new Map<ListedAsset, Holding>()

  /** Books an execution and answers the position after it. A fee taken in units makes the position smaller. */
  book(asset: ListedAsset, side: 'buy' | 'sell', quantity: Decimal, price: Decimal, feeUnits: Decimal): Decimal {
    const before = this.#holdings.get(asset) ?? { quantity: zero, cost: zero }
    const traded = side === 'buy' ? quantity : zero.minus(quantity)
    const after = before.quantity.plus(traded).minus(feeUnits)
    const isMore = before.quantity.eq(zero) || before.quantity.gt(zero) === traded.gt(zero)
    // What is left of a position has cost its share; of a short cost and quantity are below 0.
    const cost = isMore
      ? before.cost.plus(price.times(traded))
      : divide(before.cost.times(after), before.quantity, 9, 'half-even')
    if (after.eq(zero)) this.#holdings.delete(asset)
    else this.#holdings.set(asset, { quantity: after, cost })
    return after
  }

  /** A split: `numerator` units for every `denominator`. */
  split(asset: ListedAsset, numerator: number, denominator: number): void {
    const holding = this.#holdings.get(asset)
    if (holding === undefined) return
    const more = holding.quantity.times(decimal(String(numerator)))
    holding.quantity = divide(more, decimal(String(denominator)), 9, 'down')
  }

  quantity(asset: ListedAsset): Decimal {
    return this.#holdings.get(asset)?.quantity ?? zero
  }

  held(): readonly ListedAsset[] {
    return [...this.#holdings.keys()]
  }

  /** The position as `/v2/positions` tells it; `price` is the last known, `available` what no open sale holds. */
  json(asset: ListedAsset, price: Decimal | undefined, available: Decimal): Record<string, unknown> | undefined {
    const holding = this.#holdings.get(asset)
    if (holding === undefined) return undefined
    const { quantity, cost } = holding
    const average = divide(cost, quantity, 9, 'half-even')
    const current = price ?? average
    const worth = current.times(quantity)
    const gain = worth.minus(cost)
    const gainFraction = cost.eq(zero) ? zero : divide(gain, cost.abs(), 9, 'half-even')
    return {
      asset_id: asset.id,
      symbol: asset.positionSymbol,
      exchange: asset.class === 'crypto' ? 'CRYPTO' : 'NASDAQ',
      asset_class: asset.class,
      asset_marginable: asset.class !== 'crypto',
      qty: decimalText(quantity),
      qty_available: decimalText(available),
      avg_entry_price: decimalText(average),
      side: quantity.lt(zero) ? 'short' : 'long',
      market_value: decimalText(worth),
      cost_basis: decimalText(cost),
      unrealized_pl: decimalText(gain),
      unrealized_plpc: decimalText(gainFraction),
      unrealized_intraday_pl: decimalText(gain),
      unrealized_intraday_plpc: decimalText(gainFraction),
      current_price: decimalText(current),
      lastday_price: decimalText(current),
      change_today: '0',
    }
  }
}
