import { type BrokerEvent, type Decimal, decimal, decimalText, type MarketEvent, zero } from '@tradeswarm/trading'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openPaper, type PaperBench } from './open-paper.test-support.js'
import { commands, fillsOf, type Outcome, obey, type Placed, requestOf } from './venue-script.test-support.js'

type Tick =
  | { readonly type: 'quote'; readonly bid: number; readonly spread: number; readonly size: number | undefined }
  | { readonly type: 'trade'; readonly price: number; readonly quantity: number }
  | { readonly type: 'orders'; readonly orders: Parameters<typeof obey>[0] }

const price = fc.integer({ min: 8_000, max: 12_000 })
const ticks: fc.Arbitrary<readonly Tick[]> = fc.array(
  fc.oneof(
    fc.record({
      type: fc.constant('quote' as const),
      bid: price,
      spread: fc.integer({ min: 1, max: 100 }),
      size: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
    }),
    fc.record({ type: fc.constant('trade' as const), price, quantity: fc.integer({ min: 1, max: 30 }) }),
    fc.record({ type: fc.constant('orders' as const), orders: commands }),
  ),
  { minLength: 12, maxLength: 40 },
)

const cents = (amount: number): string => (amount / 100).toFixed(2)

function marketEvent(tick: Exclude<Tick, { type: 'orders' }>, time: number): MarketEvent {
  if (tick.type === 'trade')
    return { type: 'trade', symbol: 'AAA', time, price: cents(tick.price), quantity: String(tick.quantity) }
  const sizes = tick.size === undefined ? {} : { bidSize: String(tick.size), askSize: String(tick.size) }
  return { type: 'quote', symbol: 'AAA', time, bid: cents(tick.bid), ask: cents(tick.bid + tick.spread), ...sizes }
}

type Intraday = {
  readonly bench: PaperBench
  readonly placed: Map<string, Placed>
  readonly market: Map<number, MarketEvent>
}

/** Plays ticks a second apart into an open session. */
async function playTicks(list: readonly Tick[], fillsOnTouch = false): Promise<Intraday> {
  const bench = await openPaper({ slippage: { basisPoints: '10' }, limitFills: fillsOnTouch ? 'touch' : 'through' })
  const outcome: Outcome = { bench, placed: new Map(), ranges: new Map(), dividends: [] }
  const market = new Map<number, MarketEvent>()
  await bench.market.preOpen()
  await bench.market.open({})
  for (const tick of list) {
    if (tick.type === 'orders') {
      await obey(tick.orders, outcome)
      continue
    }
    const event = marketEvent(tick, bench.feed.clock.now() + 1_000)
    market.set(event.time, event)
    await bench.feed.emit(event)
  }
  return { bench, placed: outcome.placed, market }
}

test('within a day no fill is beyond its limit, better than the market, or of more than was offered', async () => {
  let fills = 0
  await fc.assert(
    fc.asyncProperty(ticks, fc.boolean(), async (list, fillsOnTouch) => {
      const { bench, placed, market } = await playTicks(list, fillsOnTouch)
      const used = new Map<string, Decimal>()
      for (const event of fillsOf(bench.events)) {
        const { request } = requestOf({ placed }, event)
        const { price: text, quantity, referencePrice, referenceTime } = event.execution
        const isBuy = request.side === 'buy'
        const paid = decimal(text)
        const reference = decimal(referencePrice)
        expect(isBuy ? paid.gte(reference) : paid.lte(reference)).toBe(true)
        if (request.limitPrice !== undefined)
          expect(isBuy ? paid.lte(decimal(request.limitPrice)) : paid.gte(decimal(request.limitPrice))).toBe(true)
        const source = market.get(referenceTime)
        expect(referenceTime).toBeLessThanOrEqual(event.time)
        if (source?.type === 'quote') expect(reference.eq(decimal(isBuy ? source.ask : source.bid))).toBe(true)
        const key = `${referenceTime}${source?.type === 'quote' ? request.side : ''}`
        const sum = (used.get(key) ?? zero).plus(decimal(quantity))
        used.set(key, sum)
        const offered =
          source?.type === 'trade' ? source.quantity : source?.type === 'quote' ? source.askSize : undefined
        if (offered !== undefined) expect(sum.lte(decimal(offered))).toBe(true)
        fills += 1
      }
    }),
    { numRuns: 150 },
  )
  expect(fills).toBeGreaterThan(200)
})

test('I43 I20 within a day cash and holdings are what the fills add up to, and never below 0', async () => {
  await fc.assert(
    fc.asyncProperty(ticks, async (list) => {
      const { bench, placed } = await playTicks(list)
      let [cash, held] = [decimal('10000'), zero]
      for (const event of fillsOf(bench.events)) {
        const { price: paid, quantity, fee } = event.execution
        const sign = decimal(requestOf({ placed }, event).request.side === 'buy' ? '1' : '-1')
        cash = cash.minus(sign.times(decimal(paid)).times(decimal(quantity))).minus(decimal(fee))
        held = held.plus(sign.times(decimal(quantity)))
        expect(cash.gte(zero) && held.gte(zero)).toBe(true)
      }
      expect(await bench.balance('USD')).toBe(decimalText(cash))
      expect(await bench.balance('AAA')).toBe(decimalText(held))
      for (const { total, free, locked } of bench.operator.holdings())
        expect(decimalText(decimal(free).plus(decimal(locked)))).toBe(total)
    }),
    { numRuns: 100 },
  )
})

test('I31 what comes later in the day changes nothing that was filled before', async () => {
  await fc.assert(
    fc.asyncProperty(ticks, ticks, ticks, async (start, one, other) => {
      const until = (await playTicks(start)).bench.events
      const begun = async (rest: readonly Tick[]): Promise<readonly BrokerEvent[]> =>
        (await playTicks([...start, ...rest])).bench.events.slice(0, until.length)
      expect(await begun(one)).toEqual(until)
      expect(await begun(other)).toEqual(until)
    }),
    { numRuns: 60 },
  )
})
