import { SwarmError } from '@tradeswarm/core'
import { expect } from 'vitest'
import type { BrokerBench } from './broker-bench.js'
import type { BrokerCase } from './broker-case.js'
import type { OrderFields } from './order-desk.js'

async function rejection(bench: BrokerBench, fields: OrderFields): Promise<string | undefined> {
  const id = await bench.place(fields)
  expect(bench.wordsAbout(id)).toEqual(['rejected'])
  expect(await bench.broker.openOrders()).toEqual([])
  return bench.rejectionCodeOf(id)
}

/** What a venue takes and what it turns away. */
export const admissionCases: readonly BrokerCase[] = [
  {
    id: 'B01',
    title: 'an order is accepted and stands open before place resolves',
    async run(bench) {
      const id = await bench.place()
      expect(bench.wordsAbout(id)).toEqual(['accepted'])
      expect(await bench.broker.openOrders()).toMatchObject([
        { clientOrderId: id, symbol: 'AAA', status: 'open', quantity: '10', filledQuantity: '0' },
      ])
    },
  },
  {
    id: 'B02',
    title: 'the guard is asked first, with the order that is sent',
    async run(bench) {
      const request = bench.request()
      let wordsWhenAsked = -1
      const consume = bench.guard.consume.bind(bench.guard)
      bench.guard.consume = (order) => {
        wordsWhenAsked = bench.events.length
        consume(order)
      }
      await bench.broker.place(bench.guard.permit(request))
      expect(wordsWhenAsked).toBe(0)
      expect(bench.guard.consumed).toEqual([request])
    },
  },
  {
    id: 'B03',
    title: 'a guard that throws keeps the order away from the venue',
    async run(bench) {
      bench.guard.refuse('PERMIT_USED')
      const request = bench.request()
      await expect(bench.broker.place(bench.guard.permit(request))).rejects.toMatchObject({ code: 'PERMIT_USED' })
      await bench.market.session({ AAA: ['100', '101', '99', '100'] })
      expect(bench.events).toEqual([])
      expect(await bench.broker.order(request.clientOrderId)).toBeUndefined()
    },
  },
  {
    id: 'B04',
    title: 'a symbol that is not traded is rejected',
    run: async (bench) => expect(await rejection(bench, { symbol: 'ZZZ' })).toBe('INSTRUMENT_NOT_FOUND'),
  },
  {
    id: 'B05',
    title: 'a limit price off the tick is rejected',
    run: async (bench) =>
      expect(await rejection(bench, { type: 'limit', limitPrice: '99.999' })).toBe('PRICE_PRECISION'),
  },
  {
    id: 'B06',
    title: 'a stop price off the tick is rejected',
    needs: ['stop-orders'],
    run: async (bench) =>
      expect(await rejection(bench, { type: 'stop', stopPrice: '110.005' })).toBe('PRICE_PRECISION'),
  },
  {
    id: 'B07',
    title: 'a quantity off the lot is rejected',
    run: async (bench) => expect(await rejection(bench, { quantity: '10.5' })).toBe('QUANTITY_PRECISION'),
  },
  {
    id: 'B08',
    title: 'a quantity of 0 is rejected',
    run: async (bench) => expect(await rejection(bench, { quantity: '0' })).toBe('QUANTITY_BELOW_MINIMUM'),
  },
  {
    id: 'B09',
    title: 'an order worth less than the minimum is rejected',
    needs: ['minimum-notional'],
    run: async (bench) =>
      expect(await rejection(bench, { type: 'limit', limitPrice: '4.99', quantity: '1' })).toBe(
        'NOTIONAL_BELOW_MINIMUM',
      ),
  },
  {
    id: 'B10',
    title: 'a buy that the cash does not pay for is rejected',
    async run(bench) {
      expect(await rejection(bench, { quantity: '101' })).toBe('INSUFFICIENT_FUNDS')
      expect(await rejection(bench, { type: 'limit', limitPrice: '100.01', quantity: '100' })).toBe(
        'INSUFFICIENT_FUNDS',
      )
    },
  },
  {
    id: 'B11',
    title: 'cash that an open buy needs is not spent twice, and comes back when it is cancelled',
    async run(bench) {
      const first = await bench.place({ type: 'limit', limitPrice: '90', quantity: '100' })
      const second = await bench.place({ type: 'limit', limitPrice: '90', quantity: '12' })
      expect(bench.rejectionCodeOf(second)).toBe('INSUFFICIENT_FUNDS')
      await bench.broker.cancel(first)
      const third = await bench.place({ type: 'limit', limitPrice: '90', quantity: '12' })
      expect(bench.wordsAbout(third)).toEqual(['accepted'])
    },
  },
  {
    id: 'B12',
    title: 'more than is held cannot be sold, over all open sells together',
    needs: ['cash-settlement'],
    async run(bench) {
      expect(await rejection(bench, { side: 'sell', quantity: '1' })).toBe('NOT_SHORTABLE')
      await bench.buyAtOpen('10')
      await bench.place({ side: 'sell', type: 'limit', limitPrice: '150', quantity: '8', timeInForce: 'gtc' })
      const second = await bench.place({ side: 'sell', quantity: '3' })
      expect(bench.rejectionCodeOf(second)).toBe('NOT_SHORTABLE')
    },
  },
  {
    id: 'B13',
    title: 'a limit order without its price, and a market order with one, are rejected',
    async run(bench) {
      expect(await rejection(bench, { type: 'limit' })).toBe('INVALID_ORDER')
      expect(await rejection(bench, { limitPrice: '100' })).toBe('INVALID_ORDER')
    },
  },
  {
    id: 'B14',
    title: 'a client order id in use is refused and the first order stays as it was',
    async run(bench) {
      const id = await bench.place({ type: 'limit', limitPrice: '90' })
      const placing = bench.place({ clientOrderId: id, type: 'limit', limitPrice: '91' })
      await expect(placing).rejects.toSatisfy((thrown) => SwarmError.isInstance(thrown, 'DUPLICATE_CLIENT_ORDER_ID'))
      expect(bench.wordsAbout(id)).toEqual(['accepted'])
      expect(await bench.broker.openOrders()).toHaveLength(1)
    },
  },
  {
    id: 'B15',
    title: 'a client order id stays refused after its order has ended',
    needs: ['client-order-ids-never-reused'],
    async run(bench) {
      const id = await bench.place()
      await bench.broker.cancel(id)
      await expect(bench.place({ clientOrderId: id })).rejects.toMatchObject({ code: 'DUPLICATE_CLIENT_ORDER_ID' })
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'canceled'])
    },
  },
  {
    id: 'B16',
    title: 'a rejected order is known as rejected',
    async run(bench) {
      const id = await bench.place({ quantity: '101' })
      expect(await bench.broker.order(id)).toMatchObject({ status: 'rejected', filledQuantity: '0' })
    },
  },
]
