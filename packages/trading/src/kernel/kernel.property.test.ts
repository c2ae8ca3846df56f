import { canonicalJson, SwarmError } from '@tradeswarm/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type LedgerEntry, verifyBooks } from '../index.js'
import { decimal, zero } from '../money/decimal.js'
import type { OrderRecord } from '../orders/order-record.js'
import { isOpen } from '../orders/order-state.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'

type Step =
  | { readonly do: 'enter'; readonly symbol: string; readonly quantity: number; readonly limit: number | undefined }
  | { readonly do: 'leave'; readonly symbol: string; readonly quantity: number }
  | { readonly do: 'assess'; readonly symbol: string; readonly side: 'buy' | 'sell'; readonly quantity: string }
  | { readonly do: 'cancel'; readonly order: number }
  | { readonly do: 'dividend'; readonly symbol: string }
  | {
      readonly do: 'fill'
      readonly order: number
      readonly percent: number
      readonly price: number
      readonly twice: boolean
    }
  | { readonly do: 'bust'; readonly fill: number }
  | { readonly do: 'word'; readonly order: number; readonly type: 'canceled' | 'expired' | 'triggered' | 'accepted' }
  | {
      readonly do: 'venue'
      readonly place: 'accept' | 'silent' | 'unknown' | 'refuse'
      readonly cancel: 'cancel' | 'silent'
    }
  | {
      readonly do: 'session'
      readonly price: number
      readonly parts: readonly ('pre-open' | 'open' | 'bars' | 'close')[]
    }
  | { readonly do: 'halt'; readonly how: 'reducing' | 'halted' | 'resume' | 'policy' | 'kill' }
  | { readonly do: 'wait' }

