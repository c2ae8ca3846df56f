import { canonicalJson } from '@tradeswarm/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Decimal, decimal, decimalText, zero } from '../money/decimal.js'
import { attempt, bookAll, outcomeOf } from './book-history.test-support.js'
import { createLedger, rebuildLedger, restoreLedger } from './ledger.js'
import type { LedgerEvent } from './ledger-event.js'
import { baseCurrency as currency, historyArbitrary, isFill, lotMethod } from './ledger-events.test-support.js'
import type { Ledger, LedgerResult } from './ledger-port.js'
import { naiveBooks } from './naive-ledger.test-support.js'
import { parseLedgerEvent } from './parse-ledger-event.js'
import { verifyBooks } from './verify-books.js'

/** What an owner sees of the books: all but the numbering and the history behind it. */
function seen(ledger: Ledger): string {
  const totals = ledger.currencies().map((name) => [name, ledger.totals(name)])
  const nothing = canonicalJson(createLedger({ currency }).totals())
  return canonicalJson({
    totals: totals.filter(([, one]) => canonicalJson(one) !== nothing),
    positions: ledger.positions(),
    balance: ledger.trialBalance(),
  })
}

const bytes = (ledger: Ledger) => canonicalJson(ledger.snapshot())
const copied = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

describe('books in several currencies, whatever happens', () => {
  test('I18 in each currency cash + open cost + fees - realised - income = net deposits, exactly, after every event', () => {
    fc.assert(
      fc.property(historyArbitrary(), lotMethod, (events, lots) => {
        const ledger = createLedger({ currency, lots })
        for (const event of events) {
          attempt(ledger, event)
          for (const name of ledger.currencies()) {
            const { cash, openCost, fees, realised, income, netDeposits } = ledger.totals(name)
            const owned = sum([cash, openCost, fees]).minus(sum([realised, income]))
            expect([name, decimalText(owned.minus(decimal(netDeposits)))]).toEqual([name, '0'])
          }
        }
      }),
    )
  })

  test('I19 each entry cites its one event, balances in each asset, and the entries add up to the trial balance', () => {
    fc.assert(
      fc.property(historyArbitrary(), lotMethod, (events, lots) => {
        const ledger = createLedger({ currency, lots })
        const { accepted, entries } = bookAll(ledger, events)
        const applied = accepted.filter(
          (event, index) =>
            event.type !== 'bust' ||
            accepted.findIndex((one) => one.type === 'bust' && one.tradeId === event.tradeId) === index,
        )
        expect(entries.map(({ eventId, kind }) => [eventId, kind])).toEqual(
          applied.map(({ eventId, type }) => [eventId, type]),
        )
        expect(verifyBooks(copied(entries))).toEqual({
          ok: true,
          entries: entries.length,
          balances: ledger.trialBalance(),
        })
      }),
    )
  })

  test('I21 every figure, of every lot method, is that of an independent count in whole numbers', () => {
    fc.assert(
      fc.property(historyArbitrary(), lotMethod, (events, lots) => {
        const ledger = createLedger({ currency, lots })
        const { accepted } = bookAll(ledger, events)
        const expected = naiveBooks(accepted, lots)
        for (const name of ledger.currencies())
          expect([name, ledger.totals(name)]).toEqual([
            name,
            expected.currencies[name] ?? createLedger({ currency }).totals(),
          ])
        for (const name of Object.keys(expected.currencies))
          expect(ledger.totals(name)).toEqual(expected.currencies[name])
        const profit = new Map(ledger.profit(() => '1').symbols.map((one) => [one.symbol, one]))
        for (const [symbol, { lots: lotsLeft, ...figures }] of Object.entries(expected.symbols)) {
          if (profit.has(symbol)) expect(profit.get(symbol)).toMatchObject(figures)
          else expect(figures).toMatchObject({ realised: '0', quantity: '0' })
          expect((ledger.position(symbol)?.lots ?? []).map(({ quantity, cost }) => ({ quantity, cost }))).toEqual(
            lotsLeft,
          )
        }
      }),
      { numRuns: 300 },
    )
  })

  test('I21 the balance of an asset is the sum of all that was booked in it, fees taken in it included', () => {
    fc.assert(
      fc.property(historyArbitrary(), lotMethod, (events, lots) => {
        const ledger = createLedger({ currency, lots })
        const { entries } = bookAll(ledger, events)
        for (const asset of ['USD', 'EUR', 'USDT', 'BNB', 'BTC', 'AAPL', 'BTC-USDT-SWAP', 'SAP-OPTION']) {
          const amounts = entries
            .flatMap(({ postings }) => postings)
            .filter((line) => line.asset === asset && /^(assets:cash$|holdings:)/.test(line.account))
          expect([asset, ledger.balance(asset)]).toEqual([asset, decimalText(sum(amounts.map(({ amount }) => amount)))])
        }
        const names = new Set(['USD', ...ledger.currencies(), ...ledger.positions().map(({ asset }) => asset)])
        const balances = [...ledger.balances()].map(([asset, amount]) => [asset, decimalText(amount)])
        expect(balances).toEqual([...names].map((asset) => [asset, ledger.balance(asset)]))
      }),
    )
  })

  test('I03 applying every event twice changes nothing', () => {
    fc.assert(
      fc.property(historyArbitrary(), lotMethod, (events, lots) => {
        const [once, twice] = [createLedger({ currency, lots }), createLedger({ currency, lots })]
        const { accepted } = bookAll(once, events)
        for (const event of accepted) {
          twice.apply(event)
          expect(twice.apply(event).status).toBe('duplicate')
        }
        expect(bytes(twice)).toBe(bytes(once))
      }),
    )
  })

  test('I03 busts and corrections, early or late, once or often, and cash in any order come to the same books', () => {
    const events = historyArbitrary().filter((list) => list.some(isFill))
    const order = fc.array(fc.nat(), { minLength: 80, maxLength: 80 })
    fc.assert(
      fc.property(events, lotMethod, order, (list, lots, places) => {
        const original = createLedger({ currency, lots })
        const { accepted } = bookAll(
          original,
          list.filter((event) => event.type !== 'transfer' || !('quantity' in event)),
        )
        expect(seen(rebuildLedger({ currency, lots, events: mixed(accepted, places) }))).toBe(seen(original))
      }),
      { numRuns: 300 },
    )
  })

  test('I03 whenever a fill is busted, the books are as if it had never been', () => {
    fc.assert(
      fc.property(historyArbitrary(['bust']), lotMethod, fc.nat(), fc.nat(), (events, lots, which, when) => {
        const target = events.filter(isFill)[which % Math.max(1, events.filter(isFill).length)]
        fc.pre(target !== undefined)
        const { account, symbol, tradeId } = target
        const bust = { type: 'bust', eventId: 'the-bust', time: 0, account, symbol, tradeId } as const
        const kept = events.filter((event) => event.type !== 'transfer' || !('quantity' in event))
        const place = when % (kept.length + 1)
        const without = kept.filter((event) => !('tradeId' in event) || event.tradeId !== tradeId)
        expect(
          seen(rebuildLedger({ currency, lots, events: [...kept.slice(0, place), bust, ...kept.slice(place)] })),
        ).toBe(seen(rebuildLedger({ currency, lots, events: without })))
      }),
    )
  })
})

