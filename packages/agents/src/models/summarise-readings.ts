import type { Brief } from './brief.js'
import type { Reading } from './reading.js'

/** A reading with the share of all posts that its post has. */
export type SharedReading = { readonly share: number; readonly reading: Reading }

const directions = { bullish: 1, bearish: -1, neutral: 0 } as const

/**
 * What readings say together: the mean stance by share, strength and certainty. Advertising, instructions and what is about something else
 * count in no mean; what only mentions the instrument counts half. Pure.
 */
export function summariseReadings(asked: number, readings: readonly SharedReading[]): NonNullable<Brief['readings']> {
  let weight = 0
  let sum = 0
  const counts = { bullish: 0, bearish: 0, neutral: 0, promotions: 0, instructions: 0, unrelated: 0 }
  const events = new Set<Reading['event']>()
  for (const { share, reading } of readings) {
    if (reading.kind === 'promotion') counts.promotions += 1
    else if (reading.kind === 'instruction') counts.instructions += 1
    else if (reading.relevance === 'unrelated') counts.unrelated += 1
    else {
      counts[reading.stance] += 1
      if (reading.event !== 'none') events.add(reading.event)
      const counted = share * (reading.relevance === 'mentions' ? 0.5 : 1)
      weight += counted
      sum += counted * directions[reading.stance] * reading.strength * reading.certainty
    }
  }
  return {
    asked,
    read: readings.length,
    ...counts,
    score: weight > 0 ? Math.min(1, Math.max(-1, Math.round((sum / weight) * 1_000) / 1_000)) : 0,
    events: [...events].sort(),
  }
}
