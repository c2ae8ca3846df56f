import type { Instrument } from '@tradeswarm/trading'
import { expect } from 'vitest'
import { type BrokerBench, benchInstruments } from './broker-bench.js'
import type { BrokerCase } from './broker-case.js'

const base = {
  tickSize: '0.1',
  lotSize: '1',
  minimumNotional: '5',
  calendar: 'us-equity',
} as const

/** A perpetual of 0.01 coins, and a share that is paid for in euros. */
const swap: Instrument = {
  ...base,
  symbol: 'CCC-SWAP',
  asset: 'CCC-SWAP',
  kind: 'perpetual',
  currency: 'USD',
  multiplier: '0.01',
}
const share: Instrument = { ...base, symbol: 'EEE', asset: 'EEE', kind: 'equity', currency: 'EUR' }

const setup = { instruments: [...benchInstruments, swap, share], cash: { USD: '10000', EUR: '5000' } }

/** Trades at the next open of the perpetual, and lets the session end at the same price. */
async function tradeSwap(
  bench: BrokerBench,
  side: 'buy' | 'sell',
  quantity: string,
  price: string,
  reduceOnly = false,
) {
  await bench.market.preOpen()
  const id = await bench.place({ symbol: swap.symbol, side, quantity, reduceOnly })
  await bench.market.session({ [swap.symbol]: [price, price, price, price] })
  return id
}

