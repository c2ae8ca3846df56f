import type { EpochMs } from '@tradeswarm/core'
import type { Session, TradingCalendar } from '../instruments/trading-calendar.js'
import type { OrderHeader } from '../orders/order-record.js'
import { type KernelRuntime, openOrdersOf } from './kernel-runtime.js'

/** The auction that an order is for: when it is, and from when on the order lies at the venue if it can wait here. */
type Auction = { readonly at: EpochMs; readonly from: EpochMs }

/** An exit goes to the venue so long before its auction: venues close theirs up to ten minutes before (Nasdaq, NYSE, Alpaca)… */
const longestLeadMs = 15 * 60_000
/** …or, where sessions are short, so large a part of one before. */
const leadParts = 4

/** The auction that an exit is for, the next one after it was made; undefined of what is for none. */
export function auctionOf(
  calendar: TradingCalendar,
  { request, createdAt }: Pick<OrderHeader, 'request' | 'createdAt'>,
): Auction | undefined {
  if (request.timeInForce !== 'at-close' && request.timeInForce !== 'at-open') return undefined
  const running = calendar.openSession(createdAt)
  const next = calendar.nextSession(createdAt)
  if (request.timeInForce === 'at-close') {
    const session = running ?? next
    return { at: session.close, from: session.close - leadOf(session) }
  }
  // Between two sessions nothing trades that a stop could be for.
  const from = running === undefined ? createdAt : Math.min(running.close, next.open - leadOf(next))
  return { at: next.open, from }
}

function leadOf({ open, close }: Session): number {
  return Math.min(longestLeadMs, Math.floor((close - open) / leadParts))
}

/**
 * Whether an exit is for an auction that is too far off to give up the stop for. Where nothing but the market wakes the kernel it does not
 * wait: no event may come in time. Its stop is watched here then.
 */
export function waitsForAuction({ calendar, clock, hasTimers }: KernelRuntime, header: OrderHeader): boolean {
  if (!hasTimers) return false
  const auction = auctionOf(calendar, header)
  return auction !== undefined && clock.now() < auction.from
}

/** Whether an exit lies at the venue, or is on its way there, for an auction yet to come, while the market trades without it. */
export function isIdle({ calendar, clock }: KernelRuntime, header: OrderHeader): boolean {
  const auction = auctionOf(calendar, header)
  const now = clock.now()
  return auction !== undefined && now < auction.at && calendar.openSession(now) !== undefined
}

/** Whether units of a symbol are in such an exit, so that a stop for them cannot be at the venue. */
export function hasIdleExit(runtime: KernelRuntime, symbol: string): boolean {
  for (const order of openOrdersOf(runtime, symbol)) {
    if (!order.header.request.reduceOnly || order.state.status === 'permitted') continue
    if (isIdle(runtime, order.header)) return true
  }
  return false
}
