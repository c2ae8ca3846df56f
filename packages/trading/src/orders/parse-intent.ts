import { SwarmError } from '@tradeswarm/core'
import { z } from 'zod'
import type { RiskFinding } from '../kernel/kernel.js'
import { decimal, decimalText, zero } from '../money/decimal.js'
import { maximumPassiveMoves, maximumWorkedSlices } from './execution/execution-plan.js'
import { intentFault, planFault } from './intent-fault.js'
import type { ExitPlan, OrderIntent } from './order-request.js'
import {
  maximumAmountLength,
  maximumIntentIdLength,
  maximumPlannedSessions,
  maximumSymbolLength,
  orderTypes,
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

const planSchema = z.object({
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
  z.object({ style: z.literal('now') }),
  z.object({ style: z.literal('passive'), maximumMoves: z.int().min(0).max(maximumPassiveMoves) }),
  z.object({
    style: z.literal('twap'),
    slices: z.int().min(1).max(maximumWorkedSlices),
    startAt: instant.optional(),
    urgency: urgency.optional(),
  }),
  z.object({
    style: z.literal('participation'),
    maximumVolumeFraction: z.number().gt(0).max(1),
    startAt: instant.optional(),
    urgency: urgency.optional(),
  }),
])

const intentSchema = z.object({
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
  exits: planSchema.optional(),
  contingency: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('one-cancels-other'), group: id }),
      z.object({ type: z.literal('one-triggers-other'), intentId: id }),
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
const planFields = ['stopPrice', 'targetPrice', 'trailAmount', 'trailFraction', 'breakEvenPrice'] as const

/**
 * Reads what claims to be an intent, at the door of the kernel: nothing that is no number, too long, or at odds with itself gets into the
 * books. Unknown fields are dropped. Never throws; the finding's message names the field.
 */
export function parseIntent(value: unknown): ParsedIntent {
  const intent = readIntent(value)
  return intent === undefined ? parseBySchema(value) : soundIntent(intent)
}

/** As {@link parseIntent}, by the schema alone: slower, and able to say what is wrong. What is sound comes to the same. */
export function parseBySchema(value: unknown): ParsedIntent {
  const parsed = intentSchema.safeParse(value)
  if (!parsed.success) return malformed(value, parsed.error.issues[0])
  const given = parsed.data
  const intent = withCanonical({ ...given }, amountFields) as OrderIntent
  return soundIntent(
    given.exits === undefined
      ? intent
      : { ...intent, exits: withCanonical({ ...given.exits }, planFields) as ExitPlan },
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
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw invalidPlan(['exits', ...(issue?.path ?? [])].join('.'), issue?.message ?? 'it cannot be read')
  }
  const plan = withCanonical({ ...parsed.data }, planFields) as ExitPlan
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

function malformed(value: unknown, issue: z.core.$ZodIssue | undefined): ParsedIntent {
  const path = issue?.path ?? []
  const field = path.length === 0 ? 'the intent' : path.join('.')
  const found = shown(path.reduce(fieldOf, value))
  return {
    status: 'malformed',
    intentId: textOf(fieldOf(value, 'intentId')),
    finding: {
      code: codeOfField.get(path[0]) ?? 'INVALID_INTENT',
      value: found,
      message: `${field}: ${issue?.message ?? 'it cannot be read'}; it was ${found}. ${advice}`,
    },
  }
}

function fieldOf(value: unknown, field: PropertyKey): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<PropertyKey, unknown>>)[field]
    : undefined
}

/** Enough of a value to recognise it by. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
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
