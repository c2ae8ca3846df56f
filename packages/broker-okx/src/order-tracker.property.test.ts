import { type BrokerEvent, decimal } from '@tradeswarm/trading'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OrderTracker } from './order-tracker.js'
import type { OkxAlgo, OkxFill, OkxOrder, OrderUpdate } from './parse-order.js'

const base: OkxOrder = {
  kind: 'order',
  id: '11',
  clientOrderId: 'mine',
  symbol: 'BTC-USDT',
  isSwap: false,
  side: 'sell',
  type: 'limit',
  state: 'live',
  quantity: '10',
  isInQuote: false,
  price: '100',
  filledQuantity: '0',
  averagePrice: undefined,
  cancelSource: '',
  algoId: undefined,
  algoClientOrderId: undefined,
  tag: '',
  createdAt: 1_000,
  updatedAt: 1_000,
}
const waiting: OkxAlgo = {
  kind: 'algo',
  id: '77',
  clientOrderId: 'mine',
  symbol: 'BTC-USDT',
  isSwap: false,
  side: 'sell',
  type: 'conditional',
  state: 'live',
  quantity: '10',
  stopPrice: '100',
  limitPrice: undefined,
  childIds: [],
  failCode: undefined,
  tag: '',
  createdAt: 900,
  updatedAt: 900,
}
const setOff: OkxAlgo = { ...waiting, state: 'effective', childIds: ['11'], updatedAt: 1_000 }

const fillOf = (index: number, quantity: string): OkxFill => ({
  tradeId: String(index),
  orderId: '11',
  clientOrderId: '',
  symbol: 'BTC-USDT',
  isSwap: false,
  price: '100',
  quantity,
  fee: '0',
  feeCurrency: 'USDT',
  paidOut: undefined,
  isMaker: true,
  time: 1_000 + index,
})

/** What the venue says of an order that fills in parts and then ends, in order. */
const lives = fc
  .record({
    parts: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }),
    isCancelled: fc.boolean(),
    isAlgo: fc.boolean(),
  })
  .map(({ parts, isCancelled, isAlgo }) => {
    const child = isAlgo ? { ...base, clientOrderId: '', algoId: '77', algoClientOrderId: 'mine' } : base
    const updates: OrderUpdate[] = [{ order: child, fill: undefined, amendResult: '', requestId: undefined }]
    const fills: OkxFill[] = []
    let filled = 0
    const say = (quantity: number, state: string): void => {
      filled += quantity
      const fill = quantity === 0 ? undefined : fillOf(fills.length + 1, String(quantity))
      if (fill !== undefined) fills.push(fill)
      const order = { ...child, state, filledQuantity: String(filled), updatedAt: 1_000 + updates.length }
      updates.push({ order, fill, amendResult: '', requestId: undefined })
    }
    for (const part of parts) say(part, 'partially_filled')
    if (isCancelled) say(0, 'canceled')
    else say(10 - filled, 'filled')
    return { updates, fills, isCancelled, algos: isAlgo ? [waiting, setOff] : [] }
  })

type Life = {
  readonly updates: readonly OrderUpdate[]
  readonly fills: readonly OkxFill[]
  readonly algos: readonly OkxAlgo[]
}
type Step = (tracker: OrderTracker) => void

function stepsOf({ updates, fills, algos }: Life, isStreamWhole: boolean): readonly Step[] {
  return [
    ...algos.map(
      (algo): Step =>
        (tracker) =>
          void tracker.note(algo),
    ),
    ...updates.map(
      (update): Step =>
        (tracker) =>
          void tracker.hear(isStreamWhole ? update : { ...update, fill: undefined }),
    ),
    ...(isStreamWhole
      ? []
      : fills.map(
          (fill): Step =>
            (tracker) =>
              tracker.execute(fill),
        )),
  ]
}

test('I04 whatever is heard of an order, in any order and any number of times, is told once and to the end', () => {
  const scenario = lives.chain((life) =>
    fc.boolean().chain((isStreamWhole) => {
      const steps = stepsOf(life, isStreamWhole)
      const order = fc.shuffledSubarray([...steps, ...steps], { minLength: 2 * steps.length })
      return order.map((shuffled) => ({ life, steps: shuffled }))
    }),
  )
  fc.assert(
    fc.property(scenario, ({ life, steps }) => {
      const events: BrokerEvent[] = []
      const tracker = new OrderTracker((event) => events.push(event))
      for (const step of steps) step(tracker)
      // What the venue shows when it is asked, after all of it.
      const last = life.updates.at(-1)?.order
      for (const algo of life.algos) tracker.note(algo)
      for (const fill of life.fills) tracker.execute(fill)
      if (last !== undefined) expect(tracker.note(last)).toBe(true)
      const words = events.map(({ type }) => type)
      const filled = events.flatMap((event) => (event.type === 'filled' ? [decimal(event.execution.quantity)] : []))
      expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(events.length)
      expect(events.every(({ clientOrderId }) => clientOrderId === 'mine')).toBe(true)
      expect(new Set(events.map(({ venueOrderId }) => venueOrderId)).size).toBe(1)
      expect(filled).toHaveLength(life.fills.length)
      expect(words.filter((word) => word === 'accepted')).toHaveLength(1)
      expect(words.filter((word) => word === 'triggered')).toHaveLength(life.algos.length / 2)
      expect(words.filter((word) => word === 'canceled')).toHaveLength(last?.state === 'canceled' ? 1 : 0)
      // Nothing comes after the end.
      if (last?.state === 'canceled') expect(words.at(-1)).toBe('canceled')
      expect(tracker.live()).toEqual([])
    }),
  )
})

test('I04 an amendment is told once, whatever tells of it, and in whatever order', () => {
  const [before, after] = [base, { ...base, price: '101', quantity: '12', updatedAt: 1_001 }]
  const say = (order: OkxOrder, more: Partial<OrderUpdate> = {}): OrderUpdate => ({
    order,
    fill: undefined,
    amendResult: '',
    requestId: undefined,
    ...more,
  })
  const filled = { ...after, state: 'filled', filledQuantity: '12', updatedAt: 1_003 }
  const half = { ...after, state: 'partially_filled', filledQuantity: '5', updatedAt: 1_002 }
  const updates: readonly OrderUpdate[] = [
    say(before),
    say(after, { amendResult: '0', requestId: 'second' }),
    say(half, { fill: fillOf(1, '5') }),
    say(filled, { fill: fillOf(2, '7') }),
  ]
  const steps: readonly Step[] = updates.flatMap((update): readonly Step[] => [
    (tracker) => void tracker.hear(update),
    (tracker) => void tracker.note(update.order),
  ])
  fc.assert(
    fc.property(fc.shuffledSubarray([...steps, ...steps], { minLength: 2 * steps.length }), (shuffled) => {
      const events: BrokerEvent[] = []
      const tracker = new OrderTracker((event) => events.push(event))
      tracker.revisions.expect('mine', { by: 'second', quantity: '12', limitPrice: '101', stopPrice: undefined })
      for (const step of shuffled) step(tracker)
      expect(events.filter(({ type }) => type === 'replaced')).toMatchObject([{ clientOrderId: 'mine', by: 'second' }])
      expect(events.filter(({ type }) => type === 'filled')).toHaveLength(2)
      expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(events.length)
      const at = events.findIndex(({ type }) => type === 'replaced')
      for (const [index, { clientOrderId }] of events.entries())
        if (index !== at) expect(clientOrderId).toBe(index < at ? 'mine' : 'second')
      expect(tracker.named('mine')).toBe(tracker.named('second'))
      expect(tracker.live()).toEqual([])
    }),
  )
})
