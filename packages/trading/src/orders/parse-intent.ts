import { nearestName, SwarmError, shown } from '@tradeswarm/core'
import { z } from 'zod'
import type { RiskFinding } from '../kernel/kernel.js'
import { decimal, decimalText, zero } from '../money/decimal.js'
import { leastVolumeFraction, maximumPassiveMoves, maximumWorkedSlices } from './execution/execution-plan.js'
import { intentFault, planFault } from './intent-fault.js'
import type { ExitPlan, OrderIntent } from './order-request.js'
import {
  intentFields,
  maximumAmountLength,
  maximumIntentIdLength,
  maximumPlannedSessions,
  maximumSymbolLength,
  orderTypes,
  planFields,
  readIntent,
  sides,
  timesInForce,
} from './read-intent.js'

/** An intent on which the kernel can act, its amounts in canonical text; or why it is none. */
export type ParsedIntent =
  | { readonly status: 'sound'; readonly intent: OrderIntent }
  | { readonly status: 'malformed'; readonly intentId: string; readonly finding: RiskFinding }

const amount = z
  .string()
  .max(maximumAmountLength)
  .refine(isPlainDecimal, 'is not a plain decimal number such as "12.50"')
const id = z.string().min(1).max(maximumIntentIdLength)

/** Printable ASCII without blanks: a letter that only looks like another names no instrument. */
const symbolText = z
  .string()
  .max(maximumSymbolLength)
  .regex(/^[\x21-\x7e]+$/, 'is not 1 to 32 printable ASCII characters')

const planSchema = z.strictObject({
  stopPrice: amount,
  targetPrice: amount,
  maximumSessions: z.int().min(1).max(maximumPlannedSessions),
  trailAmount: amount.optional(),
  trailFraction: amount.optional(),
  breakEvenPrice: amount.optional(),
})
const instant = z.int().min(0)
const urgency = z.enum(['low', 'normal', 'high'])
const executionSchema = z.discriminatedUnion('style', [
  z.strictObject({ style: z.literal('now') }),
  z.strictObject({ style: z.literal('passive'), maximumMoves: z.int().min(0).max(maximumPassiveMoves) }),
  z.strictObject({
    style: z.literal('twap'),
    slices: z.int().min(1).max(maximumWorkedSlices),
    startAt: instant.optional(),
    urgency: urgency.optional(),
  }),
  z.strictObject({
    style: z.literal('participation'),
    maximumVolumeFraction: z.number().min(leastVolumeFraction).max(1),
    startAt: instant.optional(),
    urgency: urgency.optional(),
  }),
])

const intentSchema = z.strictObject({
  intentId: id,
  account: id,
  agent: id,
  strategy: id,
  symbol: symbolText,
  side: z.enum(sides),
  type: z.enum(orderTypes),
  quantity: amount,
  sizedIn: z.literal('quote').optional(),
  limitPrice: amount.optional(),
  stopPrice: amount.optional(),
  trailAmount: amount.optional(),
  trailFraction: amount.optional(),
  timeInForce: z.enum(timesInForce),
  expiresAt: instant.optional(),
  postOnly: z.literal(true).optional(),
  reduceOnly: z.literal(true).optional(),
  exits: planSchema.optional(),
  contingency: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('one-cancels-other'), group: id }),
      z.strictObject({ type: z.literal('one-triggers-other'), intentId: id }),
    ])
    .optional(),
  execution: executionSchema.optional(),
  decidedAt: z.int(),
  causationId: id,
  correlationId: id,
})

/** Under which code a field denies; the others under `INVALID_INTENT`. */
const codeOfField: ReadonlyMap<PropertyKey | undefined, string> = new Map([
  ['symbol', 'INSTRUMENT_NOT_FOUND'],
  ['type', 'UNSUPPORTED_ORDER_TYPE'],
  ['postOnly', 'UNSUPPORTED_ORDER_TYPE'],
  ['timeInForce', 'UNSUPPORTED_TIME_IN_FORCE'],
  ['expiresAt', 'UNSUPPORTED_TIME_IN_FORCE'],
  ['quantity', 'QUANTITY_PRECISION'],
  ['sizedIn', 'QUANTITY_PRECISION'],
  ['limitPrice', 'PRICE_PRECISION'],
  ['stopPrice', 'PRICE_PRECISION'],
  ['trailAmount', 'PRICE_PRECISION'],
  ['trailFraction', 'PRICE_PRECISION'],
  ['exits', 'MISSING_PROTECTIVE_STOP'],
])

/** The amounts of an intent, and those of its exit plan: they go on in canonical text. */
const amountFields = ['quantity', 'limitPrice', 'stopPrice', 'trailAmount', 'trailFraction'] as const
const planAmounts = ['stopPrice', 'targetPrice', 'trailAmount', 'trailFraction', 'breakEvenPrice'] as const

/**
 * Reads what claims to be an intent, at the door of the kernel: nothing that is no number, too long, or at odds with itself gets into the
 * books. A field that there is not is refused: misspelt, it would do nothing. Never throws; the finding's message names the field.
 */
export function parseIntent(value: unknown): ParsedIntent {
  const intent = readIntent(value)
  return intent === undefined ? parseBySchema(value) : soundIntent(intent)
}

/** As {@link parseIntent}, by the schema alone: slower, and able to say what is wrong. What is sound comes to the same. */
export function parseBySchema(value: unknown): ParsedIntent {
  const parsed = intentSchema.safeParse(value)
  const stray = strayField(value)
  if (stray !== undefined) return malformed(value, stray)
  if (!parsed.success) return malformed(value, parsed.error.issues[0])
  const given = parsed.data
  const intent = withCanonical({ ...given }, amountFields) as OrderIntent
  return soundIntent(
    given.exits === undefined
      ? intent
      : { ...intent, exits: withCanonical({ ...given.exits }, planAmounts) as ExitPlan },
  )
}

