import { type BrokerBench, benchInstruments, type OrderFields, openBrokerBench } from '@tradeswarm/testing'
import { type BrokerEvent, type Decimal, decimal, decimalText, type OrderRequest, zero } from '@tradeswarm/trading'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createPaperBroker } from './create-paper-broker.js'
import type { PaperBrokerOptions } from './paper-broker-options.js'

type Bar = {
  readonly open: number
  readonly up: number
  readonly down: number
  readonly close: number
  readonly volume: number
}
type Command =
  | { readonly do: 'cancel'; readonly which: number }
  | {
      readonly do: 'place'
      readonly symbol: 'AAA' | 'BBB'
      readonly side: 'buy' | 'sell'
      readonly type: 'market' | 'limit' | 'stop'
      readonly price: number
      readonly quantity: number
      readonly timeInForce: 'day' | 'gtc' | 'ioc'
      readonly reduceOnly: boolean
    }
type SessionScript = {
  readonly dividend: number | undefined
  readonly bars: { readonly AAA: Bar; readonly BBB: Bar }
  readonly beforeOpen: readonly Command[]
  readonly atOpen: readonly Command[]
  readonly atClose: readonly Command[]
}

const cents = (amount: number): string => (amount / 100).toFixed(2)

const bar: fc.Arbitrary<Bar> = fc.record({
  open: fc.integer({ min: 8_000, max: 12_000 }),
  up: fc.integer({ min: 0, max: 2_000 }),
  down: fc.integer({ min: 0, max: 2_000 }),
  close: fc.nat(4_000),
  volume: fc.nat(500),
})

const order: fc.Arbitrary<Command> = fc.record({
  do: fc.constant('place' as const),
  symbol: fc.constantFrom('AAA' as const, 'BBB' as const),
  side: fc.constantFrom('buy' as const, 'buy' as const, 'sell' as const),
  type: fc.constantFrom('market' as const, 'limit' as const, 'stop' as const),
  price: fc.integer({ min: 8_000, max: 12_000 }),
  quantity: fc.integer({ min: 1, max: 60 }),
  timeInForce: fc.constantFrom('day' as const, 'gtc' as const, 'ioc' as const),
  reduceOnly: fc.boolean(),
})

const exit = order.map((command) =>
  command.do === 'place' ? { ...command, side: 'sell' as const, reduceOnly: true } : command,
)
const cancel = fc.record({ do: fc.constant('cancel' as const), which: fc.nat(20) })
const commands = fc.array(
  fc.oneof({ weight: 4, arbitrary: order }, { weight: 4, arbitrary: exit }, { weight: 1, arbitrary: cancel }),
  { maxLength: 5 },
)
const script: fc.Arbitrary<readonly SessionScript[]> = fc.array(
  fc.record({
    dividend: fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined }),
    bars: fc.record({ AAA: bar, BBB: bar }),
    beforeOpen: commands,
    atOpen: commands,
    atClose: commands,
  }),
  { minLength: 1, maxLength: 8 },
)

type Placed = { readonly request: OrderRequest; readonly at: number }
type Outcome = {
  readonly bench: BrokerBench
  readonly placed: Map<string, Placed>
  /** The range of each bar, by symbol and start. */
  readonly ranges: ReadonlyMap<string, { readonly open: Decimal; readonly high: Decimal; readonly low: Decimal }>
  readonly dividends: readonly { readonly time: number; readonly symbol: string; readonly amountPerUnit: string }[]
}

type Costs = Pick<PaperBrokerOptions, 'fees' | 'slippage' | 'maximumVolumeFraction'> & { readonly cash: string }

async function play(
  sessions: readonly SessionScript[],
  costs: Costs,
  afterEach?: (outcome: Outcome) => Promise<void>,
): Promise<Outcome> {
  const { cash, ...rest } = costs
  const bench = await openBrokerBench({
    capabilities: [],
    define: ({ account }) =>
      createPaperBroker({ account, instruments: benchInstruments, cash: { USD: cash }, ...rest }),
  })
  const placed = new Map<string, Placed>()
  const ranges = new Map<string, { open: Decimal; high: Decimal; low: Decimal }>()
  const dividends: { time: number; symbol: string; amountPerUnit: string }[] = []
  const outcome: Outcome = { bench, placed, ranges, dividends }
  for (const session of sessions) {
    const [a, b] = [texts(session.bars.AAA), texts(session.bars.BBB)]
    await bench.market.preOpen()
    await obey(session.beforeOpen, outcome)
    if (session.dividend !== undefined) {
      const amountPerUnit = cents(session.dividend)
      dividends.push({ time: bench.market.openTime, symbol: 'AAA', amountPerUnit })
      await bench.market.dividend('AAA', amountPerUnit)
    }
    for (const [symbol, { open, high, low }] of [['AAA', a] as const, ['BBB', b] as const]) {
      ranges.set(`${symbol}@${bench.market.openTime}`, { open: decimal(open), high: decimal(high), low: decimal(low) })
    }
    await bench.market.open({ AAA: a.open, BBB: b.open })
    await obey(session.atOpen, outcome)
    await bench.market.close({ AAA: a, BBB: b })
    await obey(session.atClose, outcome)
    await afterEach?.(outcome)
  }
  return outcome
}

