import { canonicalJson } from '@tradeswarm/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLedger, restoreLedger } from './ledger.js'
import type { LedgerEntry } from './ledger-entry.js'
import type { LedgerEvent } from './ledger-event.js'
import { historyArbitrary, lotMethod } from './ledger-events.test-support.js'
import type { Ledger } from './ledger-port.js'
import type { LotMethod } from './open-lots.js'
import { verifyBooks } from './verify-books.js'

const currency = 'USD'

const fillOf = (index: number, side: 'buy' | 'sell', quantity: string, price: string): LedgerEvent => ({
  type: 'fill',
  eventId: `event-${index}`,
  time: index,
  account: 'paper',
  symbol: 'AAA',
  asset: 'AAA',
  tradeId: `trade-${index}`,
  orderId: `order-${index}`,
  side,
  quantity,
  price,
  fee: '0',
  feeCurrency: currency,
})
const splitOf = (time: number, numerator: number, denominator: number): LedgerEvent => ({
  type: 'split',
  eventId: `split-${time}`,
  time,
  symbol: 'AAA',
  numerator,
  denominator,
})

function booked(events: readonly LedgerEvent[], lots: LotMethod = 'fifo'): Ledger {
  const ledger = createLedger({ currency, lots })
  for (const event of events) ledger.apply(event)
  return ledger
}

/** All but the numbering and the times at which a position counts as opened. */
function seen(ledger: Ledger): string {
  const positions = ledger.positions().map((each) => {
    const { lots, openedAt: _, ...position } = each
    return { ...position, lots: lots.map(({ quantity, cost, tradeId }) => ({ quantity, cost, tradeId })) }
  })
  return canonicalJson({ totals: ledger.totals(), positions, balance: ledger.trialBalance() })
}

describe('a split that is told late', () => {
  test('I21 counts what was traded since in its own units, and what was traded before in old ones', () => {
    const before = fillOf(1, 'buy', '100', '90')
    const late = fillOf(2, 'buy', '10', '90')
    const since = fillOf(4, 'sell', '50', '50')
    const ledger = booked([before, since, splitOf(3, 2, 1), late])
    expect(ledger.quantity('AAA')).toBe('170')
    expect(ledger.totals()).toMatchObject({ openCost: '7650', realised: '250', cash: '-7400' })
    expect(seen(ledger)).toBe(seen(booked([before, late, splitOf(3, 2, 1), since])))
  })

  test('tells which executions count in its units already, and what its entry changes balances', () => {
    const ledger = createLedger({ currency })
    const entries: LedgerEntry[] = []
    for (const event of [
      fillOf(1, 'buy', '100', '100'),
      fillOf(4, 'sell', '100', '50'),
      splitOf(3, 2, 1),
      fillOf(2, 'sell', '5', '99'),
    ]) {
      const result = ledger.apply(event)
      if (result.status !== 'applied') continue
      entries.push(result.entry)
      if (event.type === 'split') expect(result.since?.map(({ tradeId }) => tradeId)).toEqual(['trade-4'])
      if (event.eventId === 'event-2') {
        expect(result.splits).toMatchObject([{ numerator: 2, denominator: 1, time: 3 }])
        expect(result.entry).toMatchObject({ closedQuantity: '10', closedCost: '500', quantityAfter: '90' })
      }
    }
    expect(verifyBooks(entries)).toMatchObject({ ok: true })
  })

  test('I19 what was held at an instant is told in the units of then', () => {
    const ledger = booked([fillOf(1, 'buy', '100', '90'), fillOf(5, 'buy', '7', '45'), splitOf(3, 2, 1)])
    expect([1, 2, 3, 5, 6].map((time) => ledger.unitsAt('AAA', time).toFixed())).toEqual([
      '0',
      '100',
      '200',
      '207',
      '207',
    ])
    expect(ledger.unitsAt('BBB', 3).toFixed()).toBe('0')
  })

  test('one that holds from before what is settled is refused, and changes nothing', () => {
    const ledger = booked([fillOf(1, 'buy', '100', '90'), fillOf(9, 'buy', '7', '45')])
    ledger.forgetBefore(5)
    const before = canonicalJson(ledger.snapshot())
    expect(() => ledger.apply(splitOf(3, 2, 1))).toThrow('split of AAA: it holds from 3')
    expect(canonicalJson(ledger.snapshot())).toBe(before)
  })

  test('an execution of before it can be taken out again', () => {
    const ledger = booked([fillOf(1, 'buy', '100', '90'), splitOf(3, 2, 1), fillOf(4, 'sell', '50', '50')])
    const before = canonicalJson(ledger.snapshot())
    const late = fillOf(2, 'buy', '10', '90')
    ledger.apply(late)
    if (late.type === 'fill') ledger.takeBack(late)
    expect(canonicalJson(ledger.snapshot())).toBe(before)
  })
})

/** What of `events` comes later than it happened, by so many places: splits alone, or executions as well. */
function delayed(events: readonly LedgerEvent[], by: readonly number[], late: ReadonlySet<LedgerEvent['type']>) {
  return events
    .map((event, index) => ({ event, at: index + (late.has(event.type) ? (by[index % by.length] ?? 0) + 0.5 : 0) }))
    .sort((a, b) => a.at - b.at)
    .map(({ event }) => event)
}

const delays = fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 7 })

test('I21 books in which splits were told late are those in which they were told in time, under any lot method', () => {
  fc.assert(
    fc.property(historyArbitrary(['units', 'bust', 'correction']), lotMethod, delays, (events, lots, by) => {
      const clean = events.map((event): LedgerEvent => {
        if (event.type !== 'split') return event
        const { cashInLieu: _, ...whole } = event
        return whole
      })
      const late = booked(delayed(clean, by, new Set(['split'])), lots)
      expect(seen(late)).toBe(seen(booked(clean, lots)))
      expect(canonicalJson(restoreLedger(late.snapshot()).snapshot())).toBe(canonicalJson(late.snapshot()))
    }),
  )
})

test('I21 units are the same in whatever order fills and splits are told', () => {
  const command = fc.oneof(
    fc.record({ side: fc.constantFrom('buy' as const, 'sell' as const), units: fc.integer({ min: 1, max: 90 }) }),
    fc.record({ numerator: fc.constantFrom(1, 2, 4), denominator: fc.constantFrom(1, 2, 5) }),
  )
  fc.assert(
    fc.property(fc.array(command, { maxLength: 14 }), delays, (commands, by) => {
      const events = commands.map((each, index) =>
        'side' in each
          ? fillOf(index, each.side, String(each.units), '10')
          : splitOf(index, each.numerator, each.denominator),
      )
      const late = booked(delayed(events, by, new Set(['split', 'fill'])))
      expect(late.quantity('AAA')).toBe(booked(events).quantity('AAA'))
      expect(canonicalJson(restoreLedger(late.snapshot()).snapshot())).toBe(canonicalJson(late.snapshot()))
    }),
  )
})
