import type { OrderFields } from '@tradeswarm/testing'
import {
  type BrokerEvent,
  type Decimal,
  decimal,
  type OrderRequest,
  type OrderType,
  type TimeInForce,
  zero,
} from '@tradeswarm/trading'
import fc from 'fast-check'
import { openPaper, type PaperBench } from './open-paper.test-support.js'
import { type PaperBrokerOptions, paperBrokerDefaults } from './paper-broker-options.js'

type Bar = {
  readonly open: number
  readonly up: number
  readonly down: number
  readonly close: number
  readonly volume: number
}
export type Command =
  | { readonly do: 'cancel'; readonly which: number }
  /** `which` counts back from the newest order. */
  | { readonly do: 'amend'; readonly which: number; readonly price: number | undefined; readonly quantity: number }
  /** Nothing, in the place of an order. */
  | { readonly do: 'none' }
  | {
      readonly do: 'place'
      readonly symbol: 'AAA' | 'BBB'
      readonly side: 'buy' | 'sell'
      readonly type: OrderType
      readonly price: number
      /** Between the stop and the limit of a stop-limit, and how far a trailing stop is behind. */
      readonly distance: number
      readonly quantity: number
      readonly timeInForce: TimeInForce
      readonly hours: number
      readonly reduceOnly: boolean
      readonly isPostOnly: boolean
      readonly isInQuote: boolean
    }
export type SessionScript = {
  readonly dividend: number | undefined
  readonly bars: { readonly AAA: Bar; readonly BBB: Bar }
  readonly beforeOpen: readonly Command[]
  readonly atOpen: readonly Command[]
  readonly atClose: readonly Command[]
}

const cents = (amount: number): string => (amount / 100).toFixed(2)

export const bar: fc.Arbitrary<Bar> = fc.record({
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
  type: fc.constantFrom<OrderType>('market', 'limit', 'stop', 'stop-limit', 'trailing-stop'),
  price: fc.integer({ min: 8_000, max: 12_000 }),
  distance: fc.integer({ min: -500, max: 500 }),
  quantity: fc.integer({ min: 1, max: 60 }),
  timeInForce: fc.constantFrom<TimeInForce>('day', 'gtc', 'ioc', 'day', 'gtc', 'gtd', 'fok', 'at-open', 'at-close'),
  hours: fc.integer({ min: 1, max: 100 }),
  reduceOnly: fc.boolean(),
  isPostOnly: fc.boolean(),
  isInQuote: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
})

const exit = order.map((command) =>
  command.do === 'place' ? { ...command, side: 'sell' as const, reduceOnly: true } : command,
)
const cancel = fc.record({ do: fc.constant('cancel' as const), which: fc.nat(20) })
export const commands = fc.array(
  fc.oneof({ weight: 4, arbitrary: order }, { weight: 4, arbitrary: exit }, { weight: 1, arbitrary: cancel }),
  { maxLength: 5 },
)
const amendment: fc.Arbitrary<Command> = fc.record({
  do: fc.constant('amend' as const),
  which: fc.nat(3),
  price: fc.option(fc.integer({ min: 8_000, max: 12_000 }), { nil: undefined }),
  quantity: fc.integer({ min: 1, max: 60 }),
})

const scriptOf = (orders: fc.Arbitrary<Command[]>): fc.Arbitrary<readonly SessionScript[]> =>
  fc.array(
    fc.record({
      dividend: fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined }),
      bars: fc.record({ AAA: bar, BBB: bar }),
      beforeOpen: orders,
      atOpen: orders,
      atClose: orders,
    }),
    { minLength: 1, maxLength: 8 },
  )

export const script = scriptOf(commands)

/** Scripts in which orders are amended, too. */
export const scriptWithAmendments = scriptOf(
  fc.array(
    fc.oneof(
      { weight: 3, arbitrary: order },
      { weight: 3, arbitrary: exit },
      { weight: 4, arbitrary: amendment },
      { weight: 1, arbitrary: cancel },
    ),
    { minLength: 3, maxLength: 8 },
  ),
)

type PlaceCommand = Extract<Command, { do: 'place' }>

export type Placed = { readonly request: OrderRequest; readonly at: number }
export type Outcome = {
  readonly bench: PaperBench
  readonly placed: Map<string, Placed>
  /** The range of each bar, by symbol and start. */
  readonly ranges: ReadonlyMap<string, { readonly open: Decimal; readonly high: Decimal; readonly low: Decimal }>
  readonly dividends: readonly { readonly time: number; readonly symbol: string; readonly amountPerUnit: string }[]
}

