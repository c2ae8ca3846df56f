import type { Instrument } from '../../instruments/instrument.js'
import { type Decimal, decimal, decimalText, zero } from '../../money/decimal.js'
import { isClientOrderId } from '../../orders/client-order-id.js'
import { termsFault } from '../../orders/intent-fault.js'
import type { InstrumentGrid } from '../instrument-grid.js'
import { isSizedInQuote } from '../order-figures.js'
import { type RiskContext, required } from '../risk-context.js'
import { figured, gateRule, measured, type RiskRule, type Said } from '../risk-rule.js'

export const orderTypes: ReadonlySet<string> = new Set([
  'market',
  'limit',
  'stop',
  'stop-limit',
  'trailing-stop',
  'oco',
])
export const timesInForce: ReadonlySet<string> = new Set(['day', 'gtc', 'gtd', 'ioc', 'fok', 'at-open', 'at-close'])

/** Can this order be sent at all? Binds whatever is sent, exits included. */
export const orderValidityRules: readonly RiskRule[] = [
  gateRule('INSTRUMENT_NOT_FOUND', 'all', ({ instrument, request }) =>
    instrument === undefined
      ? `symbol: the venue of account ${request.account} does not trade ${request.symbol}`
      : undefined,
  ),
  gateRule('UNSUPPORTED_ORDER_TYPE', 'all', ({ request }) => {
    if (!orderTypes.has(request.type)) return `type "${request.type}" is none of ${[...orderTypes].join(', ')}`
    const fault = termsFault(request)
    return fault === undefined ? undefined : `${fault.field}: ${fault.message}`
  }),
  gateRule('UNSUPPORTED_ORDER_TYPE', 'all', ({ request }) =>
    request.type === 'oco' && !request.reduceOnly
      ? 'an oco order holds the exits of a position: give the entry an exit plan, and the kernel sends what its venue can hold'
      : undefined,
  ),
  gateRule('UNSUPPORTED_ORDER_TYPE', 'all', ({ position, purpose, request }) => {
    if (purpose !== 'exit-intent' || request.type === 'market') return undefined
    return position.isZero()
      ? `there is nothing to reduce: no position in ${request.symbol} is held, and this ${request.side} may only reduce one. ` +
          `Without reduceOnly a ${request.type} order enters; what leaves is sent as type market`
      : `this ${request.side} would reduce the position in ${request.symbol}, and an exit leaves at once: send it as type market. ` +
          `A ${request.type} order would take the place of the stop; levels to leave at come with the exit plan of an entry`
  }),
  gateRule('UNSUPPORTED_TIME_IN_FORCE', 'all', ({ request: { timeInForce } }) =>
    timesInForce.has(timeInForce)
      ? undefined
      : `timeInForce "${timeInForce}" is none of ${[...timesInForce].join(', ')}`,
  ),
  gateRule('QUANTITY_BELOW_MINIMUM', 'all', (context, { quantity }) =>
    quantity.gt(zero)
      ? undefined
      : figured(decimalText(quantity), '0', `quantity ${context.request.quantity} is not above 0`),
  ),
  gateRule('QUANTITY_PRECISION', 'all', (context, { quantity }) => {
    // Of what is not traded nobody knows the lot, and the first rule says so.
    if (context.instrument === undefined) return undefined
    const { lot, instrument } = required(context.grid, 'the instrument')
    if (isSizedInQuote(context.request) || onGrid(quantity, lot)) return undefined
    const message = `quantity ${context.request.quantity} is no multiple of the lot of ${instrument.lotSize}`
    return figured(decimalText(quantity), instrument.lotSize, message)
  }),
  gateRule('PRICE_PRECISION', 'all', pricesFault),
  gateRule('INVALID_CLIENT_ORDER_ID', 'all', ({ request }) =>
    isClientOrderId(request.clientOrderId) ? undefined : 'the client order id is not 1 to 32 letters and digits',
  ),
  gateRule('DUPLICATE_CLIENT_ORDER_ID', 'all', ({ clientOrderIdInUse, request }) =>
    clientOrderIdInUse ? `the client order id ${request.clientOrderId} was used before` : undefined,
  ),
]

