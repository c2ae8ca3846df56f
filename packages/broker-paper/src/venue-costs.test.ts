import { benchInstruments } from '@tradeswarm/testing'
import type { Instrument } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { openPaper, openQuoted, sayQuote } from './open-paper.test-support.js'

const [aaa] = benchInstruments as readonly [Instrument]

test('makers and takers pay their own basis points', async () => {
  const bench = await openPaper({ fees: { makerBasisPoints: '1', takerBasisPoints: '10' } })
  await openQuoted(bench, '99', '100')
  const taker = await bench.place()
  const maker = await bench.place({ type: 'limit', limitPrice: '98' })
  await sayQuote(bench, '96', '97')
  expect(bench.fillOf(taker)).toMatchObject({ liquidity: 'taker', fee: '1' })
  expect(bench.fillOf(maker)).toMatchObject({ liquidity: 'maker', fee: '0.098' })
})

test('the fee of an order is taken once, with its first fill', async () => {
  const bench = await openPaper({ fees: { basisPoints: '0', perOrder: '2' }, maximumVolumeFraction: '0.1' })
  await bench.market.preOpen()
  await bench.market.open({ AAA: '100' })
  await bench.market.close({ AAA: { high: '101', low: '99', close: '100', volume: '65' } })
  await bench.place({ timeInForce: 'gtc' })
  await bench.market.session({ AAA: ['100', '101', '99', '100'] })
  await bench.market.session({ AAA: ['100', '101', '99', '100'] })
  const fees = bench.events.flatMap((event) => (event.type === 'filled' ? [event.execution.fee] : []))
  expect(fees).toEqual(['2', '0'])
  expect(await bench.balance('USD')).toBe('8998')
})

test('a fee taken in what is bought comes out of the units of a buy and the currency of a sale', async () => {
  const coin: Instrument = { ...aaa, kind: 'crypto-spot', lotSize: '0.001' }
  const bench = await openPaper({ instruments: [coin], fees: { basisPoints: '10', chargedIn: 'bought' } })
  await openQuoted(bench, '100', '100')
  const buy = await bench.place({ quantity: '10' })
  expect(bench.fillOf(buy)).toMatchObject({ fee: '0.01', feeCurrency: 'AAA' })
  expect(await bench.balance('AAA')).toBe('9.99')
  expect(await bench.balance('USD')).toBe('9000')
  const sell = await bench.place({ side: 'sell', quantity: '5' })
  expect(bench.fillOf(sell)).toMatchObject({ fee: '0.5', feeCurrency: 'USD' })
})

test('a fee in a third asset is taken at its last price while enough of it is held, else in the currency', async () => {
  const bench = await openPaper({ fees: { basisPoints: '10', chargedIn: { asset: 'BBB', symbol: 'BBB' } } })
  await openQuoted(bench, '100', '100')
  const poor = await bench.place({ quantity: '50' })
  expect(bench.fillOf(poor)).toMatchObject({ fee: '5', feeCurrency: 'USD' })
  await sayQuote(bench, '50', '50', 'BBB')
  await bench.place({ symbol: 'BBB', quantity: '10' })
  await sayQuote(bench, '100', '100')
  const rich = await bench.place({ quantity: '20' })
  expect(bench.fillOf(rich)).toMatchObject({ fee: '0.04', feeCurrency: 'BBB' })
  expect(await bench.balance('BBB')).toBe('9.96')
})

test('impact grows with the root of the share of the bar before', async () => {
  const fillWith = async (quantity: string): Promise<string> => {
    const bench = await openPaper({
      cash: { USD: '10000000' },
      slippage: { basisPoints: '0', impactBasisPoints: '100' },
    })
    await bench.market.preOpen()
    await bench.market.open({ AAA: '100' })
    await bench.market.close({ AAA: { high: '101', low: '99', close: '100', volume: '10000' } })
    const id = await bench.place({ quantity })
    await bench.market.session({ AAA: ['100', '101', '99', '100'] })
    return bench.fillOf(id).price
  }
  expect([await fillWith('100'), await fillWith('400'), await fillWith('10000')]).toEqual(['100.1', '100.2', '101'])
})

test('a contract of many units moves cash by its multiplier', async () => {
  const bench = await openPaper({ instruments: [{ ...aaa, multiplier: '10' }], cash: { USD: '3000' } })
  const dear = await bench.place({ quantity: '4' })
  expect(bench.rejectionCodeOf(dear)).toBe('INSUFFICIENT_FUNDS')
  await bench.place({ quantity: '2' })
  await bench.market.session({ AAA: ['101', '102', '99', '100'] })
  expect(await bench.broker.balances()).toEqual([
    { asset: 'AAA', total: '2' },
    { asset: 'USD', total: '980' },
  ])
})

