import type { Brief, signalPatterns } from '../models/brief.js'

type Pattern = (typeof signalPatterns)[number]

/** What patterns are looked for in. */
export type PatternBasis = Pick<Brief, 'price' | 'posts' | 'readings' | 'trend' | 'gap' | 'volume'> & {
  /** Share of the posts that the loudest voices have: the sum of squared shares. */
  readonly concentration?: number | undefined
}

const notable = 0.1
const strong = 0.3

/** The named combinations that hold, in the order of their names. By fixed bounds, no model takes part. Pure. */
export function findPatterns(basis: PatternBasis): readonly Pattern[] {
  const { price, posts, readings, trend = 0, gap = 0, volume = 0, concentration = 0 } = basis
  const found: Pattern[] = []
  const mood = posts?.distance ?? 0
  const isBurst = (posts?.burst ?? 0) >= 2
  const moved = Math.abs(gap) > strong || Math.abs(volume) > strong
  if (mood * trend > 0 && Math.abs(mood) > notable && Math.abs(trend) > notable) found.push('posts-with-trend')
  if (mood * trend < 0 && Math.abs(mood) > notable && Math.abs(trend) > notable) found.push('posts-against-trend')
  if (isBurst && !moved) found.push('burst-without-move')
  if (isBurst && moved) found.push('burst-with-move')
  // Above 70 and below 30 (Wilder 1978).
  if (price.rsi !== undefined && price.rsi > 70) found.push('overbought')
  if (price.rsi !== undefined && price.rsi < 30) found.push('oversold')
  if (concentration > 0.5 && (posts?.mentions ?? 0) > 1) found.push('crowded')
  if ((posts?.copiedPercent ?? 0) > 30) found.push('copied')
  if (readings !== undefined && posts !== undefined && readings.score * posts.score < 0) found.push('readers-disagree')
  if ((posts?.mentions ?? 0) === 0 && !moved) found.push('quiet')
  return found
}
