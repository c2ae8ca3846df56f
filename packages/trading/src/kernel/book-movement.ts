import { SwarmError } from '@tradeswarm/core'
import type { CarryEvent, CashMovementEvent, CashTransferEvent } from '../ledger/ledger-event.js'
import { parseLedgerEvent } from '../ledger/parse-ledger-event.js'
import { type Authorisation, assertOperator } from './authorise.js'
import { commit, type KernelRuntime } from './kernel-runtime.js'

/** Money that moves without a trade. A movement is known by its event id: told again, it changes nothing. */
export type CashMovement = WithoutTime<CashMovementEvent | CarryEvent | CashTransferEvent>

type WithoutTime<Event> = Event extends unknown ? Omit<Event, 'time'> : never

const movements: ReadonlySet<string> = new Set([
  'deposit',
  'withdrawal',
  'fee',
  'interest',
  'funding',
  'borrow',
  'transfer',
])

/**
 * Books money that came, went or was charged outside of any order, so that books and venue agree again. Throws `NOT_AUTHORIZED`,
 * `INVALID_LEDGER_EVENT` or `INVALID_DECIMAL`, naming the field.
 */
export function bookMovement(runtime: KernelRuntime, movement: CashMovement, { operator }: Authorisation): void {
  assertOperator(runtime, 'book', operator)
  const event = parseLedgerEvent({ ...movement, time: runtime.clock.now() })
  if (!movements.has(event.type) || 'asset' in event)
    throw new SwarmError({
      code: 'INVALID_LEDGER_EVENT',
      message: `book: type "${event.type}" is not one of ${[...movements].join(', ')} of cash; trades are booked by the venue's word, positions are taken in by adopt()`,
    })
  commit(runtime, { type: 'booked', time: event.time, event })
}
