import { afterEach, beforeEach, expect, it } from 'vitest'
import { type BookLevel, bookChecksum } from './book-checksum.js'
import { candleSpan } from './candle-bars.js'
import { createFakeOkx } from './create-fake-okx.js'
import type { FakeOkx } from './fake-okx.js'
import type { FakeOkxCandle } from './fake-okx-options.js'
import { createOkxClient, type Node, type OkxClient, type OkxListener } from './okx-client.test-support.js'

const minute = 60_000
const start = Date.parse('2026-03-02T15:00:00Z')
let time = start
const clock = { now: () => time, elapsed: () => time }

let fake: FakeOkx
let client: OkxClient
const begin = async (options: Parameters<typeof createFakeOkx>[0] = {}): Promise<void> => {
  await fake?.close()
  fake = await createFakeOkx({ connectionsPerSecond: 99, rateMultiplier: 50, ...options })
  client = createOkxClient(fake)
}
beforeEach(async () => {
  time = start
  await begin()
})
afterEach(() => fake.close())

const hasData = ({ data }: Node): boolean => data !== undefined
const rows = async (target: string): Promise<readonly (readonly string[])[]> =>
  (await client.get(target)).data as unknown as readonly (readonly string[])[]
const trade = (price: string, quantity: string) => fake.market.trade('BTC-USDT', price, quantity)

it('candles are made of trades, newest first; a minute without one repeats the last price', async () => {
  await begin({ clock })
  await trade('100', '1')
  await trade('103', '2')
  time = start + minute + 5_000
  await trade('99', '1')
  time = start + 3 * minute + 1
  await trade('101', '0.5')
  expect(await rows('market/candles?instId=BTC-USDT')).toEqual([
    [String(start + 3 * minute), '101', '101', '101', '101', '0.5', '50.5', '50.5', '0'],
    [String(start + 2 * minute), '99', '99', '99', '99', '0', '0', '0', '1'],
    [String(start + minute), '99', '99', '99', '99', '1', '99', '99', '1'],
    [String(start), '100', '103', '100', '103', '3', '306', '306', '1'],
  ])
  expect(await rows('market/candles?instId=BTC-USDT&bar=1H')).toEqual([
    [String(start), '100', '103', '99', '101', '4.5', '455.5', '455.5', '0'],
  ])
})

it('history pages by instants that are not themselves included', async () => {
  const candles = Array.from({ length: 7 }, (_, index): FakeOkxCandle => {
    const price = String(100 + index)
    return [String(start + index * minute), price, price, price, price, '1', price, price]
  })
  await begin({ candles: { 'BTC-USDT': { '1m': candles } } })
  const page = async (query: string): Promise<readonly number[]> =>
    (await rows(`market/history-candles?instId=BTC-USDT&${query}`)).map(([ts]) => (Number(ts) - start) / minute)
  expect(await page('limit=3')).toEqual([6, 5, 4])
  expect(await page(`limit=3&after=${start + 4 * minute}`)).toEqual([3, 2, 1])
  expect(await page(`limit=3&after=${start + minute}`)).toEqual([0])
  expect(await page(`before=${start + 4 * minute}`)).toEqual([6, 5])
  expect(await page(`after=${start + 5 * minute}&before=${start + 2 * minute}`)).toEqual([4, 3])
  expect(await page(`bar=5m`)).toEqual([5, 0])
  expect(await client.get('market/candles?instId=BTC-USDT&bar=7m')).toMatchObject({ code: '51000' })
})

it('a market that is told by days has candles of days', async () => {
  await begin({ clock })
  const listener = await client.connect('business')
  await listener.subscribe({ channel: 'candle1Dutc', instId: 'BTC-USDT' })
  const day = Date.parse('2026-03-01T00:00:00Z')
  const prices = { open: '100', high: '110', low: '95', close: '105' }
  const event = { type: 'bar', symbol: 'BTC-USDT', timeframe: '1d', sessionDate: '2026-03-01', start: day } as const
  await fake.market.emit({ ...event, time: day + 86_400_000, ...prices, volume: '10' })
  const row = [String(day), '100', '110', '95', '105', '10', '1050', '1050', '1']
  expect(await rows('market/history-candles?instId=BTC-USDT&bar=1Dutc')).toEqual([row])
  expect(await listener.next(hasData)).toMatchObject({ data: [row] })
  expect((await client.get('market/ticker?instId=BTC-USDT')).data[0]).toMatchObject({ last: '105' })
})

