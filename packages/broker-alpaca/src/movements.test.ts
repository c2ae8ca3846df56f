import { createSeededRandom } from '@tradeswarm/core'
import { createManualFeed } from '@tradeswarm/testing'
import { createFakeAlpaca, type FakeAlpaca } from '@tradeswarm/testing/fakes'
import type { KernelJournalEntry, MarketEvent } from '@tradeswarm/trading'
import { afterEach, describe, expect, it } from 'vitest'
import { movementOf } from './account-movements.js'
import { stopAll, stopLater } from './fake-account.test-support.js'
import { type AlpacaLife, beginLife, calendar, tellMarket } from './kernel-life.test-support.js'
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

const day = calendar.nextSession(Date.UTC(2024, 0, 10))

/** An account on a fake whose regulators charge, and the lives of its kernel. */
class World {
  now = day.open - 1_000_000
  fake!: FakeAlpaca
  journal: readonly KernelJournalEntry[] = []
  lives = 0

  async start(): Promise<void> {
    this.fake = await createFakeAlpaca({
      assets: [{ symbol: 'AAA', fractionable: false }, { symbol: 'BBB' }],
      clock: { now: () => this.now },
      requestsPerMinute: 1_000_000,
      random: createSeededRandom(3),
      regulatoryFees: true,
      feed: createManualFeed({ startTime: this.now }),
    })
    stopLater(() => this.fake.close())
  }

  async life(): Promise<AlpacaLife> {
    this.lives += 1
    const fate = { left: -1, onDeath: () => undefined }
    const terms = { now: () => this.now, number: this.lives, history: this.journal, fate, fractionalShares: false }
    return beginLife({ fake: this.fake, ...terms })
  }

  async tell(life: AlpacaLife, ...events: readonly MarketEvent[]): Promise<void> {
    for (const event of events) {
      this.now = Math.max(this.now, event.time)
      await tellMarket(this.fake, life, event)
    }
  }
}

const session = (phase: 'pre-open' | 'open' | 'close', of: typeof day, time: number): MarketEvent => ({
  type: 'session',
  phase,
  calendar: 'us-equity',
  sessionDate: of.date,
  time,
})
const opening = (of: typeof day): MarketEvent => ({
  type: 'open',
  symbol: 'AAA',
  sessionDate: of.date,
  time: of.open,
  price: '100',
})
const bar = (of: typeof day): MarketEvent => {
  const price = { open: '100', high: '100', low: '100', close: '100', volume: '1000000' }
  return { type: 'bar', symbol: 'AAA', timeframe: '1d', sessionDate: of.date, start: of.open, time: of.close, ...price }
}

it('a day of sales, interest and dividends leaves books and venue agreed, also in another life', async () => {
  const world = new World()
  await world.start()
  const life = await world.life()
  // Some sessions before, so that its volume is known.
  for (let past = calendar.previousSession(day.open - 86_400_000 * 45); past.open < day.open; )
    for (const event of [opening(past), bar(past), session('close', past, past.close)]) {
      await life.kernel.onMarket(event)
      if (event.type === 'session') past = calendar.nextSession(past.close)
    }
  await world.tell(life, session('pre-open', day, day.open - 900_000), session('open', day, day.open), opening(day))
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
