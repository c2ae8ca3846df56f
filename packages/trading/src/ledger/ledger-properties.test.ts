import { canonicalJson } from '@tradeswarm/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decimal, decimalText, zero } from '../money/decimal.js'
import { createLedger, rebuildLedger, restoreLedger } from './ledger.js'
import type { LedgerEntry } from './ledger-entry.js'
import type { FillEvent, LedgerEvent } from './ledger-event.js'
import { amountText, scaledText } from './ledger-events.test-support.js'
import type { Ledger } from './ledger-port.js'
import { parseLedgerEvent } from './parse-ledger-event.js'
import { verifyBooks } from './verify-books.js'

const currency = 'USD'
const assets = { 'BTC-USD': 'BTC', AAPL: 'AAPL' } as const

const quantity = fc.oneof(amountText(12, 1n, 10n ** 15n), fc.integer({ min: 1, max: 50 }).map(String))
const price = fc.oneof(amountText(6, 1n, 10n ** 9n), amountText(12, 1n, 10n ** 14n))
const cash = amountText(2, -(10n ** 8n), 10n ** 8n)
const symbol = fc.constantFrom('BTC-USD', 'AAPL')

const command = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('fill' as const),
      symbol,
      side: fc.constantFrom('buy', 'sell'),
      quantity,
      price,
      fee: amountText(12, -(10n ** 9n), 10n ** 12n),
      feeInAsset: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('bust' as const), of: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('deposit', 'fee', 'interest'), amount: cash }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('dividend' as const),
      symbol,
      quantity,
      amountPerUnit: amountText(6, 0n, 10n ** 7n),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('split' as const),
      symbol,
      numerator: fc.integer({ min: 1, max: 9 }),
      denominator: fc.integer({ min: 1, max: 9 }),
    }),
  },
)

/** Any history of one account: longs, shorts, flips, fees either way, busts of earlier fills, income, splits. */
function eventsArbitrary(
  options: { readonly splits: boolean } = { splits: true },
): fc.Arbitrary<readonly LedgerEvent[]> {
  return fc.array(command, { maxLength: 40 }).map((commands) => {
    const events: LedgerEvent[] = []
    for (const [index, { type, ...rest }] of commands.entries()) {
      const base = { eventId: `event-${index}`, time: index }
      if ('of' in rest) {
        const fills = events.filter((event) => event.type === 'fill')
        const target = fills[rest.of % Math.max(1, fills.length)]
        if (target !== undefined)
          events.push({ ...base, type: 'bust', account: 'paper', symbol: target.symbol, tradeId: target.tradeId })
      } else if ('feeInAsset' in rest) {
        const { feeInAsset, ...terms } = rest
        const asset = assets[rest.symbol]
        const ids = { account: 'paper', tradeId: `trade-${index}`, orderId: `order-${index}` }
        events.push({ ...base, ...terms, ...ids, type: 'fill', asset, feeCurrency: feeInAsset ? asset : currency })
      } else if (type !== 'split' || options.splits) {
        events.push({ ...base, type, ...rest } as LedgerEvent)
      }
    }
    return events
  })
}

const places = 30

function scaled(text: string): bigint {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.')
  const units = BigInt(whole + fraction.padEnd(places, '0'))
  return text.startsWith('-') ? -units : units
}

const one = 10n ** BigInt(places)
const times = (a: bigint, b: bigint) => (a * b) / one
const plain = (units: bigint) => decimalText(decimal(scaledText(units, places)))

type Count = { readonly lots: { units: bigint; price: bigint }[]; units: bigint }

/** First in, first out, unit by unit in integers of 1e-30, without the ledger's code: busted fills are left out before the count. */
function exactFifo(events: readonly LedgerEvent[]) {
  const busted = new Set(events.flatMap((event) => (event.type === 'bust' ? [event.tradeId] : [])))
  const counts = new Map<string, Count>()
  let realised = 0n
  for (const event of events) {
    if (event.type !== 'fill' || busted.has(event.tradeId)) continue
    const count = counts.get(event.symbol) ?? { lots: [], units: 0n }
    counts.set(event.symbol, count)
    const price = scaled(event.price)
    let units = event.side === 'buy' ? scaled(event.quantity) : -scaled(event.quantity)
    if (event.feeCurrency !== currency) units -= scaled(event.fee)
    count.units += units
    for (
      let lot = count.lots[0];
      lot !== undefined && lot.units > 0n !== units > 0n && units !== 0n;
      lot = count.lots[0]
    ) {
      const part = (lot.units > 0n ? lot.units < -units : lot.units > -units) ? lot.units : -units
      realised += times(part, price - lot.price)
      lot.units -= part
      units += part
      if (lot.units === 0n) count.lots.shift()
    }
    if (units !== 0n) count.lots.push({ units, price })
  }
  const positions = [...counts].map(([name, { units, lots }]) => {
    const openCost = lots.reduce((sum, lot) => sum + times(lot.units, lot.price), 0n)
    return { symbol: name, quantity: plain(units), openCost: plain(openCost) }
  })
  return { realised: plain(realised), positions }
}

