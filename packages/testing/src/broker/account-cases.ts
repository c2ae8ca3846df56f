import { expect } from 'vitest'
import type { BrokerBench } from './broker-bench.js'
import type { BrokerCase } from './broker-case.js'

/** Orders 10 after a session in which 65 were traded, of which a tenth is to be had in the next one. */
async function placeLarge(bench: BrokerBench): Promise<string> {
  await bench.market.preOpen()
  await bench.market.open({ AAA: '100' })
  await bench.market.close({ AAA: { high: '101', low: '99', close: '100', volume: '65' } })
  return bench.place({ type: 'limit', limitPrice: '101', quantity: '10', timeInForce: 'gtc' })
}

/** What the account holds, and what fills cost. */
export const accountCases: readonly BrokerCase[] = [
  {
    id: 'B51',
    title: 'a new account holds its cash and nothing else',
    run: async (bench) => expect(await bench.broker.balances()).toEqual([{ asset: 'USD', total: '10000' }]),
  },
  {
    id: 'B52',
    title: 'fills move cash and holdings by exactly price times quantity',
    needs: ['cash-settlement'],
    async run(bench) {
      await bench.market.preOpen()
      await bench.place({ quantity: '3' })
      await bench.market.open({ AAA: '100.07' })
      await bench.market.close({ AAA: { high: '101', low: '99', close: '100' } })
      expect(await bench.broker.balances()).toEqual([
        { asset: 'AAA', total: '3' },
        { asset: 'USD', total: '9699.79' },
      ])
      await bench.place({ side: 'sell', quantity: '3' })
      await bench.market.session({ AAA: ['101.11', '102', '100', '101'] })
      expect(await bench.broker.balances()).toEqual([{ asset: 'USD', total: '10003.12' }])
    },
  },
  {
    id: 'B53',
    title: 'the fee of a fill is in its execution and leaves the cash',
    needs: ['fees', 'cash-settlement'],
    setup: { feeBasisPoints: '10' },
    async run(bench) {
      await bench.market.preOpen()
      const id = await bench.place({ quantity: '3' })
      await bench.market.open({ AAA: '100' })
      expect(bench.fillOf(id)).toMatchObject({ fee: '0.3', feeCurrency: 'USD' })
      expect(await bench.balance('USD')).toBe('9699.7')
    },
  },
  {
    id: 'B54',
    title: 'cash never goes below 0, however far the open gaps',
    needs: ['fees', 'cash-settlement'],
    setup: { feeBasisPoints: '10' },
    async run(bench) {
      await bench.market.preOpen()
      const id = await bench.place({ quantity: '99' })
      await bench.market.open({ AAA: '150' })
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled', 'canceled'])
      expect(bench.fillOf(id).quantity).toBe('66')
      expect(await bench.balance('USD')).toBe('90.1')
    },
  },
  {
    id: 'B55',
    title: 'a dividend is paid on what is held, before that day’s open',
    needs: ['dividends'],
    async run(bench) {
      await bench.buyAtOpen('10')
      await bench.market.preOpen()
      await bench.place({ quantity: '5' })
      await bench.market.dividend('AAA', '0.4725')
      await bench.market.open({ AAA: '100' })
      expect(await bench.balance('USD')).toBe('8504.725')
    },
  },
  {
    id: 'B56',
    title: 'an order larger than the market’s volume fills over several sessions',
    needs: ['partial-fills', 'market-orders-rest'],
    setup: { maximumVolumeFraction: '0.1' },
    async run(bench) {
      await bench.market.preOpen()
      await bench.market.open({ AAA: '100' })
      await bench.market.close({ AAA: { high: '101', low: '99', close: '100', volume: '65' } })
      const id = await bench.place({ quantity: '10', timeInForce: 'gtc' })
      await bench.market.preOpen()
      await bench.market.open({ AAA: '100' })
      expect(await bench.broker.order(id)).toMatchObject({ status: 'open', filledQuantity: '6' })
      await bench.market.close({ AAA: { high: '101', low: '99', close: '100', volume: '1000' } })
      await bench.market.preOpen()
      await bench.market.open({ AAA: '101' })
      expect(await bench.broker.order(id)).toMatchObject({ status: 'filled', filledQuantity: '10' })
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled', 'filled'])
      expect(await bench.balance('USD')).toBe('8996')
    },
  },
  {
    id: 'B57',
    title: 'a partly filled order that is cancelled keeps its fills',
    needs: ['partial-fills', 'market-orders-rest'],
    setup: { maximumVolumeFraction: '0.1' },
    async run(bench) {
      await bench.market.preOpen()
      await bench.market.open({ AAA: '100' })
      await bench.market.close({ AAA: { high: '101', low: '99', close: '100', volume: '65' } })
      const id = await bench.place({ quantity: '10', timeInForce: 'gtc' })
      await bench.market.preOpen()
      await bench.market.open({ AAA: '100' })
      await bench.broker.cancel(id)
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled', 'canceled'])
      expect(await bench.broker.order(id)).toMatchObject({ status: 'canceled', filledQuantity: '6' })
      expect(await bench.balance('AAA')).toBe('6')
    },
  },
  {
    id: 'B97',
    title: 'a limit order larger than the market’s volume fills over several sessions',
    needs: ['partial-fills', 'cash-settlement'],
    setup: { maximumVolumeFraction: '0.1' },
    async run(bench) {
      const id = await placeLarge(bench)
      await bench.market.preOpen()
      await bench.market.open({ AAA: '100' })
      expect(await bench.broker.order(id)).toMatchObject({ status: 'open', filledQuantity: '6' })
      await bench.market.close({ AAA: { high: '101', low: '99', close: '100', volume: '1000' } })
      await bench.market.preOpen()
      await bench.market.open({ AAA: '101' })
      expect(await bench.broker.order(id)).toMatchObject({ status: 'filled', filledQuantity: '10' })
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled', 'filled'])
      expect(await bench.balance('USD')).toBe('8996')
    },
  },
  {
    id: 'B98',
    title: 'a partly filled limit order that is cancelled keeps its fills',
    needs: ['partial-fills'],
    setup: { maximumVolumeFraction: '0.1' },
    async run(bench) {
      const id = await placeLarge(bench)
      await bench.market.preOpen()
      await bench.market.open({ AAA: '100' })
      await bench.broker.cancel(id)
      expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled', 'canceled'])
      expect(await bench.broker.order(id)).toMatchObject({ status: 'canceled', filledQuantity: '6' })
      expect(await bench.balance('AAA')).toBe('6')
    },
  },
  {
    id: 'B58',
    title: 'a filled buy sets no cash aside any more',
    async run(bench) {
      await bench.buyAtOpen('50')
      const id = await bench.place({ quantity: '50' })
      expect(bench.wordsAbout(id)).toEqual(['accepted'])
    },
  },
  {
    id: 'B59',
    title: 'a closed account takes no orders',
    async run(bench) {
      await bench.broker.close()
      await expect(bench.place()).rejects.toMatchObject({ code: 'BROKER_CLOSED' })
    },
  },
]
