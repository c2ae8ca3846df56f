import { decimalText } from '../../money/decimal.js'
import type { OrderRequest } from '../../orders/order-request.js'
import { inAccountCurrency } from '../order-figures.js'
import { type LastPrice, type RiskContext, required } from '../risk-context.js'
import { figured, gateRule, limitRule, type RiskRule, type Said, warningGate } from '../risk-rule.js'

/** Is there a price to rely on? Asked when the order is assessed and again when its permit is used. */
export const quoteRules: readonly RiskRule[] = [
  warningGate('STALE_MARKET_DATA', 'entry', (context, _, near) => quoteFault(context, near)),
  limitRule({
    code: 'PRICE_COLLAR_BREACHED',
    share: ({ collar }) => collar,
    base: (context) => lastPrice(context),
    value: (context, figures) =>
      context.request.type === 'market' ? undefined : figures.price.minus(lastPrice(context)).abs(),
    what: ({ request }) => `${priceField(request)}: the order's price is off the last trade by`,
  }),
]

export const atOnce: ReadonlySet<string> = new Set(['ioc', 'fok'])

/** Is the symbol fit to be traded, and now? */
export const marketRules: readonly RiskRule[] = [
  gateRule('MARKET_CLOSED', 'entry', (context) =>
    atOnce.has(context.request.timeInForce) && !context.marketOpen
      ? `timeInForce: the market is closed, and an ${context.request.timeInForce} order does not wait for the open`
      : undefined,
  ),
  gateRule('SYMBOL_DENIED', 'entry', (context) => {
    const { limits, policy } = context
    const price = lastPrice(context)
    const priceHere = inAccountCurrency(context, price)
    if (priceHere.lt(limits.minimumPrice)) {
      const message = `the price of ${price.toFixed()} is below the minimum of ${policy.minimumPrice}`
      return figured(decimalText(priceHere), policy.minimumPrice, message)
    }
    const volume = required(context.averageVolume, `the average volume of ${policy.averageVolumeSessions} sessions`)
    return volume.lt(limits.minimumAverageVolume)
      ? figured(
          decimalText(volume),
          policy.minimumAverageVolume,
          `the average volume of ${volume.toFixed()} is below the minimum of ${policy.minimumAverageVolume}`,
        )
      : undefined
  }),
]

/** Does the policy let this symbol be entered at all? */
export const symbolListRule: RiskRule = gateRule('SYMBOL_DENIED', 'entry', ({ limits, request: { symbol } }) => {
  if (limits.deniedSymbols?.has(symbol) === true) return `the policy denies ${symbol}`
  return limits.allowedSymbols?.has(symbol) === false
    ? `${symbol} is none of the symbols that the policy allows`
    : undefined
})

/** Which of its terms an order is measured by. */
function priceField({ limitPrice, stopPrice, trailAmount }: OrderRequest): string {
  if (limitPrice !== undefined) return 'limitPrice'
  if (stopPrice !== undefined) return 'stopPrice'
  return trailAmount === undefined ? 'trailFraction' : 'trailAmount'
}

/** Throws `RISK_VALUE_MISSING`. */
export function lastPrice({ last, request }: RiskContext) {
  return required(last, `the last price of ${request.symbol}`).price
}

/** What is wrong with the price, or the rate; asked for what is `near`, also an age that comes near its limit. */
export function quoteFault(context: RiskContext, near = false): Said | undefined {
  const { last, request, currency, rate } = context
  if (last === undefined) return `there is no price of ${request.symbol}`
  if (last.bid !== undefined && last.ask !== undefined && last.bid.gt(last.ask))
    return `the quote of ${request.symbol} is crossed: bid ${last.bid.toFixed()}, ask ${last.ask.toFixed()}`
  const fault = ageFault(context, last, 'price', near)
  if (fault !== undefined || currency === undefined) return fault
  if (rate === undefined) return `there is no rate of ${currency} in the currency of the account`
  return ageFault(context, rate, 'rate', near)
}

function ageFault(
  { policy, limits, time, closedSessionDate, currency, request }: RiskContext,
  last: Pick<LastPrice, 'time' | 'sessionDate'>,
  what: 'price' | 'rate',
  near: boolean,
): Said | undefined {
  const of = what === 'price' ? request.symbol : (currency ?? '')
  if (policy.maximumQuoteAgeMs === undefined) {
    return last.sessionDate < closedSessionDate
      ? `the last ${what} of ${of} is of ${last.sessionDate}, the last session was on ${closedSessionDate}`
      : undefined
  }
  const ageMs = time - last.time
  if (-ageMs > limits.clockSkewMs)
    return `the last ${what} of ${of} is from ${-ageMs} ms ahead of our clock: nobody knows how old it is`
  const most = policy.maximumQuoteAgeMs
  return ageMs > most || (near && ageMs >= limits.warnFrom.quoteAgeMs)
    ? figured(ageMs, most, `the last ${what} of ${of} is ${ageMs} ms old, the limit is ${most} ms`)
    : undefined
}
