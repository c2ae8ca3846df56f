import type { MarketEvent } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { openWorld, tradedHere } from './kernel-on-paper.test-support.js'

const operator = { operator: 'Ada', reason: 'test' }
const exits = { stopPrice: '180', targetPrice: '260', maximumSessions: 5 }
const day = '2026-01-05'

test.each([
  ['type', { type: 'nonsense', symbol: 'SAP', time: 1 }],
  ['type', null],
  ['time', { type: 'trade', symbol: 'SAP', time: Number.NaN, price: '200', quantity: '1' }],
  ['symbol', { type: 'trade', symbol: '', time: 1, price: '200', quantity: '1' }],
  ['phase', { type: 'session', phase: 'shut', calendar: 'always-open', sessionDate: day, time: 1 }],
  ['sessionDate', { type: 'session', phase: 'open', calendar: 'always-open', sessionDate: 'x', time: 1 }],
  [
    'amountPerUnit',
    { type: 'dividend', symbol: 'SAP', sessionDate: day, time: 1, amountPerUnit: '-3', currency: 'EUR' },
  ],
  ['numerator', { type: 'split', symbol: 'SAP', sessionDate: day, time: 1, numerator: 0, denominator: 1 }],
  ['rate', { type: 'funding', symbol: 'BTC-SWAP', time: 1, rate: 'x', price: '1' }],
  [
    'low',
    {
      type: 'bar',
      symbol: 'SAP',
      timeframe: '1d',
      sessionDate: day,
      start: 1,
      time: 2,
      open: '1',
      high: '1',
      low: '2',
      close: '1',
      volume: '1',
    },
  ],
])('a market event without a sound %s changes nothing, and is refused by name', async (field, event) => {
  const world = await openWorld()
  await world.order({ symbol: 'SAP', side: 'buy', quantity: '10', exits })
  const before = world.kernel.snapshot()
  await expect(world.kernel.onMarket(event as unknown as MarketEvent)).rejects.toThrow(field)
  expect(world.kernel.snapshot()).toBe(before)
  await world.price('SAP', '201')
  expect(world.rebuilt()).toBe(world.kernel.snapshot())
})

test('a trade that comes late is no price of now', async () => {
  const world = await openWorld({}, { maxDailyLossFraction: 0.02 })
  await world.order({ symbol: 'SAP', side: 'buy', quantity: '90', exits })
  const { equity } = world.kernel.portfolio()
  const { now } = world
  await world.kernel.onMarket({ type: 'trade', symbol: 'SAP', time: now - 3_600_000, price: '150', quantity: '1' })
  await world.kernel.settled()
  expect(world.kernel.portfolio().equity).toBe(equity)
  expect(world.kernel.tradingState().state).toBe('active')
})

test('a dividend in the currency of the account, of a share that settles in another, is booked', async () => {
  const world = await openWorld()
  await world.order({ symbol: 'SAP', side: 'buy', quantity: '10', exits })
  const { cash } = world.kernel.portfolio()
  const dividend = {
    type: 'dividend',
    symbol: 'SAP',
    sessionDate: day,
    time: world.now + 1_000,
    amountPerUnit: '0.5',
    currency: 'USD',
  } as const
  await world.emit(dividend)
  expect(Number(world.kernel.portfolio().cash['USD']?.total) - Number(cash['USD']?.total)).toBe(5)
  // The feed tells it once more: neither the books nor the venue pay twice.
  await world.emit({ ...dividend, time: world.now + 2_000 })
  await world.kernel.reconcile()
  expect(world.events.filter((event) => event.type === 'alert')).toEqual([])
})

test('a split that is told twice leaves books and venue alike', async () => {
  const world = await openWorld()
  await world.order({ symbol: 'SAP', side: 'buy', quantity: '10' })
  const split = { type: 'split', symbol: 'SAP', sessionDate: day, numerator: 2, denominator: 1 } as const
  await world.emit({ ...split, time: world.now + 1_000 })
  await world.emit({ ...split, time: world.now + 1_000 })
  await world.kernel.reconcile()
  expect(world.events.filter((event) => event.type === 'alert')).toEqual([])
  expect(world.kernel.portfolio().positions).toMatchObject([{ symbol: 'SAP', quantity: '20' }])
})

test.each([
  ['30 decimals', `0.${'0'.repeat(29)}1`],
  ['20 decimals', `0.${'3'.repeat(20)}`],
])('a trail of %s is denied with the field', async (_, trailFraction) => {
  const world = await openWorld()
  expect(
    await world.order({ symbol: 'SAP', side: 'buy', quantity: '1', type: 'trailing-stop', trailFraction }),
  ).toMatchObject({
    status: 'denied',
    findings: [{ code: 'PRICE_PRECISION', message: expect.stringContaining('trailFraction') }],
  })
  expect(
    await world.order({ symbol: 'SAP', side: 'buy', quantity: '1', exits: { ...exits, trailFraction } }),
  ).toMatchObject({ status: 'denied', findings: [{ message: expect.stringContaining('exits.trailFraction') }] })
})

test.each(['ЕUR', 'XYZ'])('money in %s, which nobody can value, is refused', async (currency) => {
  const world = await openWorld()
  await expect(world.kernel.book({ type: 'deposit', eventId: '1', amount: '5', currency }, operator)).rejects.toThrow(
    'currency',
  )
  expect(world.kernel.portfolio().equity).toBeDefined()
})

test('a currency in another alphabet is none', async () => {
  await expect(openWorld({ cash: { ЕUR: '5' } })).rejects.toThrow('cash')
})

test('a price and a currency of now are taken', async () => {
  const world = await openWorld({ instruments: tradedHere })
  await world.kernel.book({ type: 'deposit', eventId: '1', amount: '5', currency: 'EUR' }, operator)
  expect(world.kernel.portfolio().equity).toBe('122005.5')
})
