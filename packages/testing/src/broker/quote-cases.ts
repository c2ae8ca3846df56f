import { expect } from 'vitest'
import type { BrokerBench } from './broker-bench.js'
import type { BrokerCase } from './broker-case.js'

/** Opens a session without an opening price, as a feed of quotes does. */
async function openQuoted(bench: BrokerBench): Promise<void> {
  await bench.market.preOpen()
  await bench.market.open({})
}

type Sizes = { readonly bidSize?: string; readonly askSize?: string }

async function quote(bench: BrokerBench, bid: string, ask: string, sizes: Sizes = {}): Promise<void> {
  const time = bench.feed.clock.now() + 1_000
  await bench.feed.emit({ type: 'quote', symbol: 'AAA', time, bid, ask, ...sizes })
}

async function trade(bench: BrokerBench, price: string, quantity: string): Promise<void> {
  const time = bench.feed.clock.now() + 1_000
  await bench.feed.emit({ type: 'trade', symbol: 'AAA', time, price, quantity })
}

/** Has bought 10 at 100.1 of a quote. */
async function holdTen(bench: BrokerBench): Promise<void> {
  await openQuoted(bench)
  await quote(bench, '99.9', '100.1')
  await bench.place()
}

/** Trading within a day, against quotes and trades of others. */
export const quoteCases: readonly BrokerCase[] = [
  {
    id: 'B85',
    title: 'a market order fills at once at the far side of a fresh quote',
    needs: ['quotes'],
    async run(bench) {
      await openQuoted(bench)
      await quote(bench, '99.9', '100.1')
      const buy = await bench.place()
      const sell = await bench.place({ side: 'sell', quantity: '5' })
      expect(bench.fillOf(buy)).toMatchObject({ price: '100.1', referencePrice: '100.1', liquidity: 'taker' })
      expect(bench.fillOf(sell)).toMatchObject({ price: '99.9', referenceTime: bench.feed.clock.now() })
    },
  },
  {
    id: 'B86',
    title: 'a stale quote fills nothing, the next one does',
    needs: ['quotes'],
    async run(bench) {
      await openQuoted(bench)
      await quote(bench, '99.9', '100.1')
      bench.feed.advanceTo(bench.feed.clock.now() + 60_000)
      const id = await bench.place()
      expect(bench.wordsAbout(id)).toEqual(['accepted'])
      await quote(bench, '101.9', '102.1')
      expect(bench.fillOf(id).price).toBe('102.1')
    },
  },
  {
    id: 'B87',
    title: 'a resting limit fills at its limit when the quote crosses it',
    needs: ['quotes'],
    async run(bench) {
      await openQuoted(bench)
      await quote(bench, '99.9', '100.1')
      const id = await bench.place({ type: 'limit', limitPrice: '99' })
      await quote(bench, '98.9', '99')
      expect(bench.wordsAbout(id)).toEqual(['accepted'])
      await quote(bench, '98.5', '98.7')
      expect(bench.fillOf(id)).toMatchObject({
        price: '99',
        liquidity: 'maker',
        ...bench.reference({ referencePrice: '98.7' }),
      })
    },
  },
  {
    id: 'B88',
    title: 'a limit that comes marketable takes the quote, better than its limit',
    needs: ['quotes'],
    async run(bench) {
      await openQuoted(bench)
      await quote(bench, '99.9', '100.1')
      const id = await bench.place({ type: 'limit', limitPrice: '101' })
      expect(bench.fillOf(id)).toMatchObject({ price: '100.1', liquidity: 'taker' })
    },
  },
  {
    id: 'B89',
    title: 'a quote fills no more than its size, all orders together',
    needs: ['quotes', 'immediate-or-cancel', 'partial-fills'],
    async run(bench) {
      await openQuoted(bench)
      await quote(bench, '99.9', '100.1', { askSize: '12' })
      const first = await bench.place()
      const second = await bench.place({ timeInForce: 'ioc' })
      expect(bench.wordsAbout(first)).toEqual(['accepted', 'filled'])
      expect(bench.wordsAbout(second)).toEqual(['accepted', 'filled', 'expired'])
      expect(bench.fillOf(second).quantity).toBe('2')
    },
  },
  {
    id: 'B90',
    title: 'a stop is set off by a trade and fills at its price, or at the far side of the quote where that is worse',
    needs: ['quotes', 'stop-orders', 'engine-stops'],
    async run(bench) {
      await bench.buyAtOpen('20')
      await openQuoted(bench)
      await quote(bench, '96.5', '97')
      const atTrade = await bench.place({ side: 'sell', type: 'stop', stopPrice: '96' })
      await trade(bench, '95.9', '100')
      expect(bench.wordsAbout(atTrade)).toEqual(['accepted', 'triggered', 'filled'])
      expect(bench.fillOf(atTrade).price).toBe('95.9')
      const atQuote = await bench.place({ side: 'sell', type: 'stop', stopPrice: '95' })
      await quote(bench, '94', '94.2')
      expect(bench.fillOf(atQuote).price).toBe('94')
    },
  },
  {
    id: 'B91',
    title: 'a trade of others fills a resting limit that it goes through, within its quantity',
    needs: ['quotes', 'partial-fills'],
    async run(bench) {
      await openQuoted(bench)
      await quote(bench, '99.9', '100.1')
      const id = await bench.place({ type: 'limit', limitPrice: '99' })
      await trade(bench, '99', '50')
      expect(bench.wordsAbout(id)).toEqual(['accepted'])
      await trade(bench, '98.9', '4')
      expect(bench.fillOf(id)).toMatchObject({ price: '99', quantity: '4' })
      expect(await bench.broker.order(id)).toMatchObject({ status: 'open', filledQuantity: '4' })
    },
  },
  {
    id: 'B92',
    title: 'a post-only order is refused against the quote',
    needs: ['quotes', 'post-only'],
    async run(bench) {
      await openQuoted(bench)
      await quote(bench, '104.9', '105.1')
      const inside = await bench.place({ type: 'limit', limitPrice: '105', postOnly: true })
      const crossing = await bench.place({ type: 'limit', limitPrice: '105.1', postOnly: true })
      expect(bench.wordsAbout(inside)).toEqual(['accepted'])
      expect(bench.rejectionCodeOf(crossing)).toBe('POST_ONLY_WOULD_TRADE')
    },
  },
  {
    id: 'B93',
    title: 'quotes after the close fill nothing',
    needs: ['quotes'],
    async run(bench) {
      const id = await bench.place({ timeInForce: 'gtc' })
      await quote(bench, '99.9', '100.1')
      expect(bench.wordsAbout(id)).toEqual(['accepted'])
    },
  },
  {
    id: 'B94',
    title: 'a day order that met a quote ends with that session',
    needs: ['quotes', 'sessions'],
    async run(bench) {
      await openQuoted(bench)
      await quote(bench, '99.9', '100.1')
      const id = await bench.place({ type: 'limit', limitPrice: '90' })
      await bench.market.close({})
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'expired'])
    },
  },
  {
    id: 'B95',
    title: 'a trailing stop follows quotes and never loosens',
    needs: ['quotes', 'trailing-stops'],
    async run(bench) {
      await bench.buyAtOpen('10')
      await openQuoted(bench)
      await quote(bench, '100', '100.2')
      const id = await bench.place({ side: 'sell', type: 'trailing-stop', trailAmount: '2' })
      await quote(bench, '105', '105.2')
      await quote(bench, '103.5', '103.7')
      expect(bench.wordsAbout(id)).toEqual(['accepted'])
      await quote(bench, '102.9', '103.1')
      expect(bench.fillOf(id)).toMatchObject({ price: '102.9', referencePrice: '102.9' })
    },
  },
  {
    id: 'B99',
    title: 'a stop is set off by a quote beyond it, and fills at its far side',
    needs: ['quotes', 'stop-orders'],
    async run(bench) {
      await holdTen(bench)
      const id = await bench.place({ side: 'sell', type: 'stop', stopPrice: '95', timeInForce: 'gtc' })
      await quote(bench, '95.5', '95.7')
      expect(bench.wordsAbout(id)).toEqual(['accepted'])
      await quote(bench, '94', '94.2')
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'triggered', 'filled'])
      expect(bench.fillOf(id)).toMatchObject({ price: '94', liquidity: 'taker' })
      expect(await bench.broker.order(id)).toMatchObject({ status: 'filled', filledQuantity: '10' })
      expect(await bench.balance('AAA')).toBe('0')
    },
  },
  {
    id: 'B100',
    title: 'a stop-limit that a quote leaps over rests at its limit until the market is back',
    needs: ['quotes', 'stop-limit-orders'],
    async run(bench) {
      await holdTen(bench)
      const order = { side: 'sell', type: 'stop-limit', stopPrice: '95', limitPrice: '94.5' } as const
      const id = await bench.place({ ...order, timeInForce: 'gtc' })
      await quote(bench, '94', '94.2')
      const isTold = bench.declared.includes('trigger-words')
      expect(bench.wordsAbout(id)).toEqual(isTold ? ['accepted', 'triggered'] : ['accepted'])
      expect(await bench.broker.order(id)).toMatchObject({ status: 'open', filledQuantity: '0' })
      await quote(bench, '94.6', '94.8')
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'triggered', 'filled'])
      expect(bench.fillOf(id).price).toBe('94.5')
    },
  },
]
