import type { EpochMs } from '@tradeswarm/core'
import type { DividendPaidEvent, LedgerEvent } from '../ledger/ledger-event.js'
import type { Ledger } from '../ledger/ledger-port.js'
import { type Decimal, decimal, decimalText } from '../money/decimal.js'

/** A dividend that was booked, and on how many units it was; plain JSON, quantities signed decimal texts in the units of its time. */
export type Entitlement = {
  readonly eventId: string
  readonly time: EpochMs
  readonly amountPerUnit: string
  readonly currency?: string
  /** What it was booked on, corrections included. */
  readonly quantity: string
  /** What it is due on by all that was told since. Absent where that is the same. */
  readonly owed?: string
  /** So many corrections were booked. Absent for none. */
  readonly corrections?: number
}

/** Those of each symbol, oldest first. */
export type EntitlementBook = Map<string, readonly Entitlement[]>

/** More than any symbol pays in the time in which the books can be corrected. */
const mostKept = 128

/** Takes note of a dividend, or of a correction of one, that was booked. */
export function noteEntitlement(book: EntitlementBook, event: DividendPaidEvent): void {
  const { symbol, eventId, time, amountPerUnit, currency, quantity, corrects } = event
  const known = book.get(symbol) ?? []
  if (corrects === undefined) {
    const entitlement = { eventId, time, amountPerUnit, ...(currency === undefined ? {} : { currency }), quantity }
    book.set(symbol, [...known, entitlement].sort((a, b) => a.time - b.time).slice(-mostKept))
    return
  }
  book.set(
    symbol,
    known.map((each) => {
      if (each.eventId !== corrects) return each
      const sum = decimalText(decimal(each.quantity).plus(decimal(quantity)))
      return { ...owing({ ...each, quantity: sum }, each.owed ?? sum), corrections: (each.corrections ?? 0) + 1 }
    }),
  )
}

function owing(of: Entitlement, owed: string): Entitlement {
  const { owed: _, ...entitlement } = of
  return owed === entitlement.quantity ? entitlement : { ...entitlement, owed }
}

/** How what a dividend is due on has changed, by something of before it that was told after it. */
export type OwedChange = { readonly of: Entitlement; readonly before: Decimal; readonly after: Decimal }

const noChanges: readonly never[] = Object.freeze([])

/**
 * Has an event booked, and finds what it changes of dividends that were booked before it and paid after it: an execution that was lost, a word
 * about one, a split that was told late. What comes after a dividend in time changes nothing of it, also where it takes back what was held then.
 */
export function whileOwed<T>(
  book: EntitlementBook,
  ledger: Pick<Ledger, 'unitsAt'>,
  event: LedgerEvent,
  apply: () => T,
): { readonly result: T; readonly changes: readonly OwedChange[] } {
  const { symbol, later } = book.size === 0 ? nothing : laterThan(book, event)
  if (later.length === 0) return { result: apply(), changes: noChanges }
  const before = later.map(({ time }) => ledger.unitsAt(symbol, time))
  const result = apply()
  const changes = later.flatMap((of, index): readonly OwedChange[] => {
    const more = ledger.unitsAt(symbol, of.time).minus(before[index] as Decimal)
    if (more.isZero()) return []
    const owed = decimal(of.owed ?? of.quantity)
    return [{ of, before: owed, after: owed.plus(more) }]
  })
  if (changes.length === 0) return { result, changes }
  const owed = new Map(changes.map(({ of, after }) => [of.eventId, decimalText(after)]))
  book.set(
    symbol,
    (book.get(symbol) ?? []).map((each) => owing(each, owed.get(each.eventId) ?? each.owed ?? each.quantity)),
  )
  return { result, changes }
}

const nothing = { symbol: '', later: noChanges }

function laterThan(book: EntitlementBook, event: LedgerEvent): { symbol: string; later: readonly Entitlement[] } {
  const { type, time } = event
  if (type !== 'fill' && type !== 'bust' && type !== 'correction' && type !== 'split') return nothing
  const known = book.get(event.symbol)
  const last = known?.at(-1)
  if (known === undefined || last === undefined || last.time < time) return nothing
  // What was executed at its very instant came after it; a split of that instant before it.
  const later = known.filter((each) => (type === 'split' ? each.time >= time : each.time > time))
  return { symbol: event.symbol, later }
}

/** What is to be booked yet, so that each dividend of a symbol is paid on what it is due on. */
export function dueCorrections(book: EntitlementBook, symbol: string): readonly DividendPaidEvent[] {
  return (book.get(symbol) ?? noChanges).flatMap((each) => {
    if (each.owed === undefined) return []
    const { eventId, time, amountPerUnit, currency, corrections = 0 } = each
    const quantity = decimalText(decimal(each.owed).minus(decimal(each.quantity)))
    const correction: DividendPaidEvent = {
      type: 'dividend',
      eventId: `correction-${corrections + 1}-of-${eventId}`,
      time,
      symbol,
      quantity,
      amountPerUnit,
      corrects: eventId,
      ...(currency === undefined ? {} : { currency }),
    }
    return [correction]
  })
}

/** Forgets what nothing can correct any more, since what was executed by then is settled. */
export function forgetEntitlements(book: EntitlementBook, before: EpochMs): void {
  for (const [symbol, known] of book) {
    const kept = known.filter(({ time }) => time >= before)
    if (kept.length === 0) book.delete(symbol)
    else if (kept.length < known.length) book.set(symbol, kept)
  }
}
