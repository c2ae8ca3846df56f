import { type Decimal, decimal } from '@tradeswarm/trading'
import type { AlgoTerms } from './algo-order.js'
import type { PriceType, TriggerLeg } from './attached-algo.js'
import type { InstrumentMarket, OkxMarket } from './okx-market.js'
import { type OkxRefusal, refuse } from './okx-refusal.js'

/**
 * The price that sets an algo order off, as the market has just told it. The last price is that of the last trade; where a quote leaves it
 * outside, the market has traded there though nobody said so, and it is the side that the order would trade against.
 */
export function triggerPrice(
  market: InstrumentMarket,
  prices: OkxMarket,
  type: PriceType,
  side: 'buy' | 'sell',
  isTrade: boolean,
): Decimal | undefined {
  const { quote, last, listing } = market
  if (type !== 'last') {
    const mark = prices.markPrice(listing.instId)
    return mark === '' ? undefined : decimal(mark)
  }
  const traded = last === '' ? undefined : decimal(last)
  if (quote === undefined || (isTrade && traded !== undefined)) return traded
  const [bid, ask] = [decimal(quote.bid), decimal(quote.ask)]
  if (traded?.gte(bid) && traded.lte(ask)) return traded
  return side === 'sell' ? bid : ask
}

/** Whether a price has reached a level that it must rise to, or fall to. */
export function hasReached(price: Decimal, level: Decimal, rises: boolean): boolean {
  return rises ? price.gte(level) : price.lte(level)
}

const typeNames: Readonly<Record<PriceType, string>> = { last: 'last', mark: 'mark', index: 'index' }
/** Codes of a take-profit and a stop-loss that lie on the wrong side, of a buy and of a sale. */
const wrongSides: Readonly<Record<PriceType, Readonly<Record<'buy' | 'sell', readonly [tp: string, sl: string]>>>> = {
  last: { buy: ['51277', '51278'], sell: ['51279', '51280'] },
  mark: { buy: ['51300', '51302'], sell: ['51303', '51304'] },
  index: { buy: ['51305', '51306'], sell: ['51307', '51308'] },
}

/** A take-profit must lie where the price is not yet, and a stop-loss on the other side of it. */
export function checkDirections(
  { side, takeProfit, stopLoss }: Pick<AlgoTerms, 'side' | 'takeProfit' | 'stopLoss'>,
  priceOf: (type: PriceType) => Decimal | undefined,
): OkxRefusal | undefined {
  const isSale = side === 'sell'
  for (const [leg, isTarget] of [
    [takeProfit, true],
    [stopLoss, false],
  ] as readonly (readonly [TriggerLeg | undefined, boolean])[]) {
    const price = leg === undefined ? undefined : priceOf(leg.triggerType)
    if (leg === undefined || price === undefined) continue
    const mustBeAbove = isTarget === isSale
    if (mustBeAbove ? leg.trigger.gt(price) : leg.trigger.lt(price)) continue
    const code = wrongSides[leg.triggerType][side][isTarget ? 0 : 1]
    const [name, way] = [isTarget ? 'TP' : 'SL', mustBeAbove ? 'lower' : 'higher']
    return refuse(code, `${name} trigger price cannot be ${way} than the ${typeNames[leg.triggerType]} price`)
  }
  return undefined
}
