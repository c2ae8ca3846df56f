import type { Instrument } from '../instruments/instrument.js'
import { type Decimal, decimal } from '../money/decimal.js'
import type { BrokerCapabilities } from './broker.js'
import type { TermsFault } from './intent-fault.js'
import type { OrderTerms } from './order-request.js'

/** The worst price that an order may trade at, where its terms bound it. */
export function limitOf({ type, limitPrice }: OrderTerms): Decimal | undefined {
  return (type === 'limit' || type === 'stop-limit') && limitPrice !== undefined
    ? decimal(limitPrice, 'limitPrice')
    : undefined
}

/**
 * The price that an order is measured by: its limit, the level that sets it off, or the last price. Undefined where there is none. The
 * level of a trailing stop that states none is as far off the last price as it trails; the market may only bring it nearer.
 */
export function measuredPrice(terms: OrderTerms, last: Decimal | undefined): Decimal | undefined {
  const limit = limitOf(terms)
  if (limit !== undefined) return limit
  if (terms.stopPrice !== undefined) return decimal(terms.stopPrice, 'stopPrice')
  return last === undefined || terms.type !== 'trailing-stop' ? last : trailedLevel(terms, last)
}

/**
 * The highest price that an order is to be counted at: what it is measured by, or more where its terms let it trade at more. A buy stop below
 * the market trades at the market, and a sale gets its limit or better.
 */
export function highestPrice(terms: OrderTerms, last: Decimal | undefined): Decimal | undefined {
  const stated = measuredPrice(terms, last)
  if (stated === undefined || (terms.side === 'buy' && limitOf(terms) !== undefined)) return stated
  const other = marketOrLevel(terms, last)
  return other?.gt(stated) === true ? other : stated
}

/** A sale that is set off has met its level, so the market is no higher then. */
function marketOrLevel({ side, type, stopPrice }: OrderTerms, last: Decimal | undefined): Decimal | undefined {
  if (side === 'buy' || type === 'limit' || type === 'market') return last
  return stopPrice === undefined ? undefined : decimal(stopPrice, 'stopPrice')
}

function trailedLevel({ side, trailAmount, trailFraction }: OrderTerms, last: Decimal): Decimal {
  const behind =
    trailAmount === undefined
      ? last.times(decimal(trailFraction ?? '0', 'trailFraction'))
      : decimal(trailAmount, 'trailAmount')
  return side === 'buy' ? last.plus(behind) : last.minus(behind)
}

/** What of an order its venue does not take; undefined where it takes it, or does not say what it takes. */
export function venueFault(
  terms: OrderTerms,
  capabilities: BrokerCapabilities | undefined,
  instrument?: Instrument,
): TermsFault | undefined {
  const ofInstrument = instrument?.orderTypes
  if (ofInstrument?.includes(terms.type) === false)
    return {
      code: 'UNSUPPORTED_ORDER_TYPE',
      field: 'type',
      message: `of ${terms.symbol} the venue takes ${ofInstrument.join(', ')}, not ${terms.type}`,
    }
  if (capabilities === undefined) return undefined
  const { type, timeInForce, postOnly, sizedIn } = terms
  const { orderTypes, timesInForce } = capabilities
  if (!orderTypes.includes(type))
    return {
      code: 'UNSUPPORTED_ORDER_TYPE',
      field: 'type',
      message: `the venue takes ${orderTypes.join(', ')}, not ${type}`,
    }
  if (!timesInForce.includes(timeInForce))
    return {
      code: 'UNSUPPORTED_TIME_IN_FORCE',
      field: 'timeInForce',
      message: `the venue takes ${timesInForce.join(', ')}, not ${timeInForce}`,
    }
  if (postOnly === true && !capabilities.postOnly)
    return { code: 'UNSUPPORTED_ORDER_TYPE', field: 'postOnly', message: 'the venue takes no post-only orders' }
  if (sizedIn !== undefined && !capabilities.sizedInQuote)
    return { code: 'QUANTITY_PRECISION', field: 'sizedIn', message: 'the venue takes orders sized in units only' }
  return undefined
}
