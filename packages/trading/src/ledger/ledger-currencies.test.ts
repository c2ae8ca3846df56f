import { describe, expect, test } from 'vitest'
import { book, okxFill as fill } from './book-history.test-support.js'
import { createLedger } from './ledger.js'
import type { LedgerEntry } from './ledger-entry.js'
import type { LotMethod } from './open-lots.js'
import { portfolioChanges } from './portfolio-change.js'

const usd = (lots?: LotMethod) => createLedger({ currency: 'USD', ...(lots === undefined ? {} : { lots }) })
const bnb = { symbol: 'BNB-USDT', asset: 'BNB' } as const

describe('currencies', () => {
  test('a fill settles in its own currency, and its cost stays in it', () => {
    const ledger = usd()
    const [entry] = book(ledger, fill('buy', '2', '100', { fee: '1' }))
    expect(entry).toMatchObject({ currency: 'USDT', fee: '1', realised: '0' })
    expect([ledger.cash('USDT'), ledger.cash('USD')]).toEqual(['-201', '0'])
    expect(ledger.position('BTC-USDT')).toMatchObject({ currency: 'USDT', openCost: '200', averagePrice: '100' })
    expect(ledger.totals('USDT')).toMatchObject({ cash: '-201', openCost: '200', fees: '1' })
    expect(ledger.totals()).toMatchObject({ cash: '0', openCost: '0' })
    expect(ledger.currencies()).toEqual(['USD', 'USDT'])
  })

  test('I18 a fee in a third currency is paid from the balance in that, traded or not', () => {
    const ledger = usd()
    book(ledger, fill('buy', '10', '300', { ...bnb }))
    const [entry] = book(ledger, fill('buy', '1', '100', { fee: '0.02', feeCurrency: 'BNB' }))
    expect(entry).toMatchObject({ fee: '0', otherFees: [{ currency: 'BNB', amount: '0.02' }] })
    expect([ledger.quantity('BNB-USDT'), ledger.cash('BNB'), ledger.balance('BNB')]).toEqual(['10', '-0.02', '9.98'])
    expect(ledger.totals('BNB')).toMatchObject({ cash: '-0.02', fees: '0.02', netDeposits: '0' })
    expect(ledger.totals('USDT')).toMatchObject({ cash: '-3100', openCost: '3100', fees: '0' })
  })

  test('a bust gives back a fee that was paid in a third currency', () => {
    const ledger = usd()
    const bought = fill('buy', '1', '100', { fee: '0.02', feeCurrency: 'BNB' })
    book(ledger, bought)
    const { account, symbol, tradeId } = bought
    const [entry] = book(ledger, { type: 'bust', eventId: 'b', time: 9, account, symbol, tradeId })
    expect(entry).toMatchObject({ otherFees: [{ currency: 'BNB', amount: '-0.02' }], quantityAfter: '0' })
    expect(ledger.trialBalance()).toEqual([])
  })

  test('I22 a valuation needs a price for each symbol and a rate for each foreign currency', () => {
    const ledger = usd()
    book(ledger, { type: 'deposit', eventId: 'd', time: 0, amount: '1000' }, fill('buy', '2', '100'))
    const price = () => '150'
    expect(ledger.valuation(price)).toEqual({ status: 'unpriceable', symbols: [], currencies: ['USDT'] })
    expect(
      ledger.valuation(
        () => '0',
        () => '1',
      ),
    ).toEqual({ status: 'unpriceable', symbols: ['BTC-USDT'] })
    expect(ledger.valuation(price, () => '0')).toMatchObject({ status: 'unpriceable', currencies: ['USDT'] })
    expect(ledger.valuation(price, () => '0.5')).toEqual({ status: 'priced', marketValue: '150', equity: '1050' })
  })

  test('profit is told by symbol, by currency and in all', () => {
    const ledger = usd()
    book(ledger, fill('buy', '2', '100', { fee: '1' }), fill('sell', '1', '130', { fee: '2' }))
    book(ledger, { type: 'funding', eventId: 'f', time: 1, symbol: 'BTC-USDT', amount: '-3', currency: 'USDT' })
    const profit = ledger.profit(
      () => '150',
      () => '0.5',
    )
    expect(profit.symbols).toEqual([
      {
        symbol: 'BTC-USDT',
        currency: 'USDT',
        quantity: '1',
        openCost: '100',
        realised: '30',
        fees: '3',
        marketValue: '150',
        unrealised: '50',
        returnFraction: '0.5',
      },
    ])
    expect(profit.currencies[1]).toEqual({
      currency: 'USDT',
      realised: '30',
      unrealised: '50',
      fees: '3',
      income: '-3',
      net: '74',
    })
    expect(profit.total).toEqual({
      status: 'priced',
      realised: '15',
      unrealised: '25',
      fees: '1.5',
      income: '-1.5',
      net: '37',
    })
    expect(ledger.profit(() => undefined).total).toEqual({
      status: 'unpriceable',
      symbols: ['BTC-USDT'],
      currencies: ['USDT'],
    })
  })
})

