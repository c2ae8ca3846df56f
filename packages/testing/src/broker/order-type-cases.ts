import { expect } from 'vitest'
import { benchInstruments } from './broker-bench.js'
import type { BrokerCase } from './broker-case.js'

const volumeBounded = { maximumVolumeFraction: '0.1' } as const
/** The shares of the bench, to be had in parts. */
const inFractions = { instruments: benchInstruments.map((one) => ({ ...one, lotSize: '0.000000001' })) }

/** Orders that wait for a level, an auction or an instant, or take all or nothing. */
export const orderTypeCases: readonly BrokerCase[] = [
  {
    id: 'B60',
    title: 'a stop-limit that is reached is triggered and fills no worse than its limit',
    needs: ['stop-limit-orders', 'slippage', 'engine-stops'],
    setup: { slippageBasisPoints: '100' },
    async run(bench) {
      await bench.buyAtOpen('10')
      const id = await bench.place({ side: 'sell', type: 'stop-limit', stopPrice: '95', limitPrice: '94.5' })
      await bench.market.session({ AAA: ['100', '101', '94', '100'] })
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'triggered', 'filled'])
      expect(bench.fillOf(id)).toMatchObject({ price: '94.5', ...bench.reference({ referencePrice: '95' }) })
    },
  },
  {
    id: 'B61',
    title: 'a stop-limit that an open gaps past rests at its limit, and fills once the market has come back through it',
    needs: ['stop-limit-orders'],
    async run(bench) {
      await bench.buyAtOpen('10')
      const order = { side: 'sell', type: 'stop-limit', stopPrice: '95', limitPrice: '94' } as const
      const id = await bench.place({ ...order, timeInForce: 'gtc' })
      await bench.market.session({ AAA: ['90', '93', '89', '92'] })
      const isTold = bench.declared.includes('trigger-words')
      expect(bench.wordsAbout(id)).toEqual(isTold ? ['accepted', 'triggered'] : ['accepted'])
      await bench.market.session({ AAA: ['92', '94.01', '91', '93'] })
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'triggered', 'filled'])
      expect(bench.fillOf(id).price).toBe('94')
    },
  },
  {
    id: 'B62',
    title: 'a trailing stop follows the best price and fills at its raised level',
    needs: ['trailing-stops', 'engine-stops'],
    async run(bench) {
      await bench.buyAtOpen('10')
      const id = await bench.place({ side: 'sell', type: 'trailing-stop', trailAmount: '5', timeInForce: 'gtc' })
      await bench.market.session({ AAA: ['100', '110', '100', '108'] })
      expect(bench.wordsAbout(id)).toEqual(['accepted'])
      await bench.market.session({ AAA: ['108', '109', '104', '107'] })
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'triggered', 'filled'])
      expect(bench.fillOf(id)).toMatchObject({ price: '105', referencePrice: '105' })
    },
  },
  {
    id: 'B63',
    title: 'a high and a low of one bar do not set a trailing stop off, since the low may have come first',
    needs: ['trailing-stops', 'engine-stops'],
    async run(bench) {
      await bench.buyAtOpen('10')
      const id = await bench.place({ side: 'sell', type: 'trailing-stop', trailFraction: '0.05', timeInForce: 'gtc' })
      await bench.market.session({ AAA: ['100', '110', '96', '109'] })
      expect(bench.wordsAbout(id)).toEqual(['accepted'])
      await bench.market.session({ AAA: ['103', '104', '102', '103'] })
      expect(bench.fillOf(id)).toMatchObject({ price: '103', referencePrice: '103' })
    },
  },
  {
    id: 'B64',
    title: 'a trailing stop starts at its own level where it names one',
    needs: ['trailing-stops', 'trailing-start'],
    async run(bench) {
      await bench.buyAtOpen('10')
      const order = { side: 'sell', type: 'trailing-stop', trailAmount: '5', stopPrice: '98' } as const
      const id = await bench.place(order)
      await bench.market.session({ AAA: ['100', '101', '97', '100'] })
      expect(bench.fillOf(id).price).toBe('98')
    },
  },
  {
    id: 'B65',
    title: 'a fill-or-kill order larger than the volume fills nothing',
    needs: ['fill-or-kill', 'partial-fills'],
    setup: volumeBounded,
    async run(bench) {
      await bench.market.preOpen()
      await bench.market.open({ AAA: '100' })
      await bench.market.close({ AAA: { high: '101', low: '99', close: '100', volume: '65' } })
      const tooLarge = await bench.place({ quantity: '7', timeInForce: 'fok' })
      const fitting = await bench.place({ quantity: '6', timeInForce: 'fok' })
      await bench.market.session({ AAA: ['100', '101', '99', '100'] })
      expect(bench.wordsAbout(tooLarge)).toEqual(['accepted', 'expired'])
      expect(bench.wordsAbout(fitting)).toEqual(['accepted', 'filled'])
      expect(bench.fillOf(fitting).quantity).toBe('6')
    },
  },
  {
    id: 'B66',
    title: 'a good-till-date order rests until its instant and not longer',
    needs: ['good-till-date'],
    async run(bench) {
      const order = { type: 'limit', limitPrice: '90', timeInForce: 'gtd' } as const
      const long = await bench.place({ ...order, expiresAt: bench.market.closeTime + 7 * 86_400_000 })
      const short = await bench.place({ ...order, expiresAt: bench.market.closeTime + 1_000 })
      await bench.market.session({ AAA: ['100', '101', '91', '100'] })
      await bench.market.session({ AAA: ['100', '101', '89', '100'] })
      expect(bench.wordsAbout(short)).toEqual(['accepted', 'expired'])
      expect(bench.wordsAbout(long)).toEqual(['accepted', 'filled'])
    },
  },
  {
    id: 'B67',
    title: 'a good-till-date order without an instant to come is rejected',
    needs: ['good-till-date'],
    async run(bench) {
      const order = { type: 'limit', limitPrice: '90' } as const
      const late = await bench.place({ ...order, timeInForce: 'gtd', expiresAt: bench.market.openTime })
      const without = await bench.place({ ...order, timeInForce: 'gtd' })
      const superfluous = await bench.place({ ...order, expiresAt: bench.market.closeTime + 1_000 })
      for (const id of [late, without, superfluous]) expect(bench.rejectionCodeOf(id)).toBe('INVALID_ORDER')
    },
  },
  {
    id: 'B68',
    title: 'an at-open order trades in the opening auction alone',
    needs: ['auctions'],
    async run(bench) {
      await bench.market.preOpen()
      const filled = await bench.place({ timeInForce: 'at-open' })
      const missed = await bench.place({ type: 'limit', limitPrice: '99', timeInForce: 'at-open' })
      await bench.market.open({ AAA: '101' })
      await bench.market.close({ AAA: { high: '102', low: '90', close: '100' } })
      expect(bench.fillOf(filled)).toMatchObject({ price: '101', referenceTime: bench.market.openTime })
      expect(bench.wordsAbout(missed)).toEqual(['accepted', 'expired'])
    },
  },
  {
    id: 'B96',
    title: 'an at-open order that comes after the open waits for the next one',
    needs: ['auctions', 'auction-queue'],
    async run(bench) {
      await bench.market.preOpen()
      await bench.market.open({ AAA: '101' })
      const late = await bench.place({ timeInForce: 'at-open' })
      await bench.market.close({ AAA: { high: '102', low: '90', close: '100' } })
      expect(bench.wordsAbout(late)).toEqual(['accepted'])
      await bench.market.session({ AAA: ['103', '104', '102', '103'] })
      expect(bench.fillOf(late).price).toBe('103')
    },
  },
  {
    id: 'B69',
    title: 'I32 an at-close order fills at the close of the session it came in, the named exception',
    needs: ['auctions'],
    async run(bench) {
      await bench.market.preOpen()
      await bench.market.open({ AAA: '100' })
      bench.feed.advanceTo(bench.market.openTime + 3_600_000)
      const filled = await bench.place({ timeInForce: 'at-close' })
      const missed = await bench.place({ type: 'limit', limitPrice: '96', timeInForce: 'at-close' })
      await bench.market.close({ AAA: { high: '105', low: '95', close: '97' } })
      expect(bench.fillOf(filled)).toMatchObject({ price: '97', referencePrice: '97' })
      expect(bench.wordsAbout(missed)).toEqual(['accepted', 'expired'])
      expect(bench.events.find((event) => event.type === 'filled')?.time).toBe(bench.market.closeTime)
    },
  },
  {
    id: 'B70',
    title: 'an at-close order that comes at the very instant of the close waits for the next one',
    needs: ['auctions', 'auction-queue'],
    async run(bench) {
      bench.broker.subscribe(async (event) => {
        if (event.clientOrderId === 'first' && event.type === 'filled')
          await bench.place({ clientOrderId: 'second', symbol: 'BBB', timeInForce: 'at-close' })
      })
      await bench.place({ clientOrderId: 'first', timeInForce: 'at-close' })
      await bench.market.session({ AAA: ['100', '101', '99', '100'], BBB: ['50', '51', '49', '50'] })
      expect(bench.wordsAbout('second')).toEqual(['accepted'])
      await bench.market.session({ BBB: ['50', '56', '49', '55'] })
      expect(bench.fillOf('second').price).toBe('55')
    },
  },
  {
    id: 'B71',
    title: 'a post-only order that would trade at once is rejected, one that rests pays as a maker',
    needs: ['post-only'],
    async run(bench) {
      const order = { type: 'limit', postOnly: true } as const
      const crossing = await bench.place({ ...order, limitPrice: '100.5' })
      expect(bench.rejectionCodeOf(crossing)).toBe('POST_ONLY_WOULD_TRADE')
      const resting = await bench.place({ ...order, limitPrice: '95' })
      await bench.market.session({ AAA: ['100', '101', '94', '100'] })
      expect(bench.fillOf(resting)).toMatchObject({ price: '95', liquidity: 'maker' })
    },
  },
  {
    id: 'B72',
    title: 'I02 an order sized in currency buys the lots that the amount pays for, and counts in currency',
    needs: ['quote-sized', 'quote-sized-whole-units'],
    async run(bench) {
      const id = await bench.place({ quantity: '1000', sizedIn: 'quote' })
      await bench.market.session({ AAA: ['97', '98', '96', '97'] })
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled', 'canceled'])
      expect(bench.fillOf(id)).toMatchObject({ quantity: '10', price: '97' })
      expect(await bench.broker.order(id)).toMatchObject({
        status: 'canceled',
        quantity: '1000',
        filledQuantity: '970',
      })
      expect(await bench.balance('USD')).toBe('9030')
    },
  },
  {
    id: 'B73',
    title: 'an order sized in currency that comes out whole is filled',
    needs: ['quote-sized'],
    setup: inFractions,
    async run(bench) {
      const id = await bench.place({ quantity: '970', sizedIn: 'quote' })
      await bench.market.session({ AAA: ['97', '98', '96', '97'] })
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled'])
      expect(await bench.broker.order(id)).toMatchObject({ status: 'filled', filledQuantity: '970' })
    },
  },
  {
    id: 'B121',
    title: 'I02 an order sized in currency buys parts of a unit; what is left of the amount ends, as it buys none',
    needs: ['quote-sized'],
    setup: inFractions,
    async run(bench) {
      const id = await bench.place({ quantity: '1000', sizedIn: 'quote' })
      await bench.market.session({ AAA: ['97', '98', '96', '97'] })
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled', 'canceled'])
      expect(bench.fillOf(id)).toMatchObject({ quantity: '10.30927835', price: '97' })
      expect(await bench.broker.order(id)).toMatchObject({
        status: 'canceled',
        quantity: '1000',
        filledQuantity: '999.99999995',
      })
      expect(await bench.balance('AAA')).toBe('10.30927835')
    },
  },
  {
    id: 'B122',
    title: 'an order sized in currency is no good for less than the minimum, nor for more than there is',
    needs: ['quote-sized', 'minimum-notional'],
    setup: inFractions,
    async run(bench) {
      const small = await bench.place({ quantity: '4.99', sizedIn: 'quote' })
      const large = await bench.place({ quantity: '10000.01', sizedIn: 'quote' })
      expect(bench.rejectionCodeOf(small)).toBe('NOTIONAL_BELOW_MINIMUM')
      expect(bench.rejectionCodeOf(large)).toBe('INSUFFICIENT_FUNDS')
    },
  },
  {
    id: 'B74',
    title: 'bounds of quantity and worth hold, but for exits that are small',
    needs: ['reduce-only', 'order-bounds'],
    setup: {
      instruments: [
        {
          symbol: 'AAA',
          kind: 'equity',
          asset: 'AAA',
          currency: 'USD',
          tickSize: '0.01',
          lotSize: '1',
          minimumNotional: '5',
          minimumQuantity: '5',
          maximumQuantity: '50',
          maximumNotional: '4000',
          calendar: 'us-equity',
        },
      ],
    },
    async run(bench) {
      expect(bench.rejectionCodeOf(await bench.place({ quantity: '4' }))).toBe('QUANTITY_BELOW_MINIMUM')
      expect(bench.rejectionCodeOf(await bench.place({ quantity: '51' }))).toBe('QUANTITY_EXCEEDS_MAXIMUM')
      expect(bench.rejectionCodeOf(await bench.place({ quantity: '41' }))).toBe('NOTIONAL_EXCEEDS_MAX_PER_ORDER')
      await bench.buyAtOpen('10')
      const exit = await bench.place({ side: 'sell', quantity: '1', reduceOnly: true })
      expect(bench.wordsAbout(exit)).toEqual(['accepted'])
    },
  },
]
