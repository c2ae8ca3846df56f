import { canonicalJson } from '@tradeswarm/core'
import { describe, expect, test } from 'vitest'
import { book, okxFill as fill } from './book-history.test-support.js'
import { createLedger, restoreLedger } from './ledger.js'
import type { CorrectionEvent } from './ledger-event.js'
import type { LotMethod } from './open-lots.js'

const usd = (lots?: LotMethod) => createLedger({ currency: 'USD', ...(lots === undefined ? {} : { lots }) })
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
    const { account, symbol, tradeId } = old
    expect(() => ledger.apply({ type: 'bust', eventId: 'b', time: 19, account, symbol, tradeId })).toThrow(passed)
    expect(book(ledger, fill('sell', '1', '120', { time: 30 }))).toMatchObject([{ realised: '20' }])
  })

  test('keys are dropped by their time, also where they did not come in its order, and from books that were restored', () => {
    const ledger = usd()
    const late = [30, 10, 40, 20].map((time) => fill('buy', '1', '100', { time }))
    book(ledger, ...late)
    ledger.forgetBefore(50, { keysBefore: 5 })
    const restored = restoreLedger(JSON.parse(JSON.stringify(ledger.snapshot())))
    for (const each of [ledger, restored]) {
      each.forgetBefore(60, { keysBefore: 25 })
      const { books } = each.snapshot() as { books: { forgotten: [string, string, number][] }[] }
      expect(books[0]?.forgotten.map(([, , time]) => time)).toEqual([30, 40])
      each.forgetBefore(60, { keysBefore: 50 })
      expect(each.snapshot()).not.toHaveProperty('books.0.forgotten')
      expect(each.balance('BTC')).toBe('4')
    }
  })
})

describe('snapshots', () => {
  /** As books in one currency have always been kept. */
  const first = {
    version: 1,
    currency: 'USD',
    entries: 4,
    cash: '795.1',
    deposits: '1000',
    fees: '0',
    dividends: '0.6',
    interest: '0',
    seen: [
      ['in', 'ledger-1'],
      ['d', 'ledger-3'],
    ],
    books: [
      {
        symbol: 'AAPL',
        quantity: '2',
        openCost: '205',
        realised: '0',
        fees: '0.5',
        lots: [{ tradeId: 't1', quantity: '2', cost: '205', openedAt: 5 }],
        history: [
          {
            type: 'fill',
            account: 'paper',
            tradeId: 't1',
            asset: 'AAPL',
            side: 'buy',
            price: '102.50',
            quantity: '2',
            fee: '0.5',
            feeCurrency: 'USD',
            time: 5,
            entryId: 'ledger-2',
          },
        ],
        earlyBusts: [['5:papert9', 'ledger-4']],
      },
    ],
  }

  test('I23 one of version 1 is read, and written again to the byte while nothing newer is in it', () => {
    const ledger = restoreLedger(JSON.parse(JSON.stringify(first)))
    expect(canonicalJson(ledger.snapshot())).toBe(canonicalJson(first))
    expect(ledger.totals()).toMatchObject({ cash: '795.1', openCost: '205', income: '0.6' })
    book(ledger, { type: 'deposit', eventId: 'more', time: 9, amount: '1' })
    expect(ledger.snapshot()).toMatchObject({ version: 1, cash: '796.1' })
    book(ledger, { type: 'deposit', eventId: 'euros', time: 9, amount: '1', currency: 'EUR' })
    expect(ledger.snapshot()).toMatchObject({ version: 2, currencies: [{ currency: 'EUR', cash: '1' }] })
  })

  test('one whose cash, lots or sums are not those of its history is refused', () => {
    const ledger = usd('average')
    book(
      ledger,
      fill('buy', '2', '100', { time: 1, fee: '0.1', feeCurrency: 'BNB' }),
      fill('sell', '1', '120', { time: 2 }),
    )
    ledger.forgetBefore(2)
    const text = canonicalJson(ledger.snapshot())
    expect(canonicalJson(restoreLedger(JSON.parse(text)).snapshot())).toBe(text)
    const doctored = ['"cash":"-0.1"', '"cash":"-80"', '"openCost":"100"', '"realised":"20"']
    for (const part of doctored) {
      expect(text).toContain(part)
      const wrong = JSON.parse(text.replace(part, part.replace(/\d/, '7')))
      expect(() => restoreLedger(wrong)).toThrow(expect.objectContaining({ code: 'LEDGER_SNAPSHOT_INVALID' }))
    }
  })
})
