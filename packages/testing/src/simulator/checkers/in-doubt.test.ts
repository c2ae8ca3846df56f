import type { KernelRecord, OrderEvent, OrderRequest } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { generateScenario } from '../generate-scenario.js'
import type { VenueRules } from '../scenario.js'
import type { SimulatedVenue } from '../venue-port.js'
import { foldedOrder, hear } from './folded-order.js'
import { staysInDoubt } from './in-doubt.js'

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
  [true, { timeInForce: 'gtd' }],
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
