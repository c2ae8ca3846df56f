import type { BookView, WebSocketLike } from '@tradeswarm/broker-kit'
import { createSeededRandom } from '@tradeswarm/core'
import { createFakeOkx, type FakeOkx, type FakeOkxCandle, type FakeOkxOptions } from '@tradeswarm/testing/fakes'
import type { MarketEvent } from '@tradeswarm/trading'
import { afterEach, describe, expect, it, test } from 'vitest'
import { BookKeeper } from './book-keeper.js'
import { createOkxMarketData, type OkxMarketDataOptions } from './create-okx-market-data.js'
import { stopAll, stopLater } from './fake-account.test-support.js'
import { createKeptLog, hurriedLine, until } from './live-account.test-support.js'
import type { BookUpdate } from './parse-market-data.js'

afterEach(stopAll)

const start = Date.UTC(2026, 2, 2, 14, 30)
const candles = (count: number): readonly FakeOkxCandle[] =>
  Array.from({ length: count }, (_, index) => [
    String(start + index * 60_000),
    '50000.1',
    '50100',
    '49900',
    '50050',
    `${1 + index}`,
    '12',
    '600000',
  ])

async function collect<Row>(pages: AsyncIterable<Row>): Promise<readonly Row[]> {
  const all: Row[] = []
  for await (const page of pages) all.push(page)
  return all
}

async function startFake(options: FakeOkxOptions = {}): Promise<FakeOkx> {
  const fake = await createFakeOkx({
    ...options,
    candles: { 'BTC-USDT': { '1m': candles(25) }, 'BTC-USDT-SWAP': { '1m': candles(10) } },
    rateMultiplier: 1_000,
    connectionsPerSecond: 1_000,
  })
  stopLater(() => fake.close())
  return fake
}

const optionsFor = (fake: FakeOkx): OkxMarketDataOptions => ({
  symbols: ['BTC-USDT', 'BTC-USDT-SWAP'],
  urls: { rest: fake.url },
  rateMultiplier: 1_000,
  requestTimeoutMs: 400,
})

const historyOf = (fake: FakeOkx) => createOkxMarketData(optionsFor(fake)).history({ random: createSeededRandom(1) })

