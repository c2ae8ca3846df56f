import { canonicalJson } from '@tradeswarm/core'
import { describe, expect, test } from 'vitest'
import { book, okxFill, outcomeOf } from './book-history.test-support.js'
import { createLedger, restoreLedger } from './ledger.js'
import type { FillEvent } from './ledger-event.js'
import { verifyBooks } from './verify-books.js'

const terms = { symbol: 'BTC-USDT-SWAP', asset: 'BTC-USDT-SWAP', multiplier: '0.01', settlement: 'margin' } as const

function swap(side: 'buy' | 'sell', quantity: string, price: string, extra: Partial<FillEvent> = {}): FillEvent {
  return okxFill(side, quantity, price, { ...terms, ...extra })
}

/** Books with 10,000 USDT. */
function funded(lots: 'fifo' | 'average' = 'fifo') {
  const ledger = createLedger({ currency: 'USDT', lots })
  ledger.apply({ type: 'deposit', eventId: 'd1', time: 0, amount: '10000' })
  return ledger
}

describe('a contract on margin', () => {
  test('moves no cash when it is entered but the fee, and its profit when it is closed', () => {
    const ledger = funded()
    book(ledger, swap('buy', '10', '60000', { fee: '3' }))
    expect(ledger.cash('USDT')).toBe('9997')
    expect(ledger.position('BTC-USDT-SWAP')).toMatchObject({
      quantity: '10',
      multiplier: '0.01',
      settlement: 'margin',
      openCost: '6000',
      averagePrice: '60000',
    })
    expect(ledger.totals()).toMatchObject({ cash: '9997', openCost: '0', fees: '3', realised: '0' })
    book(ledger, swap('sell', '4', '61000', { fee: '1' }))
    expect(ledger.cash('USDT')).toBe('10036')
    expect(ledger.totals()).toMatchObject({ openCost: '0', fees: '4', realised: '40', netDeposits: '10000' })
  })

  test('is worth what closing it would make, long and short alike', () => {
    const ledger = funded()
    book(ledger, swap('buy', '10', '60000'))
    expect(ledger.valuation(() => '60500')).toEqual({ status: 'priced', marketValue: '50', equity: '10050' })
    book(ledger, swap('sell', '30', '60500'))
    expect(ledger.position('BTC-USDT-SWAP')).toMatchObject({ quantity: '-20', openCost: '-12100' })
    expect(ledger.valuation(() => '60000')).toEqual({ status: 'priced', marketValue: '100', equity: '10150' })
    expect(ledger.profit(() => '60000').symbols[0]).toMatchObject({ realised: '50', unrealised: '100' })
  })

  test('is kept at its average price, whatever the lots of the ledger', () => {
    for (const lots of ['fifo', 'average'] as const) {
      const ledger = funded(lots)
      book(ledger, swap('buy', '1', '60000'), swap('buy', '1', '62000'), swap('sell', '1', '62000'))
      expect(ledger.totals()).toMatchObject({ realised: '10' })
    }
  })

  test('takes what its venue says that it has paid out, and no rest of cost stays when it is flat', () => {
    const ledger = funded()
    book(ledger, swap('buy', '3', '60000.1'), swap('sell', '3', '60100', { realised: '2.9' }))
    expect(ledger.totals()).toMatchObject({ cash: '10002.9', realised: '2.9' })
    expect(ledger.position('BTC-USDT-SWAP')).toBeUndefined()
    expect(ledger.valuation(() => '1')).toMatchObject({ equity: '10002.9' })
  })

  test('a bust takes its profit back, also when it was the entry', () => {
    const ledger = funded()
    const entry = swap('buy', '2', '60000')
    book(ledger, entry, swap('sell', '2', '61000'))
    const { account, symbol, tradeId } = entry
    book(ledger, { type: 'bust', eventId: 'b1', time: 9, account, symbol, tradeId })
    expect(ledger.cash('USDT')).toBe('10000')
    expect(ledger.position(symbol)).toMatchObject({ quantity: '-2', openCost: '-1220' })
  })

  test('its entries balance, and a snapshot goes on to the byte under version 3', () => {
    const ledger = funded()
    const entries = book(
      ledger,
      swap('buy', '2', '60000', { fee: '0.5' }),
      swap('sell', '5', '61000', { fee: '0.1', feeCurrency: 'OKB' }),
      { type: 'funding', eventId: 'f1', time: 8, symbol: terms.symbol, amount: '-1.25' },
    )
    expect(verifyBooks(JSON.parse(JSON.stringify(entries)))).toMatchObject({ ok: true })
    expect(entries.flatMap(({ postings }) => postings.map(({ account }) => account))).not.toContain(
      `assets:position:${terms.symbol}`,
    )
    expect(ledger.snapshot()).toMatchObject({ version: 3 })
    const text = canonicalJson(ledger.snapshot())
    const restored = restoreLedger(JSON.parse(text))
    expect(canonicalJson(restored.snapshot())).toBe(text)
    const next = swap('buy', '4', '60500')
    expect(restored.apply(next)).toEqual(ledger.apply(next))
  })

  test('an adoption brings units at a price and moves no money', () => {
    const ledger = funded()
    const units = { ...terms, currency: 'USDT', quantity: '5', price: '60000' }
    book(ledger, { type: 'adoption', eventId: 'a1', time: 1, ...units })
    expect(ledger.totals()).toMatchObject({ cash: '10000', openCost: '0', netDeposits: '10000' })
    expect(ledger.valuation(() => '60200')).toMatchObject({ equity: '10010' })
  })
})

