import { SwarmError } from '@tradeswarm/core'
import type { Rounding } from './divide-whole.js'
import { Decimal, fromBig, zero } from './exact-decimal.js'
import { exactPowers, powersOfTen } from './powers-of-ten.js'
import { readDecimal } from './read-decimal.js'

export type { Rounding } from './divide-whole.js'
export { type Decimal, one, zero } from './exact-decimal.js'
export { readDecimal } from './read-decimal.js'

/**
 * The exact value of a plain decimal text such as `-12.50`: at most 30 digits on each side of the point, no exponent.
 * Throws `INVALID_DECIMAL`, naming the field when given.
 */
export function decimal(text: string, field = 'amount'): Decimal {
  const value = typeof text === 'string' ? readDecimal(text) : undefined
  if (value !== undefined) return value
  throw new SwarmError({
    code: 'INVALID_DECIMAL',
    message: `${field}: ${faultOf(text)}`,
    context: { field },
  })
}

/** Quotes belong to texts: a number in them would look like what is asked for. */
function faultOf(value: unknown): string {
  if (typeof value === 'string') return `"${value.slice(0, 40)}" is not a plain decimal number such as "12.50"`
  if (value === undefined) return 'is missing; expected a decimal text such as "12.50"'
  return `expected a decimal text such as "12.50", received ${kindOf(value)}`
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return `${typeof value} ${String(value).slice(0, 40)}`
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** The shortest plain text of the value: no exponent, no trailing zeros, never `-0`. */
export function decimalText(value: Decimal): string {
  return value.toString()
}

/** value / divisor, rounded to `places` decimals. Rounds towards or away from zero, or half to even. Throws `DIVISION_BY_ZERO`. */
export function divide(value: Decimal, divisor: Decimal, places: number, rounding: Rounding): Decimal {
  return value.dividedBy(divisor, places, rounding)
}

/** The value on the grid of `step` (a tick or a lot): towards zero, away from it, or to the nearest. */
export function roundToStep(value: Decimal, step: Decimal, rounding: Rounding): Decimal {
  return value.dividedBy(step, 0, rounding).times(step)
}

/** The nearest double: for indicators and statistics only. */
export function toFloat(value: Decimal): number {
  return value.toFloat()
}

/** Below 2^51 units lie apart by more than a double of their size can be off. */
const mostCertainUnits = 2_251_799_813_685_248

/** The decimal nearest to a float, with so many decimals: how a computed quantity or level comes back into money. Throws `INVALID_DECIMAL`. */
export function fromFloat(value: number, places: number, field = 'amount'): Decimal {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e15) {
    throw new SwarmError({
      code: 'INVALID_DECIMAL',
      message: `${field}: ${value} is not a finite amount below 1e15`,
      context: { field },
    })
  }
  // What lies on the grid already, as rounded statistics do, is read off it without a text.
  const power = powersOfTen[places]
  if (power !== undefined && places <= exactPowers) {
    const units = Math.round(value * power)
    if (units === 0 && value === 0) return zero
    if (Math.abs(units) < mostCertainUnits && units / power === value) return fromWhole(units, places)
  }
  const text = value.toFixed(places)
  return readDecimal(text) ?? fromBig(BigInt(text.replace('.', '')), places)
}

/** units × 10^-places without zeros at the end. */
function fromWhole(units: number, places: number): Decimal {
  let left = units
  let scale = places
  while (scale > 0 && left % 10 === 0) {
    left /= 10
    scale -= 1
  }
  return new Decimal(left, scale)
}
