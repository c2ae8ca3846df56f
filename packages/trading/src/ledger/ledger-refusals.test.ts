import { canonicalJson, SwarmError } from '@tradeswarm/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLedger } from './ledger.js'
import type { LedgerEvent } from './ledger-event.js'
import type { Ledger } from './ledger-port.js'
import { parseLedgerEvent } from './parse-ledger-event.js'

const base = { eventId: 'e', time: 1 }
const key = { account: 'paper', symbol: 'AAPL', tradeId: 't' }
const terms = { price: '100', quantity: '1', fee: '1', feeCurrency: 'USD' }
const units = { symbol: 'AAPL', asset: 'AAPL', quantity: '3' }

/** A right event of each type, each with the fields that hold amounts. */
const right: readonly (readonly [event: LedgerEvent, ...amounts: string[]])[] = [
  [{ ...base, ...key, ...terms, type: 'fill', orderId: 'o', asset: 'AAPL', side: 'buy' }, 'price', 'quantity', 'fee'],
  [{ ...base, ...key, ...terms, type: 'correction' }, 'price', 'quantity', 'fee'],
  [{ ...base, type: 'deposit', amount: '1' }, 'amount'],
  [{ ...base, type: 'withdrawal', amount: '1' }, 'amount'],
  [{ ...base, type: 'fee', amount: '1' }, 'amount'],
  [{ ...base, type: 'interest', amount: '1' }, 'amount'],
  [{ ...base, type: 'transfer', amount: '1' }, 'amount'],
  [{ ...base, type: 'funding', symbol: 'AAPL', amount: '1' }, 'amount'],
  [{ ...base, type: 'borrow', symbol: 'AAPL', amount: '1' }, 'amount'],
  [{ ...base, type: 'dividend', symbol: 'AAPL', quantity: '1', amountPerUnit: '1' }, 'quantity', 'amountPerUnit'],
  [{ ...base, ...units, type: 'opening', cost: '300' }, 'quantity', 'cost'],
  [{ ...base, ...units, type: 'adoption', cost: '300' }, 'quantity', 'cost'],
  [{ ...base, ...units, type: 'adoption', price: '100' }, 'quantity', 'price'],
  [{ ...base, ...units, type: 'transfer', cost: '300' }, 'quantity', 'cost'],
]

/** Books with something in them, so that a half-booked event would show. */
function busyLedger(): Ledger {
  const ledger = createLedger({ currency: 'USD' })
  ledger.apply({ type: 'deposit', eventId: 'in', time: 0, amount: '1000' })
  ledger.apply({
    ...base,
    ...key,
    ...terms,
    eventId: 'first',
    type: 'fill',
    orderId: 'o',
    asset: 'AAPL',
    side: 'buy',
    tradeId: 'first',
  })
  return ledger
}

/** The error that an event is refused with; the books must be what they were. */
function refusal(event: unknown, ledger = busyLedger()): SwarmError {
  const before = canonicalJson(ledger.snapshot())
  try {
    ledger.apply(event as LedgerEvent)
  } catch (thrown) {
    expect(canonicalJson(ledger.snapshot())).toBe(before)
    if (SwarmError.isInstance(thrown)) return thrown
    throw thrown
  }
  throw new Error(`booked: ${canonicalJson(event)}`)
}