describe('books that are kept between runs', () => {
  const horizon = fc.option(fc.record({ after: fc.nat(40), back: fc.nat(10), keysBack: fc.option(fc.nat(20)) }))

  /** Books the events; after one of them it forgets what lies some way back. */
  function run(
    ledger: Ledger,
    events: readonly LedgerEvent[],
    forget: { readonly after: number; readonly back: number; readonly keysBack: number | null } | null,
    from = 0,
    snapshotAt = -1,
  ): unknown {
    let snapshot: unknown
    for (const [index, event] of events.entries()) {
      if (index < from) continue
      if (index === snapshotAt) snapshot = copied(ledger.snapshot())
      outcomeOf(ledger, event)
      if (forget !== null && index === forget.after) {
        const time = event.time - forget.back
        ledger.forgetBefore(time, forget.keysBack === null ? {} : { keysBefore: time - forget.keysBack })
      }
    }
    return snapshot
  }

  test('I23 rebuilt from the journal of events = live, byte for byte; snapshot plus tail = full replay', () => {
    fc.assert(
      fc.property(historyArbitrary(), lotMethod, fc.nat(), horizon, (events, lots, cut, forget) => {
        const live = createLedger({ currency, lots })
        const place = cut % (events.length + 1)
        const middle = run(live, events, forget, 0, place) ?? copied(live.snapshot())
        const journal = events.map((event) => parseLedgerEvent(copied(event)))
        const rebuilt = createLedger({ currency, lots })
        run(rebuilt, journal, forget)
        expect(bytes(rebuilt)).toBe(bytes(live))
        const restored = restoreLedger(middle)
        expect(bytes(restored)).toBe(canonicalJson(middle))
        run(restored, journal, forget, place)
        expect(bytes(restored)).toBe(bytes(live))
      }),
      { numRuns: 300 },
    )
  })

  test('I23 forgetting changes no figure, and no entry of what comes after it', () => {
    fc.assert(
      fc.property(historyArbitrary(), lotMethod, fc.nat(40), (events, lots, place) => {
        const [all, short] = [createLedger({ currency, lots }), createLedger({ currency, lots })]
        const horizon = events[place]?.time ?? Number.POSITIVE_INFINITY
        for (const [index, event] of events.entries()) {
          if (index === place) {
            short.forgetBefore(horizon)
            expect(seen(short)).toBe(seen(all))
          }
          const settled =
            index >= place && 'tradeId' in event && !isFill(event) && Number(event.tradeId.slice(6)) < horizon
          if (settled) {
            const result = outcomeOf(short, event)
            expect(result === 'LEDGER_HORIZON_PASSED' || result === 'duplicate').toBe(true)
          } else expect(told(attempt(short, event))).toEqual(told(attempt(all, event)))
        }
        expect(seen(short)).toBe(seen(all))
      }),
    )
  })
})

/** An answer without the splits that the books still hold: of those that are settled they hold none. */
function told(result: LedgerResult | undefined) {
  if (result?.status !== 'applied') return copied(result ?? null)
  const { splits: _, ...rest } = result
  return copied(rest)
}

/** Fills and what changes units keep their order; all else goes anywhere, and some of it comes twice. */
function mixed(events: readonly LedgerEvent[], places: readonly number[]): readonly LedgerEvent[] {
  const ordered = events.filter((event) => isFill(event) || 'numerator' in event || 'asset' in event)
  const rest = events.filter((event) => !(ordered as readonly LedgerEvent[]).includes(event))
  const list: LedgerEvent[] = [...ordered]
  for (const [index, event] of rest.entries()) {
    list.splice((places[index] ?? 0) % (list.length + 1), 0, event)
    if (index % 3 === 0) list.splice((places[index + 40] ?? 0) % (list.length + 1), 0, event)
  }
  return list
}

function sum(texts: readonly string[]): Decimal {
  return texts.reduce((total, text) => total.plus(decimal(text)), zero)
}
