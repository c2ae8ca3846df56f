/** Towards zero, away from it, or to the nearest with halves to the even digit. */
export type Rounding = 'down' | 'up' | 'half-even'

/**
 * dividend / divisor rounded to a whole number, for safe integers from 0, the divisor above 0. NaN for anything else.
 * The double nearest to the quotient of two such numbers is never the next whole number: that would take a dividend of 2^53 or more.
 */
export function divideSafe(dividend: number, divisor: number, rounding: Rounding): number {
  if (!(dividend <= Number.MAX_SAFE_INTEGER && divisor <= Number.MAX_SAFE_INTEGER)) return Number.NaN
  const quotient = Math.floor(dividend / divisor)
  const remainder = dividend - quotient * divisor
  if (remainder === 0 || rounding === 'down') return quotient
  if (rounding === 'up') return quotient + 1
  const excess = 2 * remainder - divisor
  return excess > 0 || (excess === 0 && quotient % 2 === 1) ? quotient + 1 : quotient
}

/** The same without a bound. */
export function divideBig(dividend: bigint, divisor: bigint, rounding: Rounding): bigint {
  const quotient = dividend / divisor
  const remainder = dividend - quotient * divisor
  if (remainder === 0n || rounding === 'down') return quotient
  if (rounding === 'up') return quotient + 1n
  const excess = 2n * remainder - divisor
  return excess > 0n || (excess === 0n && quotient % 2n === 1n) ? quotient + 1n : quotient
}
