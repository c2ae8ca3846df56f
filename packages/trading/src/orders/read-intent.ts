import type { Decimal } from '../money/decimal.js'
import { decimalText, readDecimal } from '../money/decimal.js'
import type { Contingency, ExitPlan, IntentOrderType, OrderIntent, Side, TimeInForce } from './order-request.js'

/** Ids and names of an intent have at most so many characters. */
export const maximumIntentIdLength = 256
/** A position is planned to be held for at most so many sessions: about four years. */
export const maximumPlannedSessions = 1_000
export const maximumSymbolLength = 32
/** A sign, two times 30 digits and the point. */
export const maximumAmountLength = 62

export const sides = ['buy', 'sell'] as const satisfies readonly Side[]
/** Those of intents. */
export const orderTypes = [
  'market',
  'limit',
  'stop',
  'stop-limit',
  'trailing-stop',
] as const satisfies readonly IntentOrderType[]
export const timesInForce = [
  'day',
  'gtc',
  'gtd',
  'ioc',
  'fok',
  'at-open',
  'at-close',
] as const satisfies readonly TimeInForce[]

/** Every field that an intent may have. */
export const intentFields: ReadonlySet<string> = new Set<keyof OrderIntent>([
  'account',
  'agent',
  'causationId',
  'contingency',
  'correlationId',
  'decidedAt',
  'execution',
  'exits',
  'expiresAt',
  'intentId',
  'limitPrice',
  'postOnly',
  'quantity',
  'reduceOnly',
  'side',
  'sizedIn',
  'stopPrice',
  'strategy',
  'symbol',
  'timeInForce',
  'trailAmount',
  'trailFraction',
  'type',
])
/** So many of them are in every intent. */
const requiredFields = 12

/** Every field that an exit plan may have. */
export const planFields: ReadonlySet<string> = new Set<keyof ExitPlan>([
  'breakEvenPrice',
  'maximumSessions',
  'stopPrice',
  'targetPrice',
  'trailAmount',
  'trailFraction',
])

/** So many of them are in every plan. */
const requiredPlanFields = 3

type Fields = Readonly<Record<string, unknown>>
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/**
 * The intent that a value is, its amounts in canonical text; undefined where any field is not what the schema of `parseIntent` takes, or
 * where it says how the order is to be worked. It
 * reads what is sound twelve times as fast as the schema, and tells nothing of what is not. The keys come in alphabetical order, as
 * canonical JSON wants them.
 */
export function readIntent(value: unknown): OrderIntent | undefined {
  // How an order is worked has many forms, and such orders are few, as those are that say that they reduce: the schema reads them.
  if (!isObject(value) || value['execution'] !== undefined || value['reduceOnly'] !== undefined) return undefined
  const { account, agent, causationId, correlationId, decidedAt, intentId, strategy } = value
  const { quantity, side, symbol, timeInForce, type } = value
  const size = readAmount(quantity)
  if (size === undefined || !isWhole(decidedAt) || !isSymbol(symbol)) return undefined
  if (!isId(account) || !isId(agent) || !isId(causationId) || !isId(correlationId)) return undefined
  if (!isId(intentId) || !isId(strategy)) return undefined
  if (!isOneOf(sides, side) || !isOneOf(orderTypes, type) || !isOneOf(timesInForce, timeInForce)) return undefined
  const plan = value['exits']
  const exits = plan === undefined ? undefined : readPlan(plan)
  if (plan !== undefined && exits === undefined) return undefined
  // In one piece, as nearly all are: an object that grows field by field is moved on its way.
  const intent =
    exits === undefined
      ? {
          account,
          agent,
          causationId,
          correlationId,
          decidedAt,
          intentId,
          quantity: decimalText(size),
          side,
          strategy,
          symbol,
          timeInForce,
          type,
        }
      : {
          account,
          agent,
          causationId,
          correlationId,
          decidedAt,
          exits,
          intentId,
          quantity: decimalText(size),
          side,
          strategy,
          symbol,
          timeInForce,
          type,
        }
  if (hasOtherTerms(value)) return withTerms(value, intent)
  return hasOnly(value, exits === undefined ? requiredFields : requiredFields + 1, intentFields) ? intent : undefined
}

/** Whether anything is given that not every intent has, but for the plan of exits. */
function hasOtherTerms({
  contingency,
  expiresAt,
  limitPrice,
  postOnly,
  sizedIn,
  stopPrice,
  trailAmount,
  trailFraction,
}: Fields): boolean {
  return (
    contingency !== undefined ||
    expiresAt !== undefined ||
    limitPrice !== undefined ||
    postOnly !== undefined ||
    sizedIn !== undefined ||
    stopPrice !== undefined ||
    trailAmount !== undefined ||
    trailFraction !== undefined
  )
}

