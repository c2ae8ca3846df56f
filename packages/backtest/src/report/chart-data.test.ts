import type { ClosedPosition, PortfolioView } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { chartData } from './chart-data.js'
import type { ReportInput } from './report-input.js'

const at = (text: string) => Date.parse(text)
const point = (date: string, equity: number) => ({
  date,
  equity,
  exposure: 0.25,
  buyAndHold: 2 * equity,
  sameExposure: 100,
})
const trade = (openedAt: string, closedAt: string, realised: string) =>
  ({ openedAt: at(openedAt), closedAt: at(closedAt), realised, fees: '1.5', income: '0' }) as ClosedPosition

function data(curve: ReportInput['curve'], trades: readonly ClosedPosition[]) {
  return chartData({ curve, trades, portfolio: { currency: 'USD' } as PortfolioView } as ReportInput)
}

const curve = [
  point('2014-01-02', 100),
  point('2014-01-03', 120),
  point('2014-01-06', 90),
  point('2014-01-07', 130.009),
]

test('drawdowns are measured from the highest equity so far, in per cent', () => {
  expect(data(curve, [])).toMatchObject({
    drawdown: [0, 0, -25, 0],
    sameExposureDrawdown: [0, 0, 0, 0],
    exposure: [25, 25, 25, 25],
  })
})

test('trades stand at the session of their day, or at the one before when the day had none', () => {
  const result = data(curve, [
    trade('2014-01-02T14:30:00Z', '2014-01-03T21:00:00Z', '10'),
    trade('2013-12-31T14:30:00Z', '2014-01-05T00:00:00Z', '-2.25'),
    trade('2014-01-02T15:00:00Z', '2014-01-07T14:30:00Z', '1.5'),
  ])
  expect(result.opened).toEqual([2, 0, 0, 0])
  expect(result.closed).toEqual([0, 2, 0, 1])
  expect(result.closedResult).toEqual([null, 4.75, null, 0])
})

test('days are counted in UTC and worth is rounded to cents', () => {
  const { days, equity } = data(curve, [])
  expect(days).toEqual([16072, 16073, 16076, 16077])
  expect(equity.at(-1)).toBe(130.01)
})

test('an empty curve gives empty series', () => {
  expect(data([], [trade('2014-01-02T14:30:00Z', '2014-01-03T21:00:00Z', '10')])).toMatchObject({
    days: [],
    closed: [],
    drawdown: [],
  })
})
