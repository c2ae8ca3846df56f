import { type Decimal, decimal, zero } from '../../money/decimal.js'
import { termsFault } from '../../orders/intent-fault.js'
import { orderNotional, orderQuantity } from '../order-figures.js'
import { type RiskContext, required } from '../risk-context.js'
import { gateRule, type RiskRule } from '../risk-rule.js'

const orderTypes: ReadonlySet<string> = new Set(['market', 'limit', 'stop', 'stop-limit', 'trailing-stop'])
const timesInForce: ReadonlySet<string> = new Set(['day', 'gtc', 'gtd', 'ioc', 'fok', 'at-open', 'at-close'])

/** Can this order be sent at all? Binds whatever is sent, exits included. */
export const orderValidityRules: readonly RiskRule[] = [
  gateRule('INSTRUMENT_NOT_FOUND', 'all', ({ instrument, request }) =>
    instrument === undefined ? `the venue of account ${request.account} does not trade ${request.symbol}` : undefined,
  ),
  gateRule('UNSUPPORTED_ORDER_TYPE', 'all', ({ request }) => {
    if (!orderTypes.has(request.type)) return `type "${request.type}" is none of ${[...orderTypes].join(', ')}`
    const fault = termsFault(request)
    return fault === undefined ? undefined : `${fault.field}: ${fault.message}`
  }),
  gateRule('UNSUPPORTED_ORDER_TYPE', 'all', ({ purpose, request }) =>
    purpose === 'exit-intent' && request.type !== 'market'
      ? `this ${request.side} would reduce the position in ${request.symbol}, and an exit leaves at once: send it as type market. ` +
        `A ${request.type} order would take the place of the stop; levels to leave at come with the exit plan of an entry`
      : undefined,
  ),
  gateRule('UNSUPPORTED_TIME_IN_FORCE', 'all', ({ request }) =>
    timesInForce.has(request.timeInForce)
      ? undefined
      : `timeInForce "${request.timeInForce}" is none of ${[...timesInForce].join(', ')}`,
  ),
  gateRule('QUANTITY_BELOW_MINIMUM', 'all', (context) =>
    orderQuantity(context).gt(zero) ? undefined : `quantity ${context.request.quantity} is not above 0`,
  ),
  gateRule('QUANTITY_PRECISION', 'all', (context) => {
    if (context.request.sizedIn === 'quote') return undefined
    const lot = required(context.instrument, 'the instrument').lotSize
    return onGrid(orderQuantity(context), lot)
      ? undefined
      : `quantity ${context.request.quantity} is no multiple of the lot of ${lot}`
  }),
  gateRule('PRICE_PRECISION', 'all', priceFault),
  gateRule('INVALID_CLIENT_ORDER_ID', 'all', ({ request }) =>
    /^[A-Za-z0-9]{1,32}$/.test(request.clientOrderId)
      ? undefined
      : 'the client order id is not 1 to 32 letters and digits',
  ),
  gateRule('DUPLICATE_CLIENT_ORDER_ID', 'all', ({ clientOrderIdInUse, request }) =>
    clientOrderIdInUse ? `the client order id ${request.clientOrderId} was used before` : undefined,
  ),
]

/** An entry must be worth the venue's while; an exit of what is left is never held up by that. */
export const minimumNotionalRule: RiskRule = gateRule('NOTIONAL_BELOW_MINIMUM', 'entry', (context) => {
  const least = required(context.instrument, 'the instrument').minimumNotional
  return orderNotional(context).lt(decimal(least, 'minimumNotional'))
    ? `the order is worth less than the venue's minimum of ${least}`
    : undefined
})

function priceFault({ instrument, request }: RiskContext): string | undefined {
  const tick = required(instrument, 'the instrument').tickSize
  for (const field of ['limitPrice', 'stopPrice', 'trailAmount'] as const) {
    const text = request[field]
    if (text === undefined) continue
    const price = decimal(text, field)
    if (!price.gt(zero)) return `${field} ${text} is not above 0`
    if (!onGrid(price, tick)) return `${field} ${text} is no multiple of the tick of ${tick}`
  }
  return undefined
}

function onGrid(value: Decimal, step: string): boolean {
  return value.mod(decimal(step)).eq(zero)
}