function withTerms(value: Fields, needed: OrderIntent): OrderIntent | undefined {
  const given = readOptional(value)
  if (given === undefined) return undefined
  const { account, agent, causationId, exits } = needed
  const optional = countOf(given) + (exits === undefined ? 0 : 1)
  if (!hasOnly(value, requiredFields + optional, intentFields)) return undefined
  const intent: Mutable<Partial<OrderIntent>> = { account, agent, causationId }
  if (given.contingency !== undefined) intent.contingency = given.contingency
  intent.correlationId = needed.correlationId
  intent.decidedAt = needed.decidedAt
  if (exits !== undefined) intent.exits = exits
  if (given.expiresAt !== undefined) intent.expiresAt = given.expiresAt
  intent.intentId = needed.intentId
  if (given.limitPrice !== undefined) intent.limitPrice = given.limitPrice
  if (given.postOnly !== undefined) intent.postOnly = given.postOnly
  intent.quantity = needed.quantity
  intent.side = needed.side
  if (given.sizedIn !== undefined) intent.sizedIn = given.sizedIn
  if (given.stopPrice !== undefined) intent.stopPrice = given.stopPrice
  intent.strategy = needed.strategy
  intent.symbol = needed.symbol
  intent.timeInForce = needed.timeInForce
  if (given.trailAmount !== undefined) intent.trailAmount = given.trailAmount
  if (given.trailFraction !== undefined) intent.trailFraction = given.trailFraction
  intent.type = needed.type
  return intent as OrderIntent
}

type Optional = Mutable<
  Pick<
    OrderIntent,
    'contingency' | 'expiresAt' | 'limitPrice' | 'postOnly' | 'sizedIn' | 'stopPrice' | 'trailAmount' | 'trailFraction'
  >
>

/** What is given besides; undefined where it is not sound. */
function readOptional(given: Fields): Optional | undefined {
  const { contingency, expiresAt, postOnly, sizedIn } = given
  const read: Optional = {}
  if (!putAmounts(read, given, termAmounts)) return undefined
  if (sizedIn !== undefined) {
    if (sizedIn !== 'quote') return undefined
    read.sizedIn = sizedIn
  }
  if (postOnly !== undefined) {
    if (postOnly !== true) return undefined
    read.postOnly = postOnly
  }
  if (expiresAt !== undefined) {
    if (!isWhole(expiresAt) || expiresAt < 0) return undefined
    read.expiresAt = expiresAt
  }
  if (contingency !== undefined) {
    const tie = readContingency(contingency)
    if (tie === undefined) return undefined
    read.contingency = tie
  }
  return read
}

const termAmounts = ['limitPrice', 'stopPrice', 'trailAmount', 'trailFraction'] as const
const planAmounts = ['trailAmount', 'trailFraction', 'breakEvenPrice'] as const

function putAmounts<Field extends string>(
  to: { [key in Field]?: string },
  from: Fields,
  fields: readonly Field[],
): boolean {
  for (const field of fields) {
    const text = from[field]
    if (text === undefined) continue
    const amount = readAmount(text)
    if (amount === undefined) return false
    ;(to as Record<Field, string>)[field] = decimalText(amount)
  }
  return true
}

function readPlan(given: unknown): ExitPlan | undefined {
  if (!isObject(given)) return undefined
  const { maximumSessions } = given
  const stop = readAmount(given['stopPrice'])
  const target = readAmount(given['targetPrice'])
  if (stop === undefined || target === undefined || !isWhole(maximumSessions)) return undefined
  if (maximumSessions < 1 || maximumSessions > maximumPlannedSessions) return undefined
  const plan: Mutable<ExitPlan> = {
    maximumSessions,
    stopPrice: decimalText(stop),
    targetPrice: decimalText(target),
  }
  if (countOf(given) === requiredPlanFields) return plan
  if (!putAmounts(plan, given, planAmounts)) return undefined
  return hasOnly(given, countOf(plan), planFields) ? plan : undefined
}

function readContingency(given: unknown): Contingency | undefined {
  if (!isObject(given)) return undefined
  const { type, group, intentId } = given
  if (countOf(given) !== 2) return undefined
  if (type === 'one-cancels-other' && isId(group)) return { group, type }
  return type === 'one-triggers-other' && isId(intentId) ? { intentId, type } : undefined
}

/** Whether a value has no field but known ones. Names are looked at only where there are more than were read, or fewer. */
function hasOnly(given: Fields, read: number, known: ReadonlySet<string>): boolean {
  if (countOf(given) === read) return true
  for (const name in given) if (!known.has(name)) return false
  return true
}

function countOf(fields: object): number {
  let count = 0
  for (const _ in fields) count += 1
  return count
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= maximumIntentIdLength
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

function isOneOf<T extends string>(known: readonly T[], value: unknown): value is T {
  // The first are the most frequent, and a look at each is quicker than the platform's own search.
  for (let index = 0; index < known.length; index += 1) if (known[index] === value) return true
  return false
}

function isSymbol(value: unknown): value is string {
  if (typeof value !== 'string' || value.length === 0 || value.length > maximumSymbolLength) return false
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index)
    if (code < 0x21 || code > 0x7e) return false
  }
  return true
}

function readAmount(value: unknown): Decimal | undefined {
  return typeof value === 'string' ? readDecimal(value) : undefined
}
