import { canonicalJson } from '@tradeswarm/core'
import { describe, expect, test } from 'vitest'
import { createLedger, restoreLedger } from './ledger.js'
import type { LedgerEntry } from './ledger-entry.js'
import type { FillEvent, LedgerEvent } from './ledger-event.js'
import type { Ledger } from './ledger-port.js'
import { parseLedgerEvent } from './parse-ledger-event.js'

const currency = 'USD'
let sequence = 0

function fill(side: 'buy' | 'sell', quantity: string, price: string, extra: Partial<FillEvent> = {}): FillEvent {
  sequence += 1
  const id = String(sequence)
  return {
    type: 'fill',
    eventId: `event-${id}`,
    time: sequence,
    account: 'paper',
    symbol: 'BTC-USD',
    asset: 'BTC',
    tradeId: `trade-${id}`,
    orderId: `order-${id}`,
    side,
    quantity,
    price,
    fee: '0',
    feeCurrency: currency,
    ...extra,
  }
}

function book(ledger: Ledger, ...events: readonly LedgerEvent[]): readonly LedgerEntry[] {
  return events.flatMap((event) => {
    const result = ledger.apply(event)
    return result.status === 'applied' ? [result.entry] : []
  })
}

/** What an owner sees of the books: all but the numbering and the history behind it. */
function seen(ledger: Ledger): string {
  return canonicalJson({ totals: ledger.totals(), positions: ledger.positions(), balance: ledger.trialBalance() })
}