describe('history', () => {
  it('comes page by page in the order of time, symbol by symbol, and goes on where it was left', async () => {
    const fake = await startFake()
    const symbols = ['BTC-USDT', 'BTC-USDT-SWAP']
    const query = { symbols, timeframe: '1m', from: start, to: start + 24 * 60_000, pageSize: 10 }
    const pages = await collect(historyOf(fake).bars(query))
    expect(pages.map(({ rows }) => rows.length)).toEqual([10, 10, 5, 10, 0, 0])
    const all = pages.flatMap(({ rows }) => rows)
    expect(all.slice(0, 25).map((bar) => bar.start)).toEqual(candles(25).map(([time]) => Number(time)))
    expect(all[0]).toEqual({
      symbol: 'BTC-USDT',
      start,
      open: '50000.1',
      high: '50100',
      low: '49900',
      close: '50050',
      volume: '1',
      quoteVolume: '600000',
      isFinal: true,
    })
    for (const [index, { next }] of pages.slice(0, -1).entries()) {
      const rest = await collect(historyOf(fake).bars({ ...query, pageToken: next ?? '' }))
      expect(rest.flatMap(({ rows }) => rows)).toEqual(pages.slice(index + 1).flatMap(({ rows }) => rows))
    }
    expect(pages.at(-1)?.next).toBeUndefined()
  })

  it('begins with the first bar that there is, also where OKX says that it was listed later', async () => {
    // What was traded before OKX's present system says 29 January 2021, as all instruments of the double do.
    const early = Date.UTC(2020, 11, 30, 23, 58)
    const rows = candles(25).map(([, ...figures], index): FakeOkxCandle => [String(early + index * 60_000), ...figures])
    const fake = await createFakeOkx({ candles: { 'BTC-USDT': { '1m': rows } }, rateMultiplier: 1_000 })
    stopLater(() => fake.close())
    const query = { symbols: ['BTC-USDT'], timeframe: '1m', from: Date.UTC(2019, 0, 1), to: early + 30 * 60_000 }
    const pages = await collect(historyOf(fake).bars(query))
    expect(pages.flatMap((page) => page.rows).map((bar) => bar.start)).toEqual(rows.map(([time]) => Number(time)))
    // A year without bars is not asked for page by page.
    expect(fake.requests.length).toBeLessThan(30)
    const late = { ...query, from: early + 10 * 60_000 }
    expect((await collect(historyOf(fake).bars(late))).flatMap((page) => page.rows)).toHaveLength(15)
  })

  it('goes on through failures that pass, without a key', async () => {
    const fake = await startFake()
    fake.fail({ kind: 'status', status: 500, on: 'GET /api/v5/market/history-candles' })
    fake.fail({ kind: 'cut', on: 'GET /api/v5/market/history-candles' })
    const query = { symbols: ['BTC-USDT'], timeframe: '1m', from: start, to: start + 3_600_000 }
    const pages = await collect(historyOf(fake).bars(query))
    expect(pages.flatMap(({ rows }) => rows)).toHaveLength(25)
  })

  it('of trades comes the latest first, each once', async () => {
    const fake = await startFake()
    for (let count = 0; count < 230; count += 1) await fake.market.trade('BTC-USDT', `${50_000 + count}`, '0.5')
    const query = { symbols: ['BTC-USDT'], from: 0, to: fake.market.now() + 1_000 }
    const pages = await collect(historyOf(fake).trades(query))
    const all = pages.flatMap(({ rows }) => rows)
    expect(all.map(({ price }) => price)).toEqual(Array.from({ length: 230 }, (_, index) => `${50_229 - index}`))
    const rest = await collect(historyOf(fake).trades({ ...query, pageToken: pages[0]?.next ?? '' }))
    expect(rest.flatMap(({ rows }) => rows)).toEqual(all.slice(pages[0]?.rows.length))
  })

  it.each([
    [{ timeframe: '1x' }, /timeframe: "1x": use one of 1m/],
    [{ pageSize: 1_000 }, /pageSize/],
    [{ symbols: [] }, /symbols/],
    [{ pageToken: 'nowhere' }, /pageToken/],
  ])('is refused for %o before anything is asked', async (fields, fault) => {
    const fake = await startFake()
    const query = { symbols: ['BTC-USDT'], timeframe: '1m', from: start, to: start, ...fields }
    expect(() => historyOf(fake).bars(query)).toThrow(fault)
  })

  it('has the book, the latest prices and the next funding', async () => {
    const fake = await startFake()
    await fake.book(
      'BTC-USDT-SWAP',
      [
        ['49990', '3'],
        ['49980', '5'],
      ],
      [['50010', '2']],
    )
    await fake.market.trade('BTC-USDT-SWAP', '50000', '7')
    const history = historyOf(fake)
    expect(await history.orderBook('BTC-USDT-SWAP', 5)).toMatchObject({
      bids: [
        ['49990', '3'],
        ['49980', '5'],
      ],
    })
    expect(await history.latestQuotes(['BTC-USDT-SWAP'])).toMatchObject([{ bid: '49990', ask: '50010', askSize: '2' }])
    expect(await history.latestTrades(['BTC-USDT-SWAP'])).toMatchObject([{ price: '50000', quantity: '7' }])
    expect(await history.fundingRate('BTC-USDT-SWAP')).toMatchObject({ symbol: 'BTC-USDT-SWAP' })
    expect((await history.instruments(['BTC-USDT-SWAP']))[0]?.instrument).toMatchObject({ multiplier: '0.01' })
  })
})

async function openFeed(fake: FakeOkx, options: Partial<OkxMarketDataOptions> = {}) {
  const { logger, lines } = createKeptLog()
  const data = createOkxMarketData({ ...optionsFor(fake), ...options })
  const feed = await data.open({ random: createSeededRandom(1), logger })
  stopLater(() => feed.close())
  const events: MarketEvent[] = []
  feed.subscribe((event) => void events.push(event))
  const prices = (): readonly MarketEvent[] => events.filter(({ type }) => type === 'quote' || type === 'trade')
  return { feed, prices, events, lines }
}

