import { SwarmError } from '@tradeswarm/core'
import type { LedgerEntry } from './ledger-entry.js'
import type { FillEvent, LedgerEvent } from './ledger-event.js'
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

let sequence = 0

/** An execution of BTC-USDT, at times 1, 2, 3 and so on. */
export function okxFill(
  side: 'buy' | 'sell',
  quantity: string,
  price: string,
  extra: Partial<FillEvent> = {},
): FillEvent {
  sequence += 1
  const id = String(sequence)
  return {
    type: 'fill',
    eventId: `event-${id}`,
    time: sequence,
    account: 'okx',
    symbol: 'BTC-USDT',
    asset: 'BTC',
    currency: 'USDT',
    tradeId: `trade-${id}`,
    orderId: 'order',
    side,
    quantity,
    price,
    fee: '0',
    feeCurrency: 'USDT',
    ...extra,
  }
}

/** Books events and returns their entries, without those of duplicates. */
export function book(ledger: Ledger, ...events: readonly LedgerEvent[]): readonly LedgerEntry[] {
  return events.flatMap((event) => {
    const result = ledger.apply(event)
    return result.status === 'applied' ? [result.entry] : []
  })
}
