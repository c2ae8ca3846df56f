import { expect } from 'vitest'
import type { BrokerCase } from './broker-case.js'
import { eventLoopTurn } from './event-loop-turn.js'

/** How orders end, and what can still be asked about them. */
export const lifecycleCases: readonly BrokerCase[] = [
  {
    id: 'B31',
    title: 'a day order expires at the close of the first session it could trade in, after that bar was matched',
    needs: ['sessions'],
    async run(bench) {
      const resting = await bench.place({ type: 'limit', limitPrice: '90' })
      const lucky = await bench.place({ type: 'limit', limitPrice: '95' })
      await bench.market.session({ AAA: ['100', '101', '94', '100'] })
      expect(bench.wordsAbout(resting)).toEqual(['accepted', 'expired'])
      expect(bench.wordsAbout(lucky)).toEqual(['accepted', 'filled'])
      expect(await bench.broker.order(resting)).toMatchObject({ status: 'expired' })
    },
  },
  {
    id: 'B32',
    title: 'a day order placed during a session lives through the next one',
    needs: ['sessions'],
    async run(bench) {
      await bench.market.preOpen()
      await bench.market.open({ AAA: '100' })
      const id = await bench.place({ type: 'limit', limitPrice: '90' })
      await bench.market.close({ AAA: { high: '101', low: '89', close: '100' } })
      expect(bench.wordsAbout(id)).toEqual(['accepted'])
      await bench.market.session({ AAA: ['100', '101', '91', '100'] })
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'expired'])
    },
  },
  {
    id: 'B33',
    title: 'a gtc order rests over sessions until it fills',
    async run(bench) {
      const id = await bench.place({ type: 'limit', limitPrice: '90', timeInForce: 'gtc' })
      for (let session = 0; session < 3; session += 1) await bench.market.session({ AAA: ['100', '101', '99', '100'] })
      expect(bench.wordsAbout(id)).toEqual(['accepted'])
      await bench.market.session({ AAA: ['100', '101', '89', '100'] })
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled'])
    },
  },
  {
    id: 'B34',
    title: 'an ioc limit fills at the next open or expires there',
    needs: ['immediate-or-cancel'],
    async run(bench) {
      await bench.market.preOpen()
      const missed = await bench.place({ type: 'limit', limitPrice: '99', timeInForce: 'ioc' })
      const filled = await bench.place({ type: 'limit', limitPrice: '100', timeInForce: 'ioc' })
      await bench.market.open({ AAA: '100' })
      expect(bench.wordsAbout(missed)).toEqual(['accepted', 'expired'])
      expect(bench.wordsAbout(filled)).toEqual(['accepted', 'filled'])
    },
  },
  {
    id: 'B35',
    title: 'a cancelled order is never filled',
    async run(bench) {
      const id = await bench.place()
      await bench.broker.cancel(id)
      await bench.market.session({ AAA: ['100', '101', '99', '100'] })
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'canceled'])
      expect(await bench.broker.order(id)).toMatchObject({ status: 'canceled', filledQuantity: '0' })
    },
  },
  {
    id: 'B36',
    title: 'cancelling an unknown or a finished order is refused and changes nothing',
    async run(bench) {
      await bench.broker.cancel('never-placed')
      expect(bench.wordsAbout('never-placed')).toEqual(['cancel-rejected'])
      await bench.market.preOpen()
      const id = await bench.place()
      await bench.market.open({ AAA: '100' })
      await bench.broker.cancel(id)
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled', 'cancel-rejected'])
      expect(await bench.broker.order(id)).toMatchObject({ status: 'filled' })
    },
  },
  {
    id: 'B37',
    title: 'an unknown id has no order',
    run: async (bench) => expect(await bench.broker.order('never-placed')).toBeUndefined(),
  },
  {
    id: 'B38',
    title: 'open orders are listed in the order of arrival, without finished ones',
    async run(bench) {
      const first = await bench.place({ type: 'limit', limitPrice: '90' })
      const second = await bench.place({ type: 'limit', limitPrice: '91' })
      const third = await bench.place({ symbol: 'BBB', type: 'limit', limitPrice: '40' })
      await bench.broker.cancel(second)
      expect((await bench.broker.openOrders()).map((order) => order.clientOrderId)).toEqual([first, third])
    },
  },
  {
    id: 'B39',
    title: 'every event has an id of its own, its order’s venue id, and comes in the order of time',
    async run(bench) {
      await bench.buyAtOpen('10')
      const ids = [await bench.place({ side: 'sell' }), await bench.place({ symbol: 'BBB' })]
      await bench.market.session({ AAA: ['100', '101', '99', '100'], BBB: ['50', '51', '49', '50'] })
      expect(new Set(bench.events.map((event) => event.eventId)).size).toBe(bench.events.length)
      expect(bench.events.map((event) => event.time)).toEqual(
        bench.events.map((event) => event.time).toSorted((a, b) => a - b),
      )
      for (const id of ids) {
        const venueOrderId = (await bench.broker.order(id))?.venueOrderId
        expect(
          bench.events
            .filter((event) => event.clientOrderId === id)
            .every((event) => event.venueOrderId === venueOrderId),
        ).toBe(true)
      }
    },
  },
  {
    id: 'B40',
    title: 'every listener gets every event in the same order, and none after it left',
    async run(bench) {
      const seen: string[] = []
      const leave = bench.broker.subscribe(async (event) => {
        await Promise.resolve()
        seen.push(event.eventId)
      })
      await bench.place()
      await bench.market.session({ AAA: ['100', '101', '99', '100'] })
      expect(seen).toEqual(bench.events.map((event) => event.eventId))
      leave()
      await bench.place()
      expect(seen).toHaveLength(2)
    },
  },
  {
    id: 'B41',
    title: 'an order placed from within a listener is taken, and its events follow the one that caused it',
    async run(bench) {
      let placed: string | undefined
      bench.broker.subscribe(async (event) => {
        if (event.type === 'filled' && placed === undefined) {
          placed = 'reaction'
          await bench.place({ clientOrderId: placed, symbol: 'BBB' })
        }
      })
      const seenLater: string[] = []
      bench.broker.subscribe((event) => {
        seenLater.push(event.eventId)
      })
      await bench.market.preOpen()
      const id = await bench.place()
      await bench.market.open({ AAA: '100' })
      expect(seenLater).toEqual(bench.events.map((event) => event.eventId))
      expect(bench.events.map((event) => [event.clientOrderId, event.type])).toEqual([
        [id, 'accepted'],
        [id, 'filled'],
        ['reaction', 'accepted'],
      ])
    },
  },
  {
    id: 'B179',
    title: 'a listener is awaited before it is told of what comes next',
    async run(bench) {
      let [heard, busy, overlaps] = [0, 0, 0]
      const leave = bench.broker.subscribe(async () => {
        heard += 1
        if (busy > 0) overlaps += 1
        busy += 1
        await eventLoopTurn()
        busy -= 1
      })
      await bench.place()
      await bench.place()
      // Both fill at the same price of the market.
      await bench.market.session({ AAA: ['100', '101', '99', '100'] })
      // A harness waits for what has been told, but not in the midst of it.
      for (let turns = 0; (heard < 4 || busy > 0) && turns < 10_000; turns += 1) await eventLoopTurn()
      leave()
      expect([heard, overlaps]).toEqual([4, 0])
    },
  },
]
