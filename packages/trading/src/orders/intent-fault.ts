import type { EpochMs } from '@tradeswarm/core'
import { decimal, one, zero } from '../money/decimal.js'
import type { OrderIntent, OrderTerms, OrderType, TimeInForce } from './order-request.js'

/** What is wrong with terms that can be read, one by one, and do not go together. */
export type TermsFault = { readonly code: string; readonly field: string; readonly message: string }

const waitsForPrice: ReadonlySet<OrderType> = new Set(['stop', 'stop-limit', 'trailing-stop', 'oco'])
const neverRests: ReadonlySet<TimeInForce> = new Set(['ioc', 'fok', 'at-open', 'at-close'])

/** The first fault of an intent whose fields are sound each by itself: of its terms, its exit plan, its contingency, how it is worked. */
export function intentFault(intent: OrderIntent): TermsFault | undefined {
  return termsFault(intent) ?? planFault(intent) ?? contingencyFault(intent) ?? executionFault(intent)
}

/** The first fault of terms that do not go together. */
export function termsFault(terms: OrderTerms): TermsFault | undefined {
  return priceFieldsFault(terms) ?? timeFault(terms) ?? sizeFault(terms)
}

/** A `gtd` order whose time is over before it could be sent. Asked when it is assessed, since time goes on. */
export function expiryFault({ timeInForce, expiresAt }: OrderTerms, now: EpochMs): TermsFault | undefined {
  if (timeInForce !== 'gtd' || expiresAt === undefined || expiresAt > now) return undefined
  return unsupportedTime('expiresAt', `must lie in the future, and now is ${now}`)
}

function priceFieldsFault(terms: OrderTerms): TermsFault | undefined {
  const { type, limitPrice, stopPrice, trailAmount, trailFraction } = terms
  const isPriced =
    limitPrice !== undefined || stopPrice !== undefined || trailAmount !== undefined || trailFraction !== undefined
  if (type === 'market' && !isPriced) return undefined
  const takesLimit = type === 'limit' || type === 'stop-limit' || type === 'oco'
  if (takesLimit !== (limitPrice !== undefined))
    return unsupportedType('limitPrice', `a ${type} order ${takesLimit ? 'needs' : 'takes no'} limitPrice`)
  const trails = type === 'trailing-stop'
  const takesStop = type === 'stop' || type === 'stop-limit' || type === 'oco'
  if (!trails && takesStop !== (stopPrice !== undefined))
    return unsupportedType('stopPrice', `a ${type} order ${takesStop ? 'needs' : 'takes no'} stopPrice`)
  if (!trails && (trailAmount !== undefined || trailFraction !== undefined))
    return unsupportedType(
      trailAmount === undefined ? 'trailFraction' : 'trailAmount',
      `a ${type} order does not trail`,
    )
  if (trails) return trailFault('', 'PRICE_PRECISION', terms, 'a trailing-stop order needs')
  return undefined
}

function timeFault({ type, timeInForce, expiresAt, postOnly }: OrderTerms): TermsFault | undefined {
  // As most are.
  if (timeInForce === 'day' && expiresAt === undefined && postOnly !== true) return undefined
  if ((timeInForce === 'gtd') !== (expiresAt !== undefined))
    return unsupportedTime('expiresAt', timeInForce === 'gtd' ? 'gtd needs it' : `${timeInForce} takes none`)
  const auction = timeInForce === 'at-open' || timeInForce === 'at-close'
  if ((auction || timeInForce === 'fok') && waitsForPrice.has(type))
    return unsupportedTime('timeInForce', `a ${type} order waits for its price, and ${timeInForce} does not wait`)
  if (postOnly !== true) return undefined
  if (type !== 'limit')
    return unsupportedType('postOnly', `a ${type} order takes what is there; only a limit order can be post-only`)
  return neverRests.has(timeInForce)
    ? unsupportedType('postOnly', `a post-only order rests, and ${timeInForce} does not`)
    : undefined
}

function sizeFault({ type, sizedIn }: OrderTerms): TermsFault | undefined {
  if (sizedIn === undefined || type === 'market' || type === 'limit') return undefined
  return { code: 'QUANTITY_PRECISION', field: 'sizedIn', message: `a ${type} order is sized in units` }
}

