import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deriveMarketSignals, marketSignalWarmUpBars } from './derive-market-signals.js'
import type { MarketBar } from './market-derived-signal.js'

function barsOf(closes: readonly number[], volumes: readonly number[] = []): readonly MarketBar[] {
  return closes.map((close, index) => {
    const open = closes[index - 1] ?? close
    const volume = volumes[index] ?? 1_000 + (index % 7)
    return {
      sessionDate: `day-${index}`,
      open,
      high: Math.max(open, close) + 0.5,
      low: Math.min(open, close) - 0.5,
      close,
      volume,
    }
  })
}

const rising = Array.from({ length: 260 }, (_, index) => 100 + index * 0.4 + (index % 2))
const falling = rising.map((close) => 300 - close)
const find = (bars: readonly MarketBar[], kind: string) =>
  deriveMarketSignals(bars).find((signal) => signal.kind === kind)

describe('deriveMarketSignals', () => {
  it('gives each measure only after its warm-up', () => {
    for (const [kind, count] of Object.entries(marketSignalWarmUpBars)) {
      expect(find(barsOf(rising.slice(0, count - 1)), kind)).toBeUndefined()
      expect(find(barsOf(rising.slice(0, count)), kind)).toBeDefined()
    }
    expect(deriveMarketSignals([])).toEqual([])
  })

  it('reads the trend from aligned averages', () => {
    expect(find(barsOf(rising), 'trend')?.score).toBeGreaterThan(0.8)
    expect(find(barsOf(falling), 'trend')?.score).toBeLessThan(-0.8)
    expect(find(barsOf(rising), 'trend')?.value).toBeGreaterThan(0)
  })

  it('measures a gap in true ranges and forgets one that was closed', () => {
    const bars = barsOf(rising.slice(0, 40))
    const prior = bars.at(-2)?.close ?? 0
    const gapped = (close: number) => [
      ...bars.slice(0, -1),
      { sessionDate: 'x', open: prior + 6, high: prior + 8, low: prior - 1, close, volume: 1_000 },
    ]
    expect(find(gapped(prior + 7), 'gap')?.score).toBeCloseTo(1, 9)
    expect(find(gapped(prior - 0.5), 'gap')?.score).toBe(0)
    expect(find(gapped(prior + 7), 'gap')?.value).toBeGreaterThan(2)
  })

  it('takes turmoil against the year for bad', () => {
    const wild = rising.map((close, index) => (index > 240 ? close * (index % 2 === 0 ? 1.06 : 0.95) : close))
    expect(find(barsOf(wild), 'volatility')?.score).toBeLessThan(-0.5)
    expect(find(barsOf(wild), 'volatility')?.value).toBeGreaterThan(1.5)
  })

  it('signs unusual volume by the direction of the day', () => {
    const volumes = rising.map((_, index) => (index === rising.length - 1 ? 9_000 : 1_000 + (index % 7)))
    expect(find(barsOf(rising, volumes), 'volume')?.score).toBe(1)
    expect(find(barsOf(falling, volumes), 'volume')?.score).toBe(-1)
    expect(
      find(
        barsOf(
          rising,
          rising.map(() => 0),
        ),
        'volume',
      ),
    ).toBeUndefined()
  })

  it('says nothing on flat or broken bars', () => {
    const flat = Array.from({ length: 260 }, (_, index) => ({
      sessionDate: `${index}`,
      open: 5,
      high: 5,
      low: 5,
      close: 5,
      volume: 1,
    }))
    expect(deriveMarketSignals(flat)).toEqual([])
    const bars = barsOf(rising)
    for (const broken of [Number.NaN, 0, -1, Number.POSITIVE_INFINITY]) {
      expect(deriveMarketSignals([...bars.slice(0, -1), { ...(bars.at(-1) as MarketBar), close: broken }])).toEqual([])
    }
  })

  it('stays finite and within bounds on any prices', () => {
    const closes = fc.array(fc.double({ min: 0.01, max: 100_000, noNaN: true }), { minLength: 0, maxLength: 300 })
    fc.assert(
      fc.property(closes, (values) => {
        for (const { score, confidence, value } of deriveMarketSignals(barsOf(values))) {
          expect(Math.abs(score)).toBeLessThanOrEqual(1)
          expect(confidence).toBeGreaterThanOrEqual(0)
          expect(confidence).toBeLessThanOrEqual(1)
          expect(Number.isFinite(value)).toBe(true)
        }
      }),
    )
  })
})
