import { createSeededRandom } from '@tradeswarm/core'
import {
  createFakeAlpaca,
  type FakeAlpaca,
  type FakeAlpacaBar,
  type FakeAlpacaOptions,
} from '@tradeswarm/testing/fakes'
import type { MarketEvent } from '@tradeswarm/trading'
import { afterEach, describe, expect, it } from 'vitest'
import type { AlpacaFeed } from './alpaca-feed.js'
import { type AlpacaMarketDataOptions, createAlpacaMarketData } from './create-alpaca-market-data.js'
import { stopAll, stopLater } from './fake-account.test-support.js'
import { createKeptLog, hurriedLine, until } from './live-account.test-support.js'
import { parseBar, parsePage } from './parse-market-data.js'

afterEach(stopAll)

const start = Date.UTC(2026, 2, 2, 14, 30)
const bars = (count: number): readonly FakeAlpacaBar[] =>
  Array.from({ length: count }, (_, index) => ({
    t: new Date(start + index * 60_000).toISOString(),
    o: 187.5,
    h: 188.25,
    l: 187,
    c: 188.1,
    v: 1_000 + index,
    n: 12,
    vw: 187.81,
  }))

async function collect<Row>(pages: AsyncIterable<Row>): Promise<readonly Row[]> {
  const all: Row[] = []
  for await (const page of pages) all.push(page)
  return all
}

async function startFake(options: FakeAlpacaOptions = {}): Promise<FakeAlpaca> {
  const history = { AAPL: { '1Min': bars(25) }, MSFT: { '1Min': bars(10) }, 'BTC/USD': { '1Min': bars(3) } }
  const fake = await createFakeAlpaca({ bars: history, dataRequestsPerMinute: 10_000, ...options })
  stopLater(() => fake.close())
  return fake
}

const optionsFor = (fake: FakeAlpaca): AlpacaMarketDataOptions => ({
  keyId: fake.keyId,
  secret: fake.secret,
  symbols: ['AAPL', 'BTC-USD'],
  urls: { data: fake.url },
  requestTimeoutMs: 400,
})

describe('history', () => {
  it('that is not told of is not empty', () => {
    const read = (payload: unknown): unknown => parsePage(payload, 'bars', (symbol) => symbol, parseBar)
    expect(() => read({ next_page_token: null })).toThrow(expect.objectContaining({ code: 'BROKER_BAD_PAYLOAD' }))
    expect(read({ bars: null, next_page_token: null })).toEqual({ rows: [], next: undefined })
  })

  it('comes page by page, over all symbols together, until there is none left', async () => {
    const fake = await startFake()
    const history = createAlpacaMarketData(optionsFor(fake)).history({ random: createSeededRandom(1) })
    const query = { symbols: ['AAPL', 'MSFT'], timeframe: '1m', from: start, to: start + 3_600_000, pageSize: 10 }
    const pages = await collect(history.bars(query))
    expect(pages.map(({ rows }) => rows.length)).toEqual([10, 10, 10, 5])
    const all = pages.flatMap(({ rows }) => rows)
    expect(all.filter(({ symbol }) => symbol === 'MSFT')).toHaveLength(10)
    expect(all[0]).toEqual({
      symbol: 'AAPL',
      start,
      open: '187.5',
      high: '188.25',
      low: '187',
      close: '188.1',
      volume: '1000',
      trades: 12,
      vwap: '187.81',
    })
    const rest = await collect(history.bars({ ...query, pageToken: pages[1]?.next ?? '' }))
    expect(rest.flatMap(({ rows }) => rows)).toEqual(all.slice(20))
  })

  it('of crypto goes by its own names, and of both at once is refused', async () => {
    const fake = await startFake()
    const history = createAlpacaMarketData(optionsFor(fake)).history({ random: createSeededRandom(1) })
    const query = { timeframe: '1m', from: start, to: start + 3_600_000 }
    const [page] = await collect(history.bars({ ...query, symbols: ['BTC-USD'] }))
    expect(page?.rows.map(({ symbol }) => symbol)).toEqual(['BTC-USD', 'BTC-USD', 'BTC-USD'])
    const mixed = collect(history.bars({ ...query, symbols: ['BTC-USD', 'AAPL'] }))
    await expect(mixed).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })

  it('is there whichever feed the live prices come from', async () => {
    const fake = await startFake({ plan: 'algo-trader-plus' })
    for (const stockFeed of ['iex', 'sip', 'delayed_sip'] as const) {
      const data = createAlpacaMarketData({ ...optionsFor(fake), stockFeed })
      const history = data.history({ random: createSeededRandom(1) })
      const query = { symbols: ['AAPL'], timeframe: '1m', from: start, to: start + 3_600_000 }
      expect((await collect(history.bars(query))).flatMap(({ rows }) => rows)).toHaveLength(25)
      expect(await history.latestQuotes(['AAPL'])).toEqual([])
    }
  })

  it('that the plan does not include is refused in the words of the venue, and not for the keys', async () => {
    let now = start + 3_600_000
    const fake = await startFake({ clock: { now: () => now } })
    const history = createAlpacaMarketData({ ...optionsFor(fake), stockFeed: 'sip' }).history({
      random: createSeededRandom(1),
    })
    const query = { symbols: ['AAPL'], timeframe: '1m', from: start, to: start + 3_600_000 }
    const refused = {
      code: 'BROKER_REFUSED',
      message: expect.stringContaining('subscription does not permit querying recent SIP data'),
    }
    await expect(collect(history.bars(query))).rejects.toMatchObject(refused)
    await expect(history.latestTrades(['AAPL'])).rejects.toMatchObject(refused)
    // What is a quarter of an hour old is everybody's.
    now += 16 * 60_000
    expect((await collect(history.bars(query))).flatMap(({ rows }) => rows)).toHaveLength(25)
  })

  it('goes on through failures that pass', async () => {
    const fake = await startFake()
    const history = createAlpacaMarketData(optionsFor(fake)).history({ random: createSeededRandom(1) })
    fake.fail({ kind: 'status', status: 500, on: 'GET /v2/stocks' })
    fake.fail({ kind: 'too-many', retryAfterSeconds: 0.1, on: 'GET /v2/stocks' })
    const query = { symbols: ['AAPL'], timeframe: '1m', from: start, to: start + 3_600_000 }
    const [page] = await collect(history.bars(query))
    expect(page?.rows).toHaveLength(25)
  })
})

