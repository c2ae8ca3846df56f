import { decimal } from '../../money/decimal.js'
import { exactFraction, orderPrice } from '../order-figures.js'
import { type RiskContext, required } from '../risk-context.js'
import { gateRule, limitRule, type RiskRule } from '../risk-rule.js'

/** Is there a price to rely on? Asked when the order is assessed and again when its permit is used. */
export const quoteRules: readonly RiskRule[] = [
  gateRule('STALE_MARKET_DATA', 'entry', staleness),
  limitRule({
    code: 'PRICE_COLLAR_BREACHED',
    measure: (context) => {
      if (context.request.type === 'market') return []
      const last = required(context.last, `the last price of ${context.request.symbol}`).price
      return [
        {
          value: orderPrice(context).minus(last).abs(),
          limit: last.times(exactFraction(context.policy.priceCollarFraction, 'priceCollarFraction')),
          what: `the order's price is off the last trade by`,
        },
      ]
    },
  }),
]

/** Is the symbol fit to be traded, and now? */
export const marketRules: readonly RiskRule[] = [
  gateRule('MARKET_CLOSED', 'entry', ({ marketOpen, request }) =>
    !marketOpen && request.timeInForce === 'ioc'
      ? 'the market is closed: an order that does not rest cannot wait for the open'
      : undefined,
  ),
  gateRule('SYMBOL_DENIED', 'entry', ({ last, averageVolume, policy, request }) => {
    const { price } = required(last, `the last price of ${request.symbol}`)
    if (price.lt(decimal(policy.minimumPrice)))
      return `the price of ${price.toFixed()} is below the minimum of ${policy.minimumPrice}`
    const least = decimal(policy.minimumAverageVolume)
    const volume = required(averageVolume, `the average volume of ${policy.averageVolumeSessions} sessions`)
    return volume.lt(least)
      ? `the average volume of ${volume.toFixed()} is below the minimum of ${policy.minimumAverageVolume}`
      : undefined
  }),
]

function staleness({ last, policy, time, closedSessionDate, request }: RiskContext): string | undefined {
  if (last === undefined) return `there is no price of ${request.symbol}`
  if (policy.maximumQuoteAgeMs === undefined) {
    return last.sessionDate < closedSessionDate
      ? `the last price of ${request.symbol} is of ${last.sessionDate}, the last session was on ${closedSessionDate}`
      : undefined
  }
  const ageMs = time - last.time
  return ageMs > policy.maximumQuoteAgeMs
    ? `the last price of ${request.symbol} is ${ageMs} ms old, the limit is ${policy.maximumQuoteAgeMs} ms`
    : undefined
}
