import { usEquitySessions } from '@tradeswarm/broker-kit'
import { createSeededRandom, type EpochMs } from '@tradeswarm/core'
import type { MarketEvent } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { AlpacaFeed } from './alpaca-feed.js'
import { createKeptLog } from './live-account.test-support.js'
import type { MarketDataClient } from './market-data-client.js'
import { parseConnection } from './parse-alpaca-options.js'
import type { AlpacaBar, AlpacaTrade } from './parse-market-data.js'

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
function openFeed(latest: Partial<Pick<MarketDataClient, 'latestTrades' | 'latestQuotes'>> = {}) {
  const clock = createHandClock(noon)
  const { logger } = createKeptLog()
  const settings = {
    connection: parseConnection('test', { keyId: 'PKX', secret: 'secret', transport: { clock } }),
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
  return { feed, clock, events, told: (type: string) => events.filter((event) => event.type === type) }
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

test('trades with one id on two exchanges, or on two days, are two trades', async () => {
  const { feed, clock, told } = openFeed()
  for (const fields of [{}, { exchange: 'Q' }, {}]) feed.onTrade(trade(fields))
  clock.moveTo(wednesdayNoon)
  feed.onTrade(trade({ time: wednesdayNoon }))
  await feed.settled()
  expect(told('trade')).toHaveLength(3)
  expect(told('open')).toHaveLength(2)
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
