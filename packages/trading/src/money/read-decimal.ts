import { Decimal, fromBig } from './exact-decimal.js'
import { powersOfTen } from './powers-of-ten.js'
import { mostDigits, placeOf, recentAmounts } from './recent-amounts.js'

const longestText = 62
const minusSign = 45
const point = 46
const digitZero = 48

/** The exact value of a plain decimal text of at most 30 digits on each side of the point; undefined for any other text. */
export function readDecimal(text: string): Decimal | undefined {
  const place = placeOf(text)
  const known = recentAmounts[place]
  if (known?.isKnownAs(text) === true) return known
  const value = parsed(text)
  if (value?.isKnownAs(text) === true) recentAmounts[place] = value
  return value
}

function parsed(text: string): Decimal | undefined {
  const { length } = text
  if (length > longestText) return undefined
  const start = text.charCodeAt(0) === minusSign ? 1 : 0
  let units = 0
  let pointAt = -1
  for (let index = start; index < length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === point && pointAt < 0) pointAt = index
    else if (code < digitZero || code > digitZero + 9) return undefined
    else units = units * 10 + (code - digitZero)
  }
  const wholeDigits = (pointAt < 0 ? length : pointAt) - start
  const places = pointAt < 0 ? 0 : length - pointAt - 1
  if (wholeDigits < 1 || wholeDigits > mostDigits || places > mostDigits || (pointAt >= 0 && places === 0))
    return undefined
  // Rounding keeps the order of numbers: one of too many digits ends above the largest safe integer, never below.
  if (units > Number.MAX_SAFE_INTEGER) return fromBig(BigInt(text.replace('.', '')), places)
  let zeros = 0
  while (zeros < places && text.charCodeAt(length - 1 - zeros) === digitZero) zeros += 1
  // Where all digits are zeros there may be more of them than the table has powers.
  if (zeros > 0) units = units === 0 ? 0 : units / (powersOfTen[zeros] as number)
  const isShortest =
    zeros === 0 && (wholeDigits === 1 || text.charCodeAt(start) !== digitZero) && (start === 0 || units !== 0)
  return new Decimal(start === 1 ? 0 - units : units, places - zeros, undefined, isShortest ? text : undefined)
}
