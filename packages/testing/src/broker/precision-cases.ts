import { decimal, decimalText } from '@tradeswarm/trading'
import { expect } from 'vitest'
import { type BrokerBench, benchInstruments } from './broker-bench.js'
import type { BrokerCase } from './broker-case.js'

/** The shares of the bench, to be had in parts of nine decimals. */
const inFractions = { instruments: benchInstruments.map((one) => ({ ...one, lotSize: '0.000000001' })) }

async function buyAt(bench: BrokerBench, quantity: string, price: string): Promise<string> {
  await bench.market.preOpen()
  const id = await bench.place({ quantity })
  await bench.market.open({ AAA: price })
  await bench.market.close({ AAA: { high: price, low: price, close: price } })
  return id
}

async function quote(bench: BrokerBench, bid: string, ask: string, askSize: string): Promise<void> {
  await bench.feed.emit({ type: 'quote', symbol: 'AAA', time: bench.feed.clock.now() + 1_000, bid, ask, askSize })
}

/** The grid of prices and quantities, to the last decimal. */
export const precisionCases: readonly BrokerCase[] = [
  {
    id: 'B164',
    title: 'a quantity of nine decimals comes back as it was ordered: told, listed and held',
    needs: ['fractions'],
    setup: inFractions,
    async run(bench) {
      const quantity = '1.234567891'
      const id = await buyAt(bench, quantity, '100.07')
      expect(bench.fillOf(id)).toMatchObject({ quantity, price: '100.07' })
      expect(await bench.broker.order(id)).toMatchObject({ status: 'filled', quantity, filledQuantity: quantity })
      expect(await bench.balance('AAA')).toBe(quantity)
    },
  },
  {
    id: 'B165',
    title: 'the least that can be left is a plain decimal text, neither rounded away nor with an exponent',
    needs: ['fractions'],
    setup: inFractions,
    async run(bench) {
      await buyAt(bench, '1', '100')
      const id = await bench.place({ side: 'sell', quantity: '0.999999999' })
      await bench.market.session({ AAA: ['100', '101', '99', '100'] })
      expect(bench.fillOf(id).quantity).toBe('0.999999999')
      expect(await bench.balance('AAA')).toBe('0.000000001')
    },
  },
  {
    id: 'B166',
    title: 'a quantity finer than the lot is rejected, not rounded',
    needs: ['fractions'],
    setup: inFractions,
    async run(bench) {
      const id = await bench.place({ quantity: '1.0000000001' })
      expect(bench.wordsAbout(id)).toEqual(['rejected'])
      expect(bench.rejectionCodeOf(id)).toBe('QUANTITY_PRECISION')
      expect(await bench.broker.openOrders()).toEqual([])
    },
  },
  {
    id: 'B167',
    title: 'a price between two ticks is rejected, neither rounded up nor down, and the ticks beside it are taken',
    async run(bench) {
      for (const limitPrice of ['90.005', '90.011', '89.9999999']) {
        const id = await bench.place({ type: 'limit', limitPrice })
        expect(bench.rejectionCodeOf(id)).toBe('PRICE_PRECISION')
      }
      for (const limitPrice of ['90', '90.01', '89.99', '90.10'])
        expect(bench.wordsAbout(await bench.place({ type: 'limit', limitPrice }))).toEqual(['accepted'])
      expect(await bench.broker.openOrders()).toHaveLength(4)
    },
  },
  {
    id: 'B168',
    title: 'parts of a tenth add up to three tenths, without a remainder',
    needs: ['fractions', 'quotes', 'partial-fills'],
    setup: inFractions,
    async run(bench) {
      await bench.market.preOpen()
      await bench.market.open({})
      await quote(bench, '100', '100.2', '100')
      const id = await bench.place({ type: 'limit', limitPrice: '99', quantity: '0.3' })
      for (const ask of ['98.5', '98.4', '98.3']) await quote(bench, '98', ask, '0.1')
      expect(bench.fillsOf(id).map(({ quantity }) => quantity)).toEqual(['0.1', '0.1', '0.1'])
      expect(await bench.broker.order(id)).toMatchObject({ status: 'filled', filledQuantity: '0.3' })
      expect(await bench.balance('AAA')).toBe('0.3')
    },
  },
  {
    id: 'B169',
    title: 'trailing zeros change nothing: an amount is what it is worth',
    async run(bench) {
      const id = await bench.place({ type: 'limit', limitPrice: '95.10', quantity: '10.0', timeInForce: 'gtc' })
      expect(bench.wordsAbout(id)).toEqual(['accepted'])
      await bench.market.session({ AAA: ['100', '101', '94', '100'] })
      const { price, quantity } = bench.fillOf(id)
      expect([decimalText(decimal(price)), decimalText(decimal(quantity))]).toEqual(['95.1', '10'])
    },
  },
  {
    id: 'B178',
    title: 'the least and the most quantity of one order are taken, and nothing beyond them',
    needs: ['quantity-bounds'],
    setup: {
      instruments: benchInstruments.map((one) => ({ ...one, minimumQuantity: '5', maximumQuantity: '50' })),
    },
    async run(bench) {
      const limit = { type: 'limit', limitPrice: '90' } as const
      const code = async (quantity: string): Promise<string | undefined> =>
        bench.rejectionCodeOf(await bench.place({ ...limit, quantity }))
      expect(await code('4')).toBe('QUANTITY_BELOW_MINIMUM')
      expect(await code('51')).toBe('QUANTITY_EXCEEDS_MAXIMUM')
      expect([await code('5'), await code('50')]).toEqual([undefined, undefined])
      expect(await bench.broker.openOrders()).toHaveLength(2)
    },
  },
  {
    id: 'B170',
    title: 'a fee that is taken out of what was bought is told in that, and held is what is left',
    needs: ['fees-in-kind', 'fractions', 'cash-settlement'],
    setup: { ...inFractions, feeBasisPoints: '10', feesInKind: true },
    async run(bench) {
      const bought = bench.fillOf(await buyAt(bench, '10', '100'))
      expect(bought.feeCurrency).toBe('AAA')
      const left = decimal('10').minus(decimal(bought.fee))
      expect(left.lt(decimal('10'))).toBe(true)
      expect(await bench.balance('AAA')).toBe(decimalText(left))
      expect(await bench.balance('USD')).toBe('9000')
      const id = await bench.place({ side: 'sell', quantity: '5' })
      await bench.market.session({ AAA: ['100', '100', '100', '100'] })
      const sold = bench.fillOf(id)
      expect(sold.feeCurrency).toBe('USD')
      expect(await bench.balance('USD')).toBe(decimalText(decimal('9500').minus(decimal(sold.fee))))
    },
  },
]