/** Contracts on margin with their funding, and cash in more than one currency. */
export const contractCases: readonly BrokerCase[] = [
  {
    id: 'B101',
    title: 'entering a contract moves its fee and nothing else, and its units are counted under its symbol',
    needs: ['contracts', 'fees'],
    setup: { ...setup, feeBasisPoints: '10' },
    async run(bench) {
      const id = await tradeSwap(bench, 'buy', '20', '30000')
      expect(bench.fillOf(id)).toMatchObject({ quantity: '20', price: '30000', fee: '6', feeCurrency: 'USD' })
      expect(await bench.balance('USD')).toBe('9994')
      expect(await bench.balance('CCC-SWAP')).toBe('20')
    },
  },
  {
    id: 'B102',
    title: 'closing a contract pays what its multiplier makes of the way from the average price',
    needs: ['contracts'],
    setup,
    async run(bench) {
      await tradeSwap(bench, 'buy', '10', '30000')
      await tradeSwap(bench, 'buy', '10', '31000')
      await tradeSwap(bench, 'sell', '5', '31500', true)
      expect(await bench.balance('USD')).toBe('10050')
      await tradeSwap(bench, 'sell', '15', '30000', true)
      expect(await bench.broker.balances()).toEqual([
        { asset: 'EUR', total: '5000' },
        { asset: 'USD', total: '9975' },
      ])
    },
  },
  {
    id: 'B103',
    title: 'a contract is sold short as it is bought, and gains when its price falls',
    needs: ['contracts'],
    setup,
    async run(bench) {
      await tradeSwap(bench, 'sell', '10', '30000')
      expect(await bench.balance('CCC-SWAP')).toBe('-10')
      expect(await bench.balance('USD')).toBe('10000')
      await tradeSwap(bench, 'buy', '10', '29000', true)
      expect(await bench.balance('USD')).toBe('10100')
    },
  },
  {
    id: 'B104',
    title: 'a contract that stands for more than the margin there is, is refused; one that fits is not',
    needs: ['contracts'],
    setup,
    async run(bench) {
      await bench.market.session({ [swap.symbol]: ['30000', '30000', '30000', '30000'] })
      const limit = { symbol: swap.symbol, type: 'limit', limitPrice: '30000' } as const
      const large = await bench.place({ ...limit, quantity: '34' })
      expect(bench.rejectionCodeOf(large)).toBe('INSUFFICIENT_FUNDS')
      const short = await bench.place({ ...limit, side: 'sell', limitPrice: '30000', quantity: '34' })
      expect(bench.rejectionCodeOf(short)).toBe('INSUFFICIENT_FUNDS')
      const fits = await bench.place({ ...limit, quantity: '33' })
      expect(bench.wordsAbout(fits)).toEqual(['accepted'])
    },
  },
  {
    id: 'B105',
    title: 'the margin of a contract that is held pays for nothing else',
    needs: ['contracts'],
    setup,
    async run(bench) {
      await tradeSwap(bench, 'buy', '30', '30000')
      const shares = await bench.place({ quantity: '11', type: 'limit', limitPrice: '100' })
      expect(bench.rejectionCodeOf(shares)).toBe('INSUFFICIENT_FUNDS')
      await tradeSwap(bench, 'sell', '10', '30000', true)
      const later = await bench.place({ quantity: '11', type: 'limit', limitPrice: '100' })
      expect(bench.wordsAbout(later)).toEqual(['accepted'])
    },
  },
  {
    id: 'B106',
    title: 'funding above 0 is paid by longs and received by shorts, once, and told as a movement',
    needs: ['contracts', 'funding'],
    setup,
    async run(bench) {
      const due = { type: 'funding', symbol: swap.symbol, price: '30000' } as const
      await tradeSwap(bench, 'buy', '10', '30000')
      const first = bench.feed.clock.now() + 1_000
      await bench.feed.emit({ ...due, time: first, rate: '0.0001' })
      await bench.feed.emit({ ...due, time: first, rate: '0.0001' })
      expect(await bench.balance('USD')).toBe('9999.7')
      await tradeSwap(bench, 'sell', '10', '30000', true)
      await tradeSwap(bench, 'sell', '20', '30000')
      const second = bench.feed.clock.now() + 1_000
      await bench.feed.emit({ ...due, time: second, rate: '0.0001' })
      await bench.feed.emit({ ...due, time: second + 1_000, rate: '-0.00005' })
      expect(await bench.balance('USD')).toBe('10000')
      const told = await bench.broker.movements?.(0)
      expect(told?.map(({ type, time, amount, currency }) => [type, time, amount, currency])).toEqual([
        ['funding', first, '-0.3', 'USD'],
        ['funding', second, '0.6', 'USD'],
        ['funding', second + 1_000, '-0.3', 'USD'],
      ])
      expect(new Set(told?.map(({ eventId }) => eventId)).size).toBe(3)
      expect((await bench.broker.movements?.(second))?.length).toBe(2)
    },
  },
  {
    id: 'B107',
    title: 'an order sized in currency buys the contracts that the amount stands for',
    needs: ['contracts', 'quote-sized', 'quote-sized-contracts'],
    setup,
    async run(bench) {
      await bench.market.preOpen()
      const id = await bench.place({ symbol: swap.symbol, quantity: '1000', sizedIn: 'quote' })
      await bench.market.session({ [swap.symbol]: ['30000', '30000', '30000', '30000'] })
      expect(bench.fillOf(id)).toMatchObject({ quantity: '3', price: '30000' })
    },
  },
  {
    id: 'B108',
    title: 'a symbol is paid for in its own currency, fee included, and leaves the others alone',
    needs: ['currencies', 'fees'],
    setup: { ...setup, feeBasisPoints: '10' },
    async run(bench) {
      await bench.market.preOpen()
      const id = await bench.place({ symbol: 'EEE', quantity: '10' })
      await bench.market.session({ EEE: ['200', '200', '200', '200'] })
      expect(bench.fillOf(id)).toMatchObject({ fee: '2', feeCurrency: 'EUR' })
      expect(await bench.broker.balances()).toEqual([
        { asset: 'EEE', total: '10' },
        { asset: 'EUR', total: '2998' },
        { asset: 'USD', total: '10000' },
      ])
    },
  },
  {
    id: 'B109',
    title: 'no other currency stands in where one does not suffice',
    needs: ['currencies'],
    setup,
    async run(bench) {
      await bench.market.session({ EEE: ['200', '200', '200', '200'] })
      const id = await bench.place({ symbol: 'EEE', quantity: '26', type: 'limit', limitPrice: '200' })
      expect(bench.rejectionCodeOf(id)).toBe('INSUFFICIENT_FUNDS')
    },
  },
]