describe('a wrong event is refused by the name of its field, and nothing is booked', () => {
  test('an event of each type is taken as long as it is right', () => {
    for (const [event] of right) {
      expect(busyLedger().apply(event).status).toBe('applied')
      expect(parseLedgerEvent(JSON.parse(JSON.stringify(event)))).toEqual(event)
    }
  })

  test('amounts that are no exact decimal', () => {
    const garbage = [
      'NaN',
      'Infinity',
      '1e309',
      '1e5',
      '',
      ' 1',
      '0x10',
      '1,5',
      '٣',
      '--1',
      `0.${'1'.repeat(31)}`,
      '9'.repeat(16),
    ]
    for (const [event, ...fields] of right)
      for (const field of fields)
        for (const amount of garbage) {
          const error = refusal({ ...event, [field]: amount })
          expect([error.code, error.context['field']]).toEqual(['INVALID_DECIMAL', `${event.type}.${field}`])
        }
  })

  test('amounts with more decimals than can be booked exactly, a cost of 30 decimals excepted', () => {
    for (const [event, ...fields] of right)
      for (const field of fields) {
        const tiny = { ...event, [field]: `0.${'0'.repeat(29)}1` }
        if (field === 'cost') expect(busyLedger().apply(tiny as LedgerEvent).status).toBe('applied')
        else expect(refusal(tiny).context['field']).toBe(`${event.type}.${field}`)
        const zeros = { ...event, [field]: `1.${'0'.repeat(30)}` }
        expect(busyLedger().apply(zeros as LedgerEvent).status).toBe('applied')
      }
  })

  test.each([
    ['fill', { quantity: '-1' }, 'fill.quantity'],
    ['fill', { quantity: '0' }, 'fill.quantity'],
    ['fill', { price: '0' }, 'fill.price'],
    ['fill', { price: '-1' }, 'fill.price'],
    ['fill', { side: 'hold' }, 'fill.side'],
    ['fill', { time: Number.NaN }, 'fill.time'],
    ['fill', { eventId: '' }, 'fill.eventId'],
    ['fill', { account: undefined }, 'fill.account'],
    ['fill', { tradeId: '' }, 'fill.tradeId'],
    ['fill', { orderId: 7 }, 'fill.orderId'],
    ['correction', { tradeId: null }, 'correction.tradeId'],
    ['deposit', { eventId: undefined }, 'deposit.eventId'],
    ['fill', { asset: 'MSFT' }, 'fill.asset'],
    ['fill', { currency: 'EUR' }, 'fill.currency'],
    ['fill', { feeCurrency: 'US\u0000D' }, 'fill.feeCurrency'],
    ['fill', { symbol: 'SAP', asset: 'SAP', currency: '' }, 'fill.currency'],
    ['fill', { symbol: '', asset: 'SAP' }, 'fill.symbol'],
    ['fill', { symbol: 'A\u200bAPL' }, 'fill.symbol'],
    ['fill', { symbol: 'AAPL\n' }, 'fill.symbol'],
    ['fill', { symbol: '\ud800' }, 'fill.symbol'],
    ['fill', { symbol: 'A'.repeat(257) }, 'fill.symbol'],
    ['correction', { price: '0' }, 'correction.price'],
    ['correction', { symbol: '\u202eAAPL' }, 'correction.symbol'],
    ['withdrawal', { amount: '-1' }, 'withdrawal.amount'],
    ['deposit', { currency: '\u0007' }, 'deposit.currency'],
    ['funding', { symbol: 'X\u2028' }, 'funding.symbol'],
    ['opening', { quantity: '0' }, 'opening.quantity'],
    ['opening', { cost: '-300' }, 'opening.cost'],
    ['opening', { cost: undefined }, 'opening.cost'],
    ['adoption', { cost: '300', price: '100' }, 'adoption.price'],
    ['adoption', { price: '0', cost: undefined }, 'adoption.price'],
  ])('%s with %j', (type, wrong, field) => {
    const [event] = right.find(([one]) => one.type === type) ?? []
    const error = refusal({ ...event, ...wrong })
    expect([error.code, error.context['field']]).toEqual(['INVALID_LEDGER_EVENT', field])
    expect(error.message).toContain(field)
  })

  test('a type that there is not', () => {
    expect(refusal({ ...base, type: 'gift', amount: '1' }).message).toContain('"gift"')
    expect(() => parseLedgerEvent({ ...base, type: 'gift', amount: '1' })).toThrow('field "type"')
    expect(() => parseLedgerEvent(null)).toThrow('ledger event')
  })

  test('a fee whose currency the venue does not name; without a fee there is none to name', () => {
    const [fill] = right[0] as [LedgerEvent]
    expect(refusal({ ...fill, feeCurrency: '' })).toMatchObject({
      code: 'FEE_CURRENCY_UNKNOWN',
      context: { field: 'fill.feeCurrency' },
    })
    expect(busyLedger().apply({ ...fill, fee: '0.00', feeCurrency: '' } as LedgerEvent).status).toBe('applied')
  })

  test('units that go out without a cost must be there', () => {
    const out = { ...base, symbol: 'AAPL', asset: 'AAPL', type: 'transfer' } as const
    for (const quantity of ['1', '-1.1', '-2'])
      expect(refusal({ ...out, quantity }).context['field']).toBe('transfer.quantity')
    expect(busyLedger().apply({ ...out, quantity: '-1' }).status).toBe('applied')
  })

  test('a look-alike in another alphabet is another symbol', () => {
    const ledger = busyLedger()
    const [fill] = right[0] as [LedgerEvent]
    ledger.apply({ ...fill, symbol: 'ААРL', asset: 'ААРL' } as LedgerEvent)
    expect(ledger.positions().map(({ symbol }) => symbol)).toEqual(['AAPL', 'ААРL'])
  })

  test('income of a symbol that settles in a foreign currency must say its currency', () => {
    const ledger = createLedger({ currency: 'USD' })
    ledger.apply({ ...base, ...units, symbol: 'SAP', asset: 'SAP', type: 'opening', cost: '300', currency: 'EUR' })
    const dividend = {
      ...base,
      eventId: 'd',
      type: 'dividend',
      symbol: 'SAP',
      quantity: '3',
      amountPerUnit: '1',
    } as const
    expect(refusal(dividend, ledger).context['field']).toBe('dividend.currency')
    ledger.apply({ ...dividend, currency: 'EUR' })
    expect([ledger.cash('EUR'), ledger.cash('USD')]).toEqual(['3', '0'])
  })

  test('whatever is put into whichever field, the answer is a typed error or a whole booking', () => {
    const junk = fc.oneof(
      fc.string(),
      fc.double().map(String),
      fc.integer().map(String),
      fc.constantFrom('1e309', '-0', '00.10', 'NaN', '\u0000'),
    )
    const place = fc.constantFrom(...right)
    fc.assert(
      fc.property(place, fc.nat(), junk, ([event], which, value) => {
        const fields = Object.keys(event).filter((field) => field !== 'time' && field !== 'type')
        const ledger = busyLedger()
        const before = ledger.trialBalance()
        try {
          ledger.apply({ ...event, [fields[which % fields.length] ?? '']: value } as LedgerEvent)
          for (const asset of new Set(ledger.trialBalance().map((line) => line.asset)))
            expect(balanced(ledger, asset)).toBe(0)
        } catch (thrown) {
          expect(SwarmError.isInstance(thrown)).toBe(true)
          expect(ledger.trialBalance()).toEqual(before)
        }
      }),
      { numRuns: 500 },
    )
  })
})

/** 0 where an asset's postings cancel out; by their texts, so that nothing is rounded. */
function balanced(ledger: Ledger, asset: string): number {
  const scale = 10n ** 30n
  const sum = ledger
    .trialBalance()
    .filter((line) => line.asset === asset)
    .reduce((total, { amount }) => {
      const [whole = '0', fraction = ''] = amount.replace('-', '').split('.')
      const value = BigInt(whole) * scale + BigInt(fraction.padEnd(30, '0'))
      return amount.startsWith('-') ? total - value : total + value
    }, 0n)
  return sum === 0n ? 0 : 1
}

test('options that are wrong are refused by name', () => {
  expect(() => createLedger({ currency: '' })).toThrow('currency')
  expect(() => createLedger({ currency: 'USD', lots: 'hifo' as 'fifo' })).toThrow(
    'lots is "hifo"; there are fifo, lifo, average',
  )
  expect(() => createLedger({ currency: 'USD' }).forgetBefore(Number.NaN)).toThrow('forgetBefore')
  expect(() => createLedger({ currency: 'USD' }).forgetBefore(5, { keysBefore: 6 })).toThrow('keysBefore is 6')
})
