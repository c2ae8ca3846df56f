import { nearestName } from '@tradeswarm/core'
import { invalidField } from './ledger-amounts.js'
import type { FillEvent, LedgerEvent } from './ledger-event.js'
import { ledgerEventFields } from './parse-ledger-event.js'

/** So many fields are in every fill. */
const requiredOfFill = 13
const optionalOfFill = [
  'currency',
  'multiplier',
  'settlement',
  'realised',
  'correlationId',
  'causationId',
] as const satisfies readonly (keyof FillEvent)[]

/**
 * Refuses what is no event, and a field that there is not: a currency whose name is misspelt would be booked in another. Of fills, which are
 * many, names are looked at only where there are more than there should be. Throws `INVALID_LEDGER_EVENT`.
 */
export function checkFields(event: LedgerEvent): void {
  if (typeof event !== 'object' || event === null)
    throw invalidField('event', `is ${String(event)}; give an object such as { type: "deposit", … }`)
  if (event.type === 'fill' && countOf(event) <= requiredOfFill + optionalIn(event)) return
  const known = ledgerEventFields.get(event.type)
  // What is of no type is refused as that.
  if (known === undefined) return
  for (const name in event) if (!known.has(name)) throw strayField(event.type, name, [...known])
}

function strayField(type: string, name: string, known: readonly string[]): Error {
  const nearest = nearestName(name, known)
  const hint = nearest === undefined ? `there are: ${known.join(', ')}` : `did you mean ${nearest}?`
  return invalidField(`${type}.${name.slice(0, 40)}`, `there is no such field; ${hint}`)
}

function optionalIn(event: FillEvent): number {
  let count = 0
  for (const field of optionalOfFill) if (event[field] !== undefined) count += 1
  return count
}

function countOf(event: object): number {
  let count = 0
  for (const _ in event) count += 1
  return count
}
