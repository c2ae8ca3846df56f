import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadTape } from '@tradeswarm/backtest'
import { createUsEquityCalendar, decimal } from '@tradeswarm/trading'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { dividendsToday } from '../venues/alpaca-dividends.js'
import { adjustedCloses } from './adjusted-closes.js'

const folder = mkdtempSync(join(tmpdir(), 'tradeswarm-closes-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const calendar = createUsEquityCalendar()
const dates = Array.from({ length: 700 }, (_, index) =>
  new Date(Date.UTC(2024, 0, 1 + index)).toISOString().slice(0, 10),
)
  .filter((date) => calendar.session(date) !== undefined)
  .slice(0, 400)

test('a close is less by what is paid after it, of the price of the day before', () => {
  const rows = [
    { date: '2024-01-02', close: '100' },
    { date: '2024-01-03', close: '50' },
    { date: '2024-01-05', close: '60' },
  ]
  expect(adjustedCloses(rows, [])).toEqual(['100', '50', '60'])
  // A day without a bar in between takes nothing away.
  expect(adjustedCloses(rows, [{ exDate: '2024-01-04', amount: '5' }])).toEqual(['90', '45', '60'])
  const outside = [
    { exDate: '2024-01-02', amount: '5' },
    { exDate: '2024-01-06', amount: '5' },
    { exDate: '2024-01-05', amount: '50' },
  ]
  expect(adjustedCloses(rows, outside)).toEqual(['100', '50', '60'])
})

test('a tape gets every dividend back that it tells from noise', async () => {
  const price = fc.integer({ min: 500, max: 90_000 }).map((cents) => (cents / 100).toFixed(2))
  const paid = fc.record({ day: fc.integer({ min: 1, max: 399 }), mills: fc.integer({ min: 10, max: 4_000 }) })
  const prices = fc.array(price, { minLength: dates.length, maxLength: dates.length })
  const some = fc.uniqueArray(paid, { maxLength: 8, selector: ({ day }) => day })
  await fc.assert(
    fc.asyncProperty(prices, some, async (closes, payments) => {
      const rows = dates.map((date, index) => ({ date, close: closes[index] ?? '1' }))
      const dividends = payments
        .toSorted((a, b) => a.day - b.day)
        .map(({ day, mills }) => ({ exDate: dates[day] ?? '', amount: (mills / 1_000).toFixed(3) }))
      const adjusted = adjustedCloses(rows, dividends)
      const lines = rows.map(
        ({ date, close }, index) => `AAA,${date},${close},${close},${close},${close},${adjusted[index]},1`,
      )
      writeFileSync(
        join(folder, 'bars-1d.csv'),
        `symbol,date,open,high,low,close,adjClose,volume\n${lines.join('\n')}\n`,
      )
      writeFileSync(join(folder, 'posts.jsonl'), '')
      const tape = await loadTape(folder)
      expect(tape.dividends.map(({ date }) => date)).toEqual(dividends.map(({ exDate }) => exDate))
      for (const [index, { amountPerUnit }] of tape.dividends.entries()) {
        const off = decimal(amountPerUnit).minus(decimal(dividends[index]?.amount ?? '0'))
        expect(off.abs().lte(decimal('0.000002'))).toBe(true)
      }
    }),
    { numRuns: 15 },
  )
})

test('dividends of before a split are told for a share as it is today, and those of other currencies are left out', () => {
  const paid = (exDate: string, amount: string, currency = 'USD') => ({
    symbol: 'A',
    exDate,
    amount,
    currency,
    isSpecial: false,
  })
  const splits = [
    { symbol: 'A', exDate: '2020-08-31', newRate: '4', oldRate: '1' },
    { symbol: 'A', exDate: '2022-01-03', newRate: '1', oldRate: '2' },
    { symbol: 'A', exDate: '2030-01-03', newRate: '10', oldRate: '1' },
  ]
  const told = [
    paid('2020-05-08', '0.82'),
    paid('2020-08-31', '0.2'),
    paid('2021-05-08', '1', 'CAD'),
    paid('2023-05-08', '0.3'),
  ]
  expect(dividendsToday(told, splits, '2026-01-01')).toEqual([
    { exDate: '2020-05-08', amount: '0.41' },
    { exDate: '2020-08-31', amount: '0.4' },
    { exDate: '2023-05-08', amount: '0.3' },
  ])
})
