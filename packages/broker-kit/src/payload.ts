import { type EpochMs, SwarmError } from '@tradeswarm/core'
import { parseInstant } from './parse-instant.js'
import { isPlainDecimal } from './plain-amount.js'

/** A JSON object that came from the venue, before it is understood. */
export type Payload = Readonly<Record<string, unknown>>

/** A payload that is not as it should be: what it was to tell is not known. */
export function badPayload(what: string, field: string, wanted: string): SwarmError {
  return new SwarmError({
    code: 'BROKER_BAD_PAYLOAD',
    message: `the venue sent ${what} whose ${field} is not ${wanted}; look whether its API has changed`,
    retryability: 'unknown-outcome',
    context: { what, field },
  })
}

/** A JSON object. Throws `BROKER_BAD_PAYLOAD`. */
export function asPayload(value: unknown, what: string): Payload {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Payload
  throw badPayload(what, 'whole', 'an object')
}

/** A JSON list. Throws `BROKER_BAD_PAYLOAD`. */
export function asList(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw badPayload(what, 'whole', 'a list')
}

/** A text that is not empty. Throws `BROKER_BAD_PAYLOAD`. */
export function text(payload: Payload, field: string, what: string): string {
  const value = payload[field]
  if (typeof value === 'string' && value !== '') return value
  throw badPayload(what, field, 'a text')
}

/** {@link text}; undefined for what is none. */
export function optionalText(payload: Payload, field: string): string | undefined {
  const value = payload[field]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** An amount, as text or as JSON number, as a plain decimal text. */
export function amountText(payload: Payload, field: string, what: string): string {
  const found = optionalAmount(payload, field)
  if (found !== undefined) return found
  throw badPayload(what, field, 'an amount')
}

/** {@link amountText}; undefined for what is none. */
export function optionalAmount(payload: Payload, field: string): string | undefined {
  const value = payload[field]
  if (typeof value === 'number') return numberText(value)
  return typeof value === 'string' && isPlainDecimal(value) ? value : undefined
}

/** The shortest plain decimal text of a JSON number. */
export function numberText(value: number): string | undefined {
  const size = Math.abs(value)
  // Between these the shortest text has no exponent (ECMA-262, Number::toString).
  if (size === 0 || (size >= 1e-6 && size < 1e21)) return String(value)
  return size < 1e-6 ? value.toFixed(12) : undefined
}

/** An instant in RFC 3339 with up to 9 decimals, to the millisecond before. */
export function instant(payload: Payload, field: string, what: string): EpochMs {
  const found = optionalInstant(payload, field)
  if (found !== undefined) return found
  throw badPayload(what, field, 'an instant')
}

/** {@link instant}; undefined for what is none. */
export function optionalInstant(payload: Payload, field: string): EpochMs | undefined {
  const value = payload[field]
  if (typeof value !== 'string') return undefined
  const time = parseInstant(value)
  return Number.isNaN(time) ? undefined : time
}

/** An instant in milliseconds since 1970, as text or as JSON number. Throws `BROKER_BAD_PAYLOAD`. */
export function epochMs(payload: Payload, field: string, what: string): EpochMs {
  const found = optionalEpochMs(payload, field)
  if (found !== undefined) return found
  throw badPayload(what, field, 'an instant')
}

/** {@link epochMs}; undefined for what is none. */
export function optionalEpochMs(payload: Payload, field: string): EpochMs | undefined {
  const value = payload[field]
  const time = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof time === 'number' && Number.isSafeInteger(time) && time >= 0 ? time : undefined
}
