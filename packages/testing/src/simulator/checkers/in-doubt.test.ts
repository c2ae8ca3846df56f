import type { KernelRecord, OrderEvent, OrderRequest } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { exact } from '../exact.js'
import { generateScenario } from '../generate-scenario.js'
import type { VenueRules } from '../scenario.js'
import type { SimulatedVenue } from '../venue-port.js'
import { foldedOrder, hear } from './folded-order.js'
import { isHeldInDoubt, staysInDoubt } from './in-doubt.js'

const lost: OrderEvent = { type: 'submission-unknown', eventId: 'unknown', time: 1, message: 'time-out' }
const said = { clientOrderId: 'c1', venueOrderId: 'v1', time: 2 }
const accepted: OrderEvent = { ...said, type: 'accepted', eventId: 'accepted' }

type Told = {
  readonly timeInForce?: OrderRequest['timeInForce']
  readonly type?: OrderRequest['type']
  readonly events?: readonly OrderEvent[]
  readonly venueHas?: boolean
  readonly rules?: Partial<VenueRules>
}

function isInDoubt({ timeInForce = 'gtc', type = 'limit', events = [lost], venueHas = false, rules }: Told): boolean {
  const { requestLifetimeMs: _, ...venueRules } = generateScenario(1).venue
  const scenario = { ...generateScenario(1), venue: { ...venueRules, ...rules } }
  const request = { clientOrderId: 'c1', quantity: '5', timeInForce, type }
  const record = { type: 'order-assessed', header: { orderId: 'order-1', request }, verdict: { permit: {} } }
  const order = foldedOrder(record as unknown as Extract<KernelRecord, { type: 'order-assessed' }>, undefined)
  for (const event of events) hear(order, event)
  const venue = { orders: venueHas ? [{ request, status: 'open' }] : [] } as unknown as SimulatedVenue
  return staysInDoubt({ scenario, venue }, order)
}

const lifetime = { requestLifetimeMs: 2_000, tellsExecutions: true }

test.each([
  [true, {}],
  [false, { timeInForce: 'gtd' }],
  [true, { rules: { ...lifetime, tellsExecutions: false } }],
  [true, { rules: { ...lifetime, requestLifetimeOf: ['market'] } }],
  [false, { rules: lifetime }],
  [false, { rules: { ...lifetime, requestLifetimeOf: ['limit'] } }],
  [false, { timeInForce: 'day' }],
  [false, { timeInForce: 'ioc' }],
  [false, { venueHas: true }],
  [false, { events: [lost, accepted] }],
] as const)('I08 it is %s that nobody can ever know of an order: %j', (expected, told) => {
  expect(isInDoubt(told)).toBe(expected)
})

type Exit = {
  readonly type?: OrderRequest['type']
  readonly quantity?: string
  readonly events?: readonly OrderEvent[]
  /** Absent where the venue does not have it. */
  readonly status?: 'open' | 'canceled'
}

function isHeld(held: string, exits: readonly Exit[], clientOrderIds: 'permanent' | 'live' = 'permanent'): boolean {
  const scenario = { ...generateScenario(1), venue: { ...generateScenario(1).venue, clientOrderIds } }
  const made = exits.map(({ type = 'oco', quantity = '5', events = [lost], status }, index) => {
    const request = { clientOrderId: `c${index}`, quantity, timeInForce: 'gtc', type, symbol: 'AAA', reduceOnly: true }
    const record = { type: 'order-assessed', header: { orderId: `order-${index}`, request }, verdict: { permit: {} } }
    const order = foldedOrder(record as unknown as Extract<KernelRecord, { type: 'order-assessed' }>, undefined)
    for (const event of [submitted, ...events])
      hear(order, 'clientOrderId' in event ? { ...event, clientOrderId: request.clientOrderId } : event)
    return { order, atVenue: status === undefined ? [] : [{ request, status }] }
  })
  const orders = made.flatMap(({ atVenue }) => atVenue)
  const venue = { orders, position: () => exact(held) } as unknown as SimulatedVenue
  return isHeldInDoubt(
    { scenario, venue },
    'AAA',
    made.map(({ order }) => order),
  )
}

const submitted: OrderEvent = { type: 'submitted', eventId: 'submitted', time: 0 }

test.each([
  ['one for no more than is held', false, '5', [{}]],
  ['one for more than is held', true, '4', [{}]],
  ['two for no more than is held together', false, '10', [{}, {}]],
  ['two for more than is held together, as after a correction', true, '5', [{}, {}]],
  ['two of which the venue has had one', false, '5', [{}, { status: 'canceled' }]],
  ['one beside another that rests', true, '5', [{}, { events: [accepted], status: 'open' }]],
  [
    'one beside another that the books take for live and the venue does not have',
    false,
    '5',
    [{}, { events: [accepted] }],
  ],
  ['a stop and a target of the same units', false, '5', [{ type: 'stop' }, { type: 'limit' }]],
  ['a market exit beside a stop', true, '5', [{ type: 'market' }, { type: 'stop' }]],
  ['none', false, '4', [{ events: [accepted], status: 'open' }]],
] as const)(
  'I29 of exits of unknown fate, %s: it is %s that they must not be sent again',
  (_, expected, held, exits) => {
    expect(isHeld(held, exits)).toBe(expected)
  },
)

test('I29 where ids may be used again, no order of unknown fate is sent again', () => {
  expect(isHeld('5', [{}], 'live')).toBe(true)
  expect(isHeld('5', [{ events: [accepted], status: 'open' }], 'live')).toBe(false)
})
