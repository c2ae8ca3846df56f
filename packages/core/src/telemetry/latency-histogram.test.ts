import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LatencyHistogram } from './latency-histogram.js'

const quantiles = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p99', 0.99],
] as const

/** From nothing to more than an hour, each decade as often as the next. */
const latency = fc.oneof(
  fc.double({ min: -7, max: 7, noNaN: true }).map((exponent) => 10 ** exponent),
  fc.constantFrom(0, 0.001, 1, 67_108.863, 67_108.864, 3_600_000),
  fc.nat({ max: 4_000_000 }),
)

function recorded(latencies: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram()
  for (const ms of latencies) histogram.record(ms)
  return histogram
}

describe('LatencyHistogram', () => {
  it('tells quantiles within 1/128 of the exact ones, or of 1 µs, and count, maximum and mean exactly', () => {
    fc.assert(
      fc.property(fc.array(latency, { minLength: 1, maxLength: 300 }), (latencies) => {
        const summary = recorded(latencies).summary()
        const sorted = [...latencies].sort((a, b) => a - b)
        for (const [name, quantile] of quantiles) {
          const exact = Math.min(sorted[Math.ceil(quantile * sorted.length) - 1] ?? Number.NaN, 3_600_000)
          const bound = (Math.max(exact, 0.001) / 128) * (1 + 1e-9)
          expect(Math.abs(Math.min(summary[name], 3_600_000) - exact)).toBeLessThanOrEqual(bound)
        }
        expect(summary.count).toBe(latencies.length)
        expect(summary.maximum).toBe(sorted.at(-1))
        expect(summary.mean).toBe(latencies.reduce((sum, ms) => sum + ms, 0) / latencies.length)
      }),
      { numRuns: 500 },
    )
  })

  it('tells of a merger what it would of all in one', () => {
    fc.assert(
      fc.property(fc.array(latency), fc.array(latency), (one, other) => {
        const merged = recorded(one)
        const added = recorded(other)
        const before = added.summary()
        merged.merge(added)
        const { mean, ...summary } = merged.summary()
        const { mean: expectedMean, ...expected } = recorded([...one, ...other]).summary()
        expect(summary).toEqual(expected)
        expect(mean).toBeCloseTo(expectedMean, 6)
        expect(added.summary()).toEqual(before)
      }),
    )
  })

  it('is empty before the first record, and after what is no latency', () => {
    const empty = { count: 0, p50: 0, p90: 0, p99: 0, maximum: 0, mean: 0 }
    expect(new LatencyHistogram().summary()).toEqual(empty)
    expect(recorded([Number.NaN, Number.POSITIVE_INFINITY]).summary()).toEqual(empty)
    const merged = new LatencyHistogram()
    merged.merge(new LatencyHistogram())
    expect(merged.summary()).toEqual(empty)
  })

  it('counts a negative one as 0, and one over the hour as an hour with its own maximum', () => {
    const summary = recorded([-5, 7_200_000]).summary()
    expect(summary).toMatchObject({ count: 2, maximum: 7_200_000, mean: 3_600_000 })
    expect(summary.p50).toBeLessThan(0.001)
    expect(summary.p99 / 3_600_000).toBeCloseTo(1, 1)
  })
})
