import { afterEach, expect, it } from 'vitest'
import { createFakeAlpaca, type FakeAlpaca } from './create-fake-alpaca.js'
import type { FakeAlpacaOptions } from './fake-alpaca-options.js'

let fake: FakeAlpaca
afterEach(() => fake.close())

async function open(options: FakeAlpacaOptions = {}): Promise<void> {
  fake = await createFakeAlpaca({ alwaysOpen: true, ...options })
  await fake.market.quote('AAPL', '100', '100')
  await fake.market.quote('BTC/USD', '50000', '50000')
}

type Row = Readonly<Record<string, unknown>>

async function ask(method: string, path: string, body?: object): Promise<unknown> {
  const headers = { 'APCA-API-KEY-ID': fake.keyId, 'APCA-API-SECRET-KEY': fake.secret }
  const given = body === undefined ? {} : { body: JSON.stringify(body) }
  return (await fetch(`${fake.url}${path}`, { method, headers, ...given })).json()
}

const trade = (symbol: string, side: string, qty: string, more: object = {}): Promise<unknown> =>
  ask('POST', '/v2/orders', { symbol, side, qty, type: 'market', time_in_force: 'gtc', ...more })
const activities = async (query = ''): Promise<readonly Row[]> =>
  (await ask('GET', `/v2/account/activities?category=non_trade_activity${query}`)) as readonly Row[]
const cash = async (): Promise<unknown> => ((await ask('GET', '/v2/account')) as Row)['cash']
const held = async (): Promise<unknown> => ((await ask('GET', '/v2/positions')) as readonly Row[])[0]?.['qty']

it('who buys a bitcoin holds 0.9975, who sells gets a quarter of a per cent less, and both fees are posted when the day is over', async () => {
  await open()
  await trade('BTC/USD', 'buy', '1')
  expect(await held()).toBe('0.9975')
  expect(await cash()).toBe('50000')
  expect(fake.orders()).toMatchObject([{ filled_qty: '1', status: 'filled' }])
  await trade('BTC/USD', 'sell', '0.5')
  expect(await held()).toBe('0.4975')
  expect(await cash()).toBe('74937.5')
  expect(await activities()).toEqual([])
  await fake.endDay()
  expect(await activities('&direction=asc')).toMatchObject([
    { activity_type: 'CFEE', symbol: 'BTCUSD', qty: '-0.0025', net_amount: '0', status: 'executed' },
    { activity_type: 'FEE', symbol: 'BTCUSD', net_amount: '-62.5', description: 'Coin Pair Transaction Fee (USD)' },
  ])
  await fake.endDay()
  expect(await activities()).toHaveLength(2)
  expect(await cash()).toBe('74937.5')
})

it('who rests pays the maker’s fee, and what is charged has nine decimals', async () => {
  await open({ cryptoFees: { maker: '0.001', taker: '0.002' } })
  await trade('BTC/USD', 'buy', '0.1', { type: 'limit', limit_price: '49000' })
  await fake.market.quote('BTC/USD', '48900', '48950')
  expect(await held()).toBe('0.0999')
  await trade('BTC/USD', 'buy', '0.000333333')
  expect(await held()).toBe('0.100232666')
})

it('ten dollars are the least that is bought of crypto, and no least that is sold', async () => {
  await open()
  expect(await trade('BTC/USD', 'buy', '0.00019')).toMatchObject({ code: 40310000, message: /cost basis/ })
  await trade('BTC/USD', 'buy', '0.001')
  expect(await trade('BTC/USD', 'sell', '0.0001')).toMatchObject({ side: 'sell', qty: '0.0001' })
  expect(await trade('BTC/USD', 'sell', '0.0001', { type: 'limit', limit_price: '60000' })).toMatchObject({
    qty: '0.0001',
  })
})

it('regulators charge what was sold, by the cent, when the day is over', async () => {
  await open({ regulatoryFees: true })
  await trade('AAPL', 'buy', '500', { time_in_force: 'day' })
  await trade('AAPL', 'sell', '300', { time_in_force: 'day' })
  expect(await cash()).toBe('80000')
  await fake.endDay()
  const rows = await activities('&direction=asc')
  expect(rows.map((row) => [row['activity_type'], row['activity_sub_type'], row['net_amount']])).toEqual([
    ['FEE', 'REG', '-0.62'],
    ['FEE', 'TAF', '-0.06'],
    ['FEE', 'CAT', '-0.01'],
  ])
  expect(await cash()).toBe('79999.31')
})

it('pays what a test says, and lists it by page, type and time', async () => {
  await open()
  await fake.pay({ type: 'INT', subType: 'MGN', netAmount: '-1.25' })
  await fake.pay({ type: 'DIV', symbol: 'AAPL', netAmount: '2.4' })
  await fake.pay({ type: 'INT', netAmount: '5', status: 'canceled' })
  expect(await cash()).toBe('100001.15')
  const [first] = await activities('&page_size=1&direction=asc')
  expect(first).toMatchObject({ activity_type: 'INT', activity_sub_type: 'MGN', net_amount: '-1.25', currency: 'USD' })
  const rest = await activities(`&direction=asc&page_token=${String(first?.['id'])}`)
  expect(rest).toMatchObject([{ activity_type: 'DIV', symbol: 'AAPL' }, { status: 'canceled' }])
  expect(await ask('GET', '/v2/account/activities/DIV')).toMatchObject([{ net_amount: '2.4' }])
  await expect(fake.pay({ type: 'FILL', netAmount: '1' })).rejects.toThrow(/pay: type is "FILL"; it must be a type of/)
  await expect(fake.pay({ type: 'XXX', netAmount: '1' })).rejects.toThrow(/pay: type is "XXX"; it must be a type of/)
  await expect(fake.pay({ type: 'INT', netAmmount: '1' } as never)).rejects.toThrow(
    /netAmmount; did you mean netAmount/,
  )
  await expect(fake.pay({ type: 'INT', netAmount: 'much' })).rejects.toThrow(/pay: netAmount is "much"/)
})

it('a dividend of the market is paid on what is held, and an activity of the account', async () => {
  await open()
  await trade('AAPL', 'buy', '10', { time_in_force: 'day' })
  const time = fake.market.now()
  const dividend = { type: 'dividend', symbol: 'AAPL', sessionDate: '2026-03-02', currency: 'USD' } as const
  await fake.market.emit({ ...dividend, time, amountPerUnit: '0.25' })
  expect(await cash()).toBe('99002.5')
  expect(await activities()).toMatchObject([
    { activity_type: 'DIV', qty: '10', per_share_amount: '0.25', net_amount: '2.5' },
  ])
})