async function openFeed(fake: FakeAlpaca, options: Partial<AlpacaMarketDataOptions> = {}) {
  const { logger, lines } = createKeptLog()
  const data = createAlpacaMarketData({ ...optionsFor(fake), ...options })
  const feed: AlpacaFeed = await data.open({ random: createSeededRandom(1), logger })
  stopLater(() => feed.close())
  const events: MarketEvent[] = []
  feed.subscribe((event) => void events.push(event))
  const prices = (): readonly MarketEvent[] => events.filter(({ type }) => type === 'quote' || type === 'trade')
  return { feed, prices, lines }
}

describe('the live feed', () => {
  it('tells quotes and trades of equities and crypto in decimals, and minute bars', async () => {
    const fake = await startFake()
    const { feed, prices } = await openFeed(fake)
    const minutes: string[] = []
    feed.subscribeBars(({ symbol, close }) => void minutes.push(`${symbol} ${close}`))
    await fake.market.quote('AAPL', '99.9', '100.1', { bidSize: '300', askSize: '200' })
    await fake.market.trade('BTC/USD', '50000.5', '0.0125')
    await fake.market.trade('MSFT', '1')
    await until(() => prices().length === 2, 'two prices')
    // Two sockets: which of them is heard first is open.
    const bySymbol = prices().toSorted((a, b) => (JSON.stringify(b).includes('BTC') ? -1 : Number(a !== b)))
    expect(bySymbol).toMatchObject([
      { type: 'quote', symbol: 'AAPL', bid: '99.9', ask: '100.1', bidSize: '300', askSize: '200' },
      { type: 'trade', symbol: 'BTC-USD', price: '50000.5', quantity: '0.0125' },
    ])
    const later = { type: 'trade', symbol: 'BTC/USD', price: '50001', quantity: '1' } as const
    await fake.market.emit({ ...later, time: fake.market.now() + 60_000 })
    await until(() => minutes.length === 1, 'a minute bar')
    expect(minutes).toEqual(['BTC-USD 50000.5'])
  })

  it('tells the others of a minute where a listener throws, whose own fault that is', async () => {
    const fake = await startFake()
    const { feed, lines } = await openFeed(fake)
    lines.length = 0
    const minutes: string[] = []
    feed.subscribeBars(() => {
      throw new Error('of the user')
    })
    feed.subscribeBars(({ close }) => void minutes.push(close))
    await fake.market.trade('BTC/USD', '50000.5')
    const later = { type: 'trade', symbol: 'BTC/USD', price: '50001', quantity: '1' } as const
    await fake.market.emit({ ...later, time: fake.market.now() + 60_000 })
    await until(() => minutes.length === 1, 'a minute bar')
    expect(minutes).toEqual(['50000.5'])
    expect(lines).toEqual(['a listener of bars failed {"symbol":"BTC-USD","error":"of the user"}'])
  })

  it('comes back after a break with the latest prices, each told once', async () => {
    const fake = await startFake()
    const { feed, prices } = await openFeed(fake)
    await fake.market.trade('AAPL', '100')
    await until(() => prices().length === 1, 'a trade')
    fake.cutStreams('market')
    await until(() => !feed.isUp, 'the break is noticed')
    await fake.market.quote('AAPL', '101', '101.2')
    await until(() => prices().length === 2, 'the quote that was missed')
    await until(() => feed.isUp, 'it stands again')
    await feed.settled()
    expect(prices().map(({ type }) => type)).toEqual(['trade', 'quote'])
    await fake.market.trade('AAPL', '102')
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
    await fake.market.quote('AAPL', '101', '101.2')
    await until(() => prices().length === 1, 'a quote')
  })

  it('is refused with what to do', async () => {
    const fake = await startFake()
    await expect(openFeed(fake, { secret: 'another' })).rejects.toMatchObject({ code: 'BROKER_UNAUTHORIZED' })
    await openFeed(fake)
    await expect(openFeed(fake)).rejects.toThrow(/only one connection is allowed/)
    const many = Array.from({ length: 31 }, (_, index) => `S${index}`)
    const another = await startFake()
    await expect(openFeed(another, { symbols: many })).rejects.toThrow(/fewer symbols/)
  })

  it('may be opened anew in the next statement after it was closed', async () => {
    const fake = await startFake()
    for (let round = 0; round < 5; round += 1) {
      const { feed, lines } = await openFeed(fake, { requestTimeoutMs: 10_000 })
      await feed.close()
      expect([fake.listening.market, lines.filter((line) => line.includes('406'))]).toEqual([0, []])
    }
  })

  it('waits for its one connection while another program leaves it', async () => {
    const fake = await startFake()
    const { feed } = await openFeed(fake)
    const { logger, lines } = createKeptLog()
    const data = createAlpacaMarketData({ ...optionsFor(fake), requestTimeoutMs: 10_000 })
    const opening = data.open({ random: createSeededRandom(1), logger })
    await until(() => lines.some((line) => /refused and is opened anew.*406/.test(line)), 'it was refused once')
    await feed.close()
    const second = await opening
    stopLater(() => second.close())
    expect(second.isUp).toBe(true)
  })

  it('says of shares that nobody has a price of them, and refuses pairs that are not listed', async () => {
    const fake = await startFake({ bars: { NVDA: { '1Day': bars(1) } } })
    await fake.market.trade('AAPL', '187.5')
    await fake.market.quote('MSFT', '400', '401')
    const { lines } = await openFeed(fake, { symbols: ['AAPL', 'MSFT', 'APPL', 'NVDA'] })
    expect(lines).toEqual([
      expect.stringMatching(
        /Alpaca has no price of a symbol, and has had none: .*"symbol":"APPL","code":"NO_PRICE_YET"/,
      ),
    ])
    const another = await startFake()
    await expect(openFeed(another, { symbols: ['BTC-USD', 'NOO-USD'] })).rejects.toMatchObject({
      code: 'FEED_REFUSED',
      retryability: 'fatal',
      message: expect.stringMatching(/invalid symbol: NOO\/USD; look up how Alpaca writes it/),
    })
    await until(() => another.listening.market === 0, 'no connection is left')
  })

  it('is opened also where symbols cannot be looked up', async () => {
    const fake = await startFake()
    fake.fail({ kind: 'status', status: 503, on: 'GET /v2/stocks/trades/latest', times: 20 })
    const { feed, lines } = await openFeed(fake, { symbols: ['AAPL'] })
    expect(feed.isUp).toBe(true)
    expect(lines.join()).toMatch(/symbols of a feed could not be looked up/)
  })

  it('of all exchanges is refused to whoever has not paid for it', async () => {
    const all = { stockFeed: 'sip', symbols: ['AAPL'] } as const
    const fake = await startFake()
    await expect(openFeed(fake, all)).rejects.toThrow(/the plan does not include this feed/)
    const many = Array.from({ length: 31 }, (_, index) => `S${index}`)
    const paid = await startFake({ plan: 'algo-trader-plus' })
    await openFeed(paid, { ...all, symbols: many })
    // Each feed takes a connection of its own.
    await openFeed(paid, { symbols: ['AAPL'] })
  })

  it('is taken once, also where two are connected before either logs in', async () => {
    const fake = await startFake()
    const said: string[] = []
    const sockets = [1, 2].map((number) => {
      const socket = new WebSocket(`${fake.url.replace('http', 'ws')}/v2/iex`)
      socket.addEventListener('message', ({ data }) => void said.push(`${number} ${data}`))
      stopLater(async () => socket.close())
      return socket
    })
    await until(() => said.length === 2, 'both are connected')
    for (const socket of sockets) socket.send(JSON.stringify({ action: 'auth', key: fake.keyId, secret: fake.secret }))
    await until(() => said.length === 4, 'both are answered')
    expect(said.slice(2).join()).toContain('"authenticated"')
    expect(said.slice(2).join()).toContain('"code":406')
  })
})
