import { createSeededRandom } from '@tradeswarm/core'
import { type BrokerEvent, decimal } from '@tradeswarm/trading'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { lookForMissing } from './look-for-missing.js'
import { OrderTracker } from './order-tracker.js'
import { type AlpacaOrder, type FillActivity, parseOrder, type TradeUpdate } from './parse-order.js'
import type { TradingClient } from './trading-client.js'

const at = (second: number): string => new Date(Date.UTC(2026, 2, 2, 15, 0, second)).toISOString()
const time = (second: number): number => Date.parse(at(second))

type Leg = 'target' | 'stop'

function legAt(leg: Leg, second: number, status: string, filled: number, quantity: number): AlpacaOrder {
  const isTarget = leg === 'target'
  return parseOrder({
    id: leg,
    client_order_id: isTarget ? 'one' : 'of-the-venue',
    submitted_at: at(0),
    updated_at: at(second),
    asset_class: 'us_equity',
    order_class: 'oco',
    symbol: 'AAPL',
    qty: String(quantity),
    filled_qty: String(filled),
    type: isTarget ? 'limit' : 'stop',
    side: 'sell',
    time_in_force: 'gtc',
    status,
  })
}

/** A life of a pair of 100: parts executed by the target, then perhaps all that is left by the stop, and the ends of both. */
function lifeOf(parts: readonly number[], byStop: boolean) {
  const updates: TradeUpdate[] = []
  const fills: FillActivity[] = []
  let second = 1
  let done = 0
  const none = { price: undefined, quantity: undefined }
  const tell = (event: string, order: AlpacaOrder): void =>
    void updates.push({ ...none, event, time: time(second), order })
  tell('new', legAt('target', 1, 'new', 0, 100))
  tell('held', legAt('stop', 1, 'held', 0, 100))
  const execute = (leg: Leg, part: number, before: number, quantity: number): void => {
    second += 1
    const filled = before + part
    const [status, event] = filled === quantity ? ['filled', 'fill'] : ['partially_filled', 'partial_fill']
    const order = legAt(leg, second, status ?? '', filled, quantity)
    updates.push({ event: event ?? '', time: time(second), price: '10', quantity: String(part), order })
    const [price, cumulative] = ['10', String(filled)]
    fills.push({ id: `a${second}`, orderId: leg, time: time(second), price, quantity: String(part), cumulative })
  }
  for (const part of parts) {
    execute('target', part, done, 100)
    done += part
  }
  const left = 100 - done
  const target = (status: string): AlpacaOrder => legAt('target', second, status, done, 100)
  const stop = (status: string, filled: number): AlpacaOrder => legAt('stop', second, status, filled, left)
  if (byStop && left > 0) execute('stop', left, 0, left)
  second += 1
  const ends = { target: target(left === 0 ? 'filled' : 'canceled'), stop: stop('canceled', 0) }
  if (byStop && left > 0) ends.stop = stop('filled', left)
  else tell('canceled', ends.stop)
  if (left > 0) tell('canceled', ends.target)
  return { updates, fills, pair: { ...ends.target, legs: [ends.stop] }, isCancelled: left > 0 && !byStop }
}

const parts = fc
  .array(fc.integer({ min: 1, max: 40 }), { maxLength: 4 })
  .map((sizes) => sizes.filter((_, index) => sizes.slice(0, index + 1).reduce((sum, size) => sum + size, 0) <= 100))

function trackerOf(events: BrokerEvent[]): OrderTracker {
  const fees = { maker: decimal('0'), taker: decimal('0') }
  return new OrderTracker({ emit: (event) => void events.push(event), fees, idOfReplacement: () => undefined })
}

