import { createSequentialIds, createSilentLogger } from '@tradeswarm/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createUsEquityCalendar } from '../instruments/us-equity-calendar.js'
import { type Decimal, decimal, zero } from '../money/decimal.js'
import type { OrderEvent } from '../orders/order-event.js'
import type { OrderHeader } from '../orders/order-record.js'
import { isOpen } from '../orders/order-state.js'
import { createKillSwitch } from '../risk/kill-switch.js'
import { policyLimits } from '../risk/policy-limits.js'
import { outstandingOf } from '../risk/reservation.js'
import { type RiskPolicyInput, riskPolicy } from '../risk/risk-policy.js'
import { automaticHaltDefaults } from './automatic-halts.js'
import { createKernelRuntime } from './create-kernel-runtime.js'
import { createExposureBook } from './exposure-book.js'
import type { KernelRecord } from './kernel-record.js'
import { commit, equityOf, type KernelRuntime } from './kernel-runtime.js'
import { kernelSnapshot } from './kernel-snapshot.js'
import { emptyKernelState } from './kernel-state.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'

const calendar = createUsEquityCalendar()
const symbols = ['AAA', 'BBB', 'CCC']
const agents = ['one', 'two', 'three']
const monday = Date.UTC(2014, 0, 13, 15)

/** A kernel's state under a policy, driven by records alone: there is no venue. */
function openBooks(input: RiskPolicyInput) {
  const journal: { readonly payload: unknown }[] = []
  let now = monday
  const logger = createSilentLogger()
  const runtime = createKernelRuntime({
    state: emptyKernelState('USD'),
    clock: { now: () => now },
    ids: createSequentialIds(),
    calendar,
    logger,
    journal: { append: (entry) => void journal.push(structuredClone(entry)), durable: async () => undefined },
    account: 'test',
    mode: 'paper',
    permitKey: '00'.repeat(32),
    needsApproval: undefined,
    venue: 'test',
    operators: undefined,
    limits: automaticHaltDefaults,
    hasTimers: false,
    lease: undefined,
    approvalLifetimeMs: 300_000,
    reconcileEveryMs: 60_000,
    killSwitch: createKillSwitch({
      stores: [{ load: async () => undefined, save: async () => undefined }],
      logger,
      within: (_what, work) => work,
    }),
  })
  const instrument = (symbol: string) =>
    ({
      symbol,
      kind: 'equity',
      asset: symbol,
      currency: 'USD',
      tickSize: '0.01',
      lotSize: '1',
      minimumNotional: '1',
      calendar: 'us-equity',
    }) as const
  runtime.broker = { instrument } as unknown as NonNullable<KernelRuntime['broker']>
  runtime.reconciled = true
  runtime.clockSkewMs = 'no-clock'
  const note = (record: KernelRecord) => commit(runtime, record)
  note({ type: 'account-opened', time: now, account: 'test', currency: 'USD', policy: riskPolicy(input) })
  note({ type: 'booked', time: now, event: { type: 'deposit', eventId: 'deposit', time: now, amount: '100000' } })
  note({ type: 'session-started', time: now, sessionDate: '2014-01-13', equity: '100000' })
  let made = 0
  return {
    runtime,
    journal,
    wait: (ms: number): void => {
      now += ms
    },
    price(symbol: string, price: string): void {
      runtime.market.takeOpen({ type: 'open', symbol, sessionDate: '2014-01-13', time: now, price })
    },
    enter(agent: string, symbol: string, quantity: string, limitPrice?: string): string | undefined {
      made += 1
      const held = decimal(runtime.state.ledger.quantity(symbol))
      const header: OrderHeader = {
        orderId: `order${made}`,
        intentId: `intent${made}`,
        purpose: 'entry',
        request: {
          account: 'test',
          clientOrderId: `client${made}`,
          symbol,
          side: held.lt(zero) ? 'sell' : 'buy',
          type: limitPrice === undefined ? 'market' : 'limit',
          quantity,
          ...(limitPrice === undefined ? {} : { limitPrice }),
          timeInForce: 'day',
          reduceOnly: false,
        },
        agent,
        strategy: made % 2 === 0 ? 'even' : 'odd',
        asset: symbol,
        createdAt: now,
        correlationId: 'chain',
        causationId: 'cause',
      }
      const { permit } = runtime.authority.assess(header)
      return permit === undefined ? undefined : header.orderId
    },
    leave(agent: string, symbol: string, quantity: string): string {
      made += 1
      const header: OrderHeader = {
        orderId: `order${made}`,
        intentId: `intent${made}`,
        purpose: 'exit-stop',
        request: {
          account: 'test',
          clientOrderId: `client${made}`,
          symbol,
          side: 'sell',
          type: 'market',
          quantity,
          timeInForce: 'day',
          reduceOnly: true,
        },
        agent,
        strategy: 'odd',
        asset: symbol,
        createdAt: now,
        correlationId: 'chain',
        causationId: 'cause',
      }
      runtime.authority.assess(header)
      return header.orderId
    },
    fill(orderId: string, quantity: string, price: string, tradeId: string): void {
      const order = runtime.state.orders.get(orderId)
      if (order === undefined) return
      const { symbol, side, clientOrderId } = order.header.request
      const execution = {
        tradeId,
        price,
        quantity,
        fee: '0.35',
        feeCurrency: 'USD',
        referencePrice: price,
        referenceTime: now,
        liquidity: 'taker',
      } as const
      const eventId = `fill-${tradeId}`
      const base = { eventId, time: now, clientOrderId, venueOrderId: 'venue' }
      note({ type: 'order-event', time: now, orderId, event: { ...base, type: 'filled', execution } as OrderEvent })
      const booked = { account: 'test', symbol, tradeId, asset: symbol, side, price, quantity, orderId } as const
      const event = { ...booked, type: 'fill', eventId, time: now, fee: '0.35', feeCurrency: 'USD' } as const
      note({ type: 'booked', time: now, orderId, event })
    },
    bust(orderId: string, tradeId: string): void {
      const order = runtime.state.orders.get(orderId)
      if (order === undefined) return
      const { symbol, clientOrderId } = order.header.request
      const eventId = `bust-${tradeId}`
      const base = { eventId, time: now, clientOrderId, venueOrderId: 'venue' }
      note({ type: 'order-event', time: now, orderId, event: { ...base, type: 'busted', tradeId } })
      const event = { type: 'bust', eventId, time: now, account: 'test', symbol, tradeId } as const
      note({ type: 'booked', time: now, orderId, event })
    },
    say(orderId: string, type: 'accepted' | 'rejected' | 'canceled'): void {
      const order = runtime.state.orders.get(orderId)
      if (order === undefined || order.state.words[type] === true) return
      const base = { eventId: `${type}-${orderId}`, time: now, clientOrderId: '', venueOrderId: 'venue' }
      const event = (
        type === 'rejected' ? { ...base, type, code: 'NO', message: 'no' } : { ...base, type }
      ) as OrderEvent
      note({ type: 'order-event', time: now, orderId, event })
    },
  }
}