test('units that stand for many are paid for in full', () => {
  const ledger = funded()
  const option = { symbol: 'AAPL-C', asset: 'AAPL-C', multiplier: '100' }
  book(ledger, okxFill('buy', '2', '3.5', { ...option, fee: '1' }))
  expect(ledger.totals()).toMatchObject({ cash: '9299', openCost: '700', fees: '1' })
  expect(ledger.position('AAPL-C')).toMatchObject({ averagePrice: '3.5', multiplier: '100' })
  book(ledger, okxFill('sell', '1', '4', option))
  expect(ledger.totals()).toMatchObject({ cash: '9699', openCost: '350', realised: '50' })
  expect(ledger.valuation(() => '5')).toMatchObject({ marketValue: '500', equity: '10199' })
})

describe('terms that cannot be booked are refused by their field, and leave nothing', () => {
  const refused = (extra: Partial<FillEvent>, before: readonly FillEvent[] = []) => {
    const ledger = funded()
    book(ledger, ...before)
    const text = canonicalJson(ledger.snapshot())
    let thrown: unknown
    try {
      ledger.apply(swap('buy', '1', '60000', extra))
    } catch (error) {
      thrown = error
    }
    expect(canonicalJson(ledger.snapshot())).toBe(text)
    return thrown
  }
  const field = (name: string) => ({ context: { field: name } })

  test.each([['0'], ['-0.01'], ['NaN'], ['Infinity'], ['1e-2'], [''], [`0.${'0'.repeat(29)}1`], ['1e309']])(
    'a multiplier of %s',
    (multiplier) => {
      expect(refused({ multiplier })).toMatchObject(field('fill.multiplier'))
    },
  )

  test('a price that the multiplier makes finer than the books', () => {
    expect(refused({ price: '0.00000000001' })).toMatchObject({ code: 'INVALID_DECIMAL', ...field('fill.price') })
  })

  test('a correction that came first and is finer than the books', () => {
    const fill = swap('buy', '1', '60000')
    const ledger = funded()
    const { account, symbol, tradeId, quantity, fee, feeCurrency } = fill
    const figures = { account, symbol, tradeId, quantity, fee, feeCurrency, price: '0.00000000001' }
    expect(outcomeOf(ledger, { type: 'correction', eventId: 'c1', time: 1, ...figures })).toBe('applied')
    expect(outcomeOf(ledger, fill)).toBe('INVALID_DECIMAL')
    expect(ledger.quantity(symbol)).toBe('0')
  })

  test('another multiplier, another settlement, a split, a payout of what is no contract', () => {
    const first = [swap('buy', '1', '60000')]
    expect(refused({ multiplier: '0.1' }, first)).toMatchObject(field('fill.multiplier'))
    expect(outcomeOf(createLedger({ currency: 'USDT' }), swap('buy', '1', '1', { multiplier: '0.010' }))).toBe(
      'applied',
    )
    const { settlement: _, ...paid } = swap('buy', '1', '60000')
    const ledger = funded()
    book(ledger, ...first)
    expect(outcomeOf(ledger, paid)).toBe('INVALID_LEDGER_EVENT')
    const split = { eventId: 's1', time: 5, symbol: terms.symbol, numerator: 2, denominator: 1 }
    expect(outcomeOf(ledger, { type: 'split', ...split })).toBe('INVALID_LEDGER_EVENT')
    expect(outcomeOf(funded(), { ...paid, realised: '1' })).toBe('INVALID_LEDGER_EVENT')
    expect(refused({ settlement: 'cash' as 'margin' })).toMatchObject(field('fill.settlement'))
  })
})
