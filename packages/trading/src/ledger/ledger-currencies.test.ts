import { canonicalJson } from '@tradeswarm/core'
import { describe, expect, test } from 'vitest'
import { createLedger, restoreLedger } from './ledger.js'
import type { LedgerEntry } from './ledger-entry.js'
import type { CorrectionEvent, FillEvent, LedgerEvent } from './ledger-event.js'
import type { Ledger } from './ledger-port.js'
import type { LotMethod } from './open-lots.js'
import { portfolioChanges } from './portfolio-change.js'

let sequence = 0

function fill(side: 'buy' | 'sell', quantity: string, price: string, extra: Partial<FillEvent> = {}): FillEvent {
  sequence += 1
  const id = String(sequence)
  return {
    type: 'fill',
    eventId: `event-${id}`,
    time: sequence,
    account: 'okx',
    symbol: 'BTC-USDT',
    asset: 'BTC',
    currency: 'USDT',
    tradeId: `trade-${id}`,
    orderId: 'order',
    side,
    quantity,
    price,
    fee: '0',
    feeCurrency: 'USDT',
    ...extra,
  }
}

function book(ledger: Ledger, ...events: readonly LedgerEvent[]): readonly LedgerEntry[] {
  return events.flatMap((event) => {
    const result = ledger.apply(event)
    return result.status === 'applied' ? [result.entry] : []
  })
}

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

describe('corrections', () => {
  const bought = fill('buy', '1', '100', { fee: '1' })
  const { account, symbol, tradeId } = bought
  const correction = (eventId: string, time: number, price: string): CorrectionEvent => ({
    type: 'correction',
    eventId,
    time,
    account,
    symbol,
    tradeId,
    price,
    quantity: '2',
    fee: '0.5',
    feeCurrency: 'USDT',
  })

  test('I03 a correction books the difference; both reports of the fill are duplicates of it then', () => {
    const ledger = usd()
    book(ledger, bought, fill('sell', '1', '120'))
    const [entry] = book(ledger, correction('c1', 50, '90'))
    expect(entry).toMatchObject({ kind: 'correction', realised: '10', fee: '-0.5', quantityAfter: '1' })
    expect(ledger.totals('USDT')).toMatchObject({ cash: '-60.5', openCost: '90', realised: '30', fees: '0.5' })
    expect(ledger.apply(correction('c1', 50, '90'))).toMatchObject({ status: 'duplicate' })
    expect(ledger.apply(bought)).toMatchObject({ status: 'duplicate', conflicting: false })
    expect(ledger.apply({ ...bought, price: '90', quantity: '2.0', fee: '0.5' })).toMatchObject({ conflicting: false })
    expect(ledger.apply({ ...bought, price: '91' })).toMatchObject({ status: 'duplicate', conflicting: true })
  })

  test('I03 the latest correction holds, whichever comes first, even before the fill', () => {
    const [early, late] = [correction('c1', 50, '90'), correction('c2', 60, '95')]
    const orders = [
      [bought, early, late],
      [late, bought, early],
      [late, early, bought],
      [early, bought, late],
    ]
    for (const order of orders) {
      const ledger = usd()
      book(ledger, ...order)
      expect(ledger.totals('USDT')).toMatchObject({ cash: '-190.5', openCost: '190' })
    }
  })
})

