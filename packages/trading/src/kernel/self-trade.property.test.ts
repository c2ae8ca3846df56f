import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ExecutionPlan } from '../orders/execution/execution-plan.js'
import type { OrderRecord } from '../orders/order-record.js'
import type { IntentOrderType, OrderIntent } from '../orders/order-request.js'
import { isOpen, type OrderRevision } from '../orders/order-state.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { ablest } from './scripted-broker.test-support.js'

type Step =
  | {
      readonly do: 'enter'
      readonly agent: string
      readonly side: 'buy' | 'sell'
      readonly type: IntentOrderType
      readonly price: number
      readonly plan: ExecutionPlan | undefined
    }
  | {
      readonly do: 'amend'
      readonly order: number
      readonly price: number
      readonly answer: 'replace' | 'silent'
    }
  | { readonly do: 'cancel'; readonly order: number }
  | { readonly do: 'word'; readonly order: number; readonly type: 'triggered' | 'canceled' }
  | { readonly do: 'fill'; readonly order: number; readonly part: boolean }
  | { readonly do: 'venue'; readonly cancel: 'cancel' | 'silent' }
  | { readonly do: 'tick' }

const price = fc.integer({ min: 94, max: 106 })
const order = fc.nat(7)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('enter' as const),
      agent: fc.constantFrom('ann', 'bob', 'cid'),
      side: fc.constantFrom('buy' as const, 'sell' as const),
      type: fc.constantFrom<IntentOrderType>(
        'market',
        'limit',
        'limit',
        'limit',
        'stop',
        'stop-limit',
        'trailing-stop',
      ),
      price,
      plan: fc.constantFrom<ExecutionPlan | undefined>(
        undefined,
        undefined,
        undefined,
        { style: 'passive', maximumMoves: 3 },
        { style: 'twap', slices: 3 },
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('amend' as const),
      order,
      price,
      answer: fc.constantFrom('replace' as const, 'silent' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), order }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('word' as const),
      order,
      type: fc.constantFrom('triggered' as const, 'triggered' as const, 'canceled' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fill' as const), order, part: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('venue' as const),
      cancel: fc.constantFrom('cancel' as const, 'silent' as const),
    }),
  },
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'tick' }) },
)

const ordersOf = ({ kernel }: KernelBench): readonly OrderRecord[] =>
  (JSON.parse(kernel.snapshot()) as { orders: OrderRecord[] }).orders
/** Under which id the venue knows an order now. */
const idOf = ({ header, state }: OrderRecord): string =>
  revisionsOf(state).findLast(hasTakenOver)?.terms?.by ?? header.request.clientOrderId
const revisionsOf = ({ revisions = {} }: OrderRecord['state']): readonly OrderRevision[] =>
  Object.values(revisions).sort((a, b) => (a.terms?.revision ?? 0) - (b.terms?.revision ?? 0))
const hasTakenOver = ({ words }: OrderRevision): boolean =>
  words.replaced === true || words.accepted === true || words.filled === true || words.triggered === true

/** Orders that lie at the venue; of those whose cancel is on the way nothing more is to come. */
function live(bench: KernelBench): readonly OrderRecord[] {
  return ordersOf(bench).filter(
    ({ header, state }) =>
      isOpen(state.status) &&
      state.words.submitted === true &&
      state.status !== 'pending-cancel' &&
      !makesRoom(state) &&
      header.execution === undefined,
  )
}

/** What rested is being cancelled, to be sent anew. */
function makesRoom(state: OrderRecord['state']): boolean {
  const last = revisionsOf(state).at(-1)
  return state.status === 'pending-replace' && last?.terms?.how === 'resend' && last.words.submitted !== true
}

function intentOf(bench: KernelBench, { agent, side, type, price, plan }: Step & { do: 'enter' }): OrderIntent {
  const isBuy = side === 'buy'
  const limit = type === 'limit' || type === 'stop-limit' ? { limitPrice: String(price) } : {}
  const stop = type === 'stop' || type === 'stop-limit' ? { stopPrice: String(price) } : {}
  const trail = type === 'trailing-stop' ? { trailAmount: '2' } : {}
  const works = plan !== undefined && (type === 'market' || type === 'limit')
  const time = works
    ? ({ timeInForce: 'gtd', expiresAt: bench.now + 60_000, execution: plan } as const)
    : ({ timeInForce: 'day' } as const)
  const exits = isBuy
    ? { stopPrice: '92', targetPrice: '108', maximumSessions: 5 }
    : { stopPrice: '108', targetPrice: '92', maximumSessions: 5 }
  return bench.intent({ agent, side, type, quantity: '5', exits, ...limit, ...stop, ...trail, ...time })
}

