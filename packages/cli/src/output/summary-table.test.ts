import { defineTradingSwarm } from '@tradeswarm/agents'
import { type BacktestResult, backtest, bundledTape } from '@tradeswarm/backtest'
import type { PerformanceStatistics } from '@tradeswarm/trading'
import { beforeAll, expect, test } from 'vitest'
import { summaryTable } from './summary-table.js'

let result: BacktestResult

beforeAll(async () => {
  const tape = await bundledTape({ to: '2014-06-30' })
  result = await backtest({ tape, swarm: defineTradingSwarm({ symbols: ['SPX'] }), cash: { USD: '100000' }, seed: 42 })
})

const row = (lines: readonly string[], name: string) =>
  lines
    .find((line) => line.startsWith(name))
    ?.slice(24)
    .split(/\s{2,}/)
    .filter(Boolean)

test('the swarm stands beside both benchmarks, in columns', () => {
  const lines = summaryTable(result, { seconds: 2 })
  expect(lines[0]).toBe('bundled: 2014-01-02 to 2014-06-30, SPX')
  expect(lines[2]).toMatch(/^ +swarm +same exposure +buy and hold$/)
  const percent = (value: number | null) => `${((value ?? Number.NaN) * 100).toFixed(2)} %`
  expect(row(lines, 'return ')).toEqual([
    percent(result.statistics.totalReturn),
    percent(result.benchmark.sameExposure.totalReturn),
    percent(result.benchmark.buyAndHold.totalReturn),
  ])
  expect(row(lines, 'Sharpe')).toHaveLength(3)
  expect(row(lines, 'trades')).toEqual([String(result.trades.length)])
  const ends = ['return ', 'Sharpe', 'max drawdown'].map((name) => lines.find((line) => line.startsWith(name))?.length)
  expect(new Set(ends)).toEqual(new Set([lines[2]?.length]))
})

test('less than a lot is no open position', () => {
  const [position = expect.fail('nothing is held')] = result.portfolio.positions
  const held = (...quantities: readonly string[]) => {
    const positions = quantities.map((quantity) => ({ ...position, quantity }))
    return row(summaryTable({ ...result, portfolio: { ...result.portfolio, positions } }, { seconds: 1 }), 'positions')
  }
  const { lotSize } = result.header.tape.instruments[0] ?? expect.fail('there is no instrument')
  expect(held(lotSize, `-${lotSize}`, `0.${'0'.repeat(12)}1`, `-0.${'0'.repeat(12)}1`)).toEqual(['2'])
  expect(held()).toEqual(['0'])
})

test('counts, speed and labels are told', () => {
  const text = summaryTable(result, { seconds: 2 })
    .join('\n')
    .replace(/\n {2}/g, ' ')
  expect(text).toContain(`${result.counts.signals.toLocaleString('en-US')} signals`)
  expect(text).toContain(`${result.counts.denials} denial`)
  expect(text).toContain(`in 2.0 s, ${Math.round(result.counts.messages / 2).toLocaleString('en-US')} a second`)
  for (const label of result.labels) expect(text).toContain(`! ${label}`)
})

test('posts after the last close of the tape are of no interest where the run did not come so far', () => {
  const tape = { ...result.tape, postsAfterLastClose: 8 }
  const tell = (lastSession: string) => summaryTable({ ...result, tape, lastSession }, { seconds: 1 }).join('\n')
  expect(tell(result.header.tape.tradeTo)).toContain('tape: 8 posts after the last close')
  expect(tell('2014-04-04')).not.toContain('after the last close')
})

test('it is plain text of at most 100 columns, whatever the tape is called', () => {
  const hostile = `\u001b[31m\r\n${'x'.repeat(300)} ${'word '.repeat(60)}`
  const header = { ...result.header, tape: { ...result.header.tape, name: hostile } }
  for (const line of summaryTable({ ...result, header, labels: [...result.labels, hostile] }, { seconds: 0.5 })) {
    expect(line.length).toBeLessThanOrEqual(100)
    expect(line).not.toMatch(/\p{Cc}/u)
  }
})

test('what does not apply is n/a, never 0', () => {
  const statistics = Object.fromEntries(
    Object.keys(result.statistics).map((name) => [name, null]),
  ) as unknown as PerformanceStatistics
  const none = { totalReturn: null, annualReturn: null, sharpe: null, maximumDrawdown: null }
  const { equity: _, ...portfolio } = result.portfolio
  const lines = summaryTable(
    { ...result, statistics, portfolio, benchmark: { buyAndHold: none, sameExposure: none } },
    { seconds: 0 },
  )
  for (const name of ['return ', 'return a year', 'Sharpe', 'max drawdown'])
    expect(row(lines, name)).toEqual(['n/a', 'n/a', 'n/a'])
  for (const name of ['Sortino', 'win rate', 'profit factor', 'equity, USD']) expect(row(lines, name)).toEqual(['n/a'])
  expect(lines.some((line) => line.endsWith('n/a a second'))).toBe(true)
})
