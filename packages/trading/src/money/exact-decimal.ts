import { SwarmError } from '@tradeswarm/core'
import { shortestText, shortTextOf, withPoint } from './decimal-text.js'
import { divideBig, divideSafe, type Rounding } from './divide-whole.js'
import { bigPowerOfTen, exactPowers, powersOfTen } from './powers-of-ten.js'
import { mostDigits, placeOf, recentAmounts } from './recent-amounts.js'

const largest = Number.MAX_SAFE_INTEGER
/** So many decimals more than the dividend has are looked for in an exact quotient. */
const mostMoreDigits = 4
const pointCode = 46
const largestBig = BigInt(largest)

/**
 * An exact decimal number, units × 10^-scale, that never changes. It refuses floats: make one with `decimal` from text.
 *
 * `units` is a whole number that a double holds exactly, or NaN, and then `big` holds it. The product of two whole numbers, rounded
 * to a double, is above the largest safe integer exactly when the exact product is: so one comparison after the multiplication tells
 * whether a result is exact, and what is not is computed anew with bigints. So it is with a sum: units that were aligned by a power of
 * ten are even, hence exact up to 2^54, and beyond that no safe integer brings them back under 2^53. Anything but an amount makes NaN
 * on that way, and is refused there.
 */
export class Decimal {
  private readonly units: number
  private readonly scale: number
  private readonly big: bigint | undefined
  private text: string | undefined

  /** For this folder alone: `units` must be a safe integer (never -0), or NaN beside a `big` beyond them. */
  constructor(units: number, scale: number, big?: bigint, text?: string) {
    this.units = units
    this.scale = scale
    this.big = big
    this.text = text
  }

  plus(other: Decimal): Decimal {
    // Of what is no amount the difference is NaN.
    if (this.units === 0 && other.units - other.units === 0) return other
    if (other.units === 0) return this
    const shift = this.scale - other.scale
    const sum =
      shift === 0
        ? this.units + other.units
        : shift > 0
          ? this.units + other.units * (powersOfTen[shift] as number)
          : this.units * (powersOfTen[-shift] as number) + other.units
    if (sum <= largest && sum >= -largest) return new Decimal(sum, shift > 0 ? this.scale : other.scale)
    const scale = Math.max(this.scale, amountOf(other).scale)
    return fromBig(this.bigUnits(scale) + other.bigUnits(scale), scale)
  }

  /** For this folder alone: adds itself to a sum; false where that would not be exact, and then the sum stays what it was. */
  joins(sum: { units: number; scale: number }): boolean {
    const shift = sum.scale - this.scale
    const units =
      shift >= 0
        ? sum.units + this.units * (powersOfTen[shift] as number)
        : sum.units * (powersOfTen[-shift] as number) + this.units
    if (!(units <= largest && units >= -largest)) return false
    sum.units = units
    if (shift < 0) sum.scale = this.scale
    return true
  }

  minus(other: Decimal): Decimal {
    if (other.units === 0) return this
    const shift = this.scale - other.scale
    const difference =
      shift === 0
        ? this.units - other.units
        : shift > 0
          ? this.units - other.units * (powersOfTen[shift] as number)
          : this.units * (powersOfTen[-shift] as number) - other.units
    if (difference <= largest && difference >= -largest)
      return new Decimal(difference, shift > 0 ? this.scale : other.scale)
    const scale = Math.max(this.scale, amountOf(other).scale)
    return fromBig(this.bigUnits(scale) - other.bigUnits(scale), scale)
  }

  times(other: Decimal): Decimal {
    const product = this.units * other.units
    if (product <= largest && product >= -largest) {
      // 0 × -1 is -0, which + 0 makes 0.
      return product === 0 ? zero : new Decimal(product, this.scale + other.scale)
    }
    const factor = amountOf(other)
    return fromBig(this.bigUnits(this.scale) * factor.bigUnits(factor.scale), this.scale + factor.scale)
  }

