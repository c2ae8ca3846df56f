import type { WebSocketLike } from '@tradeswarm/broker-kit'
import { createSeededRandom, createSilentLogger } from '@tradeswarm/core'
import type { MarketEvent } from '@tradeswarm/trading'
import { afterEach, expect, test, vi } from 'vitest'
import { createAlpacaMarketData } from './create-alpaca-market-data.js'
import { loadAlpacaCalendar } from './load-alpaca-calendar.js'

afterEach(() => vi.unstubAllGlobals())

const time = '2026-03-02T15:00:00.5Z'
const keys = { keyId: 'PKTHEKEY', secret: 'the-secret' }

/** A socket of market data that logs in, and then tells what it is to tell. */
function socket(): WebSocketLike & { tell(...messages: readonly unknown[]): void } {
  const listeners: ((event: { readonly data: unknown }) => void)[] = []
  let end = (): void => undefined
  const tell = (...messages: readonly unknown[]): void => {
    for (const listener of listeners) listener({ data: JSON.stringify(messages) })
  }
  return {
    binaryType: '',
    readyState: 1,
    tell,
    send(text) {
      const { action } = JSON.parse(text) as { action: string }
      queueMicrotask(() => tell(action === 'auth' ? { T: 'success', msg: 'authenticated' } : { T: 'subscription' }))
    },
    close: () => end(),
    addEventListener(type: string, listener: never) {
      if (type === 'open') queueMicrotask(listener as () => void)
      if (type === 'close') end = listener as () => void
      if (type === 'message') listeners.push(listener)
    },
  }
}

test('on workerd the feed tells quotes, trades and books', async () => {
  const stream = socket()
  const fetch = async (): Promise<Response> => Response.json({ trades: {}, quotes: {}, bars: {} })
  const transport = { connect: () => stream, fetch }
  const options = { ...keys, symbols: ['BTC-USD'], bookSymbols: ['BTC-USD'], transport }
  const feed = await createAlpacaMarketData(options).open({
    random: createSeededRandom(1),
    logger: createSilentLogger(),
  })
  const events: MarketEvent[] = []
  feed.subscribe((event) => void events.push(event))
  stream.tell(
    { T: 'q', S: 'BTC/USD', t: time, bp: 49_990, bs: 1, ap: 50_010, as: 2 },
    { T: 't', S: 'BTC/USD', t: time, p: 50_000.5, s: 0.25, i: 7 },
    { T: 'o', S: 'BTC/USD', t: time, b: [{ p: 49_990, s: 1 }], a: [{ p: 50_010, s: 2 }], r: true },
  )
  expect(feed.book('BTC-USD')?.asks).toEqual([['50010', '2']])
  await feed.settled()
  expect(events).toMatchObject([
    { type: 'quote', symbol: 'BTC-USD', bid: '49990', askSize: '2' },
    { type: 'trade', price: '50000.5', quantity: '0.25' },
  ])
  await feed.close()
})

test('on workerd history and calendar are asked for with its fetch, which says what asks', async () => {
  const asked: { readonly path: string; readonly agent: string | null }[] = []
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const { pathname } = new URL(url)
    asked.push({ path: pathname, agent: new Headers(init.headers).get('User-Agent') })
    if (pathname === '/v2/calendar') return Response.json([{ date: '2026-11-27', open: '09:30', close: '13:00' }])
    return Response.json({ bars: { AAPL: [{ t: time, o: 1, h: 3, l: 1, c: 2, v: 10, n: 1 }] }, next_page_token: null })
  })
  const random = createSeededRandom(1)
  const history = createAlpacaMarketData({ ...keys, symbols: ['AAPL'] }).history({ random })
  const page = await history.bars({ symbols: ['AAPL'], timeframe: '1m', from: 0, to: 1 }).next()
  expect(page.value).toMatchObject({ rows: [{ symbol: 'AAPL', close: '2' }] })
  const day = Date.UTC(2026, 10, 27)
  const calendar = await loadAlpacaCalendar({ ...keys, from: day, to: day }, { random })
  expect(calendar.session('2026-11-27')).toMatchObject({ close: Date.UTC(2026, 10, 27, 18), earlyClose: true })
  expect(asked).toEqual([
    { path: '/v2/stocks/bars', agent: expect.stringMatching(/^tradeswarm\/\d/) },
    { path: '/v2/calendar', agent: expect.stringMatching(/^tradeswarm\/\d/) },
  ])
})
