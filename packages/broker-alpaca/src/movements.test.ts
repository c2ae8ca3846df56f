import { afterEach, describe, expect, it } from 'vitest'
import { movementOf } from './account-movements.js'
import { AccountWorld, day, session } from './account-world.test-support.js'
import { stopAll } from './fake-account.test-support.js'
import type { AlpacaLife } from './kernel-life.test-support.js'
import { openLive } from './live-account.test-support.js'

afterEach(stopAll)

describe('an activity as a movement', () => {
  const activity = {
    id: '20260302000000000::1',
    type: 'INT',
    status: 'executed',
    time: 5,
    currency: 'USD',
    netAmount: '-1.250',
    symbol: undefined,
    description: '',
  }
  const isPair = (symbol: string): boolean => symbol === 'BTCUSD'
  const common = { eventId: 'alpaca-activity-20260302000000000::1', time: 5, currency: 'USD' }

  it.each([
    [{}, { type: 'interest', amount: '-1.25' }],
    [{ type: 'FEE' }, { type: 'fee', amount: '1.25' }],
    [
      { type: 'FEE', netAmount: '0.5' },
      { type: 'fee', amount: '-0.5' },
    ],
    [
      { type: 'DIV', symbol: 'AAPL', netAmount: '2.4' },
      { type: 'dividend', symbol: 'AAPL', amount: '2.4' },
    ],
    [
      { type: 'DIVNRA', symbol: 'AAPL' },
      { type: 'dividend', symbol: 'AAPL', amount: '-1.25' },
    ],
    [
      { type: 'DIV', netAmount: '2.4' },
      { type: 'interest', amount: '2.4' },
    ],
  ])('%o', (fields, movement) => {
    expect(movementOf({ ...activity, ...fields }, isPair)).toEqual({ ...common, ...movement })
  })

  it.each([
    ['crypto’s fee in units, which its execution has told', { type: 'CFEE', symbol: 'BTCUSD', netAmount: '0' }],
    ['and in dollars', { type: 'FEE', symbol: 'BTCUSD' }],
    ['and of a pair that is not named', { type: 'FEE', description: 'Coin Pair Transaction Fee (USD)' }],
    ['what was taken back', { status: 'canceled' }],
    ['what moves no money', { netAmount: '0' }],
    ['a deposit, which a person books', { type: 'CSD', netAmount: '500' }],
    ['a split', { type: 'SPLIT', netAmount: '1' }],
  ])('none: %s', (_, fields) => {
    expect(movementOf({ ...activity, ...fields }, isPair)).toBeUndefined()
  })
})

it('tells all of them over several pages, each under an id of its own, and of none twice', async () => {
  const { fake, broker, place, asked } = await openLive()
  for (let each = 1; each <= 205; each += 1)
    await fake.pay({ type: 'INT', netAmount: `0.${String(each).padStart(3, '0')}` })
  const told = await broker.movements(0)
  expect(new Set(told.map(({ eventId }) => eventId)).size).toBe(205)
  expect(told.map(({ amount }) => Number(amount))).toEqual(
    Array.from({ length: 205 }, (_, index) => (index + 1) / 1_000),
  )
  expect(asked('GET /v2/account/activities')).toBe(3)
  expect(await broker.movements(0)).toEqual(told)
  await place({ symbol: 'BTC-USD', type: 'market', quantity: '0.1' })
  await fake.endDay()
  expect(await broker.movements(0)).toHaveLength(205)
})

it('a day of sales, interest and dividends leaves books and venue agreed, also in another life', async () => {
  const world = new AccountWorld()
  await world.start()
  const life = await world.life()
  await world.openDay(life)
  await world.tell(life, { type: 'quote', symbol: 'AAA', time: day.open + 1_000, bid: '99.9', ask: '100.1' })
  await life.enter({ type: 'limit', limitPrice: '100.1' })
  await world.tell(life, { type: 'quote', symbol: 'AAA', time: day.open + 60_000, bid: '111', ask: '111.1' })
  await world.fake.pay({ type: 'INT', netAmount: '-1.25' })
  await world.fake.pay({ type: 'DIV', symbol: 'AAA', netAmount: '7.77' })
  await world.tell(life, session('close', day, day.close))
  const sold = world.fake.orders().some(({ side, status }) => side === 'sell' && status === 'filled')
  expect(sold).toBe(true)
  await life.kernel.reconcile()
  const agreed = async (one: AlpacaLife): Promise<void> => {
    const [usd] = (await one.broker()?.balances())?.filter(({ asset }) => asset === 'USD') ?? []
    expect(one.kernel.portfolio().cash['USD']?.total).toBe(usd?.total)
    expect(one.kernel.tradingState().state).toBe('active')
    expect(one.kernel.portfolio().income).toBe('6.52')
  }
  await agreed(life)
  world.journal = life.survived()
  await life.end()
  const again = await world.life()
  await agreed(again)
  const { length } = again.survived()
  await again.kernel.reconcile()
  expect(again.survived()).toHaveLength(length)
})
