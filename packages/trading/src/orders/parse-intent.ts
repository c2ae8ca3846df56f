import { z } from 'zod'
import type { RiskFinding } from '../kernel/kernel.js'
import { decimal, decimalText } from '../money/decimal.js'
import type { OrderIntent } from './order-request.js'

/** Ids and names of an intent have at most so many characters. */
export const maximumIntentIdLength = 256
/** A position is planned to be held for at most so many sessions: about four years. */
export const maximumPlannedSessions = 1_000

/** An intent on which the kernel can act, its amounts in canonical text; or why it is none. */
export type ParsedIntent =
  | { readonly status: 'sound'; readonly intent: OrderIntent }
  | { readonly status: 'malformed'; readonly intentId: string; readonly finding: RiskFinding }

/** A sign, two times 30 digits and the point. */
const amount = z.string().max(62).refine(isPlainDecimal, 'is not a plain decimal number such as "12.50"')
const id = z.string().min(1).max(maximumIntentIdLength)

const intentSchema = z.object({
  intentId: id,
  account: id,
  agent: id,
  strategy: id,
  symbol: z.string().min(1).max(32),
  side: z.enum(['buy', 'sell']),
  type: z.enum(['market', 'limit', 'stop']),
  quantity: amount,
  limitPrice: amount.optional(),
  stopPrice: amount.optional(),
  timeInForce: z.enum(['day', 'gtc', 'ioc']),
  exits: z
    .object({
      stopPrice: amount,
      targetPrice: amount,
      maximumSessions: z.int().min(1).max(maximumPlannedSessions),
    })
    .optional(),
  decidedAt: z.int(),
  causationId: id,
  correlationId: id,
})

/** Under which code a field denies; the others under `INVALID_INTENT`. */
const codeOfField: ReadonlyMap<PropertyKey | undefined, string> = new Map([
  ['symbol', 'INSTRUMENT_NOT_FOUND'],
  ['type', 'UNSUPPORTED_ORDER_TYPE'],
  ['timeInForce', 'UNSUPPORTED_TIME_IN_FORCE'],
  ['quantity', 'QUANTITY_PRECISION'],
  ['limitPrice', 'PRICE_PRECISION'],
  ['stopPrice', 'PRICE_PRECISION'],
  ['exits', 'MISSING_PROTECTIVE_STOP'],
])

/**
 * Reads what claims to be an intent, at the door of the kernel: nothing that is no number, or too long, gets into the books.
 * Unknown fields are dropped. Never throws; the finding's message names the field.
 */
export function parseIntent(value: unknown): ParsedIntent {
  const parsed = intentSchema.safeParse(value)
  if (!parsed.success) return malformed(value, parsed.error.issues[0])
  const { quantity, limitPrice, stopPrice, exits, ...rest } = parsed.data
  return {
    status: 'sound',
    intent: {
      ...rest,
      quantity: canonical(quantity),
      ...(limitPrice === undefined ? {} : { limitPrice: canonical(limitPrice) }),
      ...(stopPrice === undefined ? {} : { stopPrice: canonical(stopPrice) }),
      ...(exits === undefined
        ? {}
        : {
            exits: {
              stopPrice: canonical(exits.stopPrice),
              targetPrice: canonical(exits.targetPrice),
              maximumSessions: exits.maximumSessions,
            },
          }),
    },
  }
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
      message: `${field}: ${issue?.message ?? 'it cannot be read'}; it was ${found}. Correct it and ask again under a new intentId`,
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
