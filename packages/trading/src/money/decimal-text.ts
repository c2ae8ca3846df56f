import { powersOfTen } from './powers-of-ten.js'

/** A plain decimal text as far as a double can hold its digits: NaN units where there are too many of them. */
export type PlainNumber = {
  units: number
  /** Digits after the point that are counted in `units`, zeros at the end left out. */
  scale: number
  /** True where the text is the shortest for its value. */
  canonical: boolean
}

const longestText = 62
const mostDigits = 30
const minusSign = 45
const point = 46
const digitZero = 48

/** Reads `text` into `into`, without an object of its own on the way; false where it is not a plain decimal of at most 30 digits on each side. */
export function readPlainNumber(text: string, into: PlainNumber): boolean {
  const { length } = text
  if (length > longestText) return false
  const start = text.charCodeAt(0) === minusSign ? 1 : 0
  let units = 0
  let pointAt = -1
  for (let index = start; index < length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === point && pointAt < 0) pointAt = index
    else if (code < digitZero || code > digitZero + 9) return false
    else units = units * 10 + (code - digitZero)
  }
  const wholeDigits = (pointAt < 0 ? length : pointAt) - start
  const places = pointAt < 0 ? 0 : length - pointAt - 1
  if (wholeDigits < 1 || wholeDigits > mostDigits || places > mostDigits || (pointAt >= 0 && places === 0)) return false
  // Rounding is monotonous: a number of too many digits ends above the largest safe integer, never below.
  if (units > Number.MAX_SAFE_INTEGER) {
    into.units = Number.NaN
    into.scale = places
    into.canonical = false
    return true
  }
  let zeros = 0
  while (zeros < places && text.charCodeAt(length - 1 - zeros) === digitZero) zeros += 1
  // Where all digits are zeros there may be more of them than the table has powers.
  if (zeros > 0) units = units === 0 ? 0 : units / (powersOfTen[zeros] as number)
  into.units = start === 1 ? 0 - units : units
  into.scale = places - zeros
  into.canonical =
    zeros === 0 &&
    (wholeDigits === 1 || text.charCodeAt(start) !== digitZero) &&
    (pointAt < 0 || zeros < places) &&
    (start === 0 || units !== 0)
  return true
}

/** The text of digits × 10^-scale with exactly `scale` digits after the point. `digits` has no sign. */
export function withPoint(isNegative: boolean, digits: string, scale: number): string {
  const sign = isNegative ? '-' : ''
  if (scale === 0) return sign + digits
  const whole = digits.length - scale
  if (whole > 0) return `${sign}${digits.slice(0, whole)}.${digits.slice(whole)}`
  return `${sign}0.${'0'.repeat(-whole)}${digits}`
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