async function carryOut(bench: KernelBench, each: Step): Promise<void> {
  const { kernel, broker } = bench
  const picked = (index: number): OrderRecord | undefined => {
    const orders = live(bench)
    return orders[index % Math.max(1, orders.length)]
  }
  switch (each.do) {
    case 'enter': {
      const intent = intentOf(bench, each)
      const assessed = await kernel.assess(intent)
      if (assessed.status === 'permitted') await kernel.submit(intent, assessed.permitId)
      return
    }
    case 'amend': {
      broker.onReplace = each.answer
      const found = picked(each.order)
      const terms = found?.header.request.limitPrice === undefined ? {} : { limitPrice: String(each.price) }
      await kernel.amend(found?.header.orderId ?? '', terms, 'test').catch(() => undefined)
      return
    }
    case 'cancel':
      await kernel.cancel(picked(each.order)?.header.orderId ?? '', 'test').catch(() => undefined)
      return
    case 'word': {
      const found = picked(each.order)
      const isStop = found !== undefined && ['stop', 'stop-limit', 'trailing-stop'].includes(found.header.request.type)
      if (found !== undefined && (isStop || each.type !== 'triggered')) broker.say(idOf(found), { type: each.type })
      return
    }
    case 'fill': {
      const found = picked(each.order)
      if (found !== undefined && !found.header.request.reduceOnly)
        broker.fill(idOf(found), each.part ? '1' : found.state.leavesQuantity, '100')
      return
    }
    case 'venue':
      broker.onCancel = each.cancel
      return
    case 'tick':
      await bench.market({ type: 'trade', symbol: 'AAA', time: bench.now + 1_500, price: '100', quantity: '50' })
  }
}

type Reach = { readonly side: string; readonly low: number; readonly high: number }

/** How far an order may trade with the price at 100, each way in which it may lie at the venue; undefined for a stop that waits. */
function reaches({ header, state }: OrderRecord): readonly Reach[] {
  const { side, type, limitPrice } = header.request
  const revisions = revisionsOf(state)
  // What was sent anew is another order, which has to be triggered by itself.
  const anew = revisions.findLastIndex(({ words, terms }) => terms?.how === 'resend' && words.submitted === true)
  const sendings = anew < 0 ? [state, ...revisions] : revisions.slice(anew)
  if (type !== 'market' && type !== 'limit' && sendings.every(({ words }) => words.triggered !== true)) return []
  const known = revisions.filter(({ terms, words }) => terms !== undefined && words['replace-rejected'] !== true)
  const taken = known.findLastIndex(hasTakenOver)
  const limits = [
    ...(taken < 0 ? [limitPrice] : []),
    ...known.slice(Math.max(0, taken)).map(({ terms }) => terms?.limitPrice),
  ]
  return limits.map((limit) => ({
    side,
    low: limit === undefined ? 95 : Number(limit),
    high: limit === undefined ? 105 : Number(limit),
  }))
}

function noneCouldMeet(bench: KernelBench): void {
  const all = live(bench).flatMap((each) => reaches(each).map((reach) => ({ ...reach, id: each.header.orderId })))
  for (const buy of all.filter(({ side }) => side === 'buy'))
    for (const sell of all.filter(({ side }) => side === 'sell'))
      expect(buy.high < sell.low, `${buy.id} up to ${buy.high} and ${sell.id} down to ${sell.low}`).toBe(true)
}

test('I40 of several agents, all order types, amendments, triggers and parts: no two live orders of ours could trade with each other', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 30 }), fc.boolean(), async (steps, amends) => {
      const bench = await openKernelBench({ policy: { allowShorts: true } }, 65, (broker) => {
        broker.capabilities = { ...ablest, replace: amends ? 'new-order' : 'none' }
      })
      await bench.session(100, ['pre-open', 'open'])
      for (const each of steps) {
        await carryOut(bench, each)
        await bench.kernel.settled()
        noneCouldMeet(bench)
      }
    }),
    { numRuns: 200 },
  )
})