/** What the venue takes as one order. Binds entries: an exit of what is left is never held up by that. */
export const venueBoundRules: readonly RiskRule[] = [
  gateRule('NOTIONAL_BELOW_MINIMUM', 'entry', (context, figures) => {
    const { minimumNotional, instrument } = required(context.grid, 'the instrument')
    const { localNotional } = figures
    if (!localNotional.lt(minimumNotional)) return undefined
    const message = `the order is worth less than the venue's minimum of ${instrument.minimumNotional}`
    return figured(decimalText(localNotional), instrument.minimumNotional, message)
  }),
  gateRule('QUANTITY_BELOW_MINIMUM', 'entry', (context, { quantity }) => {
    const least = required(context.grid, 'the instrument').minimumQuantity
    if (least === undefined || quantity.gte(least)) return undefined
    const [value, limit] = [decimalText(quantity), decimalText(least)]
    return figured(value, limit, `the quantity of ${value} is less than the ${limit} that the venue takes`)
  }),
  {
    code: 'QUANTITY_EXCEEDS_MAXIMUM',
    binds: 'entry',
    check: (context, { quantity }) => {
      const most = required(context.grid, 'the instrument').maximumQuantity
      return most !== undefined && quantity.gt(most)
        ? measured('QUANTITY_EXCEEDS_MAXIMUM', 'the quantity is', quantity, most, 'above')
        : undefined
    },
    warn: (context, { quantity }) => {
      const most = required(context.grid, 'the instrument').maximumQuantity
      return most !== undefined && quantity.gte(most.times(context.limits.warnAt))
        ? measured('QUANTITY_EXCEEDS_MAXIMUM', 'the quantity is', quantity, most, 'near')
        : undefined
    },
  },
  {
    code: 'NOTIONAL_EXCEEDS_MAX_PER_ORDER',
    binds: 'entry',
    check: (context, figures) => {
      const most = required(context.grid, 'the instrument').maximumNotional
      return most !== undefined && figures.localNotional.gt(most)
        ? measured(
            'NOTIONAL_EXCEEDS_MAX_PER_ORDER',
            'for its venue the order is worth',
            figures.localNotional,
            most,
            'above',
          )
        : undefined
    },
    warn: (context, figures) => {
      const most = required(context.grid, 'the instrument').maximumNotional
      return most !== undefined && figures.localNotional.gte(most.times(context.limits.warnAt))
        ? measured(
            'NOTIONAL_EXCEEDS_MAX_PER_ORDER',
            'for its venue the order is worth',
            figures.localNotional,
            most,
            'near',
          )
        : undefined
    },
  },
]

/** The first price of the terms that is not on the tick. */
export function pricesFault({ request, instrument, grid }: RiskContext): Said | undefined {
  const { limitPrice, stopPrice, trailAmount } = request
  if (limitPrice === undefined && stopPrice === undefined && trailAmount === undefined) return undefined
  return (
    priceFault('limitPrice', limitPrice, instrument, grid) ??
    priceFault('stopPrice', stopPrice, instrument, grid) ??
    priceFault('trailAmount', trailAmount, instrument, grid)
  )
}

function priceFault(
  field: string,
  text: string | undefined,
  known: Instrument | undefined,
  grid: InstrumentGrid | undefined,
): Said | undefined {
  if (text === undefined) return undefined
  const price = decimal(text, field)
  if (!price.gt(zero)) return figured(decimalText(price), '0', `${field} ${text} is not above 0`)
  if (known === undefined) return undefined
  const { tick, instrument } = required(grid, 'the instrument')
  if (onGrid(price, tick)) return undefined
  const message = `${field} ${text} is no multiple of the tick of ${instrument.tickSize}`
  return figured(decimalText(price), instrument.tickSize, message)
}

function onGrid(value: Decimal, step: Decimal): boolean {
  return value.isMultipleOf(step)
}
