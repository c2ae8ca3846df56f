import { expect } from 'vitest'
import type { BrokerBench } from './broker-bench.js'
import type { BrokerCase } from './broker-case.js'
import type { OrderFields } from './order-desk.js'

const stop = (stopPrice: string, fields: OrderFields = {}): OrderFields => ({
  side: 'sell',
  type: 'stop',
  stopPrice,
  timeInForce: 'gtc',
  reduceOnly: true,
  ...fields,
})

const target = (limitPrice: string, fields: OrderFields = {}): OrderFields => ({
  side: 'sell',
  type: 'limit',
  limitPrice,
  timeInForce: 'gtc',
  reduceOnly: true,
  ...fields,
})

async function enterAtOpen(bench: BrokerBench, open: string): Promise<void> {
  await bench.market.preOpen()
  await bench.place()
  await bench.market.open({ AAA: open })
}

/** Orders that may only reduce a position, and the exits that follow an entry. */
export const protectionCases: readonly BrokerCase[] = [
  {
    id: 'B42',
    title: 'a reduce-only order without a position is rejected',
    needs: ['reduce-only'],
    async run(bench) {
      const id = await bench.place({ side: 'sell', reduceOnly: true })
      expect(bench.rejectionCodeOf(id)).toBe('REDUCE_ONLY_WOULD_INCREASE_POSITION')
    },
  },
  {
    id: 'B43',
    title: 'a reduce-only order larger than the position fills the position, and the rest is canceled',
    needs: ['reduce-only', 'reduce-only-shrinks'],
    async run(bench) {
      await bench.buyAtOpen('10')
      const id = await bench.place({ side: 'sell', quantity: '15', reduceOnly: true })
      await bench.market.session({ AAA: ['100', '101', '99', '100'] })
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled', 'canceled'])
      expect(bench.fillOf(id).quantity).toBe('10')
      expect(await bench.broker.order(id)).toMatchObject({ status: 'canceled', quantity: '15', filledQuantity: '10' })
      expect(await bench.balance('AAA')).toBe('0')
    },
  },
  {
    id: 'B44',
    title: 'a stop and a target may both rest on one position; when one fills, the other is canceled',
    needs: ['reduce-only', 'stop-orders', 'exit-pairs'],
    async run(bench) {
      await bench.buyAtOpen('10')
      const stopId = await bench.place(stop('95'))
      const targetId = await bench.place(target('110'))
      await bench.market.session({ AAA: ['100', '111', '99', '110'] })
      expect(bench.wordsAbout(targetId)).toEqual(['accepted', 'filled'])
      expect(bench.wordsAbout(stopId)).toEqual(['accepted', 'canceled'])
      expect(await bench.broker.openOrders()).toEqual([])
    },
  },
  {
    id: 'B45',
    title: 'when one bar could have hit both stop and target, the stop wins',
    needs: ['reduce-only', 'stop-orders', 'exit-pairs'],
    async run(bench) {
      await bench.buyAtOpen('10')
      const targetId = await bench.place(target('110'))
      const stopId = await bench.place(stop('95'))
      await bench.market.session({ AAA: ['100', '120', '80', '110'] })
      expect(bench.fillOf(stopId).price).toBe('95')
      expect(bench.wordsAbout(targetId)).toEqual(['accepted', 'canceled'])
    },
  },
  {
    id: 'B46',
    title: 'exits placed at the instant of the entry’s fill are matched with the rest of that bar',
    needs: ['reduce-only', 'stop-orders', 'entry-bar-exits'],
    async run(bench) {
      await enterAtOpen(bench, '100')
      const stopId = await bench.place(stop('95'))
      await bench.place(target('110'))
      await bench.market.close({ AAA: { high: '101', low: '94', close: '100' } })
      expect(bench.fillOf(stopId)).toMatchObject({ price: '95', referenceTime: bench.market.openTime })
    },
  },
  {
    id: 'B47',
    title:
      'a stop placed at the instant of the entry’s fill, with that open already past it, is set off at once at that open',
    needs: ['reduce-only', 'stop-orders', 'entry-bar-exits'],
    async run(bench) {
      await enterAtOpen(bench, '90')
      const id = await bench.place(stop('95'))
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'triggered', 'filled'])
      expect(bench.fillOf(id)).toMatchObject({
        price: '90',
        referencePrice: '90',
        referenceTime: bench.market.openTime,
      })
    },
  },
  {
    id: 'B48',
    title: 'a stop on an older position cannot sell at an open that is known already',
    needs: ['reduce-only', 'stop-orders', 'engine-stops', 'gapped-stops'],
    async run(bench) {
      await bench.buyAtOpen('10')
      await bench.market.preOpen()
      await bench.market.open({ AAA: '120' })
      const id = await bench.place(stop('125'))
      await bench.market.close({ AAA: { high: '121', low: '90', close: '91' } })
      expect(bench.wordsAbout(id)).toEqual(['accepted'])
      await bench.market.preOpen()
      await bench.market.open({ AAA: '92' })
      expect(bench.fillOf(id).price).toBe('92')
    },
  },
  {
    id: 'B49',
    title: 'an exit placed later in the session is not matched with that session’s bar',
    needs: ['reduce-only', 'stop-orders', 'exit-pairs'],
    async run(bench) {
      await enterAtOpen(bench, '100')
      bench.feed.advanceTo(bench.market.openTime + 3_600_000)
      const stopId = await bench.place(stop('95'))
      const targetId = await bench.place(target('110'))
      await bench.market.close({ AAA: { high: '120', low: '80', close: '100' } })
      expect([...bench.wordsAbout(stopId), ...bench.wordsAbout(targetId)]).toEqual(['accepted', 'accepted'])
    },
  },
  {
    id: 'B50',
    title: 'an entry that fills inside a bar has its stop set off by that bar’s low',
    needs: ['reduce-only', 'stop-orders', 'entry-bar-exits'],
    async run(bench) {
      bench.broker.subscribe(async (event) => {
        if (event.clientOrderId === 'entry' && event.type === 'filled')
          await bench.place(stop('93', { clientOrderId: 'exit' }))
      })
      await bench.place({ clientOrderId: 'entry', type: 'limit', limitPrice: '95' })
      await bench.market.session({ AAA: ['100', '101', '92', '100'] })
      expect(bench.fillOf('exit')).toMatchObject({ price: '93', referenceTime: bench.market.openTime })
    },
  },
]
