import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimal, zero } from '../money/decimal.js'
import type { OrderEvent } from '../orders/order-event.js'
import { reduceOrder } from '../orders/reduce-order.js'
import { type Reservation, reservationView } from './reservation.js'

const reservation: Reservation = {
  reservationId: 'r',
  orderId: 'o',
  kind: 'cash',
  asset: 'USD',
  perUnit: '105.21',
  fixed: '1',
}
const venue = { clientOrderId: 'c', venueOrderId: 'v', time: 1 }
const filled = (tradeId: string, quantity: number, price: number): OrderEvent => ({
  ...venue,
  type: 'filled',
  eventId: tradeId,
  execution: {
    tradeId,
    quantity: String(quantity),
    price: String(price),
    fee: '0.5',
    feeCurrency: 'USD',
    referencePrice: '1',
    referenceTime: 0,
    liquidity: 'taker',
  },
})

test('I11 reserved = consumed + released + outstanding, none of them below 0, whatever happens to the order', () => {
  const fills = fc.uniqueArray(
    fc.record({ id: fc.nat(5), quantity: fc.integer({ min: 1, max: 8 }), price: fc.integer({ min: 1, max: 400 }) }),
    {
      selector: ({ id }) => id,
      maxLength: 5,
    },
  )
  fc.assert(
    fc.property(fills, fc.subarray([0, 1, 2, 3]), fc.boolean(), (list, busts, canceled) => {
      const events: OrderEvent[] = [
        ...list.map(({ id, quantity, price }) => filled(`t${id}`, quantity, price)),
        ...busts.map((id): OrderEvent => ({ ...venue, type: 'busted', eventId: `b${id}`, tradeId: `t${id}` })),
        ...(canceled ? [{ ...venue, type: 'canceled', eventId: 'x' } satisfies OrderEvent] : []),
      ]
      const view = reservationView(reservation, reduceOrder('10', events))
      const [reserved, consumed, released, outstanding] = [
        view.reserved,
        view.consumed,
        view.released,
        view.outstanding,
      ].map((text) => decimal(text))
      expect(
        consumed
          ?.plus(released ?? zero)
          .plus(outstanding ?? zero)
          .eq(reserved ?? zero),
      ).toBe(true)
      for (const part of [consumed, released, outstanding]) expect(part?.gte(zero)).toBe(true)
    }),
  )
})

test('an execution beyond the reserved price consumes what was reserved and no more', () => {
  expect(reservationView(reservation, reduceOrder('10', [filled('t', 10, 200)]))).toEqual({
    reserved: '1053.1',
    consumed: '1053.1',
    released: '0',
    outstanding: '0',
  })
})

test('I11 while an amendment to more is on the way, no part is below 0 either', () => {
  const quantity = '30'
  const amendment: OrderEvent = {
    type: 'amend-requested',
    eventId: 'a',
    time: 1,
    by: 'c1',
    revision: 1,
    how: 'replace',
    reason: 'more',
    quantity,
  }
  const events = [filled('t', 4, 100), amendment]
  expect(reservationView(reservation, reduceOrder('10', events, { clientOrderId: 'c' }))).toEqual({
    reserved: '3157.3',
    consumed: '400.5',
    released: '20.34',
    outstanding: '2736.46',
  })
})