  /** this / divisor, rounded to `places` decimals. Throws `DIVISION_BY_ZERO`. */
  dividedBy(divisor: Decimal, places: number, rounding: Rounding): Decimal {
    if (amountOf(divisor).isZero()) throw divisionByZero()
    const shift = places + divisor.scale - this.scale
    const dividend = Math.abs(this.units) * (shift > 0 ? (powersOfTen[shift] as number) : 1)
    const units = Math.abs(divisor.units) * (shift < 0 ? (powersOfTen[-shift] as number) : 1)
    const isNegative = this.isNegative() !== divisor.isNegative()
    const quotient = divideSafe(dividend, units, rounding)
    if (quotient <= largest) return new Decimal(isNegative ? 0 - quotient : quotient, places)
    const exact = this.shortQuotient(divisor, places)
    if (exact !== undefined) return exact
    const magnitude = divideBig(
      absolute(this.bigUnits(this.scale + Math.max(shift, 0))),
      absolute(divisor.bigUnits(divisor.scale + Math.max(-shift, 0))),
      rounding,
    )
    return fromBig(isNegative ? -magnitude : magnitude, places)
  }

  /** The quotient where it is exact with few decimals, as most averages of prices are: that needs neither rounding nor bigints. */
  private shortQuotient(divisor: Decimal, places: number): Decimal | undefined {
    const by = divisor.units
    for (let more = 0; more <= mostMoreDigits; more += 1) {
      const dividend = this.units * (powersOfTen[more] as number)
      if (!(dividend <= largest && dividend >= -largest)) return undefined
      // Of safe integers a quotient that is rounded to a whole number is one, as in `isMultipleOf`; a remainder takes much longer.
      const quotient = dividend / by
      if (!Number.isInteger(quotient)) continue
      const scale = this.scale - divisor.scale + more
      return scale < 0 || scale > places ? undefined : new Decimal(quotient, scale)
    }
    return undefined
  }

  /** What is left of this after whole divisors were taken out; it has the sign of this. Throws `DIVISION_BY_ZERO`. */
  mod(divisor: Decimal): Decimal {
    if (amountOf(divisor).isZero()) throw divisionByZero()
    const shift = this.scale - divisor.scale
    const dividend = Math.abs(this.units) * (shift < 0 ? (powersOfTen[-shift] as number) : 1)
    const units = Math.abs(divisor.units) * (shift > 0 ? (powersOfTen[shift] as number) : 1)
    const quotient = divideSafe(dividend, units, 'down')
    const scale = Math.max(this.scale, divisor.scale)
    if (quotient <= largest) {
      const left = dividend - quotient * units
      return new Decimal(this.units < 0 ? 0 - left : left, scale)
    }
    return fromBig(this.bigUnits(scale) % divisor.bigUnits(scale), scale)
  }

  /** Whether it lies on the grid of `step`; as `mod` is 0, and mostly without a number being made. Throws `DIVISION_BY_ZERO`. */
  isMultipleOf(step: Decimal): boolean {
    const shift = this.scale - step.scale
    const dividend = shift < 0 ? this.units * (powersOfTen[-shift] as number) : this.units
    const divisor = shift > 0 ? step.units * (powersOfTen[shift] as number) : step.units
    // Of safe integers a quotient that is rounded to a whole number is one: it would be off by less than 1 in the dividend.
    if (dividend <= largest && dividend >= -largest && divisor <= largest && divisor >= -largest && divisor !== 0)
      return Number.isInteger(dividend / divisor)
    return this.mod(step).isZero()
  }

  /** Below, at or above 0 as this is less than, equal to or more than the other. */
  cmp(other: Decimal): -1 | 0 | 1 {
    const difference = this.distance(other)
    return difference > 0 ? 1 : difference < 0 ? -1 : 0
  }

  eq(other: Decimal): boolean {
    return this.distance(other) === 0
  }

  lt(other: Decimal): boolean {
    return this.distance(other) < 0
  }

  lte(other: Decimal): boolean {
    return this.distance(other) <= 0
  }

  gt(other: Decimal): boolean {
    return this.distance(other) > 0
  }

  gte(other: Decimal): boolean {
    return this.distance(other) >= 0
  }

  isZero(): boolean {
    return this.units === 0
  }

  isNegative(): boolean {
    return this.units < 0 || (this.big !== undefined && this.big < 0n)
  }

  /** Above 0. */
  isPositive(): boolean {
    return this.units > 0 || (this.big !== undefined && this.big > 0n)
  }

  /** -1, 0 or 1. */
  get sign(): -1 | 0 | 1 {
    return this.isNegative() ? -1 : this.units === 0 ? 0 : 1
  }

  /** Digits after the point of the shortest text. */
  get places(): number {
    const text = this.toString()
    const point = text.indexOf('.')
    return point < 0 ? 0 : text.length - point - 1
  }

