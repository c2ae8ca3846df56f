import type { DividendPaidEvent } from '../ledger/ledger-event.js'
import type { DividendEvent } from '../market/market-event.js'
import { decimal, decimalText } from '../money/decimal.js'

/** The first dividend that was booked of a symbol on a date: its event id and what it paid. */
export type FirstDividend = { readonly eventId: string; readonly terms: string }

/** The last dates of each symbol, oldest first. */
export type DividendBook = Map<string, readonly FirstDividend[]>

/** So many dates of a symbol are kept, for a feed that tells of the last days again after a restart. */
const keptDates = 8

/**
 * Under which id a dividend is booked, the same however often it is told. The first of a symbol on a date is known by these alone; another
 * one by what it pays too, or by the id that its source gives it.
 */
export function dividendEventId(book: DividendBook, event: DividendEvent): string {
  const first = `dividend-${event.symbol}-${event.sessionDate}`
  if (event.dividendId !== undefined) return `${first}-id-${event.dividendId}`
  const known = book.get(event.symbol)?.find(({ eventId }) => eventId === first)
  const terms = termsOf(event.amountPerUnit, event.currency)
  return known === undefined || known.terms === terms ? first : `${first}-${terms}`
}

/** Takes note of a dividend that was booked. The currency is that of the books where the event names none. */
export function noteDividend(book: DividendBook, event: DividendPaidEvent, base: string): void {
  const kept = book.get(event.symbol) ?? []
  if (event.corrects !== undefined) return
  if (kept.some(({ eventId }) => event.eventId.startsWith(eventId))) return
  const first = { eventId: event.eventId, terms: termsOf(event.amountPerUnit, event.currency ?? base) }
  book.set(event.symbol, [...kept, first].slice(-keptDates))
}

function termsOf(amountPerUnit: string, currency: string): string {
  return `${decimalText(decimal(amountPerUnit, 'amountPerUnit'))}-${currency}`
}