type Books = ReturnType<typeof openBooks>

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('enter' as const),
      agent: fc.constantFrom(...agents),
      symbol: fc.constantFrom(...symbols),
      quantity: fc.integer({ min: 1, max: 60 }),
      limit: fc.option(fc.integer({ min: 96, max: 104 }), { nil: undefined }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('fill' as const),
      order: fc.nat(5),
      percent: fc.constantFrom(30, 100, 100),
      price: fc.integer({ min: 90, max: 110 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('leave' as const),
      agent: fc.constantFrom(...agents),
      symbol: fc.constantFrom(...symbols),
      percent: fc.constantFrom(40, 100),
      price: fc.integer({ min: 90, max: 110 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('bust' as const), trade: fc.nat(9) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('say' as const),
      order: fc.nat(5),
      type: fc.constantFrom('accepted' as const, 'rejected' as const, 'canceled' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('price' as const),
      symbol: fc.constantFrom(...symbols),
      price: fc.integer({ min: 90, max: 110 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(3_000) }) },
)
const program = fc.array(step, { minLength: 5, maxLength: 50 })
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const open: RiskPolicyInput = {
  maxPositionFraction: 1,
  maxOrderFraction: 1,
  maxSymbolExposureFraction: 1,
  maxCorrelatedExposureFraction: 1,
  maxStressLossFraction: 1,
  maxDailyLossFraction: 1,
  maxDrawdownFraction: 1,
  priceCollarFraction: 0.5,
  cooldownAfterLossMs: 0,
  minimumAverageVolume: '0',
  requireProtectiveStop: false,
}

function play(input: RiskPolicyInput, steps: readonly Step[], after: (books: Books) => void): Books {
  const books = openBooks(input)
  const { runtime } = books
  for (const symbol of symbols) {
    books.price(symbol, '100')
    for (let day = 0; day < 20; day += 1)
      runtime.market.takeBar({
        type: 'bar',
        symbol,
        timeframe: '1d',
        sessionDate: `2013-12-${String(day + 10)}`,
        start: monday,
        time: monday,
        open: '100',
        high: '100',
        low: '100',
        close: '100',
        volume: '1000000',
      })
    books.price(symbol, '100')
  }
  const live: string[] = []
  const trades: { readonly orderId: string; readonly tradeId: string }[] = []
  for (const each of steps) {
    const at = live[live.length - 1 - ((('order' in each ? each.order : 0) % Math.max(1, live.length)) as number)]
    const order = at === undefined ? undefined : runtime.state.orders.get(at)
    const trade = (orderId: string, quantity: string, price: number): void => {
      const tradeId = `t${trades.length + 1}`
      books.fill(orderId, quantity, String(price), tradeId)
      trades.push({ orderId, tradeId })
    }
    switch (each.do) {
      case 'enter': {
        const limit = each.limit === undefined ? undefined : String(each.limit)
        const orderId = books.enter(each.agent, each.symbol, String(each.quantity), limit)
        if (orderId !== undefined) live.push(orderId)
        break
      }
      case 'fill': {
        const quantity = Math.ceil((Number(order?.state.leavesQuantity ?? 0) * each.percent) / 100)
        if (order !== undefined && quantity > 0) trade(order.header.orderId, String(quantity), each.price)
        break
      }
      case 'leave': {
        const held = Number(runtime.state.ledger.quantity(each.symbol))
        const quantity = Math.ceil((held * each.percent) / 100)
        if (quantity > 0) trade(books.leave(each.agent, each.symbol, String(quantity)), String(quantity), each.price)
        break
      }
      case 'bust': {
        const taken = trades[trades.length - 1 - (each.trade % Math.max(1, trades.length))]
        if (taken !== undefined && runtime.state.orders.get(taken.orderId)?.state.busted[taken.tradeId] !== true)
          books.bust(taken.orderId, taken.tradeId)
        break
      }
      case 'say':
        if (at !== undefined) books.say(at, each.type)
        break
      case 'price':
        books.price(each.symbol, String(each.price))
        break
      case 'wait':
        books.wait(each.ms)
    }
    after(books)
  }
  return books
}

/** What each agent has set aside in open entries, from the orders alone. */
function outstandingBy({ runtime }: Books): ReadonlyMap<string, Decimal> {
  const sums = new Map<string, Decimal>()
  for (const { header, reservation, state } of runtime.state.orders.values()) {
    if (header.purpose !== 'entry' || reservation === undefined) continue
    sums.set(header.agent, (sums.get(header.agent) ?? zero).plus(outstandingOf(reservation, state)))
  }
  return sums
}

test('running sums are what a look at all positions and orders says, after every step', () => {
  fc.assert(
    fc.property(program, (steps) => {
      let book: ReturnType<typeof createExposureBook> | undefined
      play(open, steps, ({ runtime }) => {
        book ??= createExposureBook(runtime)
        // The book of the authority has emptied what it shares with this one.
        for (const symbol of symbols) runtime.state.activity.touched.add(symbol)
        const view = book.view(policyLimits(runtime.state.risk.policy))
        let gross = zero
        let entries = 0
        for (const symbol of symbols) {
          const last = runtime.market.priceOf(symbol) ?? zero
          let worth = decimal(runtime.state.ledger.quantity(symbol)).abs().times(last)
          for (const { header, state } of runtime.state.orders.values()) {
            const { request } = header
            if (request.symbol !== symbol || request.reduceOnly || !isOpen(state.status)) continue
            entries += 1
            worth = worth.plus(decimal(state.leavesQuantity).times(decimal(request.limitPrice ?? last.toFixed())))
          }
          expect(view.of(symbol).toFixed()).toBe(worth.toFixed())
          gross = gross.plus(worth)
        }
        expect(view.gross().toFixed()).toBe(gross.toFixed())
        expect(view.openEntries()).toBe(entries)
        expect(view.equity().toFixed()).toBe(equityOf(runtime)?.toFixed())
      })
    }),
    { numRuns: 60 },
  )
})

test('I11 N agents never pass their capital together, and what each has set aside is what its open orders need', () => {
  const policy: RiskPolicyInput = {
    ...open,
    principals: [
      { agent: 'one', capital: '5000' },
      { agent: 'two', capital: '9000' },
      { strategy: 'even', capital: '8000' },
      {},
    ],
  }
  fc.assert(
    fc.property(program, (steps) => {
      play(policy, steps, (books) => {
        const { principals } = books.runtime.state.activity
        const outstanding = outstandingBy(books)
        const known = new Map<string, Decimal>()
        for (const use of principals) known.set(use.agent, (known.get(use.agent) ?? zero).plus(use.outstanding))
        for (const agent of agents)
          expect((known.get(agent) ?? zero).toFixed()).toBe((outstanding.get(agent) ?? zero).toFixed())
        let locked = zero
        for (const use of principals) locked = locked.plus(use.outstanding)
        expect(locked.toFixed()).toBe(books.runtime.state.index.lockedCash.toFixed())
      })
    }),
    { numRuns: 60 },
  )
})

test('I11 agents that ask one after the other before anything fills get no more together than their principal has', () => {
  const asks = fc.array(
    fc.record({
      agent: fc.constantFrom(...agents),
      symbol: fc.constantFrom(...symbols),
      quantity: fc.integer({ min: 1, max: 60 }),
    }),
    { minLength: 10, maxLength: 40 },
  )
  const capital: Readonly<Record<string, string>> = { one: '5000', two: '9000' }
  const policy: RiskPolicyInput = {
    ...open,
    principals: [
      { agent: 'one', capital: '5000' },
      { agent: 'two', capital: '9000' },
      { strategy: 'even', capital: '8000' },
      { agent: 'three' },
    ],
  }
  let denied = 0
  fc.assert(
    fc.property(asks, (wanted) => {
      const books = play(policy, [], () => undefined)
      for (const { agent, symbol, quantity } of wanted)
        if (books.enter(agent, symbol, String(quantity)) === undefined) denied += 1
      const sums = outstandingBy(books)
      for (const [agent, most] of Object.entries(capital))
        expect((sums.get(agent) ?? zero).lte(decimal(most))).toBe(true)
      let even = zero
      for (const { header, reservation, state } of books.runtime.state.orders.values())
        if (header.strategy === 'even' && reservation !== undefined) even = even.plus(outstandingOf(reservation, state))
      expect(even.lte(decimal('8000'))).toBe(true)
    }),
    { numRuns: 100 },
  )
  expect(denied).toBeGreaterThan(100)
})

test('what belongs to the principals adds up to the positions, and their results to those of the ledger', () => {
  fc.assert(
    fc.property(program, (steps) => {
      let busted = false
      play(open, steps, ({ runtime }) => {
        const { activity, ledger } = runtime.state
        for (const symbol of symbols) {
          let units = zero
          for (const part of activity.holdings(symbol))
            units = part.isLong ? units.plus(part.units) : units.minus(part.units)
          expect(units.toFixed()).toBe(decimal(ledger.quantity(symbol)).toFixed())
        }
        busted ||= [...runtime.state.orders.values()].some(({ state }) => Object.keys(state.busted).length > 0)
        if (busted) return
        // Which parts are sold first differs from the ledger's lots: cost and result differ by the same amount.
        let [result, cost, open] = [zero, zero, zero]
        for (const use of activity.principals) {
          result = result.plus(use.realised)
          cost = cost.plus(use.openCost)
        }
        const totals = ledger.totals()
        open = decimal(totals.realised).minus(decimal(totals.fees)).minus(decimal(totals.openCost))
        expect(result.minus(cost).toFixed()).toBe(open.toFixed())
      })
    }),
    { numRuns: 60 },
  )
})

test('I23 the books of activity come out of the journal to the byte', () => {
  fc.assert(
    fc.property(program, (steps) => {
      const { runtime, journal } = play(
        { ...open, maxOrderRate: { burst: 20, intervalMs: 500 } },
        steps,
        () => undefined,
      )
      const snapshot = kernelSnapshot(runtime.state)
      expect(rebuildKernelState(journal)).toBe(snapshot)
      expect(rebuildKernelState([], snapshot)).toBe(snapshot)
    }),
    { numRuns: 60 },
  )
})

test('the authority measures by the last price, by what was booked since and by what is open since', () => {
  const books = play({ ...open, maxOrderFraction: 0.2 }, [], () => undefined)
  const limitNow = (): string | undefined => {
    const orderId = `order${books.runtime.state.orders.size + 1}`
    expect(books.enter('one', 'BBB', '9000')).toBeUndefined()
    return books.runtime.state.orders
      .get(orderId)
      ?.findings.find(({ code }) => code === 'NOTIONAL_EXCEEDS_MAX_PER_ORDER')?.limit
  }
  const exposureNow = (): string | undefined => {
    const orderId = `order${books.runtime.state.orders.size + 1}`
    books.enter('one', 'AAA', '9000')
    return books.runtime.state.orders.get(orderId)?.findings.find(({ code }) => code === 'MAX_POSITION')?.value
  }
  expect(limitNow()).toBe('20000')
  const orderId = books.enter('one', 'AAA', '100') ?? ''
  expect(exposureNow()).toBe('910000')
  books.fill(orderId, '100', '100', 't1')
  expect(limitNow()).toBe('19999.93')
  books.price('AAA', '110')
  expect(limitNow()).toBe('20199.93')
  expect(exposureNow()).toBe('1001000')
  books.leave('one', 'AAA', '100')
  books.fill(`order${books.runtime.state.orders.size}`, '100', '110', 't2')
  books.price('AAA', '90')
  expect(limitNow()).toBe('20199.86')
  expect(exposureNow()).toBe('810000')
})
