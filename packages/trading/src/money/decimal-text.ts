import { powersOfTen } from './powers-of-ten.js'

const digitZero = 48
const minusSign = 45
/** What stands before digits that begin so many places after the point. */
const leads = Array.from({ length: 31 }, (_, zeros) => `0.${'0'.repeat(zeros)}`)
/** 10 to it is the largest power of ten that is a safe integer. */
const mostSplitPlaces = 15

/** The text of digits × 10^-scale with exactly `scale` digits after the point. `digits` has no sign. */
export function withPoint(isNegative: boolean, digits: string, scale: number): string {
  const sign = isNegative ? '-' : ''
  if (scale === 0) return sign + digits
  const whole = digits.length - scale
  if (whole > 0) return `${sign}${digits.slice(0, whole)}.${digits.slice(whole)}`
  return sign + (leads[-whole] ?? `0.${'0'.repeat(-whole)}`) + digits
}

/** The shortest text of digits × 10^-scale. `digits` has no sign. */
export function shortestText(isNegative: boolean, digits: string, scale: number): string {
  let end = digits.length
  let places = scale
  while (places > 0 && digits.charCodeAt(end - 1) === digitZero) {
    end -= 1
    places -= 1
  }
  return withPoint(isNegative, end === digits.length ? digits : digits.slice(0, end), places)
}

/**
 * The shortest text of units × 10^-scale, for safe integers above 0. Its two sides are written each by itself: the platform writes numbers
 * below 2^31 several times as fast as those above, and nothing is cut out of a text.
 */
export function shortTextOf(units: number, scale: number): string {
  if (scale > mostSplitPlaces) return shortestText(false, String(units), scale)
  const power = powersOfTen[scale] as number
  const whole = Math.floor(units / power)
  let fraction = units - whole * power
  if (fraction === 0) return String(whole)
  let places = scale
  while (fraction % 1_000 === 0) {
    fraction /= 1_000
    places -= 3
  }
  while (fraction % 10 === 0) {
    fraction /= 10
    places -= 1
  }
  const digits = String(fraction)
  return digits.length === places ? `${whole}.${digits}` : `${whole}.${'0'.repeat(places - digits.length)}${digits}`
}

/** The text of the same amount with the other sign; not of 0. */
export function oppositeText(text: string): string {
  return text.charCodeAt(0) === minusSign ? text.slice(1) : `-${text}`
}