/** Of fields that are sound each by itself: whether they go together. */
function soundIntent(intent: OrderIntent): ParsedIntent {
  const fault = intentFault(intent)
  if (fault === undefined) return { status: 'sound', intent }
  const { code, field, message } = fault
  const found = shown(field.split('.').reduce<unknown>(fieldOf, intent))
  return {
    status: 'malformed',
    intentId: intent.intentId,
    finding: { code, value: found, message: `${field}: ${message}; it was ${found}. ${advice}` },
  }
}

/** Reads what claims to be the exit plan of a position that is held. Throws `INVALID_EXIT_PLAN`, which names the field. */
export function parseExitPlan(value: unknown, side: 'long' | 'short'): ExitPlan {
  const parsed = planSchema.safeParse(value)
  const stray = strayIn(value, [...planFields], ['exits'])
  if (stray !== undefined) throw invalidPlan(stray.path.join('.'), stray.message)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw invalidPlan(['exits', ...(issue?.path ?? [])].join('.'), issue?.message ?? 'it cannot be read')
  }
  const plan = withCanonical({ ...parsed.data }, planAmounts) as ExitPlan
  const fault = planFault({ side: side === 'long' ? 'buy' : 'sell', exits: plan })
  if (fault !== undefined) throw invalidPlan(fault.field, fault.message)
  const [stop, target] = [decimal(plan.stopPrice), decimal(plan.targetPrice)]
  if (!stop.gt(zero) || !target.gt(zero)) throw invalidPlan('exits', 'stop and target must be above 0')
  if (side === 'long' ? stop.lt(target) : stop.gt(target)) return plan
  throw invalidPlan(
    'exits.stopPrice',
    `of a ${side} position it must lie ${side === 'long' ? 'below' : 'above'} the target`,
  )
}

function invalidPlan(field: string, what: string): SwarmError {
  return new SwarmError({ code: 'INVALID_EXIT_PLAN', message: `${field}: ${what}`, context: { field } })
}

const advice = 'Correct it and ask again under a new intentId'

/** Writes the amounts among the fields in canonical text. */
function withCanonical<T extends object>(copy: T, fields: readonly (keyof T)[]): T {
  for (const field of fields) {
    const text = copy[field]
    if (typeof text === 'string') (copy as Record<keyof T, unknown>)[field] = canonical(text)
  }
  return copy
}

/** What is wrong, and where. */
type Issue = Pick<z.core.$ZodIssue, 'path' | 'message'> & { readonly code?: string; readonly keys?: readonly string[] }

const contingencyFields = ['type', 'group', 'intentId']
const executionFields = ['style', 'maximumMoves', 'slices', 'startAt', 'urgency', 'maximumVolumeFraction']

/** The first field that no intent has; told before what is missing, since a misspelt name is mostly both. */
function strayField(value: unknown): Issue | undefined {
  return (
    strayIn(value, [...intentFields], []) ??
    strayIn(fieldOf(value, 'exits'), [...planFields], ['exits']) ??
    strayIn(fieldOf(value, 'contingency'), contingencyFields, ['contingency']) ??
    strayIn(fieldOf(value, 'execution'), executionFields, ['execution'])
  )
}

function strayIn(value: unknown, known: readonly string[], path: readonly string[]): Issue | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  for (const name in value) {
    if (known.includes(name)) continue
    const shownName = name.slice(0, 40)
    const nearest = nearestName(shownName, known)
    const hint = nearest === undefined ? `there are: ${known.join(', ')}` : `did you mean ${nearest}?`
    return { code: 'unrecognized_keys', path: [...path, shownName], message: `there is no such field; ${hint}` }
  }
  return undefined
}

function malformed(value: unknown, issue: Issue | undefined): ParsedIntent {
  const path = issue?.path ?? []
  // What does not belong to this variant of an object, though to another.
  const extra = issue?.code === 'unrecognized_keys' && issue.keys !== undefined ? issue.keys.slice(0, 1) : []
  const where = [...path, ...extra]
  const field = where.length === 0 ? 'the intent' : where.join('.')
  const given = where.reduce(fieldOf, value)
  const found = shown(given)
  const isMissing = given === undefined && requiredInPlan.has(field)
  const what = isMissing ? 'it is required' : (issue?.message ?? 'it cannot be read')
  return {
    status: 'malformed',
    intentId: textOf(fieldOf(value, 'intentId')),
    finding: {
      code: codeOf(issue, field),
      value: found,
      message: `${field}: ${what}; it was ${found}. ${advice}`,
    },
  }
}

/** What an exit plan cannot do without, by its path. */
const requiredInPlan: ReadonlySet<string> = new Set(['exits.stopPrice', 'exits.targetPrice', 'exits.maximumSessions'])

function codeOf(issue: Issue | undefined, field: string): string {
  // How long to hold is no matter of the stop.
  if (issue?.code === 'unrecognized_keys' || field === 'exits.maximumSessions') return 'INVALID_INTENT'
  return codeOfField.get(issue?.path[0]) ?? 'INVALID_INTENT'
}

function fieldOf(value: unknown, field: PropertyKey): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<PropertyKey, unknown>>)[field]
    : undefined
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, maximumIntentIdLength) : ''
}

function canonical(text: string): string {
  return decimalText(decimal(text))
}

function isPlainDecimal(text: string): boolean {
  try {
    decimal(text)
    return true
  } catch {
    return false
  }
}
