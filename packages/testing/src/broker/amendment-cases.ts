import { expect } from 'vitest'
import type { BrokerBench } from './broker-bench.js'
import type { BrokerCase } from './broker-case.js'
import type { OrderFields } from './order-desk.js'

const resting = { type: 'limit', limitPrice: '90', timeInForce: 'gtc' } as const

/** Amends an order, and answers the id of the revision. */
async function amend(bench: BrokerBench, clientOrderId: string, fields: OrderFields): Promise<string> {
  const request = bench.request(fields)
  await bench.broker.replace?.(clientOrderId, bench.guard.permit(request))
  return request.clientOrderId
}

const quiet = { high: '101', low: '99', close: '100' } as const

/** Opens a session at 100: there are venues that amend nothing while the market is closed. */
async function openMarket(bench: BrokerBench): Promise<void> {
  await bench.market.preOpen()
  await bench.market.open({ AAA: '100' })
}

/** How live orders are amended, and what the venue tells about what it has executed. */
export const amendmentCases: readonly BrokerCase[] = [
  {
    id: 'B75',
    title: 'an amended order goes on under the new id with its new terms',
    needs: ['replace'],
    async run(bench) {
      await openMarket(bench)
      const first = await bench.place(resting)
      const second = await amend(bench, first, { ...resting, limitPrice: '95' })
      expect(bench.wordsAbout(first)).toEqual(['accepted', 'replaced'])
      expect(bench.events.find((event) => event.type === 'replaced')).toMatchObject({ by: second })
      await bench.market.close({ AAA: quiet })
      await bench.market.session({ AAA: ['100', '101', '94', '100'] })
      expect(bench.fillOf(second).price).toBe('95')
      expect(await bench.broker.order(first)).toMatchObject({ status: 'replaced' })
      expect(await bench.broker.order(second)).toMatchObject({ status: 'filled' })
    },
  },
  {
    id: 'B76',
    title: 'I41 an amended order keeps its executions, and never fills beyond its new size',
    needs: ['replace', 'partial-fills'],
    setup: { maximumVolumeFraction: '0.1' },
    async run(bench) {
      const atMost = { type: 'limit', limitPrice: '102', timeInForce: 'gtc' } as const
      await bench.market.preOpen()
      await bench.market.open({ AAA: '105' })
      await bench.market.close({ AAA: { high: '106', low: '104', close: '105', volume: '65' } })
      const first = await bench.place({ ...atMost, quantity: '10' })
      await openMarket(bench)
      const second = await amend(bench, first, { ...atMost, quantity: '8' })
      expect(await bench.broker.order(second)).toMatchObject({ quantity: '8', filledQuantity: '6' })
      await bench.market.close({ AAA: { ...quiet, volume: '65' } })
      await openMarket(bench)
      expect(await bench.broker.order(second)).toMatchObject({ status: 'filled', filledQuantity: '8' })
      expect(await bench.balance('AAA')).toBe('8')
    },
  },
  {
    id: 'B77',
    title: 'an order that grows loses its place in the queue, one that shrinks keeps it',
    needs: ['replace', 'partial-fills'],
    setup: { maximumVolumeFraction: '0.1' },
    async run(bench) {
      await bench.market.preOpen()
      await bench.market.open({ AAA: '100' })
      await bench.market.close({ AAA: { high: '101', low: '99', close: '100', volume: '65' } })
      await openMarket(bench)
      const shrinking = await bench.place({ ...resting, quantity: '5' })
      const growing = await bench.place({ ...resting, quantity: '2' })
      const last = await bench.place({ ...resting, quantity: '2' })
      const shrunk = await amend(bench, shrinking, { ...resting, quantity: '4' })
      const grown = await amend(bench, growing, { ...resting, quantity: '3' })
      await bench.market.close({ AAA: { ...quiet, volume: '65' } })
      await bench.market.session({ AAA: ['100', '101', '89', '100'] })
      const filled = await Promise.all(
        [shrunk, last, grown].map(async (id) => (await bench.broker.order(id))?.filledQuantity),
      )
      expect(filled).toEqual(['4', '2', '0'])
    },
  },
  {
    id: 'B78',
    title: 'an amendment that cannot be is rejected and leaves the order as it was',
    needs: ['replace'],
    async run(bench) {
      await openMarket(bench)
      const id = await bench.place(resting)
      const dear = await amend(bench, id, { ...resting, quantity: '1000' })
      const other = await amend(bench, id, { ...resting, symbol: 'BBB' })
      await amend(bench, 'never-placed', resting)
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'replace-rejected', 'replace-rejected'])
      const refused = bench.events.filter((event) => event.type === 'replace-rejected')
      expect(refused.map(({ by, code }) => [by, code])).toEqual([
        [dear, 'INSUFFICIENT_FUNDS'],
        [other, 'INVALID_ORDER'],
        [expect.any(String), 'ORDER_NOT_FOUND'],
      ])
      expect(await bench.broker.order(id)).toMatchObject({ status: 'open', quantity: '10' })
    },
  },
  {
    id: 'B79',
    title: 'what an order has set aside serves its own amendment',
    needs: ['replace'],
    async run(bench) {
      await openMarket(bench)
      const id = await bench.place({ ...resting, quantity: '100' })
      const by = await amend(bench, id, { ...resting, quantity: '110' })
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'replaced'])
      await bench.broker.cancel(by)
      expect(bench.wordsAbout(await bench.place({ ...resting, quantity: '111' }))).toEqual(['accepted'])
    },
  },
  {
    id: 'B80',
    title: 'an amendment asks the guard and takes an id of its own',
    needs: ['replace'],
    async run(bench) {
      await openMarket(bench)
      const id = await bench.place(resting)
      await expect(amend(bench, id, { ...resting, clientOrderId: id })).rejects.toMatchObject({
        code: 'DUPLICATE_CLIENT_ORDER_ID',
      })
      bench.guard.refuse('PERMIT_USED')
      await expect(amend(bench, id, resting)).rejects.toMatchObject({ code: 'PERMIT_USED' })
      expect(bench.wordsAbout(id)).toEqual(['accepted'])
    },
  },
  {
    id: 'B81',
    title: 'an order may be cancelled by the id that it had before it was amended',
    needs: ['replace'],
    async run(bench) {
      await openMarket(bench)
      const first = await bench.place(resting)
      const second = await amend(bench, first, { ...resting, limitPrice: '91' })
      await bench.broker.cancel(first)
      expect(bench.wordsAbout(second)).toEqual(['canceled'])
      expect(await bench.broker.openOrders()).toEqual([])
    },
  },
  {
    id: 'B82',
    title: 'executions since an instant are those that the stream told of, in order',
    needs: ['executions'],
    async run(bench) {
      await bench.buyAtOpen('10')
      const after = bench.market.closeTime
      const id = await bench.place({ side: 'sell', quantity: '4' })
      await bench.market.session({ AAA: ['100', '101', '99', '100'] })
      const told = bench.events.flatMap((event) =>
        event.type === 'filled'
          ? [
              {
                clientOrderId: event.clientOrderId,
                venueOrderId: event.venueOrderId,
                time: event.time,
                execution: event.execution,
              },
            ]
          : [],
      )
      expect(await bench.broker.executions?.(0)).toEqual(told)
      expect(await bench.broker.executions?.(after)).toMatchObject([{ clientOrderId: id }])
      expect(await bench.broker.executions?.(bench.market.closeTime)).toEqual([])
    },
  },
  {
    id: 'B83',
    title: 'the venue tells its time',
    needs: ['clock'],
    async run(bench) {
      await bench.market.preOpen()
      expect(await bench.broker.time?.()).toBe(bench.feed.clock.now())
    },
  },
  {
    id: 'B84',
    title: 'what it says it can do is what its cases are run for',
    async run({ broker, declared, elsewhere }) {
      const { capabilities } = broker
      if (capabilities === undefined) return
      const said = (capability: (typeof declared)[number], isAble: boolean) => {
        if (isAble !== (declared.includes(capability) || elsewhere.includes(capability)))
          throw new Error(`${capability} is declared, or said, but not both`)
      }
      said('stop-orders', capabilities.orderTypes.includes('stop'))
      said('stop-limit-orders', capabilities.orderTypes.includes('stop-limit'))
      said('trailing-stops', capabilities.orderTypes.includes('trailing-stop'))
      said('immediate-or-cancel', capabilities.timesInForce.includes('ioc'))
      said('fill-or-kill', capabilities.timesInForce.includes('fok'))
      said('good-till-date', capabilities.timesInForce.includes('gtd'))
      said('auctions', capabilities.timesInForce.includes('at-open') && capabilities.timesInForce.includes('at-close'))
      said('post-only', capabilities.postOnly)
      said('quote-sized', capabilities.sizedInQuote)
      said('client-order-ids-never-reused', capabilities.clientOrderIds === 'permanent')
      said('replace', capabilities.replace !== 'none')
    },
  },
]
