import { expect } from 'vitest'
import type { BrokerCase } from './broker-case.js'

/** Which price fills which order. */
export const matchingCases: readonly BrokerCase[] = [
  {
    id: 'B17',
    title: 'a market order placed while closed fills whole at the open',
    async run(bench) {
      await bench.market.preOpen()
      const id = await bench.place()
      await bench.market.open({ AAA: '102.50' })
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled'])
      expect(bench.fillOf(id)).toMatchObject({
        price: '102.5',
        quantity: '10',
        referencePrice: '102.5',
        referenceTime: bench.market.openTime,
      })
      expect(await bench.broker.order(id)).toMatchObject({ status: 'filled', filledQuantity: '10' })
    },
  },
  {
    id: 'B18',
    title: 'a market order placed after the open waits for the next one',
    async run(bench) {
      await bench.market.preOpen()
      await bench.market.open({ AAA: '100' })
      const id = await bench.place()
      await bench.market.close({ AAA: { high: '120', low: '80', close: '110' } })
      expect(bench.wordsAbout(id)).toEqual(['accepted'])
      await bench.market.preOpen()
      await bench.market.open({ AAA: '111' })
      expect(bench.fillOf(id)).toMatchObject({ price: '111', referenceTime: bench.market.openTime })
    },
  },
  {
    id: 'B19',
    title: 'slippage moves a market fill against the order, onto the tick',
    needs: ['slippage'],
    setup: { slippageBasisPoints: '10' },
    async run(bench) {
      await bench.market.preOpen()
      const buy = await bench.place()
      await bench.market.open({ AAA: '100.05' })
      await bench.market.close({ AAA: { high: '101', low: '99', close: '100' } })
      await bench.market.preOpen()
      const sell = await bench.place({ side: 'sell' })
      await bench.market.open({ AAA: '100.05' })
      const reference = bench.reference({ referencePrice: '100.05' })
      expect(bench.fillOf(buy)).toMatchObject({ price: '100.16', ...reference })
      expect(bench.fillOf(sell)).toMatchObject({ price: '99.94', ...reference })
    },
  },
  {
    id: 'B20',
    title: 'a buy limit that the open is below fills at the open',
    async run(bench) {
      await bench.market.preOpen()
      const id = await bench.place({ type: 'limit', limitPrice: '98' })
      await bench.market.open({ AAA: '97.5' })
      expect(bench.fillOf(id).price).toBe('97.5')
    },
  },
  {
    id: 'B21',
    title: 'a buy limit is never filled above its limit',
    needs: ['slippage'],
    setup: { slippageBasisPoints: '50' },
    async run(bench) {
      await bench.market.preOpen()
      const id = await bench.place({ type: 'limit', limitPrice: '98' })
      await bench.market.open({ AAA: '97.9' })
      expect(bench.fillOf(id)).toMatchObject({ price: '98', ...bench.reference({ referencePrice: '97.9' }) })
    },
  },
  {
    id: 'B22',
    title: 'a buy limit that is only touched stays open',
    async run(bench) {
      await bench.market.preOpen()
      const id = await bench.place({ type: 'limit', limitPrice: '95', timeInForce: 'gtc' })
      await bench.market.open({ AAA: '100' })
      await bench.market.close({ AAA: { high: '101', low: '95', close: '99' } })
      expect(bench.wordsAbout(id)).toEqual(['accepted'])
    },
  },
  {
    id: 'B23',
    title: 'a buy limit that is traded through fills at its limit, when the bar is known',
    async run(bench) {
      await bench.market.preOpen()
      const id = await bench.place({ type: 'limit', limitPrice: '95' })
      await bench.market.open({ AAA: '100' })
      await bench.market.close({ AAA: { high: '101', low: '94.99', close: '99' } })
      const reference = bench.reference({ referenceTime: bench.market.openTime })
      expect(bench.fillOf(id)).toMatchObject({ price: '95', liquidity: 'maker', ...reference })
      expect(bench.events.find((event) => event.type === 'filled')?.time).toBe(bench.market.closeTime)
    },
  },
  {
    id: 'B24',
    title: 'a sell limit fills at its limit when traded through, not when touched',
    async run(bench) {
      await bench.buyAtOpen('10')
      const id = await bench.place({ side: 'sell', type: 'limit', limitPrice: '110', timeInForce: 'gtc' })
      await bench.market.session({ AAA: ['100', '110', '99', '105'] })
      expect(bench.wordsAbout(id)).toEqual(['accepted'])
      await bench.market.session({ AAA: ['105', '110.01', '104', '106'] })
      expect(bench.fillOf(id).price).toBe('110')
    },
  },
  {
    id: 'B25',
    title: 'a sell limit that the open is above fills at the open',
    async run(bench) {
      await bench.buyAtOpen('10')
      const id = await bench.place({ side: 'sell', type: 'limit', limitPrice: '110' })
      await bench.market.preOpen()
      await bench.market.open({ AAA: '115' })
      expect(bench.fillOf(id).price).toBe('115')
    },
  },
  {
    id: 'B26',
    title: 'a sell stop that the low touches is triggered and fills at its level',
    needs: ['stop-orders', 'engine-stops'],
    async run(bench) {
      await bench.buyAtOpen('10')
      const id = await bench.place({ side: 'sell', type: 'stop', stopPrice: '95' })
      await bench.market.session({ AAA: ['100', '101', '95', '100'] })
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'triggered', 'filled'])
      expect(bench.fillOf(id)).toMatchObject({ price: '95', referencePrice: '95', liquidity: 'taker' })
    },
  },
  {
    id: 'B27',
    title: 'a sell stop that the open gaps past fills at the open, not at its level',
    needs: ['stop-orders', 'engine-stops', 'gapped-stops'],
    async run(bench) {
      await bench.buyAtOpen('10')
      const id = await bench.place({ side: 'sell', type: 'stop', stopPrice: '95', timeInForce: 'gtc' })
      await bench.market.preOpen()
      await bench.market.open({ AAA: '90' })
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'triggered', 'filled'])
      expect(bench.fillOf(id)).toMatchObject({ price: '90', referencePrice: '90' })
    },
  },
  {
    id: 'B28',
    title: 'a buy stop fills when the high reaches it, or at an open above it',
    needs: ['stop-orders', 'engine-stops'],
    async run(bench) {
      const within = await bench.place({ type: 'stop', stopPrice: '105' })
      await bench.market.session({ AAA: ['100', '105', '99', '100'] })
      expect(bench.fillOf(within).price).toBe('105')
      const gapped = await bench.place({ type: 'stop', stopPrice: '105' })
      // Venues that cap what a stop pays do so from 2.5 % on.
      await bench.market.session({ AAA: ['107', '109', '106', '108'] })
      expect(bench.fillOf(gapped).price).toBe('107')
    },
  },
  {
    id: 'B29',
    title: 'slippage makes a stop fill worse than its level, never a limit',
    needs: ['stop-orders', 'slippage', 'reduce-only', 'engine-stops'],
    setup: { slippageBasisPoints: '100' },
    async run(bench) {
      await bench.buyAtOpen('20')
      const limit = await bench.place({
        side: 'sell',
        type: 'limit',
        limitPrice: '110',
        quantity: '10',
        timeInForce: 'gtc',
        reduceOnly: true,
      })
      const stop = await bench.place({
        side: 'sell',
        type: 'stop',
        stopPrice: '95',
        quantity: '10',
        timeInForce: 'gtc',
        reduceOnly: true,
      })
      await bench.market.session({ AAA: ['100', '111', '99', '100'] })
      await bench.market.session({ AAA: ['100', '101', '94', '100'] })
      expect(bench.fillOf(limit).price).toBe('110')
      expect(bench.fillOf(stop)).toMatchObject({ price: '94.05', ...bench.reference({ referencePrice: '95' }) })
    },
  },
  {
    id: 'B30',
    title: 'one symbol does not fill the orders of another',
    async run(bench) {
      await bench.market.preOpen()
      const id = await bench.place({ symbol: 'BBB' })
      await bench.market.open({ AAA: '100' })
      expect(bench.wordsAbout(id)).toEqual(['accepted'])
    },
  },
]
