import { createSeededRandom } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import type { AlpacaBrokerOptions } from './alpaca-broker-options.js'
import { createAlpacaBroker } from './create-alpaca-broker.js'
import { createAlpacaMarketData } from './create-alpaca-market-data.js'
import { loadAlpacaCalendar } from './load-alpaca-calendar.js'
import { parseAlpacaOptions } from './parse-alpaca-options.js'

const keys = { keyId: 'PK1', secret: 'hush' }
const live = { mode: 'live', allowLive: true } as const

test.each([
  [{ urls: { trading: 'https://api.alpaca.markets' } }, /urls\.trading: .* trades real money, and mode is paper/],
  [{ urls: { trading: 'https://API.alpaca.markets/v2' } }, /urls\.trading: .* trades real money, and mode is paper/],
  [{ urls: { trading: 'https://api.alpaca.markets.' } }, /urls\.trading: .* trades real money, and mode is paper/],
  [{ urls: { updates: 'wss://api.alpaca.markets/stream' } }, /urls\.updates: .* trades real money, and mode is paper/],
  [{ ...live, urls: { trading: 'https://paper-api.alpaca.markets' } }, /urls\.trading: .* paper, and mode is live/],
])('the host of one mode is not gone to in the other: %o', (options, fault) => {
  expect(() => createAlpacaBroker({ ...keys, ...options })).toThrow(fault)
})

test.each([
  ['https://paper-api.alpaca.markets/v2', 'https://paper-api.alpaca.markets'],
  ['https://paper-api.alpaca.markets/v2/', 'https://paper-api.alpaca.markets'],
  ['https://proxy.test/alpaca/', 'https://proxy.test/alpaca'],
  ['http://127.0.0.1:8080/v2', 'http://127.0.0.1:8080'],
  ['http://127.0.0.1:8080//', 'http://127.0.0.1:8080'],
])('an address as the dashboard shows it will do: %s', (trading, parsed) => {
  const { tradingUrl, updatesUrl } = parseAlpacaOptions({ ...keys, urls: { trading } })
  expect(tradingUrl).toBe(parsed)
  expect(updatesUrl).toBe(`${parsed.replace(/^http/, 'ws')}/stream`)
})

test('those who write the end of an address differently share its rate', () => {
  const bucketsOf = (trading: string): unknown => parseAlpacaOptions({ ...keys, urls: { trading } }).connection.buckets
  const shared = bucketsOf('https://proxy.test/alpaca')
  expect(bucketsOf('https://proxy.test/alpaca/')).toBe(shared)
  expect(bucketsOf('https://proxy.test/alpaca/v2')).toBe(shared)
  expect(bucketsOf('https://proxy.test/other')).not.toBe(shared)
})

test.each([
  [{ mode: 'PAPER' }, 'mode: "PAPER": use "paper" or "live"'],
  [{ mode: 'demo' }, 'mode: "demo": here it is called "paper": use "paper" or "live"'],
  [{ allowLive: true }, `allowLive: it is true, and mode is not set, which means "paper": add mode: 'live'`],
  [{ key: 'k' }, 'key: there is no such option; did you mean keyId?'],
  [{ secretKey: 'k' }, 'secretKey: there is no such option; did you mean secret?'],
  [{ urls: { data: 'https://proxy.test' } }, 'urls.data: trading does not go there, but to urls.trading, which is not'],
  [{ allowLive: 'yes' }, 'allowLive: "yes": use true or false'],
  [{ fractionalShares: 'false' }, 'fractionalShares: "false": use true or false'],
  [{ account: 5 }, 'account: 5: use a text of 1 to 64 characters'],
  [{ symbols: [] }, 'symbols: it is empty'],
  [{ symbols: 'AAPL' }, 'symbols: "AAPL": use a list of symbols'],
  [{ requestsPerMinute: '200' }, 'requestsPerMinute: "200": use a number from 20'],
  [{ requestTimeoutMs: 5 }, 'requestTimeoutMs: 5: use a number from 100'],
  [{ heartbeatMs: Number.NaN }, 'heartbeatMs: NaN: use a number from 100'],
  [{ outcomeWaitsMs: null }, 'outcomeWaitsMs: null: use at most 20 numbers'],
  [{ cryptoFees: null }, 'cryptoFees: its options are null'],
  [{ cryptoFees: { maker: '0.001' } }, 'cryptoFees.taker: it is not set; use a decimal text'],
  [{ cryptoStopFraction: 0.05 }, 'cryptoStopFraction: 0.05: use a decimal text'],
  [{ transport: { fetch: 5 } }, 'transport.fetch: 5: use a function'],
  [{ transport: { connect: 'x' } }, 'transport.connect: "x": use a function'],
  [{ transport: { clock: {} } }, 'transport.clock: use a clock'],
  [{ urls: { trading: 'https://' } }, 'urls.trading: use a URL that begins with https://'],
  [{ urls: { trading: 'https://me:hush@proxy.test' } }, 'urls.trading: leave out what stands before the host'],
  [{ urls: { trading: 'https://proxy.test/?to=alpaca' } }, 'urls.trading: leave out the query'],
])('an option that cannot be is refused, with its name and value: %o', (options, fault) => {
  const make = (): unknown => createAlpacaBroker({ ...keys, ...(options as Partial<AlpacaBrokerOptions>) })
  expect(make).toThrow(fault)
  expect(make).not.toThrow(/hush/)
})