function texts({ open, up, down, close, volume }: Bar): {
  open: string
  high: string
  low: string
  close: string
  volume: string
} {
  return {
    open: cents(open),
    high: cents(open + up),
    low: cents(open - down),
    close: cents(open - down + Math.min(close, up + down)),
    volume: String(volume),
  }
}

async function obey(list: readonly Command[], { bench, placed }: Outcome): Promise<void> {
  for (const command of list) {
    if (command.do === 'cancel') {
      await bench.broker.cancel(`order${command.which}`)
      continue
    }
    const { do: _, price, quantity, ...fields } = command
    const prices: OrderFields =
      command.type === 'market'
        ? {}
        : command.type === 'limit'
          ? { limitPrice: cents(price) }
          : { stopPrice: cents(price) }
    const request = bench.request({ ...fields, ...prices, quantity: String(quantity) })
    placed.set(request.clientOrderId, { request, at: bench.feed.clock.now() })
    await bench.broker.place(bench.guard.permit(request))
  }
}

type Filled = Extract<BrokerEvent, { type: 'filled' }>
const fillsOf = (events: readonly BrokerEvent[]): readonly Filled[] => events.filter((event) => event.type === 'filled')

function requestOf(outcome: Outcome, event: BrokerEvent): Placed {
  const found = outcome.placed.get(event.clientOrderId)
  if (found === undefined) throw new Error(`${event.clientOrderId} was never placed`)
  return found
}

/** The account as its events and dividends tell it, kept apart from the venue's own books. */
function bookkeep(outcome: Outcome, initialCash: string): { cash: Decimal; held: Record<string, Decimal> } {
  let cash = decimal(initialCash)
  const held: Record<string, Decimal> = { AAA: zero, BBB: zero }
  const due = [...outcome.dividends]
  const payUntil = (time: number): void => {
    for (let next = due[0]; next !== undefined && next.time <= time; next = due[0]) {
      cash = cash.plus((held[next.symbol] ?? zero).times(decimal(next.amountPerUnit)))
      due.shift()
    }
  }
  for (const event of fillsOf(outcome.bench.events)) {
    payUntil(event.time)
    const { request } = requestOf(outcome, event)
    const { price, quantity, fee } = event.execution
    const sign = decimal(request.side === 'buy' ? '1' : '-1')
    cash = cash.minus(sign.times(decimal(price)).times(decimal(quantity))).minus(decimal(fee))
    held[request.symbol] = (held[request.symbol] ?? zero).plus(sign.times(decimal(quantity)))
  }
  payUntil(Number.MAX_SAFE_INTEGER)
  return { cash, held }
}

test('I43 cash and holdings are what fills and dividends add up to, never below 0, whatever is ordered', async () => {
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
      for (const [id, { request }] of outcome.placed) {
        const about = outcome.bench.events.filter((event) => event.clientOrderId === id)
        const fills = fillsOf(about)
        const filled = fills.reduce((sum, event) => sum.plus(decimal(event.execution.quantity)), zero)
        const known = await outcome.bench.broker.order(id)
        expect(filled.lte(decimal(request.quantity))).toBe(true)
        expect(known?.filledQuantity).toBe(decimalText(filled))
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

test('I32 the reference price of every fill lies in a bar that began after the decision, and the fill is no better than it unless a limit', async () => {
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
        const isExit = request.reduceOnly && request.type === 'stop' && at > referenceTime
        if (isExit) exitsAtOnce += 1
        const decidedAt = isExit && entry !== undefined ? requestOf(outcome, entry).at : at
        expect(referenceTime).toBeGreaterThanOrEqual(decidedAt)
        if (!request.reduceOnly) expect(referenceTime).toBeGreaterThan(at)
        if (request.type === 'limit') continue
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
    fc.asyncProperty(script, costsPair, async (sessions, { fee, moreFee, slip, moreSlip, minimum, moreMinimum }) => {
      const run = async (
        feePoints: number,
        slipPoints: number,
        least: number,
      ): Promise<{ cash: Decimal; stream: readonly unknown[] }> => {
        const costs = {
          cash: '100000000',
          fees: { basisPoints: String(feePoints), minimum: String(least) },
          slippage: { basisPoints: String(slipPoints) },
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