it('long bars begin by the clock of Hong Kong, or of UTC where they say so', () => {
  const span = (bar: string): string => new Date(candleSpan(bar, start).start).toISOString().slice(0, 16)
  expect(span('4H')).toBe('2026-03-02T12:00')
  expect(span('12H')).toBe('2026-03-02T04:00')
  expect(span('1D')).toBe('2026-03-01T16:00')
  expect(span('1Dutc')).toBe('2026-03-02T00:00')
  expect(span('1Wutc')).toBe('2026-03-02T00:00')
  expect(span('1M')).toBe('2026-02-28T16:00')
  expect(span('3Mutc')).toBe('2026-01-01T00:00')
})

it('a candle is told once more, complete, when the next one has begun', async () => {
  await begin({ clock })
  const listener = await client.connect('business')
  await listener.subscribe({ channel: 'candle1m', instId: 'BTC-USDT' })
  await trade('100', '1')
  expect(await listener.next(hasData)).toMatchObject({
    data: [[String(start), '100', '100', '100', '100', '1', '100', '100', '0']],
  })
  time = start + minute
  await trade('102', '1')
  expect((await listener.next(hasData))['data']).toMatchObject([
    [String(start), '100', '100', '100', '100', '1', '100', '100', '1'],
  ])
  expect((await listener.next(hasData))['data']).toMatchObject([
    [String(start + minute), '102', '102', '102', '102', '1', '102', '102', '0'],
  ])
})

it('trades page by id and by instant; who took is told by the side of the quote', async () => {
  await fake.market.quote('BTC-USDT', '99', '101')
  for (const price of ['101', '99', '100']) await trade(price, '1')
  const all = (await client.get('market/trades?instId=BTC-USDT')).data
  expect(all.map(({ px, side }) => [px, side])).toEqual([
    ['100', 'buy'],
    ['99', 'sell'],
    ['101', 'buy'],
  ])
  const older = await client.get(`market/history-trades?instId=BTC-USDT&after=${String(all[1]?.['tradeId'])}`)
  expect(older.data.map(({ px }) => px)).toEqual(['101'])
  expect(await client.get('market/history-trades?instId=BTC-USDT&type=2&before=1')).toMatchObject({ code: '50039' })
  expect((await client.get('market/ticker?instId=BTC-USDT')).data[0]).toMatchObject({
    last: '100',
    high24h: '101',
    low24h: '99',
    vol24h: '3',
  })
  expect(await client.get('market/ticker?instId=NO-USDT')).toMatchObject({ code: '51001', data: [] })
})

type Sides = { bids: readonly BookLevel[]; asks: readonly BookLevel[] }

/** A book that is kept as the API's documentation says. */
function keep(side: readonly BookLevel[], changes: readonly BookLevel[], direction: 1 | -1): readonly BookLevel[] {
  const levels = new Map(side.map((level) => [level[0], level]))
  for (const level of changes) {
    if (level[1] === '0') levels.delete(level[0])
    else levels.set(level[0], level)
  }
  return [...levels.values()].sort(([a], [b]) => direction * (Number(a) - Number(b)))
}

async function follow(listener: OkxListener, sides: Sides): Promise<Node & { readonly sides: Sides }> {
  const message = await listener.next(hasData)
  const update = ((message['data'] as readonly Node[])[0] ?? {}) as Node & Sides
  const kept = { bids: keep(sides.bids, update.bids, -1), asks: keep(sides.asks, update.asks, 1) }
  return { ...update, action: message['action'], sides: kept }
}

