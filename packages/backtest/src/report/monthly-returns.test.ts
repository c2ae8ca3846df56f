import { expect, test } from 'vitest'
import { monthlyReturns } from './monthly-returns.js'

const point = (date: string, equity: number) => ({ date, equity, exposure: 0, buyAndHold: 0, sameExposure: 0 })

test('months chain from the start capital to the last close, and years from year to year', () => {
  const years = monthlyReturns(
    [
      point('2014-11-28', 105),
      point('2014-12-01', 104),
      point('2014-12-31', 110),
      point('2015-01-02', 99),
      point('2015-03-31', 198),
    ],
    100,
  )
  expect(years.map(({ year }) => year)).toEqual(['2014', '2015'])
  expect(years[0]?.months.slice(9)).toEqual([null, expect.closeTo(0.05, 12), expect.closeTo(110 / 105 - 1, 12)])
  expect(years[0]?.total).toBeCloseTo(0.1, 12)
  expect(years[1]?.months.slice(0, 4)).toEqual([expect.closeTo(-0.1, 12), null, expect.closeTo(1, 12), null])
  expect(years[1]?.total).toBeCloseTo(0.8, 12)
})

test('there are no returns of nothing', () => {
  expect(monthlyReturns([], 100)).toEqual([])
  expect(monthlyReturns([point('2014-01-02', 5)], 0)[0]?.total).toBeNull()
})