  abs(): Decimal {
    return this.isNegative() ? this.neg() : this
  }

  neg(): Decimal {
    return this.big === undefined
      ? new Decimal(0 - this.units, this.scale)
      : new Decimal(Number.NaN, this.scale, -this.big)
  }

  /** The value with at most so many decimals. */
  round(places: number, rounding: Rounding): Decimal {
    return this.scale <= places ? this : this.dividedBy(one, places, rounding)
  }

  /** Plain text with exactly so many decimals; without `places` the shortest. */
  toFixed(places?: number, rounding: Rounding = 'half-even'): string {
    if (places === undefined) return this.toString()
    const units = this.round(places, rounding).bigUnits(places)
    return withPoint(units < 0n, absolute(units).toString(), places)
  }

  /** The shortest plain text: no exponent, no trailing zeros, never `-0`. */
  toString(): string {
    if (this.text === undefined) {
      this.text = this.newText()
      if (this.isAsRead(this.text)) recentAmounts[placeOf(this.text)] = this
    }
    return this.text
  }

  /** Whether reading that text would make the same units: no zeros at their end, and no more digits than a text may have. */
  private isAsRead(text: string): boolean {
    const { scale } = this
    const hasZeros = scale > 0 && text.charCodeAt(text.length - 1 - scale) !== pointCode
    return !hasZeros && text.length <= mostDigits
  }

  /** For this folder alone: whether it is known already that this is its shortest text. */
  isKnownAs(text: string): boolean {
    return this.text === text
  }

  toJSON(): string {
    return this.toString()
  }

  /** The nearest double. */
  toFloat(): number {
    // Dividing one exact double by another rounds once, as reading the text does.
    return this.scale <= exactPowers && this.big === undefined
      ? this.units / (powersOfTen[this.scale] as number)
      : Number(this.toString())
  }

  /** Keeps `+`, `<` and the like from making a float of an amount. */
  valueOf(): never {
    throw notAnAmount()
  }

  private newText(): string {
    const { units, scale, big } = this
    if (units === 0) return '0'
    if (big !== undefined) return shortestText(big < 0n, absolute(big).toString(), scale)
    if (scale === 0) return String(units)
    return units < 0 ? `-${shortTextOf(-units, scale)}` : shortTextOf(units, scale)
  }

  /** Has the sign of this - other, and 0 exactly where they are equal. */
  private distance(other: Decimal): number {
    const shift = this.scale - other.scale
    const difference =
      shift === 0
        ? this.units - other.units
        : shift > 0
          ? // An aligned number too large for a double is rounded, but still beyond every number that is not.
            this.units - other.units * (powersOfTen[shift] as number)
          : this.units * (powersOfTen[-shift] as number) - other.units
    if (!Number.isNaN(difference)) return difference
    const scale = Math.max(this.scale, amountOf(other).scale)
    const exact = this.bigUnits(scale) - other.bigUnits(scale)
    return exact > 0n ? 1 : exact < 0n ? -1 : 0
  }

  /** The whole number at that scale, which is not below this one's unless the digits between are zeros. */
  private bigUnits(scale: number): bigint {
    const big = this.big ?? BigInt(this.units)
    return scale >= this.scale ? big * bigPowerOfTen(scale - this.scale) : big / bigPowerOfTen(this.scale - scale)
  }
}

/** Exactly 0. */
export const zero: Decimal = new Decimal(0, 0, undefined, '0')
/** Exactly 1. */
export const one: Decimal = new Decimal(1, 0, undefined, '1')

/** The value of units × 10^-scale. A double again where one can hold it; else zeros at the end are dropped, so that sums and products do not grow without need. */
export function fromBig(units: bigint, scale: number): Decimal {
  let left = units
  let places = scale
  while (left > largestBig || left < -largestBig) {
    if (places === 0 || left % 10n !== 0n) return new Decimal(Number.NaN, places, left)
    left /= 10n
    places -= 1
  }
  return left === 0n ? zero : new Decimal(Number(left), places)
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value
}

function amountOf(value: Decimal): Decimal {
  if (!(value instanceof Decimal)) throw notAnAmount()
  return value
}

function notAnAmount(): TypeError {
  return new TypeError(
    'amounts are computed with amounts only: make one of a text with decimal(), of a float with fromFloat()',
  )
}

function divisionByZero(): SwarmError {
  return new SwarmError({ code: 'DIVISION_BY_ZERO', message: 'an amount was divided by zero' })
}