it('a book that is kept from its updates has the checksum that each of them tells, and the sequence is whole', async () => {
  fake.conditions.checksums = true
  await fake.book(
    'BTC-USDT',
    [
      ['99.0', '1'],
      ['98.5', '2'],
    ],
    [
      ['101', '1.50'],
      ['102', '4'],
    ],
  )
  const listener = await client.connect('public')
  await listener.subscribe({ channel: 'books', instId: 'BTC-USDT' })
  let last = await follow(listener, { bids: [], asks: [] })
  expect(last).toMatchObject({ action: 'snapshot', prevSeqId: -1 })
  const books: readonly (readonly [readonly (readonly [string, string])[], readonly (readonly [string, string])[]])[] =
    [
      [
        [
          ['99.0', '2'],
          ['98.5', '2'],
        ],
        [
          ['101', '1.50'],
          ['103', '1'],
        ],
      ],
      [
        [['98.5', '2']],
        [
          ['100', '7'],
          ['101', '1.50'],
          ['103', '1'],
        ],
      ],
      [
        [
          ['97', '0.1'],
          ['96', '3'],
        ],
        [['99', '7']],
      ],
    ]
  for (const [bids, asks] of books) {
    await fake.book('BTC-USDT', bids, asks)
    const next = await follow(listener, last.sides)
    expect(next).toMatchObject({ action: 'update', prevSeqId: last['seqId'] })
    expect(bookChecksum(next.sides.bids, next.sides.asks)).toBe(next['checksum'])
    expect(next.sides.bids.map(([price]) => price)).toEqual(bids.map(([price]) => price))
    last = next
  }
  expect((await client.get('market/books?instId=BTC-USDT&sz=2')).data[0]).toMatchObject({
    bids: [
      ['97', '0.1', '0', '1'],
      ['96', '3', '0', '1'],
    ],
    seqId: last['seqId'],
  })
})

it('a book is reset, stands still, or loses an update', async () => {
  await fake.market.quote('BTC-USDT', '99', '101')
  const listener = await client.connect('public')
  await listener.subscribe({ channel: 'books', instId: 'BTC-USDT' })
  const update = async (): Promise<Node> => ((await listener.next(hasData))['data'] as readonly Node[])[0] ?? {}
  const { seqId } = await update()
  fake.disturbBook('BTC-USDT', 'still-there')
  expect(await update()).toMatchObject({ prevSeqId: seqId, seqId, bids: [], asks: [] })
  fake.disturbBook('BTC-USDT', 'reset')
  expect(await update()).toMatchObject({ prevSeqId: seqId, seqId: 3 })
  fake.disturbBook('BTC-USDT', 'gap')
  await fake.market.quote('BTC-USDT', '98', '101')
  const after = await update()
  expect(after['prevSeqId']).not.toBe(3)
  fake.conditions.loseBookUpdates = true
  await fake.market.quote('BTC-USDT', '97', '101')
  fake.conditions.loseBookUpdates = false
  fake.conditions.wrongChecksums = true
  await fake.market.quote('BTC-USDT', '96', '101')
  const wrong = await update()
  expect(wrong['prevSeqId']).not.toBe(after['seqId'])
  expect(wrong['checksum']).toBe(bookChecksum([['96', '100', '0', '1']], [['101', '100', '0', '1']]) + 1)
})

it('frozen market data says nothing, and goes on', async () => {
  const listener = await client.connect('public')
  await listener.subscribe({ channel: 'bbo-tbt', instId: 'BTC-USDT' }, { channel: 'books5', instId: 'BTC-USDT' })
  fake.conditions.frozenMarketData = true
  await fake.market.quote('BTC-USDT', '1', '2')
  fake.conditions.frozenMarketData = false
  listener.heard.splice(0)
  await fake.market.quote('BTC-USDT', '99', '101', { bidSize: '3' })
  expect(await listener.next(hasData)).toMatchObject({
    arg: { channel: 'bbo-tbt' },
    data: [{ bids: [['99', '3', '0', '1']] }],
  })
  expect(await listener.next(hasData)).toMatchObject({ arg: { channel: 'books5' }, data: [{ instId: 'BTC-USDT' }] })
})

it('prices beyond the band are refused, or moved to its edge', async () => {
  await begin({ priceLimitFraction: '0.05' })
  await trade('100', '1')
  expect((await client.get('public/price-limit?instId=BTC-USDT')).data[0]).toMatchObject({
    buyLmt: '105',
    sellLmt: '95',
    enabled: true,
  })
  expect(await client.place({ px: '106' })).toMatchObject({ sCode: '51137' })
  expect(await client.place({ px: '106', pxAmendType: '1' })).toMatchObject({ sCode: '0' })
  expect((await client.get('trade/orders-pending')).data).toMatchObject([{ px: '105' }])
})
