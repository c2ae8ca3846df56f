import { decimal } from '@tradeswarm/trading'
import { expect } from 'vitest'
import type { BrokerBench } from './broker-bench.js'
import type { BrokerCase } from './broker-case.js'
import type { OrderFields } from './order-desk.js'

const pair = (fields: OrderFields = {}): OrderFields => ({
  side: 'sell',
  type: 'oco',
  limitPrice: '110',
  stopPrice: '95',
  timeInForce: 'gtc',
  reduceOnly: true,
  ...fields,
})

type Sizes = { readonly bidSize?: string; readonly askSize?: string }

async function quote(bench: BrokerBench, bid: string, ask: string, sizes: Sizes = {}): Promise<void> {
  const time = bench.feed.clock.now() + 1_000
  await bench.feed.emit({ type: 'quote', symbol: 'AAA', time, bid, ask, ...sizes })
}

/** Holds 10, bought at a quote, with a pair of exits at 110 and 95. */
async function holdTen(bench: BrokerBench, fields: OrderFields = {}): Promise<string> {
  await bench.market.preOpen()
  await bench.market.open({})
  await quote(bench, '99.9', '100.1')
  await bench.place()
  return bench.place(pair(fields))
}

/** Whether a venue tells that a target was set off is its own way: where it watches it, it does. */
const wordsOf = (bench: BrokerBench, id: string): readonly string[] =>
  bench.wordsAbout(id).filter((word) => word !== 'triggered')

