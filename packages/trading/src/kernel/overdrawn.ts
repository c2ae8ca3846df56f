import { SwarmError } from '@tradeswarm/core'
import type { CashMovementEvent, CashTransferEvent, LedgerEvent } from '../ledger/ledger-event.js'
import { type Decimal, decimal, decimalText } from '../money/decimal.js'
import { alert, type KernelRuntime } from './kernel-runtime.js'

/**
 * Refuses to let the owner take out more cash of a currency than the books hold: no venue pays that, so it is a slip of the pen, or something
 * that came before is not booked yet. What is booked already is told again. Throws `INVALID_LEDGER_EVENT`, naming the field.
 */
export function assertCovered({ state }: KernelRuntime, event: LedgerEvent): void {
  if (!isCashOfOwner(event) || state.ledger.hasBooked(event.eventId)) return
  const { type, currency = state.currency } = event
  const amount = decimal(event.amount, `${type}.amount`)
  const taken = type === 'withdrawal' ? amount : amount.neg()
  const held = state.ledger.cashAmount(currency)
  if (!taken.isPositive() || taken.lte(held)) return
  const field = `${type}.amount`
  throw new SwarmError({
    code: 'INVALID_LEDGER_EVENT',
    message: `book: ${field}: "${event.amount}" takes out more than the ${decimalText(held)} ${currency} of cash; book what came in first, or make units cash by a conversion`,
    context: { field },
  })
}

function isCashOfOwner(event: LedgerEvent): event is CashMovementEvent | CashTransferEvent {
  return event.type === 'withdrawal' || event.type === 'deposit' || (event.type === 'transfer' && 'amount' in event)
}

/**
 * Tells of cash that a charge has taken below 0. It is booked, since the books follow the venue; what there is less than nothing of pays for no
 * entry until more comes in.
 */
export function tellOverdrawn(runtime: KernelRuntime, currency: string, before: Decimal): void {
  const now = runtime.state.ledger.cashAmount(currency)
  if (!now.isNegative() || before.isNegative()) return
  const message = `${decimalText(now)} ${currency} of cash are left after a charge: no entry is paid for in ${currency} until more comes in`
  alert(runtime, 'CASH_BELOW_ZERO', message)
}
