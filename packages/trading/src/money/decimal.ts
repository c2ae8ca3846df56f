import { SwarmError } from '@tradeswarm/core'
import Big from 'big.js'

const ExactBig = Big()
ExactBig.strict = true

/** An exact decimal number. It refuses floats: make one with {@link decimal} from text. */
export type Decimal = Big

/** Divides towards zero to whole numbers. */
const TruncatingBig = Big()
TruncatingBig.strict = true
TruncatingBig.DP = 0
TruncatingBig.RM = 0

/** Towards zero, away from it, or to the nearest with halves to the even digit. */
export type Rounding = 'down' | 'up' | 'half-even'

const roundingMode: Readonly<Record<Rounding, Big.RoundingMode>> = { down: 0, 'half-even': 2, up: 3 }
const plainDecimal = /^-?\d{1,30}(\.\d{1,30})?$/

/** Exactly 0. */
export const zero: Decimal = new ExactBig('0')
/** Exactly 1. */
export const one: Decimal = new ExactBig('1')

/**
 * The exact value of a plain decimal text such as `-12.50`: at most 30 digits on each side of the point, no exponent.
 * Throws `INVALID_DECIMAL`, naming the field when given.
 */
export function decimal(text: string, field = 'amount'): Decimal {
  if (typeof text !== 'string' || !plainDecimal.test(text)) {
    throw new SwarmError({
      code: 'INVALID_DECIMAL',
      message: `${field}: "${String(text).slice(0, 40)}" is not a plain decimal number such as "12.50"`,
      context: { field },
    })
  }
  return new ExactBig(text)
}

/** The shortest plain text of the value: no exponent, no trailing zeros, never `-0`. */
export function decimalText(value: Decimal): string {
  const text = value.toFixed()
  return text === '-0' ? '0' : text
}

/** value / divisor, rounded to `places` decimals. Rounds towards or away from zero, or half to even. Throws `DIVISION_BY_ZERO`. */
export function divide(value: Decimal, divisor: Decimal, places: number, rounding: Rounding): Decimal {
  if (divisor.eq(zero)) throw new SwarmError({ code: 'DIVISION_BY_ZERO', message: 'an amount was divided by zero' })
  const scale = new ExactBig(`1e${places + 1}`)
  const quotient = value.times(scale)
  const truncated = new TruncatingBig(quotient.toFixed()).div(new TruncatingBig(divisor.toFixed()))
  const exact = new ExactBig(truncated.toFixed())
  const sticky = exact.times(divisor).eq(quotient) ? zero : new ExactBig(value.s === divisor.s ? '0.1' : '-0.1')
  return exact
    .plus(sticky)
    .times(new ExactBig(`1e-${places + 1}`))
    .round(places, roundingMode[rounding])
}

/** The value on the grid of `step` (a tick or a lot): towards zero, away from it, or to the nearest. */
export function roundToStep(value: Decimal, step: Decimal, rounding: Rounding): Decimal {
  return divide(value, step, 0, rounding).times(step)
}

/** The nearest double: for indicators and statistics only. */
export function toFloat(value: Decimal): number {
  return Number(value.toFixed())
}

/** The decimal nearest to a float, with so many decimals: how a computed quantity or level comes back into money. Throws `INVALID_DECIMAL`. */
export function fromFloat(value: number, places: number, field = 'amount'): Decimal {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e15) {
    throw new SwarmError({
      code: 'INVALID_DECIMAL',
      message: `${field}: ${value} is not a finite amount below 1e15`,
      context: { field },
    })
  }
  return new ExactBig(value.toFixed(places))
}
