import type { Decimal } from './exact-decimal.js'

/** So many digits at most are read on each side of the point. */
export const mostDigits = 30

const places = 2_048

/**
 * What was read or written lately, each at a place that follows from its text: the same amounts are read again and again, most of them soon after
 * they were written, and an amount never changes. It saves time alone.
 */
export const recentAmounts: (Decimal | undefined)[] = Array.from({ length: places })

/** By the characters at both ends: they differ most among amounts of one kind. */
export function placeOf(text: string): number {
  const { length } = text
  if (length < 2) return text.charCodeAt(0) & (places - 1)
  const ends = (text.charCodeAt(0) * 31 + text.charCodeAt(1)) * 31 + text.charCodeAt(length - 2)
  return (ends * 31 + text.charCodeAt(length - 1) + length * 7) & (places - 1)
}
