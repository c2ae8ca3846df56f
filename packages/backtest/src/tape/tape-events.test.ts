import type { MarketEvent } from '@tradeswarm/trading'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TapeBar, TapeDividend } from './tape.js'
import { createTapeEvents } from './tape-events.js'

const instrument = (symbol: string) =>
  ({
    symbol,
    kind: 'equity',
    asset: symbol,
    currency: 'USD',
    tickSize: '0.01',
    lotSize: '1',
    minimumNotional: '1',
    calendar: 'us-equity',
  }) as const
const bar = (symbol: string, date: string, price = '10'): TapeBar => ({
  symbol,
  date,
  open: price,
  high: price,
  low: price,
  close: price,
  volume: '1',
})
const dividend = (symbol: string, date: string): TapeDividend => ({
  symbol,
  date,
  amountPerUnit: '0.1',
  currency: 'USD',
})
const tapeOf = (bars: readonly TapeBar[], dividends: readonly TapeDividend[] = []) => ({
  name: 'test',
  instruments: ['AAA', 'BBB'].map(instrument),
  bars,
  dividends,
})
const describeEvent = (event: MarketEvent): string => {
  const what = event.type === 'session' ? event.phase : `${event.type} ${event.symbol}`
  return `${new Date(event.time).toISOString().slice(0, 16)} ${what}`
}

test('a session runs from pre-open over dividends, open and opens to bars and close; early closes are early', () => {
  const bars = [bar('AAA', '2014-11-26'), bar('BBB', '2014-11-26'), bar('AAA', '2014-11-28', '11.5')]
  const events = [...createTapeEvents(tapeOf(bars, [dividend('AAA', '2014-11-28')]))]
  expect(events.map(describeEvent)).toEqual([
    '2014-11-26T14:15 pre-open',
    '2014-11-26T14:30 open',
    '2014-11-26T14:30 open AAA',
    '2014-11-26T14:30 open BBB',
    '2014-11-26T21:00 bar AAA',
    '2014-11-26T21:00 bar BBB',
    '2014-11-26T21:00 close',
    '2014-11-28T14:15 pre-open',
    '2014-11-28T14:30 dividend AAA',
    '2014-11-28T14:30 open',
    '2014-11-28T14:30 open AAA',
    '2014-11-28T18:00 bar AAA',
    '2014-11-28T18:00 close',
  ])
  expect(events.at(-2)).toEqual({
    type: 'bar',
    symbol: 'AAA',
    timeframe: '1d',
    sessionDate: '2014-11-28',
    start: Date.UTC(2014, 10, 28, 14, 30),
    time: Date.UTC(2014, 10, 28, 18),
    open: '11.5',
    high: '11.5',
    low: '11.5',
    close: '11.5',
    volume: '1',
  })
})

test('events are made only as they are asked for', () => {
  const bars = [bar('AAA', '2014-11-26'), bar('AAA', '2014-11-27')]
  const events = createTapeEvents(tapeOf(bars))
  for (let index = 0; index < 5; index += 1) expect(events.next().done).toBe(false)
  expect(() => events.next()).toThrow('2014-11-27 is no trading day of the us-equity calendar')
})

const dates = ['2014-03-07', '2014-03-10', '2014-03-11', '2014-07-03', '2014-10-31', '2014-11-03', '2014-11-28']
const tapes = fc
  .array(
    fc.record({
      date: fc.constantFrom(...dates),
      symbol: fc.constantFrom('AAA', 'BBB'),
      price: fc.integer({ min: 1, max: 99 }),
    }),
    { maxLength: 14 },
  )
  .map((rows) => {
    const unique = new Map(
      rows.map((row) => [`${row.date} ${row.symbol}`, bar(row.symbol, row.date, String(row.price))]),
    )
    return [...unique].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, value]) => value)
  })

test('time never runs backwards, and each bar comes once', () => {
  fc.assert(
    fc.property(tapes, (bars) => {
      const events = [...createTapeEvents(tapeOf(bars))]
      for (let index = 1; index < events.length; index += 1) {
        expect(events[index]?.time).toBeGreaterThanOrEqual(events[index - 1]?.time ?? 0)
      }
      expect(events.filter((event) => event.type === 'bar').length).toBe(bars.length)
    }),
  )
})

test('I31 bars changed or blanked after t change no event up to t, and a close or volume changes nothing at its open', () => {
  fc.assert(
    fc.property(tapes, fc.constantFrom(...dates), fc.boolean(), (bars, date, blank) => {
      const changed = bars.flatMap((row) => {
        if (row.date < date) return [row]
        if (row.date === date) return [{ ...row, high: '500', low: '0.1', close: '400', volume: '7' }]
        return blank ? [] : [{ ...row, open: '300', close: '1' }]
      })
      const open = Date.parse(`${date}T17:00:00Z`)
      const upToOpen = (rows: readonly TapeBar[]) =>
        [...createTapeEvents(tapeOf(rows))].filter((event) => event.time < open)
      expect(upToOpen(changed)).toEqual(upToOpen(bars))
    }),
  )
})