describe('one fill at a time', () => {
  test('a round trip realises its profit and leaves nothing open', () => {
    const ledger = createLedger({ currency })
    book(ledger, { type: 'deposit', eventId: 'in', time: 0, amount: '1000' }, fill('buy', '2', '100', { fee: '1' }))
    expect(ledger.position('BTC-USD')).toMatchObject({
      quantity: '2',
      openCost: '200',
      averagePrice: '100',
      asset: 'BTC',
    })
    const [sale] = book(ledger, fill('sell', '2', '110', { fee: '1.1' }))
    expect(sale).toMatchObject({
      realised: '20',
      fee: '1.1',
      closedQuantity: '2',
      closedCost: '200',
      quantityAfter: '0',
    })
    expect(ledger.position('BTC-USD')).toBeUndefined()
    expect(ledger.totals()).toEqual({
      cash: '1017.9',
      openCost: '0',
      realised: '20',
      fees: '2.1',
      income: '0',
      netDeposits: '1000',
    })
  })

  test('the oldest lot is closed first', () => {
    const ledger = createLedger({ currency })
    book(ledger, fill('buy', '1', '100'), fill('buy', '1', '200'))
    const [sale] = book(ledger, fill('sell', '1.5', '300'))
    expect(sale).toMatchObject({ realised: '250', closedCost: '200' })
    expect(ledger.position('BTC-USD')?.lots).toMatchObject([{ quantity: '0.5', cost: '100' }])
  })

  test('I21 a flip through zero realises exactly the closed part and opens the rest at the new price', () => {
    const ledger = createLedger({ currency })
    book(ledger, fill('buy', '3', '10', { time: 1 }))
    const [flip] = book(ledger, fill('sell', '5', '12', { time: 2 }))
    expect(flip).toMatchObject({ realised: '6', closedQuantity: '3', closedCost: '30', quantityAfter: '-2' })
    expect(ledger.position('BTC-USD')).toMatchObject({
      quantity: '-2',
      openCost: '-24',
      averagePrice: '12',
      openedAt: 2,
    })
    const [back] = book(ledger, fill('buy', '3', '11'))
    expect(back).toMatchObject({ realised: '2', closedQuantity: '2', closedCost: '-24', quantityAfter: '1' })
  })

  test('I21 a fee taken in the asset lessens the holding and counts at the price', () => {
    const ledger = createLedger({ currency })
    const [buy] = book(ledger, fill('buy', '1', '100', { fee: '0.01', feeCurrency: 'BTC' }))
    expect(buy).toMatchObject({ fee: '1', quantityAfter: '0.99' })
    expect(ledger.totals()).toMatchObject({ cash: '-100', openCost: '99', fees: '1' })
    book(ledger, fill('sell', '0.9', '110', { fee: '0.09', feeCurrency: 'BTC' }))
    expect(ledger.totals()).toMatchObject({ cash: '-1', openCost: '0', realised: '9.9', fees: '10.9' })
    expect(ledger.quantity('BTC-USD')).toBe('0')
  })

  test('a fee in a currency that nobody names is refused before anything is booked', () => {
    const ledger = createLedger({ currency })
    const before = canonicalJson(ledger.snapshot())
    expect(() => ledger.apply(fill('buy', '1', '100', { fee: '0.1', feeCurrency: '' }))).toThrow(
      expect.objectContaining({ code: 'FEE_CURRENCY_UNKNOWN' }),
    )
    expect(() => ledger.apply(fill('buy', '0', '100'))).toThrow('fill.quantity: must be above 0')
    expect(() => ledger.apply(fill('buy', '1', '0.1234567890123'))).toThrow('more than 12 decimals')
    expect(() => ledger.apply({ type: 'deposit', eventId: 'x', time: 0, amount: '1e5' })).toThrow('deposit.amount')
    expect(canonicalJson(ledger.snapshot())).toBe(before)
  })

  test('a position is as old as its first lot since it was last flat', () => {
    const ledger = createLedger({ currency })
    book(
      ledger,
      fill('buy', '1', '10', { time: 1 }),
      fill('buy', '1', '10', { time: 2 }),
      fill('sell', '1', '10', { time: 3 }),
    )
    expect(ledger.position('BTC-USD')?.openedAt).toBe(1)
    book(ledger, fill('sell', '1', '10', { time: 4 }), fill('buy', '1', '10', { time: 5 }))
    expect(ledger.position('BTC-USD')?.openedAt).toBe(5)
  })

  test('an entry carries the chain that it belongs to', () => {
    const [entry] = book(createLedger({ currency }), fill('buy', '1', '10', { correlationId: 'c', causationId: 'm' }))
    expect(entry).toMatchObject({ correlationId: 'c', causationId: 'm', orderId: expect.any(String), account: 'paper' })
  })

  test('what else moves cash', () => {
    const ledger = createLedger({ currency })
    book(
      ledger,
      { type: 'deposit', eventId: '1', time: 0, amount: '500' },
      { type: 'deposit', eventId: '2', time: 0, amount: '-100' },
      { type: 'dividend', eventId: '3', time: 0, symbol: 'AAPL', quantity: '10', amountPerUnit: '0.47' },
      { type: 'dividend', eventId: '4', time: 0, symbol: 'AAPL', quantity: '-1', amountPerUnit: '0.47' },
      { type: 'interest', eventId: '5', time: 0, amount: '-0.5' },
      { type: 'fee', eventId: '6', time: 0, amount: '0.3' },
    )
    expect(ledger.totals()).toEqual({
      cash: '403.43',
      openCost: '0',
      realised: '0',
      fees: '0.3',
      income: '3.73',
      netDeposits: '400',
    })
    expect([ledger.cash('USD'), ledger.cash('EUR')]).toEqual(['403.43', '0'])
  })
})

