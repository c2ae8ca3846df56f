import { expect, test } from 'vitest'
import { createLedger } from './ledger.js'
import type { LedgerEntry } from './ledger-entry.js'
import type { LedgerEvent } from './ledger-event.js'
import { verifyBooks } from './verify-books.js'

const terms = { account: 'paper', symbol: 'AAPL', asset: 'AAPL', orderId: 'o', feeCurrency: 'USD', time: 1 }
const events: readonly LedgerEvent[] = [
  { type: 'deposit', eventId: 'd', time: 0, amount: '1000' },
  { ...terms, type: 'fill', eventId: 'f1', tradeId: '1', side: 'buy', quantity: '4', price: '100', fee: '1' },
  { ...terms, type: 'fill', eventId: 'f2', tradeId: '2', side: 'sell', quantity: '3', price: '110', fee: '1' },
]

function entries(): LedgerEntry[] {
  const ledger = createLedger({ currency: 'USD' })
  return events.flatMap((event) => {
    const result = ledger.apply(event)
    return result.status === 'applied' ? [result.entry] : []
  })
}

function altered(change: (entry: LedgerEntry) => unknown): readonly unknown[] {
  return entries().map((entry, index) => (index === 2 ? change(entry) : entry))
}

test('the entries of a ledger verify and come to its balances', () => {
  expect(verifyBooks(entries())).toEqual({
    ok: true,
    entries: 3,
    balances: [
      { account: 'assets:cash', asset: 'USD', amount: '928' },
      { account: 'assets:position:AAPL', asset: 'USD', amount: '100' },
      { account: 'equity:deposits', asset: 'USD', amount: '-1000' },
      { account: 'expenses:fees', asset: 'USD', amount: '2' },
      { account: 'holdings:AAPL', asset: 'AAPL', amount: '1' },
      { account: 'income:realised', asset: 'USD', amount: '-30' },
      { account: 'market:AAPL', asset: 'AAPL', amount: '-1' },
    ],
  })
  expect(verifyBooks([])).toEqual({ ok: true, entries: 0, balances: [] })
})

test('I19 an entry that does not balance is named, with the difference', () => {
  const wrong = altered((entry) => ({
    ...entry,
    postings: entry.postings.map((line, index) => (index === 0 ? { ...line, amount: '330' } : line)),
  }))
  expect(verifyBooks(wrong)).toEqual({
    ok: false,
    entryId: 'ledger-3',
    message: 'its postings in USD sum to 1 instead of 0',
  })
})

test('what an entry says of itself must be what its postings make', () => {
  expect(verifyBooks(altered((entry) => ({ ...entry, realised: '31' })))).toMatchObject({
    ok: false,
    message: expect.stringContaining('31 realised'),
  })
  expect(verifyBooks(altered((entry) => ({ ...entry, fee: '0' })))).toMatchObject({
    ok: false,
    message: expect.stringContaining('a fee of 0'),
  })
  expect(verifyBooks(altered((entry) => ({ ...entry, quantityAfter: '2' })))).toMatchObject({
    ok: false,
    message: 'it states a position of 2 AAPL, the entries so far come to 1',
  })
})

test('an entry that is missing, doubled or unreadable is found', () => {
  const [deposit, first, second] = entries() as [LedgerEntry, LedgerEntry, LedgerEntry]
  expect(verifyBooks([deposit, second])).toMatchObject({
    ok: false,
    entryId: 'ledger-3',
    message: expect.stringContaining('position'),
  })
  expect(verifyBooks([deposit, first, first])).toEqual({
    ok: false,
    entryId: 'ledger-2',
    message: 'the entry occurs twice',
  })
  expect(verifyBooks([deposit, first, { ...first, entryId: 'ledger-9', eventId: 'other' }])).toMatchObject({
    ok: false,
    entryId: 'ledger-9',
    message: expect.stringContaining('booked twice'),
  })
  expect(verifyBooks([deposit, { entryId: 'ledger-2' }])).toMatchObject({
    ok: false,
    entryId: 'ledger-2',
    message: expect.stringContaining('eventId'),
  })
  expect(verifyBooks([null])).toMatchObject({ ok: false, entryId: '(entry number 1)' })
  expect(verifyBooks(altered((entry) => ({ ...entry, realised: 'much' })))).toMatchObject({
    ok: false,
    message: expect.stringContaining('much'),
  })
})

test('an entry that touches an account which its kind or symbol does not is found', () => {
  const moved = (from: string, to: string) =>
    altered((entry) => ({
      ...entry,
      postings: entry.postings.map((line) => (line.account === from ? { ...line, account: to } : line)),
    }))
  expect(verifyBooks(moved('income:realised', 'equity:deposits'))).toEqual({
    ok: false,
    entryId: 'ledger-3',
    message: 'it posts to equity:deposits, which a fill of AAPL does not touch',
  })
  expect(verifyBooks(moved('holdings:AAPL', 'holdings:MSFT'))).toMatchObject({
    ok: false,
    message: expect.stringContaining('holdings:MSFT'),
  })
})

test('a fee in a third currency must be what the entry states', () => {
  const ledger = createLedger({ currency: 'USD' })
  const result = ledger.apply({ ...(events[1] as LedgerEvent), feeCurrency: 'BNB' } as LedgerEvent)
  const entry = result.status === 'applied' ? result.entry : undefined
  expect(verifyBooks([entry])).toMatchObject({ ok: true })
  expect(verifyBooks([{ ...entry, otherFees: [{ currency: 'BNB', amount: '2' }] }])).toMatchObject({
    ok: false,
    message: 'it states a fee of 2 BNB, its postings another amount',
  })
  expect(verifyBooks([{ ...entry, otherFees: [] }])).toMatchObject({
    ok: false,
    message: expect.stringContaining('a fee of 0'),
  })
})
