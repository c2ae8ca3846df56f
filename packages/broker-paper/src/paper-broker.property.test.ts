import { type BrokerEvent, type Decimal, decimal, decimalText, type Execution, zero } from '@tradeswarm/trading'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  bar,
  bookkeep,
  fillsOf,
  type Outcome,
  type Placed,
  play,
  requestOf,
  type SessionScript,
  script,
  withOrders,
} from './venue-script.test-support.js'

/** I20: total = free + locked, and nothing is locked but for orders that are open. */
async function checkHoldings({ bench }: Outcome): Promise<void> {
  const isEmpty = (await bench.broker.openOrders()).length === 0
  for (const { total, free, locked } of bench.operator.holdings()) {
    expect(decimalText(decimal(free).plus(decimal(locked)))).toBe(total)
    expect(decimal(locked).gte(zero)).toBe(true)
    if (isEmpty) expect(locked).toBe('0')
  }
}

/** What an execution counts for in the measure of its order. */
function measureOf({ request }: Placed, { price, quantity }: Execution): Decimal {
  const units = decimal(quantity)
  return request.sizedIn === 'quote' ? units.times(decimal(price)) : units
}

test('I43 I20 cash and holdings are what fills and dividends add up to, never below 0, whatever is ordered', async () => {
  let fills = 0
  await fc.assert(
    fc.asyncProperty(script, fc.boolean(), async (sessions, isThin) => {
      const costs = {
        cash: '10000',
        fees: { basisPoints: '25', perUnit: '0.005', minimum: '1' },
        slippage: { basisPoints: '10' },
      }
      const limited = isThin ? { ...costs, maximumVolumeFraction: '0.1' } : costs
      const outcome = await play(sessions, limited, async (now) => {
        const books = bookkeep(now, '10000')
        for (const [asset, total] of [['USD', books.cash], ...Object.entries(books.held)] as const) {
          expect(await now.bench.balance(asset)).toBe(decimalText(total))
          expect(total.gte(zero)).toBe(true)
        }
        await checkHoldings(now)
      })
      fills += fillsOf(outcome.bench.events).length
    }),
    { numRuns: 150 },
  )
  expect(fills).toBeGreaterThan(300)
})

test('an order never fills more than it asked for, never beyond its limit, and has one last word', async () => {
  await fc.assert(
    fc.asyncProperty(script, fc.boolean(), async (sessions, isThin) => {
      const outcome = await play(
        sessions,
        isThin ? { cash: '50000', maximumVolumeFraction: '0.05' } : { cash: '50000' },
      )
      for (const [id, placed] of outcome.placed) {
        const { request } = placed
        const about = outcome.bench.events.filter((event) => event.clientOrderId === id)
        const fills = fillsOf(about)
        const filled = fills.reduce((sum, event) => sum.plus(measureOf(placed, event.execution)), zero)
        const known = await outcome.bench.broker.order(id)
        expect(filled.lte(decimal(request.quantity))).toBe(true)
        expect(known?.filledQuantity).toBe(decimalText(filled))
        if (request.timeInForce === 'fok' && request.sizedIn === undefined && fills.length > 0)
          expect([fills.length, decimalText(filled)]).toEqual([1, request.quantity])
        for (const { execution } of fills) {
          const price = decimal(execution.price)
          expect(price.mod(decimal('0.01')).eq(zero)).toBe(true)
          if (request.limitPrice === undefined) continue
          expect(
            request.side === 'buy' ? price.lte(decimal(request.limitPrice)) : price.gte(decimal(request.limitPrice)),
          ).toBe(true)
        }
        const lastWords = about.filter((event) => ['rejected', 'canceled', 'expired'].includes(event.type)).length
        expect(lastWords).toBe(known?.status === 'open' || known?.status === 'filled' ? 0 : 1)
      }
    }),
    { numRuns: 100 },
  )
})

