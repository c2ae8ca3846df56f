import type { WebSocketLike } from '@tradeswarm/broker-kit'
import { createSeededRandom, type EpochMs } from '@tradeswarm/core'
import { createAlwaysOpenCalendar, type MarketEvent } from '@tradeswarm/trading'
import { afterEach, describe, expect, test } from 'vitest'
import { createOkxMarketData, type OkxMarketDataOptions } from './create-okx-market-data.js'
import { stopAll, stopLater } from './fake-account.test-support.js'
import { createKeptLog } from './live-account.test-support.js'

afterEach(stopAll)

const midnight = Date.UTC(2026, 0, 14)
const yesterday = midnight - 86_400_000
const instId = 'BTC-USDT'

/** Time by hand: timers run one after the other as it moves on. */
function createHandClock(start: EpochMs) {
  let now = start
  const timers = new Set<{ readonly time: EpochMs; readonly callback: () => void }>()
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

/** Sockets that confirm each channel and answer pings; what is pushed goes to all of them. */
function createSockets() {
  const listeners: ((event: { readonly data: unknown }) => void)[] = []
  const connect = (): WebSocketLike => {
    const own: ((event: { readonly data: unknown }) => void)[] = []
    let end = (): void => undefined
    const tell = (data: string): void => {
      for (const listener of own) listener({ data })
    }
    return {
      binaryType: '',
      readyState: 1,
      send(text) {
        if (text === 'ping') tell('pong')
        if (text === 'ping') return
        const { args } = JSON.parse(text) as { readonly args: readonly unknown[] }
        queueMicrotask(() => {
          for (const arg of args) tell(JSON.stringify({ event: 'subscribe', arg }))
        })
      },
      close: () => end(),
      addEventListener(type: string, listener: never) {
        if (type === 'open') queueMicrotask(listener as () => void)
        if (type === 'close') end = listener as () => void
        if (type !== 'message') return
        own.push(listener)
        listeners.push(listener)
      },
    }
  }
  const push = (channel: string, row: unknown, of = instId): void => {
    const data = JSON.stringify({ arg: { channel, instId: of }, data: [row] })
    for (const listener of listeners) listener({ data })
  }
  return { connect, push, garble: () => listeners[0]?.({ data: '{' }) }
}

const trade = (time: EpochMs, px: string, tradeId: string) => ({
  instId,
  tradeId,
  px,
  sz: '1',
  side: 'buy',
  ts: String(time),
})
const candle = (close: string, confirm: string) => [String(yesterday), '1', '9', '1', close, '5', '5', '5', confirm]

/** A feed whose streams are spoken for by the test; `latest` is what it finds when it asks for the latest trade. */
async function openFeed(
  options: Partial<OkxMarketDataOptions> = {},
  latest: () => readonly unknown[] = () => [],
  fundings: () => readonly unknown[] = () => [],
  marks: () => readonly unknown[] = () => [],
) {
  const clock = createHandClock(midnight - 60_000)
  const { connect, push, garble } = createSockets()
  const fetch = async (url: unknown): Promise<Response> => {
    await Promise.resolve()
    const quotes = [{ instId, bidPx: '', askPx: '', ts: '1' }]
    const isFunding = String(url).includes('/public/funding-rate-history')
    const isMark = String(url).includes('/market/mark-price-candles')
    const data = isMark ? marks() : isFunding ? fundings() : String(url).includes('/market/trades') ? latest() : quotes
    return Response.json({ code: '0', msg: '', data })
  }
  const { logger, lines } = createKeptLog()
  const transport = { connect, clock, fetch } as NonNullable<OkxMarketDataOptions['transport']>
  const feed = await createOkxMarketData({ symbols: [instId], transport, ...options }).open({
    random: createSeededRandom(1),
    logger,
  })
  stopLater(() => feed.close())
  const events: MarketEvent[] = []
  feed.subscribe((event) => void events.push(event))
  return { feed, clock, push, garble, lines, events, told: (type: string) => events.filter((one) => one.type === type) }
}

test.each([undefined, { calendar: createAlwaysOpenCalendar(), preOpenLeadMs: 60_000 }])(
  'the bar of a day is told when its last push has come, before the close, whoever says when days are: %o',
  async (sessions) => {
    const { feed, clock, push, events } = await openFeed(sessions === undefined ? {} : { sessions })
    push('candle1Dutc', candle('7', '0'))
    clock.moveTo(midnight + 1_000)
    push('candle1Dutc', candle('8', '1'))
    clock.moveTo(midnight + 5_000)
    await feed.settled()
    expect(events.slice(-4)).toMatchObject([
      { type: 'bar', sessionDate: '2026-01-13', close: '8', start: yesterday, time: midnight },
      { type: 'session', phase: 'close', sessionDate: '2026-01-13', time: midnight },
      { type: 'session', phase: 'pre-open', sessionDate: '2026-01-14', time: midnight },
      { type: 'session', phase: 'open', sessionDate: '2026-01-14', time: midnight },
    ])
  },
)

test('a bar whose end was not heard is not told, and that is said', async () => {
  const { feed, clock, push, told, lines } = await openFeed()
  push('candle1Dutc', candle('7', '0'))
  clock.moveTo(midnight + 5_000)
  await feed.settled()
  expect(told('bar')).toEqual([])
  expect(lines).toEqual([
    'the bar of a day was not told, as its end was not heard: whoever needs it asks the history for it {"code":"BAR_NOT_TOLD","symbol":"BTC-USDT","sessionDate":"2026-01-13"}',
  ])
})

test('a price that was asked for after a break gives way to a later one that the stream has told', async () => {
  const time = midnight - 50_000
  const { feed, push, garble, told } = await openFeed({}, () => [trade(time - 5_000, '90', '7')])
  push('trades', trade(time, '100', '8'))
  garble()
  await feed.settled()
  expect(told('trade')).toMatchObject([{ price: '100' }])
})

test('what breaks while the latest prices are asked for has them asked for once more', async () => {
  let asked = 0
  const { feed, garble, told } = await openFeed({}, () => {
    asked += 1
    if (asked === 1) garble()
    return [trade(midnight - 50_000 + asked, `${100 + asked}`, `${asked}`)]
  })
  garble()
  await feed.settled()
  expect(told('trade')).toMatchObject([{ price: '101' }, { price: '102' }])
})

describe('funding', () => {
  const swap = 'BTC-USDT-SWAP'
  const hour = 3_600_000
  const first = midnight
  const rate = (time: EpochMs, fundingRate: string, settFundingRate = '') => ({
    instId: swap,
    fundingRate,
    fundingTime: String(time),
    nextFundingTime: String(time + 8 * hour),
    settFundingRate,
    settState: 'settled',
  })
  const settled = (time: EpochMs, realizedRate: string) => ({
    instId: swap,
    fundingRate: '9',
    realizedRate,
    fundingTime: String(time),
  })

  /** What is told after a break over two periods, and what the list of settled funding says. */
  const afterBreak = async (fundings: () => readonly unknown[], marks?: () => readonly unknown[]) => {
    const opened = await openFeed({ symbols: [swap] }, () => [], fundings, marks)
    const { feed, clock, push, told } = opened
    push('mark-price', { instId: swap, markPx: '50000' }, swap)
    push('funding-rate', rate(first, '0.0001'), swap)
    clock.moveTo(first + 9 * hour)
    push('funding-rate', rate(first + 16 * hour, '0.0003', '0.0002'), swap)
    await feed.settled()
    return {
      ...opened,
      rates: told('funding').map((event) => (event.type === 'funding' ? [event.time, event.rate] : [])),
    }
  }

  test('of each period of a break is told, at the rate that was settled', async () => {
    const both = [settled(first + 8 * hour, '0.0002'), settled(first, '0.00015'), settled(first - 8 * hour, '0.9')]
    const { rates } = await afterBreak(() => both)
    expect(rates).toEqual([
      [first, '0.00015'],
      [first + 8 * hour, '0.0002'],
    ])
  })

  test('of each period of a break is told at the mark price of its instant, as far as there is one', async () => {
    const both = [settled(first + 8 * hour, '0.0002'), settled(first, '0.00015')]
    const candle = (time: EpochMs, open: string) => [String(time), open, '9', '1', '7', '1']
    const pricesAfter = async (marks: () => readonly unknown[]) => {
      const { told, lines } = await afterBreak(() => both, marks)
      return [told('funding').map((event) => ('price' in event ? event.price : '')), lines.length]
    }
    const later = candle(first + 9 * hour, '48000')
    expect(await pricesAfter(() => [later, candle(first + 8 * hour, '49000'), candle(first, '51000')])).toEqual([
      ['51000', '49000'],
      0,
    ])
    expect(await pricesAfter(() => [candle(first, '51000')])).toEqual([['51000', '50000'], 0])
    expect(await pricesAfter(() => [{ odd: true }])).toEqual([['50000', '50000'], 1])
  })

  test('of which the list does not tell, the first is told as it was last heard of', async () => {
    const { rates } = await afterBreak(() => [settled(first + 8 * hour, '0.0002')])
    expect(rates).toEqual([
      [first, '0.0001'],
      [first + 8 * hour, '0.0002'],
    ])
    const unreadable = await afterBreak(() => [{ instId: swap }])
    expect(unreadable.rates).toEqual([[first, '0.0001']])
    expect(unreadable.lines.some((line) => line.startsWith('funding of a break could not be asked for'))).toBe(true)
  })
})

test('mark prices of a long stretch come page by page, and none of them is asked for twice', async () => {
  const [hour, begin] = [3_600_000, 500_000]
  const asked: number[] = []
  const fetch = async (url: string): Promise<Response> => {
    const after = Number(new URL(url).searchParams.get('after'))
    asked.push(after)
    const latest = Math.ceil(after / hour) - 1
    const rows = Array.from({ length: 100 }, (_, index) => [`${(latest - index) * hour}`, `${latest - index}`, '1'])
    return Response.json({ code: '0', msg: '', data: rows })
  }
  const history = createOkxMarketData({ symbols: [], transport: { fetch } }).history({ random: createSeededRandom(1) })
  const prices = await history.markPrices('BTC-USDT-SWAP', begin * hour, (begin + 249) * hour)
  expect([...prices.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 250 }, (_, n) => (begin + n) * hour))
  expect(prices.get((begin + 100) * hour)).toBe('500100')
  expect(asked).toEqual([(begin + 249) * hour + 1, (begin + 150) * hour, (begin + 50) * hour])
})
