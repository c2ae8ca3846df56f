import { messageOf } from '@tradeswarm/core'
import { decimal, zero } from '../money/decimal.js'
import type { BrokerEvent, VenueBalance, VenueOrder } from '../orders/broker.js'
import type { OrderRecord } from '../orders/order-record.js'
import { noteVenueWord } from './broker-desk.js'
import { alert, brokerOf, type KernelRuntime, openOrdersOf } from './kernel-runtime.js'
import { noteOrderEvent, repeatCancel } from './order-desk.js'
import { protect } from './protection-desk.js'

/**
 * Compares the books with the venue: what was sent without an answer is asked for, orders and balances that differ are told.
 * Only a comparison that went through and agreed lets entries in; a query that fails is never read as "nothing there". Until one has,
 * it is made anew with every event of a market session. What the pass before has told already is not told again.
 */
export async function reconcile(runtime: KernelRuntime): Promise<void> {
  const broker = brokerOf(runtime)
  const told = new Set<string>()
  const tell: Tell = (code, message, symbol) => {
    told.add(message)
    if (!runtime.toldDifferences.has(message)) alert(runtime, code, message, symbol)
  }
  try {
    await settleUnanswered(runtime)
    for (const order of await broker.openOrders()) {
      if (runtime.state.index.orderByClientId.has(order.clientOrderId)) continue
      tell(
        'EXTERNAL_ORDER',
        `the venue holds order ${order.clientOrderId} in ${order.symbol}, which is not ours`,
        order.symbol,
      )
    }
    runtime.reconciled = balancesAgree(runtime, await broker.balances(), tell)
  } catch (thrown) {
    const message = `the venue could not be asked: ${messageOf(thrown)}; no entries until that succeeds, it is asked again with the next event of a session`
    tell('RECONCILIATION_FAILED', message)
  }
  runtime.toldDifferences = told
  for (const [symbol, trip] of runtime.state.trips) if (trip.status === 'open') await protect(runtime, symbol)
}

type Tell = (code: string, message: string, symbol?: string) => void

function balancesAgree(runtime: KernelRuntime, balances: readonly VenueBalance[], tell: Tell): boolean {
  const { ledger, currency } = runtime.state
  const totals = new Map(balances.map(({ asset, total }) => [asset, decimal(total, `balance of ${asset}`)]))
  const expected = new Map([[currency, decimal(ledger.cash(currency))]])
  for (const { asset, quantity } of ledger.positions())
    expected.set(asset, decimal(quantity).plus(expected.get(asset) ?? zero))
  let agreed = true
  for (const [asset, amount] of expected) {
    const total = totals.get(asset) ?? zero
    if (total.eq(amount)) continue
    agreed = false
    tell(
      'BALANCE_MISMATCH',
      `the venue holds ${total.toFixed()} ${asset}, the books ${amount.toFixed()}; no entries until they agree`,
    )
  }
  for (const [asset, total] of totals) {
    if (!expected.has(asset) && !total.eq(zero))
      tell('EXTERNAL_POSITION', `the venue holds ${total.toFixed()} ${asset} that the books do not`)
  }
  return agreed
}

/** An order whose fate is unknown is asked for at most so often. */
const lookUpEveryMs = 1_000

/**
 * Asks the venue about orders whose fate is unknown, and about those whose cancel got no answer. Not found is no answer while the venue
 * can still act on the request.
 */
export async function settleUnknown(runtime: KernelRuntime): Promise<void> {
  const { state, clock, askedAt, unansweredCancels } = runtime
  for (const orders of [state.index.unknown, unansweredCancels]) {
    for (const orderId of orders) {
      const order = state.orders.get(orderId)
      const last = askedAt.get(orderId)
      if (order === undefined || (last !== undefined && clock.now() - last < lookUpEveryMs)) continue
      askedAt.set(orderId, clock.now())
      if (orders !== unansweredCancels || order.state.status === 'pending-cancel') await settleOrder(runtime, order)
      if (state.orders.get(orderId)?.state.status !== 'pending-cancel') unansweredCancels.delete(orderId)
      if (!state.index.unknown.has(orderId) && !unansweredCancels.has(orderId)) askedAt.delete(orderId)
    }
  }
}

