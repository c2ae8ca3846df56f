const digitZero = 48
/** What stands before digits that begin so many places after the point. */
const leads = Array.from({ length: 31 }, (_, zeros) => `0.${'0'.repeat(zeros)}`)

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