test('one account holds several currencies, and none pays for another', async () => {
  const eur: Instrument = { ...aaa, symbol: 'CCC', asset: 'CCC', currency: 'EUR' }
  const bench = await openPaper({ instruments: [aaa, eur], cash: { USD: '10000', EUR: '500' } })
  const dear = await bench.place({ symbol: 'CCC', type: 'limit', limitPrice: '100', quantity: '6' })
  expect(bench.rejectionCodeOf(dear)).toBe('INSUFFICIENT_FUNDS')
  await bench.place({ symbol: 'CCC', type: 'limit', limitPrice: '100', quantity: '5' })
  await bench.place({ quantity: '10' })
  await bench.market.session({ AAA: ['100', '101', '99', '100'], CCC: ['90', '91', '89', '90'] })
  expect(await bench.broker.balances()).toEqual([
    { asset: 'AAA', total: '10' },
    { asset: 'CCC', total: '5' },
    { asset: 'EUR', total: '50' },
    { asset: 'USD', total: '9000' },
  ])
})

test('a short position pays for what it borrows at each session’s close, for all days since the last', async () => {
  const bench = await openPaper({ allowShorts: true, borrow: { annualRate: '0.365' } })
  await bench.place({ side: 'sell', quantity: '10' })
  await bench.market.session({ AAA: ['100', '101', '99', '100'] })
  expect(await bench.balance('USD')).toBe('10999')
  await bench.market.session({ AAA: ['100', '101', '99', '100'] })
  await bench.market.session({ AAA: ['100', '101', '99', '100'] })
  expect(await bench.balance('USD')).toBe('10997')
  // Over the weekend.
  await bench.market.session({ AAA: ['100', '101', '99', '100'] })
  expect(await bench.balance('USD')).toBe('10994')
})

test('what is not shortable is not sold short, whatever the account may do', async () => {
  const bench = await openPaper({ allowShorts: true, instruments: [{ ...aaa, shortable: false }] })
  const id = await bench.place({ side: 'sell', quantity: '1' })
  expect(bench.rejectionCodeOf(id)).toBe('NOT_SHORTABLE')
})

test('a fee in what is being sold comes out of what is left of it, else the currency pays', async () => {
  const bench = await openPaper({ fees: { basisPoints: '100', chargedIn: { asset: 'AAA', symbol: 'AAA' } } })
  await bench.market.preOpen()
  await bench.place({ quantity: '10' })
  await bench.market.open({ AAA: '100' })
  await bench.market.close({ AAA: { high: '100', low: '100', close: '100' } })
  const part = await bench.place({ side: 'sell', quantity: '5', reduceOnly: true })
  await bench.market.session({ AAA: ['100', '100', '100', '100'] })
  expect(bench.fillOf(part)).toMatchObject({ fee: '0.05', feeCurrency: 'AAA' })
  const whole = await openPaper({ fees: { basisPoints: '100', chargedIn: { asset: 'AAA', symbol: 'AAA' } } })
  await whole.buyAtOpen('10')
  const all = await whole.place({ side: 'sell', quantity: '10', reduceOnly: true })
  await whole.market.session({ AAA: ['100', '100', '100', '100'] })
  expect(whole.fillOf(all)).toMatchObject({ fee: '10', feeCurrency: 'USD' })
  expect(await whole.balance('AAA')).toBe('0')
})

test('a symbol has fees of its own, counted to the decimals that are said', async () => {
  const coin: Instrument = { ...aaa, kind: 'crypto-spot', lotSize: '0.000000001' }
  const other: Instrument = { ...aaa, symbol: 'BBB', asset: 'BBB' }
  const bench = await openPaper({
    instruments: [coin, other],
    fees: { basisPoints: '10' },
    symbolFees: { AAA: { basisPoints: '25', chargedIn: 'bought', places: 9 } },
  })
  await openQuoted(bench, '100', '100')
  expect(bench.fillOf(await bench.place({ quantity: '0.123456789' }))).toMatchObject({ fee: '0.000308642' })
  expect(bench.fillOf(await bench.place({ quantity: '1' }))).toMatchObject({ fee: '0.0025', feeCurrency: 'AAA' })
  expect(bench.fillOf(await bench.place({ side: 'sell', quantity: '0.3' }))).toMatchObject({ fee: '0.075' })
  await sayQuote(bench, '100', '100', 'BBB')
  expect(bench.fillOf(await bench.place({ symbol: 'BBB', quantity: '1' }))).toMatchObject({ fee: '0.1' })
})

test('fees of a symbol that is not traded are refused', async () => {
  await expect(openPaper({ symbolFees: { ZZZ: {} } })).rejects.toThrow(/symbolFees\.ZZZ is .*use a symbol of "instr/)
  await expect(openPaper({ symbolFees: { AAA: { places: 19 } } })).rejects.toThrow(/places is 19.* from 0 to 18/)
})

test('money that the venue moves by hand is in the balances, and told as a movement', async () => {
  const bench = await openPaper({})
  const { operator } = bench
  await operator.move({ type: 'fee', currency: 'USD', amount: '1.25' })
  await operator.move({ type: 'interest', currency: 'USD', amount: '0.25' })
  expect(await bench.balance('USD')).toBe('9999')
  expect(await bench.broker.movements?.(0)).toMatchObject([
    { type: 'fee', amount: '1.25' },
    { type: 'interest', amount: '0.25' },
  ])
})