describe('duplicates and busts', () => {
  test('I03 the same fill from two sources is booked once', () => {
    const ledger = createLedger({ currency })
    const first = fill('buy', '1', '100')
    book(ledger, first)
    const before = canonicalJson(ledger.snapshot())
    expect(ledger.apply({ ...first, eventId: 'from-rest' })).toEqual({
      status: 'duplicate',
      entryId: 'ledger-1',
      conflicting: false,
    })
    expect(ledger.apply({ ...first, price: '100.00' })).toMatchObject({ status: 'duplicate', conflicting: false })
    expect(ledger.apply({ ...first, price: '101' })).toEqual({
      status: 'duplicate',
      entryId: 'ledger-1',
      conflicting: true,
    })
    expect(canonicalJson(ledger.snapshot())).toBe(before)
    expect(ledger.apply({ ...first, account: 'live' }).status).toBe('applied')
  })

  test('I03 any other event is known by its id, and conflicts where it says other figures', () => {
    const ledger = createLedger({ currency })
    const deposit = { type: 'deposit', eventId: 'wire', time: 1, amount: '5' } as const
    const split = { type: 'split', eventId: 's', time: 2, symbol: 'BTC-USD', numerator: 4, denominator: 1 } as const
    book(ledger, deposit, fill('buy', '1', '100'), split)
    const before = canonicalJson(ledger.snapshot())
    const conflicts = (event: LedgerEvent, books = ledger) => {
      const result = books.apply(event)
      return result.status === 'duplicate' && result.conflicting
    }
    expect(conflicts({ ...deposit, time: 9, amount: '5.00', currency, causationId: 'again' })).toBe(false)
    expect(conflicts({ ...deposit, amount: '6' })).toBe(true)
    expect(conflicts({ ...deposit, currency: 'EUR' })).toBe(true)
    expect(conflicts({ ...deposit, type: 'interest' })).toBe(true)
    expect(conflicts(split)).toBe(false)
    expect(conflicts({ ...split, numerator: 2 })).toBe(true)
    expect(conflicts({ ...split, cashInLieu: { quantity: '0.5', amount: '10' } })).toBe(true)
    expect(canonicalJson(ledger.snapshot())).toBe(before)
    // A snapshot does not tell what was said.
    expect(conflicts({ ...deposit, amount: '6' }, restoreLedger(ledger.snapshot()))).toBe(false)
  })

  test('I03 a bust of a purchase moves later sales onto the lots that are left', () => {
    const ledger = createLedger({ currency })
    const wrong = fill('buy', '1', '100')
    book(ledger, wrong, fill('buy', '1', '200'), fill('sell', '1', '300'))
    const bust = {
      type: 'bust',
      eventId: 'bust',
      time: 9,
      account: 'paper',
      symbol: 'BTC-USD',
      tradeId: wrong.tradeId,
    } as const
    const [entry] = book(ledger, bust)
    expect(entry).toMatchObject({ kind: 'bust', realised: '-100', quantityAfter: '0' })
    expect(ledger.totals()).toMatchObject({ cash: '100', openCost: '0', realised: '100' })
    expect(ledger.apply({ ...bust, eventId: 'again' })).toMatchObject({ status: 'duplicate', entryId: 'ledger-4' })
    expect(ledger.apply(wrong)).toMatchObject({ status: 'duplicate', entryId: 'ledger-1' })
  })

  test('I03 a bust may come before its fill, which then moves nothing', () => {
    const ledger = createLedger({ currency })
    const late = fill('buy', '1', '100')
    book(ledger, { type: 'bust', eventId: 'bust', time: 0, account: 'paper', symbol: 'BTC-USD', tradeId: late.tradeId })
    const [entry] = book(ledger, late)
    expect(entry).toMatchObject({ kind: 'fill', postings: [], quantityAfter: '0' })
    expect(ledger.trialBalance()).toEqual([])
  })
})