export type Costs = Partial<Omit<PaperBrokerOptions, 'cash'>> & { readonly cash: string }

/** The script with every order put through a function. */
export function withOrders(
  sessions: readonly SessionScript[],
  change: (order: PlaceCommand) => Command,
): readonly SessionScript[] {
  const changed = (list: readonly Command[]) => list.map((one) => (one.do === 'place' ? change(one) : one))
  return sessions.map((session) => ({
    ...session,
    beforeOpen: changed(session.beforeOpen),
    atOpen: changed(session.atOpen),
    atClose: changed(session.atClose),
  }))
}

/** Plays a script at a paper venue. */
export async function play(
  sessions: readonly SessionScript[],
  costs: Costs,
  afterEach?: (outcome: Outcome) => Promise<void>,
): Promise<Outcome> {
  const { cash, ...rest } = costs
  const bench = await openPaper({ fees: {}, slippage: paperBrokerDefaults.slippage, ...rest, cash: { USD: cash } })
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

/** Sends orders and cancels, one after the other. */
export async function obey(list: readonly Command[], { bench, placed }: Outcome): Promise<void> {
  for (const command of list) {
    if (command.do === 'cancel') {
      await bench.broker.cancel(`order${command.which}`)
      continue
    }
    if (command.do === 'amend') {
      await amend(command, bench, placed)
      continue
    }
    if (command.do === 'none') {
      bench.request()
      continue
    }
    const request = bench.request(fieldsOf(command, bench.feed.clock.now()))
    placed.set(request.clientOrderId, { request, at: bench.feed.clock.now() })
    await bench.broker.place(bench.guard.permit(request))
  }
}

/** Asks for another size, and another price where the order has one. A smaller size alone is no new decision. */
async function amend(
  { which, price, quantity }: Extract<Command, { do: 'amend' }>,
  bench: PaperBench,
  placed: Map<string, Placed>,
): Promise<void> {
  const before = [...placed.values()].at(-1 - which)
  if (before === undefined) return
  const { clientOrderId: _, ...terms } = before.request
  const reprices = price !== undefined && terms.limitPrice !== undefined
  const request = bench.request({
    ...terms,
    quantity: String(quantity),
    ...(reprices ? { limitPrice: cents(price) } : {}),
  })
  const isSmaller = !reprices && quantity <= Number(terms.quantity)
  placed.set(request.clientOrderId, { request, at: isSmaller ? before.at : bench.feed.clock.now() })
  await bench.broker.replace?.(before.request.clientOrderId, bench.guard.permit(request))
}

/** The fields that the type and the time in force of an order go with. */
function fieldsOf(command: PlaceCommand, now: number): OrderFields {
  const { symbol, side, type, price, distance, timeInForce, reduceOnly } = command
  const isForAuction = timeInForce === 'at-open' || timeInForce === 'at-close'
  const isLevelled = type !== 'market' && type !== 'limit'
  const time: OrderFields =
    isForAuction && isLevelled
      ? { timeInForce: 'day' }
      : timeInForce === 'gtd'
        ? { timeInForce, expiresAt: now + command.hours * 3_600_000 }
        : { timeInForce }
  const rests = time.timeInForce === 'day' || time.timeInForce === 'gtc' || time.timeInForce === 'gtd'
  return {
    symbol,
    side,
    type,
    reduceOnly,
    ...time,
    ...(command.isInQuote
      ? { quantity: String(command.quantity * 100), sizedIn: 'quote' }
      : { quantity: String(command.quantity) }),
    ...(type === 'limit' ? { limitPrice: cents(price) } : {}),
    ...(type === 'stop' || type === 'stop-limit' ? { stopPrice: cents(price) } : {}),
    ...(type === 'stop-limit' ? { limitPrice: cents(price + distance) } : {}),
    ...(type === 'trailing-stop' ? { trailAmount: cents(Math.abs(distance) + 1) } : {}),
    ...(type === 'limit' && rests && command.isPostOnly ? { postOnly: true } : {}),
  }
}

export type Filled = Extract<BrokerEvent, { type: 'filled' }>
export const fillsOf = (events: readonly BrokerEvent[]): readonly Filled[] =>
  events.filter((event) => event.type === 'filled')

export function requestOf(outcome: Pick<Outcome, 'placed'>, event: BrokerEvent): Placed {
  const found = outcome.placed.get(event.clientOrderId)
  if (found === undefined) throw new Error(`${event.clientOrderId} was never placed`)
  return found
}

/** The account as its events and dividends tell it, kept apart from the venue's own books. */
export function bookkeep(outcome: Outcome, initialCash: string): { cash: Decimal; held: Record<string, Decimal> } {
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
