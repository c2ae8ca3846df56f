import { readDecimal } from '../money/decimal.js'
import type { LedgerEvent } from './ledger-event.js'

/** How and when an event was told, not what it says. */
const aboutTelling: ReadonlySet<string> = new Set(['eventId', 'time', 'correlationId', 'causationId'])

const amounts: ReadonlySet<string> = new Set([
  'amount',
  'amountPerUnit',
  'cost',
  'fee',
  'multiplier',
  'price',
  'quantity',
])

/** What an event says, as a text: equal of two that say the same figures, however these are written (`1.50` is `1.5`). */
export function eventFingerprint(event: LedgerEvent, base: string): string {
  const said: Record<string, unknown> = { ...event }
  if (said.currency === base) delete said.currency
  return partsOf(said)
}

function partsOf(said: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(said).filter((name) => !aboutTelling.has(name) && said[name] !== undefined)
  return JSON.stringify(names.sort().map((name) => [name, figureOf(name, said[name])]))
}

function figureOf(name: string, value: unknown): unknown {
  if (typeof value === 'string') return amounts.has(name) ? (readDecimal(value)?.toString() ?? value) : value
  return typeof value === 'object' && value !== null ? partsOf(value as Readonly<Record<string, unknown>>) : value
}
