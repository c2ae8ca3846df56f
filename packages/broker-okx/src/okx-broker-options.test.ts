import { createSeededRandom } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import { createOkxBroker } from './create-okx-broker.js'
import { createOkxMarketData } from './create-okx-market-data.js'
import type { OkxBrokerOptions } from './okx-broker-options.js'
import { parseOkxOptions } from './parse-okx-options.js'

const keys = { key: 'k1', secret: 'hush', passphrase: 'hush2' }

test.each([
  [{ urls: { rest: 'https://www.okx.com/api/v5' } }, 'https://www.okx.com', 'wss://wspap.okx.com:8443/ws/v5'],
  [{ urls: { rest: 'https://eea.okx.com/' } }, 'https://eea.okx.com', 'wss://wseeapap.okx.com:8443/ws/v5'],
  [{ urls: { rest: 'https://proxy.test/okx/' } }, 'https://proxy.test/okx', 'wss://proxy.test/okx/ws/v5'],
  [{ urls: { stream: 'wss://proxy.test/ws/v5/public' } }, 'https://www.okx.com', 'wss://proxy.test/ws/v5'],
])('an address as the documentation shows it will do: %o', (options, rest, stream) => {
  const { connection } = parseOkxOptions({ ...keys, ...options })
  expect(connection).toMatchObject({ restUrl: rest, streamUrl: stream })
})

test.each([
  [{ mode: 'paper' }, 'mode: "paper": here it is called "demo": use "demo" or "live"'],
  [{ mode: 'DEMO' }, 'mode: "DEMO": use "demo" or "live"'],
  [{ allowLive: true }, `allowLive: it is true, and mode is not set, which means "demo": add mode: 'live'`],
  [{ keyId: 'k' }, 'keyId: there is no such option; did you mean key?'],
  [{ passPhrase: 'k' }, 'there is no option passPhrase; did you mean passphrase?'],
  [{ urls: { trading: 'https://proxy.test' } }, 'urls: trading: there is no such option; did you mean rest?'],
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
  [{ mode: 'paper' }, 'mode: "paper": here it is called "demo": use'],
  [{ urls: { dataStream: 'wss://proxy.test' } }, 'urls: dataStream: there is no such option; did you mean stream?'],
  [{ ...keys }, 'key: prices are everybody’s: leave key, secret and passphrase out'],
  [{ symbols: ['BTC-USDT', 'x y'] }, 'symbols: "x y" is none'],
  [{ symbols: Array.from({ length: 101 }, (_, index) => `A${index}-USDT`) }, 'symbols: 101 are more than 100'],
  [{ bookSymbols: ['ETH-USDT'] }, 'bookSymbols: "ETH-USDT": use'],
])('so is one of market data: %o', (options, fault) => {
  expect(() => createOkxMarketData({ symbols: ['BTC-USDT'], ...(options as object) })).toThrow(fault)
})

test('nothing is opened or asked without what it needs', async () => {
  const data = createOkxMarketData({ symbols: ['BTC-USDT'] })
  const random = createSeededRandom(1)
  const refusal = (message: string) =>
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) })
  await expect(data.open({ random } as never)).rejects.toEqual(refusal('createOkxMarketData: open: logger: it is not'))
  expect(() => data.history(undefined as never)).toThrow(refusal('createOkxMarketData: history: random: it is not'))
  await expect(createOkxBroker(keys).open({ random } as never)).rejects.toEqual(
    refusal('createOkxBroker: open: clock: it'),
  )
})

test('history is asked for in words that it knows', async () => {
  const history = createOkxMarketData({ symbols: ['BTC-USDT'] }).history({ random: createSeededRandom(1) })
  const [symbols, from, to, timeframe] = [['BTC-USDT'], Date.UTC(2024, 0, 2), Date.UTC(2024, 0, 3), '1m'] as const
  const query = { symbols, from, to }
  expect(() => history.bars({ ...query, timeframe: '2m' })).toThrow('timeframe: "2m": use one of 1m, 3m')
  expect(() => history.bars({ ...query, timeframe: 'toString' })).toThrow('timeframe: "toString": use one of')
  expect(() => history.bars({ ...query, timeframe, adjustment: 'raw' } as never)).toThrow('no option adjustment')
  expect(() => history.bars({ ...query, timeframe, pageSize: 1_000 })).toThrow('pageSize: 1000: use a whole number')
  expect(() => history.trades({ ...query, to: '2024-01-03' as never })).toThrow('did you mean 1704240000000')
  expect(() => history.trades({ symbol: 'BTC-USDT', from, to } as never)).toThrow('did you mean symbols?')
  await expect(history.latestTrades('BTC-USDT' as never)).rejects.toThrow('symbols: "BTC-USDT": use a list')
  await expect(history.orderBook('BTC-USDT', 1_000)).rejects.toThrow('depth: 1000: use a whole number from 1 to 400')
  await expect(history.settledFunding('BTC-USDT-SWAP', to, from)).rejects.toThrow('from: 1704240000000 is after to')
  await expect(history.fundingRate(undefined as never)).rejects.toThrow('symbol: it is not set; use one such as')
  await expect(history.instruments([])).rejects.toThrow('symbols: name at least one')
})

test('a symbol that is given twice is one', () => {
  expect(parseOkxOptions({ ...keys, symbols: ['BTC-USDT', 'BTC-USDT'] }).symbols).toEqual(['BTC-USDT'])
})
