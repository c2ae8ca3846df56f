import type { Confidence } from './confidence.js'

/** So many scenarios in a hundred lie beyond the value at risk. */
const tailPerHundred: Readonly<Record<Confidence, number>> = { 95: 5, 99: 1 }

/** The worst losses of a P&L vector, the worst first: as many as the 95 % tail needs. */
export type LossTail = {
  /** Looks for them anew. Allocates nothing. */
  select(profits: Float64Array): void
  /** Loss that at most 5 (1) scenarios in a hundred exceed. Undefined with fewer scenarios than 20 (100): the tail would be less than one. */
  valueAtRisk(confidence: Confidence): number | undefined
  /** Mean of the worst 5 (1) per cent, the last scenario in part: Rockafellar and Uryasev (2002), proposition 8. */
  conditionalValueAtRisk(confidence: Confidence): number | undefined
}

/** A tail of so many scenarios. Losses are positive; a negative one is a gain. */
export function createLossTail(scenarios: number): LossTail {
  const kept = new Float64Array(Math.floor((scenarios * tailPerHundred[95]) / 100) + 1)
  const last = kept.length - 1
  const enough = (confidence: Confidence): boolean => scenarios * tailPerHundred[confidence] >= 100
  /** Where the worst losses of the last time were: those of the next one are mostly there too. */
  const worst = Int32Array.from(kept, (_, place) => place)
  return {
    select(profits) {
      // The worst ones are at least as bad as the least of as many others, so that most need no second look.
      let floor = Number.POSITIVE_INFINITY
      for (const index of worst) {
        const loss = -(profits[index] as number)
        if (loss < floor) floor = loss
      }
      kept.fill(-Infinity)
      let least = Number.NEGATIVE_INFINITY
      for (let index = 0; index < scenarios; index += 1) {
        const loss = -(profits[index] as number)
        if (loss < floor || loss <= least) continue
        let place = last
        while (place > 0 && (kept[place - 1] as number) < loss) {
          kept[place] = kept[place - 1] as number
          worst[place] = worst[place - 1] as number
          place -= 1
        }
        kept[place] = loss
        worst[place] = index
        least = kept[last] as number
      }
    },
    valueAtRisk(confidence) {
      if (!enough(confidence)) return undefined
      return kept[Math.floor((scenarios * tailPerHundred[confidence]) / 100)] as number
    },
    conditionalValueAtRisk(confidence) {
      if (!enough(confidence)) return undefined
      const size = (scenarios * tailPerHundred[confidence]) / 100
      const whole = Math.floor(size)
      let sum = 0
      for (let index = 0; index < whole; index += 1) sum += kept[index] as number
      return (sum + (size - whole) * (kept[whole] as number)) / size
    },
  }
}