const symbol = fc.constantFrom('AAA', 'BBB', 'CCC')
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('enter' as const),
      symbol,
      quantity: fc.integer({ min: 1, max: 90 }),
      limit: fc.option(fc.integer({ min: 96, max: 104 }), { nil: undefined }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('leave' as const), symbol, quantity: fc.integer({ min: 1, max: 90 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('assess' as const),
      symbol,
      side: fc.constantFrom('buy' as const, 'sell' as const),
      quantity: fc.constantFrom('50', '5.0', '0', '1.5', 'NaN', '', '1e309', '9'.repeat(30)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), order: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('dividend' as const), symbol }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('fill' as const),
      order: fc.nat(9),
      percent: fc.constantFrom(30, 50, 100, 100),
      price: fc.integer({ min: 90, max: 111 }),
      twice: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('bust' as const), fill: fc.nat(9) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('word' as const),
      order: fc.nat(9),
      type: fc.constantFrom('canceled' as const, 'expired' as const, 'triggered' as const, 'accepted' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('venue' as const),
      place: fc.constantFrom(
        'accept' as const,
        'accept' as const,
        'silent' as const,
        'unknown' as const,
        'refuse' as const,
      ),
      cancel: fc.constantFrom('cancel' as const, 'cancel' as const, 'silent' as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('session' as const),
      price: fc.integer({ min: 92, max: 108 }),
      parts: fc.subarray(['pre-open', 'open', 'bars', 'close'] as const, { minLength: 1 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('halt' as const),
      how: fc.constantFrom(
        'reducing' as const,
        'halted' as const,
        'resume' as const,
        'policy' as const,
        'kill' as const,
      ),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'wait' }) },
)
const program = fc.array(step, { minLength: 5, maxLength: 40 })

type Memory = { readonly filled: { readonly clientOrderId: string; readonly tradeId: string }[]; trades: number }

async function carryOut(bench: KernelBench, each: Step, memory: Memory): Promise<void> {
  const { kernel, broker } = bench
  const at = (index: number): string =>
    broker.sent[broker.sent.length - 1 - (index % Math.max(1, broker.sent.length))]?.clientOrderId ?? ''
  switch (each.do) {
    case 'enter': {
      const limit = each.limit === undefined ? {} : { type: 'limit' as const, limitPrice: String(each.limit) }
      await bench.enter({ symbol: each.symbol, quantity: String(each.quantity), ...limit }).catch(() => undefined)
      return
    }
    case 'leave':
      await bench.enter({ symbol: each.symbol, side: 'sell', quantity: String(each.quantity) }).catch(() => undefined)
      return
    case 'assess':
      await kernel.assess(bench.intent({ symbol: each.symbol, side: each.side, quantity: each.quantity }))
      return
    case 'cancel': {
      const orders = ordersOf(bench)
      const orderId = orders[orders.length - 1 - (each.order % Math.max(1, orders.length))]?.header.orderId ?? ''
      await kernel.cancel(orderId, 'test').catch(() => undefined)
      return
    }
    case 'dividend':
      await bench.market({
        type: 'dividend',
        symbol: each.symbol,
        sessionDate: new Date(bench.now).toISOString().slice(0, 10),
        time: bench.now,
        amountPerUnit: '0.25',
        currency: 'USD',
      })
      return
    case 'fill': {
      const order = orderOf(bench, at(each.order))
      const quantity = Math.ceil((Number(order?.state.leavesQuantity ?? 0) * each.percent) / 100)
      if (order === undefined || quantity === 0 || beyondPosition(bench, order, quantity)) return
      memory.trades += 1
      const tradeId = `t${memory.trades}`
      for (let time = 0; time < (each.twice ? 2 : 1); time += 1)
        broker.fill(order.header.request.clientOrderId, String(quantity), String(each.price), tradeId)
      memory.filled.push({ clientOrderId: order.header.request.clientOrderId, tradeId })
      return
    }
    case 'bust': {
      const fill = memory.filled[each.fill % Math.max(1, memory.filled.length)]
      if (fill !== undefined) broker.say(fill.clientOrderId, { type: 'busted', tradeId: fill.tradeId })
      return
    }
    case 'word':
      if (broker.sent.length > 0) broker.say(at(each.order), { type: each.type })
      return
    case 'venue':
      broker.onCancel = each.cancel
      broker.onPlace = () => {
        if (each.place === 'unknown')
          return new SwarmError({ code: 'TIMEOUT', message: 'no answer', retryability: 'unknown-outcome' })
        return each.place === 'refuse' ? new SwarmError({ code: 'NO', message: 'no' }) : each.place
      }
      return
    case 'session':
      await bench.session(each.price, each.parts)
      return
    case 'halt':
      if (each.how === 'kill') await kernel.kill('test')
      else if (each.how === 'resume') await kernel.resume({ operator: 'Ada', reason: 'test' })
      else if (each.how === 'policy')
        await kernel.changePolicy({ maxOpenPositions: 2 }, { operator: 'Ada', reason: 'test' })
      else await kernel.halt(each.how, 'test')
      return
    case 'wait':
      bench.now += 6_000
  }
}

const ordersOf = (bench: KernelBench): readonly OrderRecord[] =>
  (JSON.parse(bench.kernel.snapshot()) as { orders: OrderRecord[] }).orders
const orderOf = (bench: KernelBench, clientOrderId: string): OrderRecord | undefined =>
  ordersOf(bench).find(({ header }) => header.request.clientOrderId === clientOrderId)

/** The venue refuses what would take a reduce-only order beyond the position. */
function beyondPosition(bench: KernelBench, { header }: OrderRecord, quantity: number): boolean {
  if (!header.request.reduceOnly) return false
  const held =
    bench.kernel.portfolio().positions.find((position) => position.symbol === header.request.symbol)?.quantity ?? '0'
  return quantity > Number(held)
}

async function play(steps: readonly Step[], after: (bench: KernelBench, memory: Memory) => void): Promise<KernelBench> {
  const bench = await openKernelBench({}, 65)
  const memory: Memory = { filled: [], trades: 0 }
  for (const each of steps) {
    await carryOut(bench, each, memory)
    await bench.kernel.settled()
    after(bench, memory)
  }
  return bench
}

test('I23 rebuilt from the journal the state is the same to the byte, in full and from any snapshot on', async () => {
  await fc.assert(
    fc.asyncProperty(program, fc.nat(), async (steps, pick) => {
      const snapshots: { readonly text: string; readonly length: number }[] = []
      const bench = await play(steps, ({ kernel, journal }) =>
        snapshots.push({ text: kernel.snapshot(), length: journal.length }),
      )
      const final = bench.kernel.snapshot()
      expect(rebuildKernelState(bench.journal)).toBe(final)
      const early = snapshots[pick % snapshots.length]
      if (early !== undefined) expect(rebuildKernelState(bench.journal.slice(early.length), early.text)).toBe(final)
      expect(new Set(bench.journal.map(({ id }) => id)).size).toBe(bench.journal.length)
    }),
    { numRuns: 60 },
  )
})

test('I23 books that were captured at any moment and written down later go on as the whole journal does', async () => {
  await fc.assert(
    fc.asyncProperty(program, fc.nat(), async (steps, pick) => {
      const captures: { readonly at: { readonly length: number }; readonly pieces: Promise<Iterable<string>> }[] = []
      const bench = await play(steps, ({ kernel, journal }) => {
        const at = { length: 0 }
        const pieces = kernel.capture(() => {
          at.length = journal.length
        })
        captures.push({ at, pieces })
      })
      const early = captures[pick % captures.length]
      if (early === undefined) return
      const text = [...(await early.pieces)].join('')
      const { length } = early.at
      expect(rebuildKernelState(bench.journal.slice(length), text)).toBe(bench.kernel.snapshot())
      expect(rebuildKernelState([], text)).toBe(rebuildKernelState(bench.journal.slice(0, length)))
    }),
    { numRuns: 60 },
  )
})

test('I17 I18 I20 I29 after every step the books balance, cash is free or locked, and exits fit the position', async () => {
  await fc.assert(
    fc.asyncProperty(program, async (steps) => {
      let busted = false
      await play(steps, (bench, memory) => {
        const view = bench.kernel.portfolio()
        const cash = view.cash.USD ?? { total: '', free: '', locked: '' }
        expect(decimal(cash.free).plus(decimal(cash.locked)).eq(decimal(cash.total))).toBe(true)
        let cost = decimal(cash.total)
          .plus(decimal(view.fees))
          .minus(decimal(view.realised))
          .minus(decimal(view.income))
        for (const { openCost } of view.positions) cost = cost.plus(decimal(openCost))
        expect(cost.eq(decimal(view.netDeposits))).toBe(true)
        busted ||=
          memory.filled.length > 0 &&
          bench.events.some((event) => event.type === 'alert' && event.code === 'EXECUTION_BUSTED')
        const orders = ordersOf(bench)
        expect(bench.broker.sent.length).toBeLessThanOrEqual(new Set(orders.map(({ permit }) => permit?.permitId)).size)
        if (!busted) for (const held of ['AAA', 'BBB', 'CCC']) exitsFit(bench, orders, held)
      })
      return true
    }),
    { numRuns: 60 },
  )
})

/** New exits fit; one that fills while its pair's cancel is on the way leaves that pair live for a moment, for the venue to cut. */
function exitsFit(bench: KernelBench, orders: readonly OrderRecord[], held: string): void {
  const quantity = decimal(
    bench.kernel.portfolio().positions.find((position) => position.symbol === held)?.quantity ?? '0',
  )
  expect(quantity.gte(zero)).toBe(true)
  for (const leg of ['exit-stop', 'exit-target'] as const) {
    let live = zero
    for (const { header, state } of orders) {
      const settledExit =
        header.request.symbol === held &&
        isOpen(state.status) &&
        state.status !== 'pending-cancel' &&
        state.status !== 'permitted'
      if (settledExit && state.status !== 'unknown' && header.purpose === leg)
        live = live.plus(decimal(state.leavesQuantity))
    }
    expect(live.lte(quantity)).toBe(true)
  }
}

test('I03 I04 the venue may say everything twice: books and orders are the same', async () => {
  await fc.assert(
    fc.asyncProperty(program, async (steps) => {
      const once = await play(
        steps.map((each) => (each.do === 'fill' ? { ...each, twice: false } : each)),
        () => undefined,
      )
      const twice = await play(
        steps.map((each) => (each.do === 'fill' ? { ...each, twice: true } : each)),
        () => undefined,
      )
      const books = ({ kernel }: KernelBench): string => {
        const { cash, positions, realised, fees } = kernel.portfolio()
        return canonicalJson({ cash, positions, realised, fees })
      }
      expect(books(twice)).toBe(books(once))
    }),
    { numRuns: 25 },
  )
})

test('the ledger entries in the journal verify as books', async () => {
  await fc.assert(
    fc.asyncProperty(program, async (steps) => {
      const { journal } = await play(steps, () => undefined)
      const entries = journal
        .filter(({ kind }) => kind === 'ledger')
        .map(({ payload }) => (payload as { entry: LedgerEntry }).entry)
      expect(verifyBooks(entries)).toMatchObject({ ok: true, entries: entries.length })
    }),
    { numRuns: 25 },
  )
})