describe('splits', () => {
  test('I42 a split changes units and average price, not cost, cash or equity', () => {
    const ledger = createLedger({ currency })
    book(ledger, fill('buy', '3', '100'), fill('buy', '4', '50'))
    const before = ledger.totals()
    const [entry] = book(ledger, {
      type: 'split',
      eventId: 's',
      time: sequence + 0.5,
      symbol: 'BTC-USD',
      numerator: 7,
      denominator: 2,
    })
    expect(entry).toMatchObject({ realised: '0', quantityAfter: '24.5' })
    expect(ledger.totals()).toEqual(before)
    expect(ledger.valuation(() => '20')).toEqual({ status: 'priced', marketValue: '490', equity: '-10' })
    const [sale] = book(ledger, fill('sell', '10.5', '20'))
    expect(sale).toMatchObject({ realised: '-90', closedCost: '300' })
  })

  test('I18 the remainder of a division stays in the last lot', () => {
    const ledger = createLedger({ currency })
    book(ledger, fill('buy', '1', '100'), fill('buy', '1', '100'))
    book(ledger, { type: 'split', eventId: 's', time: sequence + 0.5, symbol: 'BTC-USD', numerator: 1, denominator: 3 })
    expect(ledger.position('BTC-USD')?.lots.map((lot) => lot.quantity)).toEqual([
      '0.333333333333333333',
      '0.333333333333333333',
    ])
    book(ledger, fill('sell', '0.111111111111111111', '300'), fill('sell', '0.555555555555555555', '300'))
    expect(ledger.totals()).toMatchObject({ openCost: '0' })
    expect(ledger.quantity('BTC-USD')).toBe('0')
  })

  test('I18 the cost of a lot that a reverse split leaves without units goes to its neighbour', () => {
    const ledger = createLedger({ currency })
    book(
      ledger,
      fill('buy', '0.000000000000000001', '100'),
      fill('buy', '1', '100'),
      fill('buy', '0.000000000000000001', '200'),
    )
    book(ledger, {
      type: 'split',
      eventId: 's',
      time: sequence + 0.5,
      symbol: 'BTC-USD',
      numerator: 1,
      denominator: 10,
    })
    expect(ledger.position('BTC-USD')?.lots).toMatchObject([{ quantity: '0.1', cost: '100.0000000000000003' }])
    expect(ledger.totals()).toMatchObject({ openCost: '100.0000000000000003', realised: '0' })
  })

  test('a position too small to survive a reverse split is written off', () => {
    const ledger = createLedger({ currency })
    book(ledger, fill('buy', '0.000000000000000001', '100'))
    book(ledger, {
      type: 'split',
      eventId: 's',
      time: sequence + 0.5,
      symbol: 'BTC-USD',
      numerator: 1,
      denominator: 10,
    })
    expect(ledger.totals()).toMatchObject({ openCost: '0', realised: '-0.0000000000000001' })
  })

  test('a ratio that is not of whole numbers is refused', () => {
    const split = {
      type: 'split',
      eventId: 's',
      time: sequence + 0.5,
      symbol: 'A',
      numerator: 1.5,
      denominator: 1,
    } as const
    expect(() => createLedger({ currency }).apply(split)).toThrow('split.numerator: 1.5')
  })
})

describe('reading the books', () => {
  test('I22 without a price the books are unpriceable and name the symbols', () => {
    const ledger = createLedger({ currency })
    book(ledger, fill('buy', '1', '100'), fill('sell', '2', '5', { symbol: 'ETH-USD', asset: 'ETH' }))
    expect(ledger.valuation((symbol) => (symbol === 'BTC-USD' ? '110' : undefined))).toEqual({
      status: 'unpriceable',
      symbols: ['ETH-USD'],
    })
    expect(ledger.valuation(() => '10')).toEqual({ status: 'priced', marketValue: '-10', equity: '-100' })
  })

  test('a snapshot whose figures do not follow from its fills is refused', () => {
    const ledger = createLedger({ currency })
    book(ledger, fill('buy', '1', '100'))
    const text = JSON.stringify(ledger.snapshot())
    expect(() =>
      restoreLedger(JSON.parse(text.replace('"quantity":"1","openCost"', '"quantity":"2","openCost"'))),
    ).toThrow('do not follow')
    expect(() => restoreLedger({ ...JSON.parse(text), version: 5 })).toThrow('field "version"')
    expect(seen(restoreLedger(JSON.parse(text)))).toBe(seen(ledger))
  })

  test('an event read back with a wrong field is refused by name', () => {
    expect(() => parseLedgerEvent({ ...fill('buy', '1', '1'), side: 'hold' })).toThrow('field "side"')
  })
})
