import { expect, test } from 'vitest'
import { computeIndicators, indicatorBars } from './indicators.js'
import { nextBaseline, noBaseline } from './post-baseline.js'

const flat = (count: number, close = 100) =>
  Array.from({ length: count }, () => ({ high: close + 1, low: close - 1, close }))

test('a constant range of 2 gives an average true range of 2 and the mean of the closes', () => {
  expect(computeIndicators(flat(60))).toMatchObject({ close: 100, sma50: 100 })
  expect(computeIndicators(flat(60))?.atr).toBeCloseTo(2)
})

test('too few bars leave an indicator out, no bars all of them', () => {
  expect(computeIndicators(flat(5))).toEqual({ close: 100, rsi: undefined, atr: undefined, sma50: undefined })
  expect(computeIndicators([])).toBeUndefined()
})

test('bars before the window change nothing', () => {
  expect(computeIndicators([...flat(50, 7), ...flat(indicatorBars)])).toEqual(computeIndicators(flat(indicatorBars)))
})

test('the baseline is the mean at first and then follows slowly', () => {
  let baseline = noBaseline
  for (const score of [0.1, 0.2, 0.3]) baseline = nextBaseline(baseline, score, 3)
  expect(baseline.mean).toBeCloseTo(0.2)
  expect(nextBaseline(baseline, 0.6, 3).mean).toBeCloseTo(0.2 + 0.5 * 0.4)
})
