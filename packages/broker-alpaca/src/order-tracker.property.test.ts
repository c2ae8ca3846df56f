import { createSeededRandom } from '@tradeswarm/core'
import { type BrokerEvent, decimal } from '@tradeswarm/trading'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { OrderTracker } from './order-tracker.js'
import { type AlpacaOrder, type FillActivity, parseOrder, type TradeUpdate } from './parse-order.js'

const at = (second: number): string => new Date(Date.UTC(2026, 2, 2, 15, 0, second)).toISOString()
const time = (second: number): number => Date.parse(at(second))

function orderAt(second: number, status: string, filled: number): AlpacaOrder {
  return parseOrder({
    id: 'v1',
    client_order_id: 'one',
    submitted_at: at(0),
    updated_at: at(second),
    asset_class: 'us_equity',
    symbol: 'AAPL',
    qty: '100',
    filled_qty: String(filled),
    type: 'limit',
    side: 'buy',
    time_in_force: 'gtc',
    status,
  })
}

/** One life of an order: new, some executions, and an end. What the stream says of it, and what the account's activities do. */
function lifeOf(parts: readonly number[]): {
  readonly updates: readonly TradeUpdate[]
  readonly fills: readonly FillActivity[]
} {
  const base = { price: undefined, quantity: undefined }
  const updates: TradeUpdate[] = [{ ...base, event: 'new', time: time(1), order: orderAt(1, 'new', 0) }]
  const fills: FillActivity[] = []
  let filled = 0
  for (const [index, part] of parts.entries()) {
    filled += part
    const [status, event] = filled === 100 ? ['filled', 'fill'] : ['partially_filled', 'partial_fill']
    const [second, price, quantity] = [index + 2, '10', String(part)]
    updates.push({
      event: event ?? '',
      time: time(second),
      price,
      quantity,
      order: orderAt(second, status ?? '', filled),
    })
    fills.push({ id: `a${index}`, orderId: 'v1', time: time(second), price, quantity, cumulative: String(filled) })
  }
  if (filled < 100) updates.push({ ...base, event: 'canceled', time: time(50), order: orderAt(50, 'canceled', filled) })
  return { updates, fills }
}

const parts = fc
  .array(fc.integer({ min: 1, max: 30 }), { maxLength: 5 })
  .map((sizes) => sizes.filter((_, index) => sizes.slice(0, index + 1).reduce((sum, size) => sum + size, 0) <= 100))

function hearAll(life: ReturnType<typeof lifeOf>, seed: number, lost: number): readonly BrokerEvent[] {
  const random = createSeededRandom(seed)
  const events: BrokerEvent[] = []
  const fees = { maker: decimal('0'), taker: decimal('0') }
  const tracker = new OrderTracker({ emit: (event) => void events.push(event), fees, idOfReplacement: () => undefined })
  // In any order, some twice, some never.
  const heard = [...life.updates, ...life.updates.filter(() => random.next() < 0.4)]
    .filter((_, index) => index !== lost)
    .map((update) => ({ update, key: random.next() }))
    .toSorted((a, b) => a.key - b.key)
  for (const { update } of heard) tracker.hear(update)
  // What a look-up after a gap does: executions, then the order itself.
  const last = life.updates.at(-1)
  if (last !== undefined) tracker.note(last.order)
  for (const fill of life.fills) tracker.execute(fill)
  if (last !== undefined) tracker.note(last.order)
  return events
}

it('I04 whatever order, doubles and losses an order’s messages come in, the same is told, once', () => {
  fc.assert(
    fc.property(parts, fc.integer(), fc.integer({ min: -1, max: 6 }), (sizes, seed, lost) => {
      const life = lifeOf(sizes)
      const told = hearAll(life, seed, lost)
      const names = told.map(({ eventId }) => eventId)
      expect(new Set(names).size).toBe(names.length)
      const filled = life.fills.map(({ cumulative }) => `v1:fill:${cumulative}`)
      const isCancelled = life.updates.at(-1)?.event === 'canceled'
      expect(names.toSorted()).toEqual(['v1:accepted', ...filled, ...(isCancelled ? ['v1:canceled'] : [])].toSorted())
      // An end is told after everything that came before it.
      expect(names[0]).toBe('v1:accepted')
      if (isCancelled) expect(names.at(-1)).toBe('v1:canceled')
    }),
    { numRuns: 300 },
  )
})

it('an amendment that Alpaca takes back is told under the name that it was asked with', () => {
  const events: BrokerEvent[] = []
  const fees = { maker: decimal('0'), taker: decimal('0') }
  const tracker = new OrderTracker({ emit: (event) => void events.push(event), fees, idOfReplacement: () => 'two' })
  tracker.note(orderAt(1, 'new', 0))
  const update = { price: undefined, quantity: undefined, time: time(2), order: orderAt(2, 'new', 0) }
  tracker.hear({ ...update, event: 'order_replace_rejected' })
  expect(events.at(-1)).toMatchObject({ type: 'replace-rejected', clientOrderId: 'one', by: 'two' })
})
