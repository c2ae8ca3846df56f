import { SwarmError } from '@tradeswarm/core'
import type { LedgerEntry } from './ledger-entry.js'
import type { LedgerEvent } from './ledger-event.js'
import type { Ledger, LedgerResult } from './ledger-port.js'

/** Books all that the ledger takes. A transfer of more than is held it refuses; anything else that it refuses is thrown. */
export function bookAll(ledger: Ledger, events: readonly LedgerEvent[]) {
  const accepted: LedgerEvent[] = []
  const entries: LedgerEntry[] = []
  for (const event of events) {
    const result = attempt(ledger, event)
    if (result === undefined) continue
    accepted.push(event)
    if (result.status === 'applied') entries.push(result.entry)
  }
  return { accepted, entries }
}

/** The answer to an event; undefined where units go out that are not there. */
export function attempt(ledger: Ledger, event: LedgerEvent): LedgerResult | undefined {
  if (event.type !== 'transfer' || !('symbol' in event) || event.cost !== undefined) return ledger.apply(event)
  try {
    return ledger.apply(event)
  } catch {
    return undefined
  }
}

/** What became of an event: the status of the answer, or the code of the error. */
export function outcomeOf(ledger: Ledger, event: LedgerEvent): string {
  try {
    return ledger.apply(event).status
  } catch (thrown) {
    if (SwarmError.isInstance(thrown)) return thrown.code
    throw thrown
  }
}