/** A target and a stop in one order, of which one cancels the other. */
export const pairCases: readonly BrokerCase[] = [
  {
    id: 'B110',
    title:
      'the target of a pair leaves at its price or better once the market is there, and nothing of the pair is left',
    needs: ['oco-orders', 'quotes'],
    async run(bench) {
      const id = await holdTen(bench)
      await quote(bench, '110.1', '110.3')
      expect(wordsOf(bench, id)).toEqual(['accepted', 'filled'])
      const { price, quantity } = bench.fillOf(id)
      expect(decimal(price).gte(decimal('110'))).toBe(true)
      expect(quantity).toBe('10')
      await quote(bench, '94', '94.2')
      expect(wordsOf(bench, id)).toEqual(['accepted', 'filled'])
      expect(await bench.balance('AAA')).toBe('0')
      expect(await bench.broker.openOrders()).toEqual([])
      expect(await bench.broker.order(id)).toMatchObject({ status: 'filled', filledQuantity: '10' })
    },
  },
  {
    id: 'B111',
    title: 'the stop of a pair is set off and leaves at the market, and nothing of the pair is left',
    needs: ['oco-orders', 'quotes'],
    async run(bench) {
      const id = await holdTen(bench)
      await quote(bench, '94.9', '95.1')
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'triggered', 'filled'])
      expect(bench.fillOf(id)).toMatchObject({ price: '94.9', quantity: '10' })
      await quote(bench, '111', '111.2')
      expect(await bench.balance('AAA')).toBe('0')
      expect(await bench.broker.openOrders()).toEqual([])
      expect(await bench.broker.order(id)).toMatchObject({ status: 'filled', filledQuantity: '10' })
    },
  },
  {
    id: 'B112',
    title: 'to cancel a pair ends its target and its stop',
    needs: ['oco-orders', 'quotes'],
    async run(bench) {
      const id = await holdTen(bench)
      await bench.broker.cancel(id)
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'canceled'])
      await quote(bench, '111', '111.2')
      await quote(bench, '94', '94.2')
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'canceled'])
      expect(await bench.balance('AAA')).toBe('10')
      expect(await bench.broker.openOrders()).toEqual([])
      expect(await bench.broker.order(id)).toMatchObject({ status: 'canceled', filledQuantity: '0' })
    },
  },
  {
    id: 'B113',
    title: 'a pair is one order under its own id, whatever the venue makes of it',
    needs: ['oco-orders', 'quotes'],
    async run(bench) {
      const id = await holdTen(bench)
      const held = { clientOrderId: id, symbol: 'AAA', status: 'open', quantity: '10', filledQuantity: '0' }
      expect(await bench.broker.openOrders()).toMatchObject([held])
      expect(await bench.broker.order(id)).toMatchObject(held)
      expect(new Set(bench.events.map(({ clientOrderId }) => clientOrderId)).size).toBe(2)
    },
  },
  {
    id: 'B114',
    title: 'what the target of a pair has executed in part, its stop leaves no more',
    needs: ['oco-orders', 'quotes', 'resting-targets'],
    async run(bench) {
      const id = await holdTen(bench)
      await bench.place()
      await quote(bench, '110.1', '110.3', { bidSize: '4' })
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled'])
      expect(await bench.broker.order(id)).toMatchObject({ status: 'open', quantity: '10', filledQuantity: '4' })
      expect(await bench.broker.openOrders()).toMatchObject([{ quantity: '10', filledQuantity: '4' }])
      await quote(bench, '94.9', '95.1')
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled', 'triggered', 'filled'])
      expect(await bench.broker.order(id)).toMatchObject({ status: 'filled', filledQuantity: '10' })
      expect(await bench.balance('AAA')).toBe('10')
    },
  },
  {
    id: 'B115',
    title: 'when one bar could have hit both target and stop of a pair, the stop wins',
    needs: ['oco-orders', 'engine-stops'],
    async run(bench) {
      await bench.buyAtOpen('10')
      const id = await bench.place(pair())
      await bench.market.session({ AAA: ['100', '120', '80', '110'] })
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'triggered', 'filled'])
      expect(bench.fillOf(id).price).toBe('95')
    },
  },
  {
    id: 'B116',
    title: 'an open beyond the target of a pair leaves there, one beyond its stop at that open',
    needs: ['oco-orders', 'engine-stops'],
    async run(bench) {
      await bench.buyAtOpen('20')
      const above = await bench.place(pair())
      await bench.market.session({ AAA: ['112', '113', '111', '112'] })
      expect(bench.fillOf(above).price).toBe('112')
      const below = await bench.place(pair())
      await bench.market.session({ AAA: ['90', '91', '89', '90'] })
      expect(bench.fillOf(below).price).toBe('90')
    },
  },
  {
    id: 'B117',
    title: 'a pair whose target does not lie beyond its stop is rejected, and so is one without either',
    needs: ['oco-orders'],
    async run(bench) {
      await bench.buyAtOpen('10')
      const { limitPrice: _limit, ...withoutTarget } = pair()
      const { stopPrice: _stop, ...withoutStop } = pair()
      for (const fields of [pair({ limitPrice: '94' }), withoutTarget, withoutStop])
        expect(bench.rejectionCodeOf(await bench.place(fields))).toBe('INVALID_ORDER')
      expect(await bench.broker.openOrders()).toEqual([])
    },
  },
  {
    id: 'B118',
    title: 'I03 executions of either leg of a pair are listed as they were told: of the pair, each once',
    needs: ['oco-orders', 'quotes', 'executions'],
    async run(bench) {
      const since = bench.feed.clock.now()
      const id = await holdTen(bench)
      await quote(bench, '94.9', '95.1')
      const listed = (await bench.broker.executions?.(since)) ?? []
      const told = bench.fillOf(id)
      expect(listed.filter(({ clientOrderId }) => clientOrderId === id)).toMatchObject([
        { execution: { tradeId: told.tradeId, price: told.price, quantity: '10' } },
      ])
    },
  },
  {
    id: 'B119',
    title: 'a pair for the day ends with its session, whole and once',
    needs: ['oco-orders', 'sessions'],
    async run(bench) {
      await bench.buyAtOpen('10')
      const id = await bench.place(pair({ timeInForce: 'day' }))
      await bench.market.session({ AAA: ['100', '101', '99', '100'] })
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'expired'])
      expect(await bench.broker.order(id)).toMatchObject({ status: 'expired' })
      expect(await bench.broker.openOrders()).toEqual([])
    },
  },
  {
    id: 'B120',
    title: 'an amended pair goes by its new target and its new stop',
    needs: ['oco-orders', 'oco-amendments', 'quotes'],
    async run(bench) {
      const id = await holdTen(bench)
      const moved = bench.request(pair({ limitPrice: '105', stopPrice: '97' }))
      await bench.broker.replace?.(id, bench.guard.permit(moved))
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'replaced'])
      await quote(bench, '96.9', '97.1')
      expect(bench.fillOf(moved.clientOrderId)).toMatchObject({ price: '96.9', quantity: '10' })
    },
  },
]