test.each([
  [{ stockFeed: 'IEX' }, 'stockFeed: "IEX": use "iex"'],
  [{ cryptoLocation: 'eu' }, 'cryptoLocation: "eu": use "us"'],
  [{ sessions: {} }, 'sessions: use { calendar, preOpenLeadMs }'],
  [{ urls: { trading: 'https://proxy.test' } }, 'urls.trading: market data does not go there, but to urls.data'],
  [{ urls: { updates: 'wss://proxy.test' } }, 'urls.updates: market data does not go there'],
  [{ apiKey: 'k' }, 'apiKey: there is no such option; did you mean keyId?'],
  [{ sessions: 5 }, 'sessions: use { calendar, preOpenLeadMs }'],
  [{ bookSymbols: ['ETH-USD'] }, 'bookSymbols: "ETH-USD": use'],
])('so is one of market data: %o', (options, fault) => {
  const make = () => createAlpacaMarketData({ ...keys, symbols: ['AAPL', 'BTC-USD'], ...(options as object) })
  expect(make).toThrow(fault)
})

test('addresses of trading and of market data may be given to both, and who allows live need not trade it', () => {
  const urls = { trading: 'https://proxy.test', data: 'https://data.test' }
  expect(parseAlpacaOptions({ ...keys, urls, mode: 'paper', allowLive: true }).tradingUrl).toBe(urls.trading)
  expect(() => createAlpacaMarketData({ ...keys, symbols: ['AAPL'], urls })).not.toThrow()
})

test('nothing is opened or asked without what it needs', async () => {
  const data = createAlpacaMarketData({ ...keys, symbols: ['AAPL'] })
  const random = createSeededRandom(1)
  const refusal = (message: string) =>
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) })
  await expect(data.open({ random } as never)).rejects.toEqual(
    refusal('createAlpacaMarketData: open: logger: it is not'),
  )
  await expect(data.open(undefined as never)).rejects.toEqual(refusal('open: random: it is not given'))
  expect(() => data.history(undefined as never)).toThrow(refusal('createAlpacaMarketData: history: random: it is not'))
  await expect(createAlpacaBroker(keys).open({} as never)).rejects.toEqual(
    refusal('createAlpacaBroker: open: clock: it'),
  )
  const calendar = { ...keys, from: 0, to: 1 }
  await expect(loadAlpacaCalendar(calendar, undefined as never)).rejects.toEqual(refusal('loadAlpacaCalendar: random:'))
  const demo = { ...calendar, mode: 'demo' } as never
  await expect(loadAlpacaCalendar(demo, { random })).rejects.toEqual(refusal('mode: "demo": here it is called "paper"'))
})

test('history is asked for in words that it knows', () => {
  const history = createAlpacaMarketData({ ...keys, symbols: ['AAPL'] }).history({ random: createSeededRandom(1) })
  const [symbols, from, to, timeframe] = [['AAPL'], Date.UTC(2024, 0, 2), Date.UTC(2024, 0, 3), '1m'] as const
  const query = { symbols, from, to }
  expect(() => history.bars({ ...query, timeframe: '1min' })).toThrow('timeframe: "1min": use a text such as 1m')
  for (const odd of ['60m', '24h', '2d', '5w'])
    expect(() => history.bars({ ...query, timeframe: odd })).toThrow(`timeframe: "${odd}": use a text such as`)
  expect(() => history.bars({ ...query, timeframe, adjustment: 'splits' as never })).toThrow(
    'adjustment: "splits": use',
  )
  expect(() => history.bars({ ...query, timeframe, pagetoken: 'x' } as never)).toThrow('did you mean pageToken?')
  expect(() => history.quotes({ ...query, from: '2024-01-02' as never })).toThrow('did you mean 1704153600000')
  expect(() => history.trades({ symbol: 'AAPL', from, to } as never)).toThrow('did you mean symbols?')
  const dates = { symbols, from: '2024-01-02', to: '2024-01-03' }
  expect(() => history.corporateActions({ ...dates, from } as never)).toThrow('from: 1704153600000: use a date')
  expect(() => history.corporateActions({ ...dates, to: '2024-01-01' })).toThrow('from: 2024-01-02 is after to')
  expect(() => history.corporateActions({ ...dates, pageSize: 2_000 })).toThrow('pageSize: 2000: use')
})

test('a symbol that is given twice is one', () => {
  expect(parseAlpacaOptions({ ...keys, symbols: ['AAPL', 'MSFT', 'AAPL'] }).symbols).toEqual(['AAPL', 'MSFT'])
})
