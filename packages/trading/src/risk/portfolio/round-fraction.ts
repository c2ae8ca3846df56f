/** Decimals of a statistic when it is compared with a limit or shown. */
export const fractionPlaces = 6
const steps = 1_000_000
/** From here on a double has no sixth decimal. */
const wholeFrom = 4_503_599_627

/**
 * A statistic to 6 decimals, halves to the even digit: the only form in which one meets a limit. The double nearest to that decimal,
 * so that two of them compare as the decimals do. The product with 10⁶ is rounded as doubles are. Undefined when it is not finite.
 */
export function roundFraction(value: number): number | undefined {
  if (!Number.isFinite(value)) return undefined
  if (value >= wholeFrom || value <= -wholeFrom) return value
  const scaled = value * steps
  const below = Math.floor(scaled)
  const rest = scaled - below
  const nearest = rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below
  return nearest === 0 ? 0 : nearest / steps
}