describe('the live feed', () => {
  it('tells quotes and trades in decimals, the first price of the day, and minute bars', async () => {
    let now = start
    const fake = await startFake({ clock: { now: () => now } })
    const { feed, prices, events } = await openFeed(fake)
    const minutes: string[] = []
    feed.subscribeBars(({ symbol, close }) => void minutes.push(`${symbol} ${close}`))
    await fake.market.quote('BTC-USDT', '49990', '50010', { bidSize: '3', askSize: '2' })
    await fake.market.trade('BTC-USDT-SWAP', '50000.5', '12')
    await until(() => prices().length === 2, 'two prices')
    expect(prices()).toMatchObject([
      { type: 'quote', symbol: 'BTC-USDT', bid: '49990', ask: '50010', bidSize: '3', askSize: '2' },
      { type: 'trade', symbol: 'BTC-USDT-SWAP', price: '50000.5', quantity: '12' },
    ])
    expect(events.filter(({ type }) => type === 'open')).toMatchObject([{ symbol: 'BTC-USDT-SWAP', price: '50000.5' }])
    expect(events.flatMap((event) => (event.type === 'session' ? [event.phase] : []))).toEqual(['pre-open', 'open'])
    now += 60_000
    await fake.market.trade('BTC-USDT-SWAP', '50001')
    await until(() => minutes.length === 1, 'a minute bar')
    expect(minutes).toEqual(['BTC-USDT-SWAP 50000.5'])
  })

  it('tells the others of a minute where a listener throws, whose own fault that is', async () => {
    let now = start
    const fake = await startFake({ clock: { now: () => now } })
    const { feed, lines } = await openFeed(fake, { symbols: ['BTC-USDT'] })
    const minutes: string[] = []
    feed.subscribeBars(() => {
      throw new Error('of the user')
    })
    feed.subscribeBars(({ close }) => void minutes.push(close))
    await fake.market.trade('BTC-USDT', '50000.5')
    now += 60_000
    await fake.market.trade('BTC-USDT', '50001')
    await until(() => minutes.length === 1, 'a minute bar')
    expect(minutes).toEqual(['50000.5'])
    expect(lines).toEqual(['a listener of bars failed {"symbol":"BTC-USDT","error":"of the user"}'])
  })

  it('comes back after a break with the latest prices, each told once', async () => {
    const fake = await startFake()
    const { feed, prices } = await openFeed(fake)
    await fake.market.trade('BTC-USDT', '50000')
    await until(() => prices().length === 1, 'a trade')
    fake.cutStreams('market')
    await until(() => !feed.isUp, 'the break is noticed')
    await fake.market.quote('BTC-USDT', '50100', '50110')
    await until(() => prices().length === 2, 'the quote that was missed')
    await until(() => feed.isUp, 'it stands again')
    await feed.settled()
    expect(prices().map(({ type }) => type)).toEqual(['trade', 'quote'])
    await fake.market.trade('BTC-USDT', '50200')
    await until(() => prices().length === 3, 'it goes on')
  })

  it('that is frozen is left within two heartbeats and opened anew', async () => {
    // Its clock leaves out what the machine did meanwhile.
    const { clock, transport } = hurriedLine()
    const fake = await startFake({ clock })
    const { feed, prices } = await openFeed(fake, { heartbeatMs: 100, transport })
    fake.conditions.frozenMarketData = true
    const frozenAt = fake.market.now()
    await until(() => !feed.isUp, 'the sockets are left')
    expect(fake.market.now() - frozenAt).toBeLessThan(350)
    fake.conditions.frozenMarketData = false
    await until(() => feed.isUp, 'it stands again')
    await fake.market.quote('BTC-USDT', '50100', '50110')
    await until(() => prices().length === 1, 'a quote')
  })

  it('moves to another connection when the venue is about to close this one', async () => {
    const fake = await startFake()
    const { feed, prices } = await openFeed(fake)
    fake.announceUpgrade()
    await until(() => !feed.isUp, 'it leaves')
    await until(() => feed.isUp, 'it stands again')
    await fake.market.trade('BTC-USDT', '50200')
    await until(() => prices().some(({ type }) => type === 'trade'), 'it goes on')
  })

  it('is refused for good for what is not listed', async () => {
    const fake = await startFake()
    await expect(openFeed(fake, { symbols: ['BTC-USDT', 'NONE-USDT'] })).rejects.toMatchObject({
      code: 'FEED_REFUSED',
      retryability: 'fatal',
      message: expect.stringMatching(/60018: .*instId:NONE-USDT.*; check symbols: OKX lists no such one/),
    })
  })
})