/** What is wrong with the trail or the break-even price of an exit plan. */
export function planFault({ exits, side }: Pick<OrderIntent, 'exits' | 'side'>): TermsFault | undefined {
  if (exits === undefined) return undefined
  const code = 'MISSING_PROTECTIVE_STOP'
  const { trailAmount, trailFraction, breakEvenPrice, stopPrice } = exits
  const trails = trailAmount !== undefined || trailFraction !== undefined
  const fault = trails ? trailFault('exits.', code, exits, 'a stop that trails needs') : undefined
  if (fault !== undefined || breakEvenPrice === undefined) return fault
  const winning =
    side === 'buy' ? decimal(breakEvenPrice).gt(decimal(stopPrice)) : decimal(breakEvenPrice).lt(decimal(stopPrice))
  return winning
    ? undefined
    : {
        code,
        field: 'exits.breakEvenPrice',
        message: `it must lie beyond the stop of ${stopPrice} on the winning side`,
      }
}

/** Decimals of the share that a stop trails by: as many as the ledger takes of a price. */
const trailPlaces = 12

type Trail = { readonly trailAmount?: string; readonly trailFraction?: string }

function trailFault(path: string, code: string, trail: Trail, needs: string): TermsFault | undefined {
  const { trailAmount, trailFraction } = trail
  if ((trailAmount === undefined) === (trailFraction === undefined))
    return { code, field: `${path}trailAmount`, message: `${needs} either trailAmount or trailFraction` }
  if (trailAmount !== undefined && !decimal(trailAmount).gt(zero))
    return { code, field: `${path}trailAmount`, message: 'it must be above 0' }
  if (trailFraction !== undefined && !(decimal(trailFraction).gt(zero) && decimal(trailFraction).lt(one)))
    return { code, field: `${path}trailFraction`, message: 'it must lie between 0 and 1' }
  if (trailFraction !== undefined && decimal(trailFraction).places > trailPlaces)
    return { code, field: `${path}trailFraction`, message: `it must have at most ${trailPlaces} decimals` }
  return undefined
}

function contingencyFault({ contingency, intentId }: OrderIntent): TermsFault | undefined {
  if (contingency?.type !== 'one-triggers-other' || contingency.intentId !== intentId) return undefined
  return { code: 'INVALID_INTENT', field: 'contingency.intentId', message: 'an intent cannot wait for itself' }
}

/** What is worked in parts has one end, and is counted in units. */
function executionFault(intent: OrderIntent): TermsFault | undefined {
  const { execution, type, timeInForce, expiresAt, sizedIn, postOnly, contingency } = intent
  if (execution === undefined) return undefined
  if (type !== 'market' && type !== 'limit')
    return unsupportedType('type', `execution: a ${type} order is not worked in parts; send it as market or limit`)
  if (postOnly !== undefined)
    return unsupportedType('postOnly', 'execution: how its children rest follows from its style')
  if (timeInForce !== 'gtd')
    return unsupportedTime('timeInForce', 'execution: what is worked in parts is gtd, with its end in expiresAt')
  if (sizedIn !== undefined)
    return {
      code: 'QUANTITY_PRECISION',
      field: 'sizedIn',
      message: 'execution: what is worked in parts is sized in units',
    }
  if (contingency !== undefined)
    return {
      code: 'INVALID_INTENT',
      field: 'contingency',
      message: 'what is worked in parts is tied to no other intent',
    }
  const startAt = 'startAt' in execution ? execution.startAt : undefined
  return startAt === undefined || startAt < (expiresAt ?? 0)
    ? undefined
    : { code: 'INVALID_INTENT', field: 'execution.startAt', message: `it must lie before expiresAt, ${expiresAt}` }
}

function unsupportedType(field: string, message: string): TermsFault {
  return { code: 'UNSUPPORTED_ORDER_TYPE', field, message }
}

function unsupportedTime(field: string, message: string): TermsFault {
  return { code: 'UNSUPPORTED_TIME_IN_FORCE', field, message }
}
