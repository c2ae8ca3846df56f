import { expect, test } from 'vitest'
import type { TapeBar, TapeDividend } from '../tape/tape.js'
import { benchmarkCurve } from './benchmark.js'

const bar = (symbol: string, date: string, open: string, close: string): TapeBar => ({
  symbol,
  date,
  open,
  high: open,
  low: close,
  close,
  volume: '1',
})
const dividend = (symbol: string, date: string, amountPerUnit: string): TapeDividend => ({
  symbol,
  date,
  amountPerUnit,
  currency: 'USD',
})
const tape = {
  bars: [
    bar('AAA', '2014-01-02', '100', '110'),
    bar('BBB', '2014-01-02', '50', '25'),
    bar('AAA', '2014-01-03', '110', '121'),
    bar('BBB', '2014-01-03', '25', '10'),
  ],
  dividends: [dividend('AAA', '2014-01-03', '2'), dividend('BBB', '2014-01-03', '5')],
}
const sessions = [
  { sessionDate: '2014-01-02', exposure: 0.5 },
  { sessionDate: '2014-01-03', exposure: 0 },
]

test('holding is of the symbols that the swarm trades, and of no other symbol of the tape', () => {
  const { buyAndHold, sameExposure } = benchmarkCurve(tape, ['AAA'], sessions)
  expect(buyAndHold[0]).toBeCloseTo(1.1, 12)
  expect(buyAndHold[1]).toBeCloseTo(1.21 + 0.02, 12)
  expect(sameExposure[1]).toBeCloseTo(1 + 0.5 * (1.23 / 1.1 - 1), 12)
  expect(
    benchmarkCurve(
      { bars: tape.bars.filter((each) => each.symbol === 'AAA'), dividends: tape.dividends.slice(0, 1) },
      ['AAA'],
      sessions,
    ),
  ).toEqual({
    dates: ['2014-01-02', '2014-01-03'],
    buyAndHold,
    sameExposure,
  })
})

test('several symbols are held in equal parts, their dividends kept as cash', () => {
  const { buyAndHold } = benchmarkCurve(tape, ['AAA', 'BBB'], sessions)
  expect(buyAndHold[0]).toBeCloseTo((1.1 + 0.5) / 2, 12)
  expect(buyAndHold[1]).toBeCloseTo((1.21 + 0.2) / 2 + 0.5 * 0.02 + 0.5 * 0.1, 12)
})