describe('order books', () => {
  const openBook = async () => {
    const fake = await startFake()
    await fake.book(
      'BTC-USDT',
      [
        ['49990', '3'],
        ['49980', '5'],
      ],
      [
        ['50010', '2'],
        ['50020', '4'],
      ],
    )
    const opened = await openFeed(fake, { symbols: ['BTC-USDT'], bookSymbols: ['BTC-USDT'] })
    const books: BookView[] = []
    opened.feed.subscribeBooks((book) => void books.push(book))
    await until(() => opened.feed.book('BTC-USDT') !== undefined, 'a snapshot')
    return { ...opened, fake, books }
  }

  it('are kept from a snapshot and what changes', async () => {
    const { fake, feed, books } = await openBook()
    await fake.book(
      'BTC-USDT',
      [
        ['49995', '1'],
        ['49980', '5'],
      ],
      [['50010', '2']],
    )
    await until(() => books.length >= 1, 'a change')
    expect(feed.book('BTC-USDT')).toMatchObject({
      bids: [
        ['49995', '1'],
        ['49980', '5'],
      ],
      asks: [['50010', '2']],
    })
    fake.disturbBook('BTC-USDT', 'still-there')
    fake.disturbBook('BTC-USDT', 'reset')
    await fake.book('BTC-USDT', [['49996', '1']], [['50010', '2']])
    await until(() => feed.book('BTC-USDT')?.bids[0]?.[0] === '49996', 'the next change')
    expect(feed.counters.lostBooks).toBe(0)
  })

  it('reach the others where a listener throws, whose own fault that is', async () => {
    const { fake, feed, lines } = await openBook()
    const later: BookView[] = []
    feed.subscribeBooks(() => {
      throw new Error('of the user')
    })
    feed.subscribeBooks((book) => void later.push(book))
    for (const price of ['49995', '49996']) await fake.book('BTC-USDT', [[price, '1']], [['50010', '2']])
    await until(() => later.length === 2, 'two changes')
    expect(feed.book('BTC-USDT')).toEqual(later[1])
    expect(feed.counters.lostBooks).toBe(0)
    const fault = 'a listener of order books failed {"symbol":"BTC-USDT","error":"of the user"}'
    expect(lines).toEqual([fault, fault])
  })

  it('are not told of while the stream is down', async () => {
    const { fake, feed } = await openBook()
    fake.cutStreams('market')
    await until(() => !feed.isUp, 'the break is noticed')
    expect(feed.book('BTC-USDT')).toBeUndefined()
    await until(() => feed.book('BTC-USDT') !== undefined, 'it is whole again')
  })

  it.each([true, false])(
    'are whole with a checksum and with the 0 that OKX sends in its place: %s',
    async (checksums) => {
      const fake = await startFake()
      fake.conditions.checksums = checksums
      await fake.book('BTC-USDT', [['49990', '3']], [['50010', '2']])
      const { feed } = await openFeed(fake, { symbols: ['BTC-USDT'], bookSymbols: ['BTC-USDT'] })
      await until(() => feed.book('BTC-USDT') !== undefined, 'a snapshot')
      await fake.book('BTC-USDT', [['49991', '1']], [['50010', '2']])
      await until(() => feed.book('BTC-USDT')?.bids[0]?.[0] === '49991', 'a change')
      expect(feed.counters.lostBooks).toBe(0)
    },
  )

  it.each(['gap', 'checksum', 'lost'] as const)('are asked for anew after a %s', async (what) => {
    const { fake, feed } = await openBook()
    if (what === 'gap') fake.disturbBook('BTC-USDT', 'gap')
    fake.conditions.wrongChecksums = what === 'checksum'
    fake.conditions.loseBookUpdates = what === 'lost'
    await fake.book('BTC-USDT', [['49991', '1']], [['50010', '2']])
    fake.conditions.loseBookUpdates = false
    if (what === 'lost') await fake.book('BTC-USDT', [['49992', '1']], [['50010', '2']])
    await until(() => feed.counters.lostBooks > 0, 'it is noticed')
    expect(feed.book('BTC-USDT')).toBeUndefined()
    fake.conditions.wrongChecksums = false
    await until(() => feed.book('BTC-USDT') !== undefined, 'it is whole again')
    await fake.book('BTC-USDT', [['49993', '1']], [['50010', '2']])
    await until(() => feed.book('BTC-USDT')?.bids[0]?.[0] === '49993', 'it goes on')
  })
})