test('I31 changing a bar’s high, low, close or volume changes nothing that was filled at its open or before', async () => {
  let compared = 0
  await fc.assert(
    fc.asyncProperty(script, bar, bar, fc.boolean(), async (sessions, otherA, otherB, isThin) => {
      const last = sessions.at(-1)
      if (last === undefined) return
      const bars = { AAA: { ...otherA, open: last.bars.AAA.open }, BBB: { ...otherB, open: last.bars.BBB.open } }
      const costs = isThin ? { cash: '10000', maximumVolumeFraction: '0.1' } : { cash: '10000' }
      const [one, two] = [await play(sessions, costs), await play([...sessions.slice(0, -1), { ...last, bars }], costs)]
      const untilClose = ({ bench }: Outcome): readonly BrokerEvent[] =>
        bench.events.filter((event) => event.time < bench.market.closeTime)
      expect(untilClose(two)).toEqual(untilClose(one))
      compared += fillsOf(untilClose(one)).length
    }),
    { numRuns: 100 },
  )
  expect(compared).toBeGreaterThan(100)
})

/** From the open to the close of a session of the bench. */
const sessionMs = 6.5 * 3_600_000

test('I32 the reference price of every fill lies in a bar that began after the decision, and the fill is no better than it unless a limit; at-close is the named exception', async () => {
  let exitsAtOnce = 0
  await fc.assert(
    fc.asyncProperty(script, async (sessions) => {
      const outcome = await play(sessions, { cash: '20000', slippage: { basisPoints: '10' } })
      const fills = fillsOf(outcome.bench.events)
      for (const [index, event] of fills.entries()) {
        const { request, at } = requestOf(outcome, event)
        const { price, referencePrice, referenceTime } = event.execution
        const range = outcome.ranges.get(`${request.symbol}@${referenceTime}`)
        const reference = decimal(referencePrice)
        expect(range !== undefined && reference.gte(range.low) && reference.lte(range.high)).toBe(true)
        // An exit carries the decision of the entry that filled at the same instant.
        const entry = fills.slice(0, index).findLast((earlier) => {
          const other = requestOf(outcome, earlier)
          return (
            earlier.time === event.time &&
            other.request.symbol === request.symbol &&
            other.request.side !== request.side
          )
        })
        if (request.timeInForce === 'at-close') {
          expect(referenceTime).toBe(event.time - sessionMs)
          expect(event.time).toBeGreaterThan(at)
          continue
        }
        const isExit = request.reduceOnly && request.type.includes('stop') && at > referenceTime
        if (isExit) exitsAtOnce += 1
        const decidedAt = isExit && entry !== undefined ? requestOf(outcome, entry).at : at
        expect(referenceTime).toBeGreaterThanOrEqual(decidedAt)
        if (!request.reduceOnly) expect(referenceTime).toBeGreaterThan(at)
        if (request.limitPrice !== undefined) continue
        expect(request.side === 'buy' ? decimal(price).gt(reference) : decimal(price).lt(reference)).toBe(true)
      }
    }),
    { numRuns: 200 },
  )
  expect(exitsAtOnce).toBeGreaterThan(0)
})

