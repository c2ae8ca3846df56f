import { afterEach, expect, it } from 'vitest'
import { createFakeAlpaca, type FakeAlpaca } from './create-fake-alpaca.js'
import type { FakeAlpacaOptions } from './fake-alpaca-options.js'

let fake: FakeAlpaca
afterEach(() => fake.close())

async function open(options: FakeAlpacaOptions = {}): Promise<void> {
  const assets = [{ symbol: 'AAPL' }, { symbol: 'HARD', shortable: false }, { symbol: 'BTC/USD' }]
  fake = await createFakeAlpaca({ alwaysOpen: true, shorting: true, cash: '10000', assets, ...options })
  for (const { symbol } of assets) await fake.market.quote(symbol, '100', '100')
}

type Body = Readonly<Record<string, unknown>>

async function ask(method: string, path: string, body?: object): Promise<Body> {
  const headers = { 'APCA-API-KEY-ID': fake.keyId, 'APCA-API-SECRET-KEY': fake.secret }
  const given = body === undefined ? {} : { body: JSON.stringify(body) }
  return (await (await fetch(`${fake.url}${path}`, { method, headers, ...given })).json()) as Body
}

const trade = (side: string, qty: string, more: object = {}): Promise<Body> =>
  ask('POST', '/v2/orders', { symbol: 'AAPL', side, qty, type: 'market', time_in_force: 'day', ...more })

it('shares are sold that are not held, owed, and bought back with what the price has made of it', async () => {
  await open()
  expect(await trade('sell', '20')).toMatchObject({ position_intent: 'sell_to_open' })
  await fake.market.quote('AAPL', '90', '90')
  expect(await ask('GET', '/v2/positions/AAPL')).toMatchObject({
    qty: '-20',
    qty_available: '-20',
    side: 'short',
    avg_entry_price: '100',
    market_value: '-1800',
    cost_basis: '-2000',
    unrealized_pl: '200',
  })
  expect(await ask('GET', '/v2/account')).toMatchObject({
    cash: '12000',
    short_market_value: '-1800',
    equity: '10200',
    buying_power: '8400',
    shorting_enabled: true,
  })
  expect(await trade('buy', '15', { position_intent: 'buy_to_close' })).toMatchObject({
    position_intent: 'buy_to_close',
  })
  expect(await ask('GET', '/v2/positions/AAPL')).toMatchObject({ qty: '-5', avg_entry_price: '100' })
  await ask('DELETE', '/v2/positions/AAPL')
  expect(await ask('GET', '/v2/positions')).toEqual([])
  expect(await ask('GET', '/v2/account')).toMatchObject({ cash: '10200', equity: '10200' })
})

it.each([
  ['of what nobody lends', { symbol: 'HARD' }, /"HARD" cannot be sold short/],
  ['of parts of a share', { qty: '1.5' }, /fractional orders cannot be sold short/],
  ['for an amount', { qty: undefined, notional: '500' }, /fractional orders cannot be sold short/],
  ['of crypto', { symbol: 'BTC/USD', time_in_force: 'gtc' }, /"BTC\/USD" cannot be sold short/],
  ['beyond what the account is worth', { qty: '98' }, /insufficient buying power/],
  ['that says it closes', { position_intent: 'sell_to_close' }, /inferred: sell_to_open, specified: sell_to_close/],
])('a short sale %s is refused', async (_, fields, message) => {
  await open()
  expect(await trade('sell', '10', fields)).toMatchObject({ message })
  expect(fake.orders()).toEqual([])
})

it('no order turns a position round, and what leaves it leaves no more than there is', async () => {
  await open()
  await trade('sell', '10')
  expect(await trade('buy', '11')).toMatchObject({ code: 40310000, existing_qty: '10', available: '10' })
  await trade('buy', '7', { type: 'limit', limit_price: '90' })
  expect(await trade('buy', '4', { type: 'limit', limit_price: '90' })).toMatchObject({ available: '3' })
  expect(await trade('buy', '3', { position_intent: 'buy_to_open' })).toMatchObject({
    message: /inferred: buy_to_close/,
  })
})

it.each([{ shorting: false }, { cash: '1999' }])(
  'an account that may not, %o, sells nothing short',
  async (options) => {
    await open(options)
    expect(await trade('sell', '1')).toMatchObject({ message: 'account is not allowed to short' })
  },
)
