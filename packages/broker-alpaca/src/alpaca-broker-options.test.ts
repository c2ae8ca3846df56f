import { expect, test } from 'vitest'
import type { AlpacaBrokerOptions } from './alpaca-broker-options.js'
import { createAlpacaBroker } from './create-alpaca-broker.js'
import { createAlpacaMarketData } from './create-alpaca-market-data.js'
import { parseAlpacaOptions } from './parse-alpaca-options.js'

const keys = { keyId: 'PK1', secret: 'hush' }
const live = { mode: 'live', allowLive: true } as const

test.each([
  [{ urls: { trading: 'https://api.alpaca.markets' } }, /urls\.trading: .* trades real money, and mode is paper/],
  [{ urls: { trading: 'https://API.alpaca.markets/v2' } }, /urls\.trading: .* trades real money, and mode is paper/],
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

test.each([
  [{ mode: 'PAPER' }, 'mode: "PAPER": use "paper" or "live"'],
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
  [{ sessions: 5 }, 'sessions: use { calendar, preOpenLeadMs }'],
  [{ bookSymbols: ['ETH-USD'] }, 'bookSymbols: "ETH-USD": use'],
])('so is one of market data: %o', (options, fault) => {
  const make = () => createAlpacaMarketData({ ...keys, symbols: ['AAPL', 'BTC-USD'], ...(options as object) })
  expect(make).toThrow(fault)
})

test('a symbol that is given twice is one', () => {
  expect(parseAlpacaOptions({ ...keys, symbols: ['AAPL', 'MSFT', 'AAPL'] }).symbols).toEqual(['AAPL', 'MSFT'])
})