it('I04 a pair is told of as one order and once, in whatever order, doubled and lost, its messages and its answer come', () => {
  fc.assert(
    fc.property(parts, fc.boolean(), fc.integer(), fc.integer({ min: -1, max: 8 }), (sizes, byStop, seed, lost) => {
      const { updates, fills, pair, isCancelled } = lifeOf(sizes, byStop)
      const random = createSeededRandom(seed)
      const events: BrokerEvent[] = []
      const tracker = trackerOf(events)
      const placed = { ...legAt('target', 1, 'new', 0, 100), legs: [legAt('stop', 1, 'held', 0, 100)] }
      const heard = [...updates, ...updates.filter(() => random.next() < 0.4)]
        .filter((_, index) => index !== lost)
        .map((update) => (): unknown => tracker.hear(update))
        .concat(() => tracker.note(placed))
        .map((hear) => ({ hear, key: random.next() }))
        .toSorted((a, b) => a.key - b.key)
      for (const { hear } of heard) hear()
      // What a look-up after a gap does.
      tracker.note(pair)
      for (const fill of fills) tracker.execute(fill)
      tracker.note(pair)
      const names = events.map(({ eventId }) => eventId)
      expect(new Set(names).size).toBe(names.length)
      expect(new Set(events.map(({ clientOrderId, venueOrderId }) => `${clientOrderId} ${venueOrderId}`))).toEqual(
        new Set(['one target']),
      )
      const wasStopped = fills.some(({ orderId }) => orderId === 'stop')
      expect(events.map(({ type }) => type).toSorted()).toEqual(
        [
          'accepted',
          ...fills.map(() => 'filled'),
          ...(wasStopped ? ['triggered'] : []),
          ...(isCancelled ? ['canceled'] : []),
        ].toSorted(),
      )
      if (isCancelled) expect(events.at(-1)?.type).toBe('canceled')
      expect(tracker.strays()).toEqual([])
    }),
    { numRuns: 300 },
  )
})

it('I29 a target whose stop has ended without it is cancelled, for it protects nothing', async () => {
  const events: BrokerEvent[] = []
  const tracker = trackerOf(events)
  const half = { ...legAt('target', 1, 'new', 0, 100), legs: [legAt('stop', 2, 'rejected', 0, 100)] }
  expect(tracker.note(half)).toBe(false)
  const cancelled: string[] = []
  const client = {
    order: async () => half,
    fills: async () => [],
    cancel: async (id: string) => void cancelled.push(id),
  } as unknown as TradingClient
  expect(await lookForMissing(client, tracker, [half], false)).toEqual([half])
  expect(cancelled).toEqual(['target'])
  tracker.note({ ...legAt('target', 3, 'canceled', 0, 100), legs: half.legs })
  expect(events.map(({ type }) => type)).toEqual(['accepted', 'canceled'])
})

it('a pair of which the venue tells no stop is an order by itself', async () => {
  const events: BrokerEvent[] = []
  const tracker = trackerOf(events)
  const alone = legAt('target', 1, 'new', 0, 100)
  expect(tracker.note(alone)).toBe(false)
  const client = { order: async () => alone, fills: async () => [] } as unknown as TradingClient
  expect(await lookForMissing(client, tracker, [alone], false)).toEqual([])
  expect(tracker.note(legAt('target', 2, 'canceled', 0, 100))).toBe(true)
  expect(events.map(({ type }) => type)).toEqual(['accepted', 'canceled'])
})

it.each(['stream', 'activities'])(
  'an execution of a stop that was replaced meanwhile is told, late as it is, by the %s',
  (by) => {
    const events: BrokerEvent[] = []
    const tracker = trackerOf(events)
    const stop = (id: string, second: number, status: string, filled: number, replaces?: string): AlpacaOrder => ({
      ...legAt('stop', second, status, filled, 100),
      id,
      replaces,
    })
    const none = { price: undefined, quantity: undefined }
    tracker.note({ ...legAt('target', 1, 'new', 0, 100), legs: [stop('first', 1, 'held', 0)] })
    // It counts what the first had filled as its own.
    const second = stop('second', 3, 'new', 40, 'first')
    expect(tracker.hear({ ...none, event: 'new', time: time(3), order: second })).toBe(false)
    const fill = { price: '10', quantity: '40', time: time(2) }
    if (by === 'stream')
      tracker.hear({ ...fill, event: 'partial_fill', order: stop('first', 2, 'partially_filled', 40) })
    else tracker.execute({ ...fill, id: 'a1', orderId: 'first', cumulative: '40' })
    expect(events.map(({ type }) => type)).toEqual(['accepted', 'triggered', 'filled'])
    expect(tracker.note(second)).toBe(true)
    tracker.hear({
      ...fill,
      quantity: '60',
      event: 'fill',
      time: time(4),
      order: stop('second', 4, 'filled', 100, 'first'),
    })
    expect(
      tracker.hear({ ...none, event: 'canceled', time: time(5), order: legAt('target', 5, 'canceled', 0, 100) }),
    ).toBe(true)
    expect(events.filter(({ type }) => type === 'filled')).toHaveLength(2)
    expect(tracker.live()).toEqual([])
  },
)
