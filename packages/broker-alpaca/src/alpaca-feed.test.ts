import { usEquitySessions } from '@tradeswarm/broker-kit'
import { createSeededRandom, type EpochMs } from '@tradeswarm/core'
import type { MarketEvent } from '@tradeswarm/trading'
import { describe, expect, test } from 'vitest'
import { AlpacaFeed } from './alpaca-feed.js'
import { createKeptLog } from './live-account.test-support.js'
import type { MarketDataClient } from './market-data-client.js'
import { parseConnection } from './parse-alpaca-options.js'
import { type AlpacaBar, type AlpacaTrade, parseTrade, parseWithdrawn } from './parse-market-data.js'

/** A Tuesday in winter, of which the session is from 14:30 to 21:00 by UTC, and the day after. */
const noon = Date.UTC(2026, 0, 13, 17)
const [tuesdayClose, wednesdayNoon] = [Date.UTC(2026, 0, 13, 21), Date.UTC(2026, 0, 14, 17)]

type Timer = { readonly time: EpochMs; readonly callback: () => void }

/** Time by hand: a feed's timers run one after the other as it moves on. */
function createHandClock(start: EpochMs) {
  let now = start
  const timers = new Set<Timer>()
  return {
    now: () => now,
    at(time: EpochMs, callback: () => void) {
      const timer = { time, callback }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    moveTo(time: EpochMs): void {
      for (;;) {
        const [due] = [...timers].filter((timer) => timer.time <= time).sort((a, b) => a.time - b.time)
        if (due === undefined) break
        timers.delete(due)
        now = Math.max(now, due.time)
        due.callback()
      }
      now = time
    },
  }
}

const trade = (fields: Partial<AlpacaTrade>): AlpacaTrade => ({
  symbol: 'AAPL',
  time: noon,
  price: '100',
  quantity: '1',
  exchange: 'V',
  id: '1',
  counts: 'always',
  ...fields,
})
const day = (start: EpochMs, close: string): AlpacaBar => ({
  symbol: 'AAPL',
  start,
  open: '99',
  high: '101',
  low: '98',
  close,
  volume: '1000',
  trades: 1,
  vwap: undefined,
})
const tuesday = Date.UTC(2026, 0, 13, 5)

/** A feed whose streams are spoken for by the test; `latest` is what it finds when it asks. */
function openFeed(latest: Partial<Pick<MarketDataClient, 'bars' | 'latestTrades' | 'latestQuotes'>> = {}) {
  const clock = createHandClock(noon)
  const { logger, lines } = createKeptLog()
  const settings = {
    connection: parseConnection('test', { keyId: 'PKX', secret: 'secret', transport: { clock } }, 'data'),
    symbols: ['AAPL'],
    bookSymbols: [],
    stockStream: 'wss://stocks',
    cryptoStream: 'wss://crypto',
    sessions: usEquitySessions,
  }
  const client = {
    latestTrades: async () => [],
    latestQuotes: async () => [],
    ...latest,
  } as unknown as MarketDataClient
  const feed = new AlpacaFeed(settings, client, createSeededRandom(1), logger)
  const events: MarketEvent[] = []
  feed.subscribe((event) => void events.push(event))
  return { feed, clock, events, lines, told: (type: string) => events.filter((event) => event.type === type) }
}

test('the bar of a day is told when the minute of the closing auction is in it, and before the close', async () => {
  const { feed, clock, events } = openFeed()
  feed.onDay(day(tuesday, '100'))
  clock.moveTo(tuesdayClose + 500)
  feed.onDay(day(tuesday, '100.5'))
  clock.moveTo(tuesdayClose + 61_000)
  feed.onDay(day(tuesday, '100.7'))
  clock.moveTo(tuesdayClose + 80_000)
  await feed.settled()
  const open = Date.UTC(2026, 0, 13, 14, 30)
  expect(events.slice(-2)).toMatchObject([
    { type: 'bar', sessionDate: '2026-01-13', close: '100.7', start: open, time: tuesdayClose },
    { type: 'session', phase: 'close', time: tuesdayClose },
  ])
})

test('a bar that comes after its session was told is not taken for that of the next', async () => {
  const { feed, clock, told } = openFeed()
  clock.moveTo(tuesdayClose + 80_000)
  feed.onDay(day(tuesday, '100'))
  clock.moveTo(wednesdayNoon + 86_400_000)
  await feed.settled()
  expect(told('bar')).toEqual([])
  expect(told('session').filter((event) => 'phase' in event && event.phase === 'close')).toHaveLength(2)
})

test('the bar of a day of which a part was missed is that of the history, however late that can be asked for', async () => {
  let isReached = false
  const asked: object[] = []
  const { feed, clock, told, lines } = openFeed({
    async *bars(query) {
      asked.push(query)
      if (!isReached) throw new Error('unreachable')
      yield { rows: [{ ...day(tuesday, '125'), high: '130' }], next: undefined }
    },
  })
  feed.onDay(day(tuesday, '100'))
  clock.moveTo(tuesdayClose - 600_000)
  feed.onGap()
  await feed.settled()
  clock.moveTo(tuesdayClose + 80_000)
  await feed.settled()
  expect(told('bar')).toEqual([])
  expect(lines.join('\n')).toContain('BAR_NOT_TOLD')
  expect(asked).toEqual([
    { symbols: ['AAPL'], timeframe: '1d', from: Date.UTC(2026, 0, 13), to: Date.UTC(2026, 0, 14) - 1 },
  ])
  isReached = true
  feed.onGap()
  await feed.settled()
  expect(told('bar')).toMatchObject([{ sessionDate: '2026-01-13', close: '125', high: '130', time: tuesdayClose }])
  feed.onGap()
  await feed.settled()
  expect(told('bar')).toHaveLength(1)
})

test('a break of which the rest of the day was heard after it leaves nothing to ask for', async () => {
  const { feed, clock, told } = openFeed({
    bars() {
      throw new Error('asked for a day that was heard')
    },
  })
  feed.onDay(day(tuesday, '100'))
  feed.onGap()
  feed.onDay(day(tuesday, '101'))
  clock.moveTo(tuesdayClose + 80_000)
  await feed.settled()
  expect(told('bar')).toMatchObject([{ close: '101' }])
})

test('trades with one id on two exchanges, or on two days, are two trades', async () => {
  const { feed, clock, told } = openFeed()
  for (const fields of [{}, { exchange: 'Q' }, {}]) feed.onTrade(trade(fields))
  clock.moveTo(wednesdayNoon)
  feed.onTrade(trade({ time: wednesdayNoon }))
  await feed.settled()
  expect(told('trade')).toHaveLength(3)
  expect(told('open')).toHaveLength(2)
})

describe('a trade that is not the price of the market', () => {
  const told = (c: readonly string[], z = 'C') =>
    parseTrade('AAPL', { i: 9, x: 'D', p: 90, s: 100, c, z, t: '2026-01-13T17:00:01Z' })

  test.each([
    ['out of sequence', ['@', 'Z']],
    ['an odd lot', ['@', 'I']],
    ['at an average price', ['W']],
    ['derivatively priced', ['@', '4']],
    ['outside of regular hours, told in them', ['@', 'T']],
  ])('%s is not told', async (_name, conditions) => {
    const { feed, told: heard } = openFeed()
    feed.onTrade(trade({}))
    feed.onTrade(told(conditions))
    await feed.settled()
    expect(heard('trade')).toMatchObject([{ price: '100' }])
  })

  test('is another one on another tape', () => {
    expect([told(['@', 'B'], 'C'), told(['B'], 'A'), told(['@', 'F'])].map(({ counts }) => counts)).toEqual([
      'always',
      'never',
      'always',
    ])
  })

  test('one of extended hours is told while the market is closed', async () => {
    const { feed, clock, told: heard } = openFeed()
    clock.moveTo(tuesdayClose + 3_600_000)
    feed.onTrade(trade({ counts: 'extended-hours', time: tuesdayClose + 3_600_000 }))
    await feed.settled()
    expect(heard('trade')).toHaveLength(1)
  })

  test('corrected, its price gives way to the corrected one, and of an older one nothing is told', async () => {
    const { feed, told: heard } = openFeed()
    feed.onTrade(trade({ id: '1', price: '99' }))
    feed.onTrade(trade({ id: '2', price: '90', time: noon + 1 }))
    const of = { T: 'c', x: 'V', os: 1, oc: ['@'], cs: 1, cc: ['@'], z: 'C', t: '2026-01-13T17:00:05Z' }
    feed.onWithdrawn(parseWithdrawn('AAPL', { ...of, oi: 1, op: 99, ci: 7, cp: 98 }))
    feed.onWithdrawn(parseWithdrawn('AAPL', { ...of, oi: 2, op: 90, ci: 8, cp: 100.5 }))
    await feed.settled()
    expect(heard('trade')).toMatchObject([{ price: '99' }, { price: '90' }, { price: '100.5', time: noon + 5_000 }])
  })

  test('cancelled, its price gives way to the latest that there is, though that was told before', async () => {
    const before = trade({ id: '1', price: '99' })
    const { feed, told: heard } = openFeed({
      latestTrades: async (symbols) => (symbols.length === 0 ? [] : [before]),
    })
    feed.onTrade(before)
    feed.onTrade(trade({ id: '2', price: '90', time: noon + 1 }))
    const cancel = { T: 'x', i: 2, x: 'V', p: 90, s: 1, a: 'C', z: 'C', t: '2026-01-13T17:00:05Z' }
    feed.onWithdrawn(parseWithdrawn('AAPL', cancel))
    await feed.settled()
    expect(heard('trade')).toMatchObject([{ price: '99' }, { price: '90' }, { price: '99', time: noon + 1 }])
    // An exchange counts for itself.
    feed.onWithdrawn(parseWithdrawn('AAPL', { ...cancel, i: 1, x: 'Q' }))
    await feed.settled()
    expect(heard('trade')).toHaveLength(3)
  })

  test('cancelled, it is not told again where the latest is asked for too soon', async () => {
    const wrong = trade({ id: '2', price: '90' })
    const { feed, told: heard } = openFeed({
      latestTrades: async (symbols) => (symbols.length === 0 ? [] : [wrong]),
    })
    feed.onTrade(wrong)
    feed.onWithdrawn({ symbol: 'AAPL', exchange: 'V', id: '2', corrected: undefined })
    await feed.settled()
    expect(heard('trade')).toHaveLength(1)
  })

  test('history tells which were withdrawn', () => {
    const row = { i: 9, x: 'D', p: 90, s: 100, c: ['@'], z: 'C', t: '2026-01-13T17:00:01Z' }
    const counts = ['canceled', 'incorrect', 'corrected'].map((u) => parseTrade('AAPL', { ...row, u }).counts)
    expect(counts).toEqual(['never', 'never', 'always'])
  })
})

test('a price that was asked for after a break gives way to a later one that the stream has told', async () => {
  const { feed, told } = openFeed({ latestTrades: async () => [trade({ id: '7', time: noon - 5_000, price: '90' })] })
  feed.onTrade(trade({ id: '8' }))
  feed.onGap()
  await feed.settled()
  expect(told('trade')).toMatchObject([{ price: '100' }])
})

test('what breaks while the latest prices are asked for has them asked for once more', async () => {
  const answers = [trade({ id: '1', price: '100' }), trade({ id: '2', time: noon + 1, price: '101' })]
  let asked = 0
  const latestTrades = async (symbols: readonly string[]): Promise<readonly AlpacaTrade[]> => {
    if (symbols.length === 0) return []
    const answer = answers[asked]
    asked += 1
    if (asked === 1) feed.onGap()
    return answer === undefined ? [] : [answer]
  }
  const { feed, told } = openFeed({ latestTrades })
  feed.onGap()
  await feed.settled()
  expect(told('trade')).toMatchObject([{ price: '100' }, { price: '101' }])
})