const unanswered: ReadonlySet<string> = new Set(['submitted', 'unknown', 'pending-cancel'])

/** Asks the venue about all that was sent before a restart and got no answer. What it cannot be asked now stays in doubt, and is asked for again. */
async function settleUnanswered(runtime: KernelRuntime): Promise<void> {
  for (const symbol of runtime.state.index.openOrders.keys()) {
    for (const order of openOrdersOf(runtime, symbol)) {
      if (!unanswered.has(order.state.status)) continue
      const { orderId } = order.header
      if (order.state.status === 'pending-cancel') runtime.unansweredCancels.add(orderId)
      await settleOrder(runtime, order)
      if (runtime.state.orders.get(orderId)?.state.status === 'submitted') {
        const message = 'the venue could not be asked about it after a restart'
        noteOrderEvent(runtime, orderId, { type: 'submission-unknown', eventId: 'submission-unknown', message })
      }
    }
  }
}

async function settleOrder(runtime: KernelRuntime, order: OrderRecord): Promise<void> {
  const { orderId, request } = order.header
  try {
    const found = await brokerOf(runtime).order(request.clientOrderId)
    if (found !== undefined) {
      adopt(runtime, order, found)
      if (found.status === 'open') await repeatCancel(runtime, orderId)
      await protect(runtime, request.symbol)
    } else if (canNoLongerAct(runtime, order)) {
      noteOrderEvent(runtime, orderId, { type: 'lapsed', eventId: 'lapsed' })
      await protect(runtime, request.symbol)
    } else if (order.state.status === 'submitted') {
      const message = 'the venue did not know it after a restart'
      noteOrderEvent(runtime, orderId, { type: 'submission-unknown', eventId: 'submission-unknown', message })
    }
  } catch (thrown) {
    alert(
      runtime,
      'ORDER_UNKNOWN',
      `the venue could not be asked about order ${orderId}: ${messageOf(thrown)}`,
      request.symbol,
    )
  }
}

/** A request may be held up on its way for so long; clocks that differ are in it too. */
const longestDelayMs = 60_000

/** An order for the day, or for the moment, is dead once the session in which it could first trade has closed, and no request is under way. */
function canNoLongerAct({ clock, calendar }: KernelRuntime, { header }: OrderRecord): boolean {
  if (header.request.timeInForce === 'gtc') return false
  const session = calendar.openSession(header.createdAt) ?? calendar.nextSession(header.createdAt)
  return clock.now() > session.close + longestDelayMs
}

/** The venue's view becomes its word. Executions come by themselves; a fill that has not come yet is told. */
function adopt(runtime: KernelRuntime, order: OrderRecord, found: VenueOrder): void {
  const { orderId, request } = order.header
  const type = found.status === 'open' || found.status === 'filled' ? 'accepted' : found.status
  const base = {
    eventId: `lookup-${type}`,
    clientOrderId: request.clientOrderId,
    venueOrderId: found.venueOrderId,
    time: runtime.clock.now(),
  }
  const event: BrokerEvent =
    type === 'rejected'
      ? { ...base, type, code: 'REJECTED', message: 'rejected by the venue, as a look-up found' }
      : { ...base, type }
  if (order.state.words[type] !== true) noteVenueWord(runtime, order, event)
  if (decimal(found.filledQuantity).gt(decimal(order.state.filledQuantity))) {
    const message = `the venue filled ${found.filledQuantity} of order ${orderId}, the books have ${order.state.filledQuantity}`
    alert(runtime, 'MISSING_EXECUTIONS', message, request.symbol)
  }
}