test('I33 raising fees or slippage on a fixed stream of fills never raises the result', async () => {
  let fills = 0
  const basisPoints = fc.integer({ min: 0, max: 500 })
  const costsPair = fc.record({
    fee: basisPoints,
    moreFee: basisPoints,
    slip: basisPoints,
    moreSlip: basisPoints,
    minimum: fc.nat(5),
    moreMinimum: fc.nat(5),
  })
  await fc.assert(
    fc.asyncProperty(script, costsPair, async (scripted, { fee, moreFee, slip, moreSlip, minimum, moreMinimum }) => {
      // How many units an amount of currency buys depends on costs: that is another stream of fills.
      const sessions = withOrders(scripted, (order) => ({ ...order, isInQuote: false }))
      const run = async (
        feePoints: number,
        slipPoints: number,
        least: number,
      ): Promise<{ cash: Decimal; stream: readonly unknown[] }> => {
        const costs = {
          cash: '100000000',
          fees: { basisPoints: String(feePoints), minimum: String(least), perOrder: String(least) },
          slippage: { basisPoints: String(slipPoints), impactBasisPoints: String(slipPoints) },
        }
        const { bench } = await play(sessions, costs)
        const stream = fillsOf(bench.events).map((event) => [
          event.clientOrderId,
          event.execution.quantity,
          event.execution.referencePrice,
        ])
        return { cash: decimal(await bench.balance('USD')), stream }
      }
      // Equal fills leave equal holdings, so the cash alone tells the results apart.
      const cheap = await run(fee, slip, minimum)
      const dear = await run(fee + moreFee, slip + moreSlip, minimum + moreMinimum)
      expect(dear.stream).toEqual(cheap.stream)
      fills += cheap.stream.length
      expect(dear.cash.lte(cheap.cash)).toBe(true)
    }),
    { numRuns: 100 },
  )
  expect(fills).toBeGreaterThan(200)
})

test('orders and prices of one symbol change nothing about another', async () => {
  let compared = 0
  await fc.assert(
    fc.asyncProperty(script, bar, fc.boolean(), async (sessions, other, isThin) => {
      const alone = withOrders(sessions, (order) => (order.symbol === 'AAA' ? order : { do: 'none' })).map(
        (session) => ({
          ...session,
          bars: { ...session.bars, BBB: other },
        }),
      )
      const costs = isThin ? { cash: '100000000', maximumVolumeFraction: '0.1' } : { cash: '100000000' }
      const [one, two] = [await play(sessions, costs), await play(alone, costs)]
      const ofAAA = (outcome: Outcome): readonly unknown[] =>
        outcome.bench.events
          .filter((event) => outcome.placed.get(event.clientOrderId)?.request.symbol === 'AAA')
          .map((event) => ({
            ...event,
            eventId: '',
            venueOrderId: '',
            ...(event.type === 'filled' ? { execution: { ...event.execution, tradeId: '' } } : {}),
          }))
      expect(ofAAA(two)).toEqual(ofAAA(one))
      compared += ofAAA(one).length
    }),
    { numRuns: 60 },
  )
  expect(compared).toBeGreaterThan(200)
})

test('what all orders of a symbol fill in a session is within the share of the volume before', async () => {
  let fills = 0
  await fc.assert(
    fc.asyncProperty(script, async (sessions) => {
      const { bench } = await play(sessions, { cash: '1000000', maximumVolumeFraction: '0.1' })
      const used = new Map<string, Decimal>()
      for (const { execution, clientOrderId } of fillsOf(bench.events)) {
        const symbol = bench.guard.consumed.find((request) => request.clientOrderId === clientOrderId)?.symbol
        const key = `${symbol}@${execution.referenceTime}`
        used.set(key, (used.get(key) ?? zero).plus(decimal(execution.quantity)))
        fills += 1
      }
      for (const [key, quantity] of used) expect(quantity.lte(volumeBefore(sessions, key))).toBe(true)
    }),
    { numRuns: 60 },
  )
  expect(fills).toBeGreaterThan(50)
})

/** A tenth of the volume of the session before that of a `symbol@openTime`. */
function volumeBefore(sessions: readonly SessionScript[], key: string): Decimal {
  const [symbol = '', time = ''] = key.split('@')
  // The script begins on 3 January 2024, after a session of the bench's own with a volume of 1,000,000.
  let index = -1
  for (let day = Date.UTC(2024, 0, 3, 14, 30); day <= Number(time); day += 86_400_000)
    if (![0, 6].includes(new Date(day).getUTCDay())) index += 1
  const volume = index === 0 ? 1_000_000 : (sessions[index - 1]?.bars[symbol as 'AAA' | 'BBB'].volume ?? 0)
  return decimal(String(volume)).times(decimal('0.1'))
}
