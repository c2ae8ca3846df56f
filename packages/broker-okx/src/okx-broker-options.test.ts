import { expect, test } from 'vitest'
import { createOkxBroker } from './create-okx-broker.js'
import { createOkxMarketData } from './create-okx-market-data.js'
import type { OkxBrokerOptions } from './okx-broker-options.js'
import { parseOkxOptions } from './parse-okx-options.js'

const keys = { key: 'k1', secret: 'hush', passphrase: 'hush2' }

test.each([
  [{ urls: { rest: 'https://www.okx.com/api/v5' } }, 'https://www.okx.com', 'wss://www.okx.com/ws/v5'],
  [{ urls: { rest: 'https://proxy.test/okx/' } }, 'https://proxy.test/okx', 'wss://proxy.test/okx/ws/v5'],
  [{ urls: { stream: 'wss://proxy.test/ws/v5/public' } }, 'https://www.okx.com', 'wss://proxy.test/ws/v5'],
])('an address as the documentation shows it will do: %o', (options, rest, stream) => {
  const { connection } = parseOkxOptions({ ...keys, ...options })
  expect(connection).toMatchObject({ restUrl: rest, streamUrl: stream })
})

test.each([
  [{ mode: 'paper' }, 'mode: "paper": use "demo" or "live"'],
  [{ site: 'EEA' }, 'site: "EEA": use "global", "eea" or "us"'],
  [{ allowLive: 1 }, 'allowLive: 1: use true or false'],
  [{ currency: 'usdt' }, 'currency: "usdt": use the name of a currency'],
  [{ marginMode: 'cash' }, 'marginMode: "cash": use "cross" or "isolated"'],
  [{ rateMultiplier: '1' }, 'rateMultiplier: "1": use a number from 0.05'],
  [{ requestLifetimeMs: 500 }, 'requestLifetimeMs: 500: use a number from 1,000'],
  [{ heartbeatMs: 30_000 }, 'heartbeatMs: 30000: use a number from 100 to 25,000'],
  [{ symbols: [] }, 'symbols: it is empty'],
  [{ symbols: ['BTCUSDT'] }, 'symbols: "BTCUSDT" is none'],
  [{ symbols: ['BTC-'] }, 'symbols: "BTC-" is none'],
  [{ outcomeWaitsMs: null }, 'outcomeWaitsMs: null: use at most 20 numbers'],
  [{ transport: { fetch: 5 } }, 'transport.fetch: 5: use a function'],
  [{ urls: { rest: 'https://me:hush@proxy.test' } }, 'urls.rest: leave out what stands before the host'],
])('an option that cannot be is refused, with its name and value: %o', (options, fault) => {
  const make = (): unknown => createOkxBroker({ ...keys, ...(options as Partial<OkxBrokerOptions>) })
  expect(make).toThrow(fault)
  expect(make).not.toThrow(/hush/)
})

test.each([
  [{ sessions: {} }, 'sessions: use { calendar, preOpenLeadMs }'],
  [{ symbols: ['BTC-USDT', 'x y'] }, 'symbols: "x y" is none'],
  [{ symbols: Array.from({ length: 101 }, (_, index) => `A${index}-USDT`) }, 'symbols: 101 are more than 100'],
  [{ bookSymbols: ['ETH-USDT'] }, 'bookSymbols: "ETH-USDT": use'],
])('so is one of market data: %o', (options, fault) => {
  expect(() => createOkxMarketData({ symbols: ['BTC-USDT'], ...(options as object) })).toThrow(fault)
})

test('a symbol that is given twice is one', () => {
  expect(parseOkxOptions({ ...keys, symbols: ['BTC-USDT', 'BTC-USDT'] }).symbols).toEqual(['BTC-USDT'])
})
