import { type EpochMs, SwarmError } from '@tradeswarm/core'
import { type Decimal, readDecimal } from '@tradeswarm/trading'
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
  return givenText(payload[field]) ?? missing(what, field, 'a text')
}

/** {@link text}; undefined for what is none. */
export function optionalText(payload: Payload, field: string): string | undefined {
  return givenText(payload[field])
}

/** A value of a payload that is a text, and not empty. What is asked for by name in the caller's own code is found several times as fast as by a name that is passed on. */
export function givenText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Throws `BROKER_BAD_PAYLOAD`, for a field that must be there. */
export function missing(what: string, field: string, wanted: string): never {
  throw badPayload(what, field, wanted)
}

/** An amount, as text or as JSON number, as a plain decimal text. */
export function amountText(payload: Payload, field: string, what: string): string {
  return givenAmount(payload[field]) ?? missing(what, field, 'an amount')
}

/** {@link amountText}; undefined for what is none. */
export function optionalAmount(payload: Payload, field: string): string | undefined {
  return givenAmount(payload[field])
}

/** {@link optionalAmount}, of a value of a payload. */
export function givenAmount(value: unknown): string | undefined {
  if (typeof value === 'number') return numberText(value)
  return typeof value === 'string' && isPlainDecimal(value) ? value : undefined
}

/** {@link givenAmount}, to be calculated with: read once for both. */
export function givenDecimal(value: unknown): Decimal | undefined {
  const amount = typeof value === 'number' ? numberText(value) : value
  return typeof amount === 'string' ? readDecimal(amount) : undefined
}

/** {@link givenDecimal}, of a field that need not be there: undefined for nothing, or an empty text. Throws `BROKER_BAD_PAYLOAD` for what is there and cannot be read. */
export function decimalIfAny(value: unknown, field: string, what: string): Decimal | undefined {
  if (value === undefined || value === null || value === '') return undefined
  return givenDecimal(value) ?? missing(what, field, 'an amount')
}

/** The shortest plain decimal text of a JSON number. */
export function numberText(value: number): string | undefined {
  const size = Math.abs(value)
  // Between these the shortest text has no exponent (ECMA-262, Number::toString).
  if (size === 0 || (size >= 1e-6 && size < 1e21)) return String(value)
  return size < 1e-6 ? smallText(value) : undefined
}

/** So many decimals an amount has at most, here as everywhere. */
const mostPlaces = 30

/** What has an exponent as text: the same digits, moved. */
function smallText(value: number): string {
  const [digits = '', exponent = ''] = Math.abs(value).toExponential().replace('.', '').split('e-')
  const places = `${'0'.repeat(Number(exponent) - 1)}${digits}`.slice(0, mostPlaces)
  return `${value < 0 ? '-' : ''}0.${places}`
}

/** An instant in RFC 3339 with up to 9 decimals, to the millisecond before. */
export function instant(payload: Payload, field: string, what: string): EpochMs {
  const found = optionalInstant(payload, field)
  if (found !== undefined) return found
  throw badPayload(what, field, 'an instant')
}

/** {@link instant}; undefined for what is none. */
export function optionalInstant(payload: Payload, field: string): EpochMs | undefined {
  return givenInstant(payload[field])
}

/** {@link optionalInstant}, of a value of a payload. */
export function givenInstant(value: unknown): EpochMs | undefined {
  if (typeof value !== 'string') return undefined
  const time = parseInstant(value)
  return Number.isNaN(time) ? undefined : time
}

/** An instant in milliseconds since 1970, as text or as JSON number. Throws `BROKER_BAD_PAYLOAD`. */
export function epochMs(payload: Payload, field: string, what: string): EpochMs {
  return givenEpochMs(payload[field]) ?? missing(what, field, 'an instant')
}

/** {@link epochMs}; undefined for what is none. */
export function optionalEpochMs(payload: Payload, field: string): EpochMs | undefined {
  return givenEpochMs(payload[field])
}

/** {@link optionalEpochMs}, of a value of a payload. */
export function givenEpochMs(value: unknown): EpochMs | undefined {
  const time = typeof value === 'string' ? readEpochMs(value) : value
  return typeof time === 'number' && Number.isSafeInteger(time) && time >= 0 ? time : undefined
}

/** So many digits are a whole number that a double holds. */
const exactDigits = 15

/** Digit by digit, which is several times as fast as `Number` of a part of a longer text. */
function readEpochMs(value: string): number | undefined {
  const { length } = value
  if (length === 0) return undefined
  let time = 0
  for (let index = 0; index < length && index < exactDigits; index += 1) {
    const digit = value.charCodeAt(index) - 0x30
    if (!(digit >= 0 && digit <= 9)) return Number(value)
    time = time * 10 + digit
  }
  return length > exactDigits ? Number(value) : time
}
