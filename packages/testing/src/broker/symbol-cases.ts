import type { Instrument } from '@tradeswarm/trading'
import { expect } from 'vitest'
import { type BrokerBench, benchInstruments } from './broker-bench.js'
import type { BrokerCase } from './broker-case.js'

const perpetual: Instrument = {
  symbol: 'CCC-SWAP',
  asset: 'CCC-SWAP',
  kind: 'perpetual',
  currency: 'USD',
  multiplier: '0.01',
  tickSize: '0.1',
  lotSize: '1',
  minimumNotional: '5',
  calendar: 'us-equity',
}

async function quote(bench: BrokerBench, bid: string, ask: string): Promise<void> {
  await bench.feed.emit({ type: 'quote', symbol: 'AAA', time: bench.feed.clock.now() + 1_000, bid, ask })
}

/** Has bought 10 at 100.1. */
async function holdTen(bench: BrokerBench): Promise<void> {
  await bench.market.preOpen()
  await bench.market.open({})
  await quote(bench, '99.9', '100.1')
  await bench.place()
}

/** Whatever a venue calls what it lists, and orders that may only reduce what is held of it. */
export const symbolCases: readonly BrokerCase[] = [
  {
    id: 'B171',
    title: 'each symbol is known with the grid that the venue lists it with',
    async run(bench) {
      for (const listed of bench.listed) {
        const { symbol, kind, asset, currency, tickSize, lotSize } = listed
        expect(bench.broker.instrument(symbol)).toMatchObject({ symbol, kind, asset, currency, tickSize, lotSize })
      }
      expect(bench.broker.instrument('ZZZ')).toBeUndefined()
    },
  },
  {
    id: 'B172',
    title: 'orders of two symbols are told, listed and held each under its own',
    async run(bench) {
      await bench.market.preOpen()
      const ids = {
        AAA: await bench.place({ quantity: '2' }),
        BBB: await bench.place({ symbol: 'BBB', quantity: '3' }),
      }
      const open = await bench.broker.openOrders()
      expect(open.map(({ clientOrderId, symbol }) => [clientOrderId, symbol])).toEqual([
        [ids.AAA, 'AAA'],
        [ids.BBB, 'BBB'],
      ])
      await bench.market.session({ AAA: ['100', '101', '99', '100'], BBB: ['50', '51', '49', '50'] })
      expect(bench.fillOf(ids.AAA)).toMatchObject({ quantity: '2', price: '100' })
      expect(bench.fillOf(ids.BBB)).toMatchObject({ quantity: '3', price: '50' })
      for (const symbol of ['AAA', 'BBB'] as const)
        expect(await bench.broker.order(ids[symbol])).toMatchObject({ symbol, status: 'filled' })
      expect([await bench.balance('AAA'), await bench.balance('BBB')]).toEqual(['2', '3'])
    },
  },
  {
    id: 'B173',
    title: 'a name that is nearly that of a symbol is not taken for it',
    async run(bench) {
      for (const { symbol } of bench.listed)
        for (const name of [`${symbol}X`, symbol.toLowerCase(), symbol.slice(0, -1)]) {
          const id = await bench.place({ symbol: name })
          expect(bench.rejectionCodeOf(id), name).toBe('INSTRUMENT_NOT_FOUND')
        }
      expect(await bench.broker.openOrders()).toEqual([])
    },
  },
  {
    id: 'B174',
    title: 'a contract has its multiplier, and is not what it stands for',
    needs: ['contracts'],
    setup: { instruments: [...benchInstruments, perpetual] },
    async run(bench) {
      const listed = bench.listed.at(-1)
      expect(bench.broker.instrument('CCC-SWAP')).toMatchObject({ kind: 'perpetual', multiplier: listed?.multiplier })
      await bench.market.preOpen()
      const spot = await bench.place({ symbol: 'BBB', quantity: '4' })
      const contracts = await bench.place({ symbol: 'CCC-SWAP', quantity: '7' })
      await bench.market.session({ BBB: ['50', '51', '49', '50'], 'CCC-SWAP': ['500', '501', '499', '500'] })
      expect(bench.fillOf(spot)).toMatchObject({ quantity: '4', price: '50' })
      expect(bench.fillOf(contracts)).toMatchObject({ quantity: '7', price: '500' })
      expect([await bench.balance('BBB'), await bench.balance('CCC-SWAP')]).toEqual(['4', '7'])
    },
  },
  {
    id: 'B175',
    title: 'a reduce-only order larger than the position never turns it: it is refused, or fills no more than is held',
    needs: ['reduce-only', 'quotes'],
    async run(bench) {
      await holdTen(bench)
      const id = await bench.place({ side: 'sell', quantity: '15', reduceOnly: true })
      const isRefused = bench.wordsAbout(id).includes('rejected')
      expect(await bench.balance('AAA')).toBe(isRefused ? '10' : '0')
      if (!isRefused) expect(bench.fillOf(id).quantity).toBe('10')
      expect(await bench.broker.openOrders()).toEqual([])
    },
  },
  {
    id: 'B176',
    title: 'a reduce-only stop whose position is gone sells nothing',
    needs: ['reduce-only', 'stop-orders', 'quotes'],
    async run(bench) {
      await holdTen(bench)
      const stop = { side: 'sell', type: 'stop', stopPrice: '95', timeInForce: 'gtc', reduceOnly: true } as const
      await bench.place(stop)
      // A venue that keeps the units for the stop refuses this one, and the stop leaves with them.
      await bench.place({ side: 'sell', reduceOnly: true })
      await quote(bench, '94.9', '95.1')
      expect(await bench.balance('AAA')).toBe('0')
      await quote(bench, '93.9', '94.1')
      expect(await bench.balance('AAA')).toBe('0')
    },
  },
  {
    id: 'B177',
    title: 'a reduce-only buy closes a short and opens no long',
    needs: ['reduce-only', 'contracts'],
    setup: { instruments: [...benchInstruments, perpetual] },
    async run(bench) {
      const trade = async (side: 'buy' | 'sell', quantity: string, reduceOnly: boolean): Promise<string> => {
        await bench.market.preOpen()
        const id = await bench.place({ symbol: 'CCC-SWAP', side, quantity, reduceOnly })
        await bench.market.session({ 'CCC-SWAP': ['500', '501', '499', '500'] })
        return id
      }
      await trade('sell', '10', false)
      expect(await bench.balance('CCC-SWAP')).toBe('-10')
      const partly = await trade('buy', '4', true)
      expect(bench.fillOf(partly).quantity).toBe('4')
      expect(await bench.balance('CCC-SWAP')).toBe('-6')
      await trade('buy', '9', true)
      expect(['0', '-6']).toContain(await bench.balance('CCC-SWAP'))
    },
  },
]