describe('lots', () => {
  const sold = (lots: LotMethod) => {
    const ledger = usd(lots)
    book(ledger, fill('buy', '1', '100'), fill('buy', '2', '160'), fill('sell', '1.5', '200'))
    return { ledger, realised: ledger.totals('USDT').realised, left: ledger.position('BTC-USDT')?.openCost }
  }

  test('the method says what a sale had cost', () => {
    expect(sold('fifo')).toMatchObject({ realised: '120', left: '240' })
    expect(sold('lifo')).toMatchObject({ realised: '60', left: '180' })
    expect(sold('average')).toMatchObject({ realised: '90', left: '210' })
  })

  test('averaging, there is one lot, and the remainder of a division stays in it', () => {
    const ledger = usd('average')
    book(ledger, fill('buy', '1', '1'), fill('buy', '2', '0.5'), fill('sell', '1', '1'), fill('sell', '1', '1'))
    expect(ledger.position('BTC-USDT')?.lots).toMatchObject([{ quantity: '1', cost: '0.666666666666666667' }])
    book(ledger, fill('sell', '1', '1'))
    expect(ledger.totals('USDT')).toMatchObject({ openCost: '0', realised: '1' })
  })

  test.each(['fifo', 'lifo', 'average'] as const)('I21 %s: a short is closed and flipped exactly', (lots) => {
    const ledger = usd(lots)
    book(ledger, fill('sell', '2', '100'), fill('sell', '2', '100'))
    const [flip] = book(ledger, fill('buy', '5', '90'))
    expect(flip).toMatchObject({ realised: '40', closedQuantity: '4', closedCost: '-400', quantityAfter: '1' })
    expect(portfolioChanges(flip as LedgerEntry)).toEqual([
      {
        type: 'position',
        move: 'flipped',
        symbol: 'BTC-USDT',
        quantityBefore: '-4',
        quantityAfter: '1',
        cause: 'fill',
      },
      { type: 'cash', currency: 'USDT', amount: '-450', cause: 'fill' },
      { type: 'realised', symbol: 'BTC-USDT', currency: 'USDT', amount: '40' },
    ])
  })
})

test('what else moves cash, in whichever currency', () => {
  const ledger = usd()
  const eur = { currency: 'EUR', time: 1 } as const
  const kinds = book(
    ledger,
    { ...eur, type: 'deposit', eventId: '1', amount: '500' },
    { ...eur, type: 'withdrawal', eventId: '2', amount: '100' },
    { ...eur, type: 'transfer', eventId: '3', amount: '-50' },
    { ...eur, type: 'fee', eventId: '4', amount: '2' },
    { ...eur, type: 'interest', eventId: '5', amount: '1' },
    { ...eur, type: 'dividend', eventId: '6', symbol: 'SAP', quantity: '-10', amountPerUnit: '2' },
    { ...eur, type: 'funding', eventId: '7', symbol: 'BTC-PERP', amount: '4' },
    { ...eur, type: 'borrow', eventId: '8', symbol: 'SAP', amount: '3' },
  ).map(({ kind }) => kind)
  expect(kinds).toEqual(['deposit', 'withdrawal', 'transfer', 'fee', 'interest', 'dividend', 'funding', 'borrow'])
  expect(ledger.totals('EUR')).toEqual({
    cash: '330',
    openCost: '0',
    realised: '0',
    fees: '2',
    income: '-18',
    netDeposits: '350',
  })
  expect(ledger.trialBalance()).toContainEqual({ account: 'expenses:borrow', asset: 'EUR', amount: '3' })
})

test('I42 a reverse split with cash in lieu sells the fraction at what was paid for it', () => {
  const ledger = usd()
  book(ledger, fill('buy', '25', '10', { symbol: 'X', asset: 'X', currency: 'USD', feeCurrency: 'USD' }))
  const [entry] = book(ledger, {
    type: 'split',
    eventId: 's',
    time: 99,
    symbol: 'X',
    numerator: 1,
    denominator: 10,
    cashInLieu: { quantity: '0.5', amount: '60' },
  })
  expect(entry).toMatchObject({ quantityAfter: '2', realised: '10' })
  expect(ledger.totals()).toMatchObject({ cash: '-190', openCost: '200', realised: '10' })
  expect(portfolioChanges(entry as LedgerEntry)[0]).toMatchObject({ move: 'reduced', cause: 'split' })
})
