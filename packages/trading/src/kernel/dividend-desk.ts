import { messageOf, SwarmError } from '@tradeswarm/core'
import type { DividendEvent } from '../market/market-event.js'
import { decimalText } from '../money/decimal.js'
import { dividendEventId } from './dividend-book.js'
import { dueCorrections } from './entitlement-book.js'
import { alert, commit, type KernelRuntime } from './kernel-runtime.js'

/**
 * Books a dividend on what was held at its instant, also where it is told late. One of a symbol of which nothing was held then is noted where
 * an execution of before may yet be told, or taken back.
 */
export function payDividend(runtime: KernelRuntime, dividend: DividendEvent): void {
  // The venue says what it has paid, and when.
  if (runtime.broker?.capabilities?.tellsDividends === true) return
  const { symbol, amountPerUnit, time, currency } = dividend
  const { ledger, dividends, currency: base } = runtime.state
  const quantity = decimalText(ledger.unitsAt(symbol, time))
  if (quantity === '0' && !wasTraded(runtime, symbol)) return
  // Also where it is the account's own, of a symbol that settles in another.
  const settlesIn = runtime.broker?.instrument(symbol)?.currency ?? base
  if (quantity === '0' && !ledger.currencies().includes(currency)) return
  const paidIn =
    currency === base && settlesIn === base && ledger.position(symbol)?.currency === undefined ? {} : { currency }
  const eventId = dividendEventId(dividends, dividend)
  const event = { type: 'dividend', eventId, time, symbol, quantity, amountPerUnit, ...paidIn } as const
  commit(runtime, { type: 'booked', time, event: { ...event, ...chainOf(runtime, symbol) } })
}

/** Whether anything was sent of a symbol, as far as that is remembered: of an order that has ended an execution may be told yet. */
function wasTraded({ state }: KernelRuntime, symbol: string): boolean {
  if (state.trips.has(symbol) || state.index.openOrders.has(symbol)) return true
  for (const { header, state: order } of state.orders.values())
    if (header.request.symbol === symbol && order.words.submitted === true) return true
  return false
}

/** Books what dividends of a symbol lack, or have too much of, after something of before them was told after them. */
export function correctDividends(runtime: KernelRuntime, symbol: string): void {
  const { entitlements } = runtime.state
  if (entitlements.size === 0) return
  for (const event of dueCorrections(entitlements, symbol)) {
    try {
      commit(runtime, { type: 'booked', time: runtime.clock.now(), event: { ...event, ...chainOf(runtime, symbol) } })
    } catch (thrown) {
      if (SwarmError.isInstance(thrown) && thrown.code.startsWith('KERNEL_')) throw thrown
      alert(runtime, 'BOOKING_FAILED', `${event.eventId} could not be booked: ${messageOf(thrown)}`, symbol)
      return
    }
    const message = `${event.corrects} was booked before all was told that was held then: ${event.quantity} units at ${event.amountPerUnit} are booked as well`
    alert(runtime, 'DIVIDEND_CORRECTED', message, symbol)
  }
}

/** What a crash has kept from being booked. */
export function completeDividends(runtime: KernelRuntime): void {
  for (const symbol of runtime.state.entitlements.keys()) correctDividends(runtime, symbol)
}

function chainOf(
  { state }: KernelRuntime,
  symbol: string,
): { readonly correlationId?: string; readonly causationId?: string } {
  const trip = state.trips.get(symbol)
  return trip === undefined ? {} : { correlationId: trip.correlationId, causationId: trip.causationId }
}