test('a message that nobody understood puts the book in doubt that it was of: it is asked for anew, and goes on', async () => {
  const fake = await startFake()
  await fake.book('BTC-USDT', [['49990', '3']], [['50010', '2']])
  const sockets: WebSocket[] = []
  const connect = (url: string): WebSocketLike => {
    const socket = new WebSocket(url)
    sockets.push(socket)
    return socket as unknown as WebSocketLike
  }
  const only = { symbols: ['BTC-USDT'], bookSymbols: ['BTC-USDT'], transport: { connect } }
  const { feed, lines } = await openFeed(fake, only)
  await until(() => feed.book('BTC-USDT') !== undefined, 'a snapshot')
  const hearOdd = (channel: string): void => {
    const data = JSON.stringify({ arg: { channel, instId: 'BTC-USDT' }, data: [{ instId: 'BTC-USDT' }] })
    for (const socket of sockets.filter(({ url }) => url.endsWith('/public')))
      socket.dispatchEvent(new MessageEvent('message', { data }))
  }
  hearOdd('trades')
  expect(feed.book('BTC-USDT')).toBeDefined()
  hearOdd('books')
  expect(feed.book('BTC-USDT')).toBeUndefined()
  expect(feed.counters.lostBooks).toBe(1)
  await until(() => feed.book('BTC-USDT') !== undefined, 'it is whole again')
  expect(feed.book('BTC-USDT')).toMatchObject({ bids: [['49990', '3']], asks: [['50010', '2']] })
  expect(lines.join()).toContain('could not be read')
})

test('a book that does not come whole is asked for anew, thrice in five seconds at most', () => {
  let now = 1_000
  const asked: number[] = []
  const keeper = new BookKeeper({
    symbols: ['BTC-USDT'],
    clock: { now: () => now },
    askAnew: () => void asked.push(now),
    logger: createKeptLog().logger,
  })
  const wrong: BookUpdate = { bids: [['1', '1']], asks: [], time: 1, sequence: 1, previous: -1, checksum: 1 }
  keeper.begin()
  for (const at of [2_000, 2_100, 2_200, 2_300, 4_000, 7_300, 9_000]) {
    now = at
    keeper.take('BTC-USDT', 'snapshot', wrong)
  }
  expect(asked).toEqual([2_000, 2_100, 2_200, 7_300, 9_000])
  // One that never came is missed when a change comes.
  now = 20_000
  keeper.begin()
  for (const at of [21_000, 24_000, 26_000, 27_000]) {
    now = at
    keeper.take('BTC-USDT', 'update', wrong)
  }
  expect(asked.slice(5)).toEqual([26_000])
})

test('a swap without a mark price yet is no message that could not be read', async () => {
  const fake = await startFake()
  const { lines, feed } = await openFeed(fake, { symbols: ['BTC-USDT-SWAP'] })
  await feed.settled()
  await fake.market.trade('BTC-USDT-SWAP', '50000')
  await until(() => feed.counters.conflated === 0, 'it goes on')
  expect(lines).toEqual([])
})

test.each([
  [{ urls: { strem: 'wss://example.org' } }, /createOkxMarketData: urls: .* did you mean stream/],
  [{ transport: { clok: undefined } }, /createOkxMarketData: transport: .* did you mean clock/],
  [{ bookSymbols: ['ETH-USDT'] }, /bookSymbols/],
  [{ site: 'moon' }, /site/],
])('does not go to the real host for a misspelt option: %o', (options, fault) => {
  expect(() => createOkxMarketData({ symbols: [], ...(options as object) })).toThrow(fault)
})