function book(ledger: Ledger, event: LedgerEvent): readonly LedgerEntry[] {
  const result = ledger.apply(event)
  return result.status === 'applied' ? [result.entry] : []
}

/** What an owner sees of the books: all but the numbering and the history behind it. */
function seen(ledger: Ledger): string {
  return canonicalJson({ totals: ledger.totals(), positions: ledger.positions(), balance: ledger.trialBalance() })
}

describe('whatever happens', () => {
  test('I18 cash + open cost + fees - realised - income = net deposits, difference exactly 0, after every event', () => {
    fc.assert(
      fc.property(eventsArbitrary(), (events) => {
        const ledger = createLedger({ currency })
        for (const event of events) {
          ledger.apply(event)
          const { cash, openCost, fees, realised, income, netDeposits } = ledger.totals()
          const sum = decimal(cash)
            .plus(decimal(openCost))
            .plus(decimal(fees))
            .minus(decimal(realised))
            .minus(decimal(income))
          expect(decimalText(sum.minus(decimal(netDeposits)))).toBe('0')
        }
      }),
    )
  })

  test('I19 each entry cites its event, balances in each asset, and the entries add up to the trial balance', () => {
    fc.assert(
      fc.property(eventsArbitrary(), (events) => {
        const ledger = createLedger({ currency })
        const entries: LedgerEntry[] = []
        for (const event of events) {
          for (const entry of book(ledger, event)) {
            expect([entry.eventId, entry.kind]).toEqual([event.eventId, event.type])
            entries.push(entry)
          }
        }
        expect(verifyBooks(entries)).toEqual({ ok: true, entries: entries.length, balances: ledger.trialBalance() })
      }),
    )
  })

  test('I21 positions, lots and realised profit are those of an independent first-in-first-out count', () => {
    fc.assert(
      fc.property(eventsArbitrary({ splits: false }), (events) => {
        const ledger = rebuildLedger({ currency, events })
        const expected = exactFifo(events)
        expect(ledger.totals().realised).toBe(expected.realised)
        for (const { symbol, quantity, openCost } of expected.positions) {
          const position = ledger.position(symbol)
          expect(ledger.quantity(symbol)).toBe(quantity)
          expect(position?.openCost ?? '0').toBe(openCost)
          const lots = position?.lots ?? []
          expect(decimalText(lots.reduce((sum, lot) => sum.plus(decimal(lot.quantity)), zero))).toBe(quantity)
          expect(decimalText(lots.reduce((sum, lot) => sum.plus(decimal(lot.cost)), zero))).toBe(openCost)
        }
      }),
    )
  })

  test('I03 applying every event twice changes nothing', () => {
    fc.assert(
      fc.property(eventsArbitrary(), (events) => {
        const twice = rebuildLedger({ currency, events: events.flatMap((event) => [event, event]) })
        expect(canonicalJson(twice.snapshot())).toBe(canonicalJson(rebuildLedger({ currency, events }).snapshot()))
      }),
    )
  })

  test('I23 rebuilt from the journal of events = live, byte for byte; snapshot plus tail = full replay', () => {
    fc.assert(
      fc.property(eventsArbitrary(), fc.nat(), (events, cut) => {
        const live = createLedger({ currency })
        const place = cut % (events.length + 1)
        let middle: unknown
        for (const [index, event] of events.entries()) {
          if (index === place) middle = JSON.parse(JSON.stringify(live.snapshot()))
          live.apply(event)
        }
        const journal = events.map((event) => parseLedgerEvent(JSON.parse(JSON.stringify(event))))
        const bytes = canonicalJson(live.snapshot())
        expect(canonicalJson(rebuildLedger({ currency, events: journal }).snapshot())).toBe(bytes)
        const restored = restoreLedger(middle ?? live.snapshot())
        const tail = (middle === undefined ? [] : journal.slice(place)).map((event) => restored.apply(event))
        expect(canonicalJson(restored.snapshot())).toBe(bytes)
        expect(tail.length).toBe(middle === undefined ? 0 : events.length - place)
      }),
    )
  })

  test('I03 whenever a fill is busted, the books are as if it had never been', () => {
    fc.assert(
      fc.property(eventsArbitrary(), fc.nat(), fc.nat(), (events, which, when) => {
        const fills = events.filter((event) => event.type === 'fill')
        const busted = new Set(events.flatMap((event) => (event.type === 'bust' ? [event.tradeId] : [])))
        const target = fills[which % Math.max(1, fills.length)]
        fc.pre(target !== undefined && !busted.has(target.tradeId))
        const { account, symbol, tradeId } = target as FillEvent
        const bust = { type: 'bust', eventId: 'the-bust', time: 0, account, symbol, tradeId } as const
        const place = when % (events.length + 1)
        const withBust = [...events.slice(0, place), bust, ...events.slice(place)]
        expect(seen(rebuildLedger({ currency, events: withBust }))).toBe(
          seen(rebuildLedger({ currency, events: events.filter((event) => event !== target) })),
        )
      }),
    )
  })
})