describe('units that come without a trade', () => {
  const btc = { symbol: 'BTC-USDT', asset: 'BTC', currency: 'USDT' } as const

  test('an opening, an adoption and a transfer bring cost against equity, and no cash', () => {
    const ledger = usd()
    book(
      ledger,
      { ...btc, type: 'opening', eventId: 'o', time: 1, quantity: '2', cost: '150' },
      { ...btc, type: 'adoption', eventId: 'a', time: 2, quantity: '1', price: '80' },
      { ...btc, type: 'transfer', eventId: 't', time: 3, quantity: '1', cost: '70' },
    )
    expect(ledger.position('BTC-USDT')).toMatchObject({ quantity: '4', openCost: '300' })
    expect(ledger.totals('USDT')).toMatchObject({ cash: '0', openCost: '300', netDeposits: '300' })
    expect(ledger.trialBalance().filter(({ account }) => account.startsWith('equity'))).toEqual([
      { account: 'equity:adoptions', asset: 'USDT', amount: '-80' },
      { account: 'equity:openings', asset: 'USDT', amount: '-150' },
      { account: 'equity:transfers', asset: 'USDT', amount: '-70' },
    ])
  })

  test('what goes out takes its cost along and realises nothing', () => {
    const ledger = usd()
    book(ledger, fill('buy', '1', '100'), fill('buy', '1', '200'))
    const [entry] = book(ledger, { ...btc, type: 'transfer', eventId: 't', time: 99, quantity: '-1.5' })
    expect(entry).toMatchObject({ kind: 'transfer', realised: '0', quantityAfter: '0.5' })
    expect(ledger.totals('USDT')).toMatchObject({ cash: '-300', openCost: '100', netDeposits: '-200', realised: '0' })
  })

  test('I21 an adoption against the position closes it as a trade at that price would', () => {
    const ledger = usd()
    book(ledger, fill('buy', '2', '100'))
    const [entry] = book(ledger, { ...btc, type: 'adoption', eventId: 'a', time: 99, quantity: '-3', price: '110' })
    expect(entry).toMatchObject({ realised: '20', quantityAfter: '-1' })
    expect(ledger.totals('USDT')).toMatchObject({ cash: '-200', openCost: '-110', realised: '20', netDeposits: '-330' })
  })

  test('I03 a bust beneath units that went out changes what they had cost', () => {
    const ledger = usd()
    const wrong = fill('buy', '1', '100')
    book(ledger, wrong, fill('buy', '1', '200'))
    book(ledger, { ...btc, type: 'transfer', eventId: 't', time: 99, quantity: '-1' })
    const { account, symbol, tradeId } = wrong
    const [entry] = book(ledger, { type: 'bust', eventId: 'b', time: 99, account, symbol, tradeId })
    expect(entry?.postings).toContainEqual({ account: 'equity:transfers', asset: 'USDT', amount: '100' })
    expect(ledger.totals('USDT')).toMatchObject({ openCost: '0', netDeposits: '-200' })
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

describe('forgetting', () => {
  test('a settled fill stays a duplicate, and can no longer be busted or corrected', () => {
    const ledger = usd('lifo')
    const settled = fill('buy', '3', '100', { time: 10 })
    const recent = fill('buy', '1', '110', { time: 20 })
    book(ledger, settled, recent)
    const before = ledger.positions()
    expect(ledger.forgetBefore(20)).toBe(1)
    expect(ledger.positions()).toEqual(before)
    expect(ledger.apply(settled)).toMatchObject({ status: 'duplicate' })
    const bust = { type: 'bust', eventId: 'b', time: 30, account: 'okx', symbol: 'BTC-USDT' } as const
    const passed = expect.objectContaining({ code: 'LEDGER_HORIZON_PASSED' })
    expect(() => ledger.apply({ ...bust, tradeId: settled.tradeId })).toThrow(passed)
    const { price, quantity, fee, feeCurrency, tradeId } = settled
    const correction = { ...bust, type: 'correction', tradeId, price, quantity, fee, feeCurrency } as const
    expect(() => ledger.apply(correction)).toThrow(passed)
    expect(ledger.apply({ ...bust, tradeId: recent.tradeId })).toMatchObject({ entry: { quantityAfter: '3' } })
    const restored = restoreLedger(JSON.parse(JSON.stringify(ledger.snapshot())))
    expect(canonicalJson(restored.snapshot())).toBe(canonicalJson(ledger.snapshot()))
    expect(restored.lots).toBe('lifo')
  })

  test('a bust that was booked before its fill was forgotten stays a duplicate', () => {
    const ledger = usd()
    const { account, symbol, tradeId, ...rest } = fill('buy', '3', '100', { time: 10 })
    const bust = { type: 'bust', eventId: 'b', time: 11, account, symbol, tradeId } as const
    book(ledger, { account, symbol, tradeId, ...rest }, bust)
    ledger.forgetBefore(50)
    expect(ledger.apply({ ...bust, eventId: 'again' })).toMatchObject({ status: 'duplicate', entryId: 'ledger-2' })
  })

  test('once keys are dropped too, what is older than they reach is refused, and a late fill after that is booked', () => {
    const ledger = usd()
    const old = fill('buy', '3', '100', { time: 10 })
    book(ledger, old)
    ledger.forgetBefore(50, { keysBefore: 20 })
    const passed = expect.objectContaining({ code: 'LEDGER_HORIZON_PASSED' })
    expect(() => ledger.apply(old)).toThrow(passed)
    expect(() => ledger.apply({ type: 'fee', eventId: 'f', time: 19, amount: '1' })).toThrow(passed)
    expect(book(ledger, fill('sell', '1', '120', { time: 30 }))).toMatchObject([{ realised: '20' }])
  })
})
