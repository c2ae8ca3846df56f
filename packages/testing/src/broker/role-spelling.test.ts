import type { Broker, BrokerEvent, OrderRequest, PermittedOrder } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { benchInstruments, defaultSetup } from './broker-bench.js'
import { createOpenGuard } from './open-guard.js'
import { spellFor } from './role-spelling.js'

const contract = {
  symbol: 'BTC-USDT-SWAP',
  kind: 'perpetual',
  currency: 'USDT',
  calendar: 'always-open',
  multiplier: '0.01',
  priceShift: 2,
} as const
const roles = { AAA: contract, BBB: { symbol: 'BBB', currency: 'USDT' } } as const
const request: OrderRequest = {
  account: 'bench',
  clientOrderId: 'one',
  symbol: 'AAA',
  side: 'buy',
  type: 'stop-limit',
  quantity: '10',
  limitPrice: '100.07',
  stopPrice: '99.5',
  timeInForce: 'gtc',
  reduceOnly: false,
}

test('the venue is told of what it lists, at the prices at which that stands there', () => {
  const { setup, event } = spellFor(roles, { ...defaultSetup, cash: { USD: '10', EUR: '3' } })
  expect(setup.instruments).toEqual([
    {
      ...contract,
      priceShift: undefined,
      asset: 'BTC-USDT-SWAP',
      tickSize: '1',
      lotSize: '1',
      minimumNotional: '5',
    },
    { ...benchInstruments[1], currency: 'USDT' },
  ])
  expect(setup.cash).toEqual({ USDT: '10', EUR: '3' })
  const quote = { type: 'quote', symbol: 'AAA', time: 1, bid: '99.9', ask: '100.1', askSize: '4' } as const
  expect(event(quote)).toEqual({ ...quote, symbol: 'BTC-USDT-SWAP', bid: '9990', ask: '10010' })
  expect(event({ ...quote, symbol: 'BBB' })).toEqual({ ...quote, symbol: 'BBB' })
  const opening = { type: 'session', phase: 'open', calendar: 'us-equity', sessionDate: '2024-01-02', time: 1 } as const
  expect(event(opening)).toMatchObject({ calendar: 'always-open' })
})

test('a currency of the cases is one currency at the venue', () => {
  const mixed = { AAA: contract, BBB: { symbol: 'BBB' } } as const
  expect(() => spellFor(mixed, defaultSetup)).toThrow(/USD of the cases is USDT and USD/)
})

test('orders go out and events come back to the last decimal, and the guard is asked with what it has permitted', async () => {
  const spelled = spellFor(roles, defaultSetup)
  const guard = createOpenGuard()
  const sent: OrderRequest[] = []
  let tell: (event: BrokerEvent) => void | Promise<void> = () => undefined
  const venue = {
    place: async (order: PermittedOrder) => {
      spelled.guard(guard).consume(order)
      sent.push(order.request)
    },
    subscribe: (listener: typeof tell) => {
      tell = listener
      return () => undefined
    },
    balances: async () => [
      { asset: 'USDT', total: '5' },
      { asset: 'BTC-USDT-SWAP', total: '10' },
    ],
  } as unknown as Broker
  const broker = spelled.broker(venue)
  const told: BrokerEvent[] = []
  broker.subscribe((event) => void told.push(event))
  await broker.place(guard.permit(request))
  expect(sent).toEqual([{ ...request, symbol: 'BTC-USDT-SWAP', limitPrice: '10007', stopPrice: '9950' }])
  expect(guard.consumed).toEqual([request])
  const fill = {
    tradeId: 't',
    price: '10000.1',
    referencePrice: '10000',
    quantity: '10',
    fee: '1',
    feeCurrency: 'USDT',
  }
  const execution = { ...fill, referenceTime: 1, liquidity: 'taker' } as const
  await tell({ type: 'filled', eventId: 'e', clientOrderId: 'one', venueOrderId: 'v', time: 1, execution })
  expect(told).toMatchObject([{ execution: { price: '100.001', referencePrice: '100', feeCurrency: 'USD' } }])
  expect(await broker.balances()).toEqual([
    { asset: 'AAA', total: '10' },
    { asset: 'USD', total: '5' },
  ])
  expect([broker.replace, broker.executions, broker.time]).toEqual([undefined, undefined, undefined])
})
