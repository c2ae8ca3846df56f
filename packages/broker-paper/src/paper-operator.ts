import { SwarmError } from '@tradeswarm/core'
import {
  type Decimal,
  decimal,
  decimalText,
  type Execution,
  type OrderRequest,
  one,
  type VenueMovement,
  zero,
} from '@tradeswarm/trading'
import type { PaperAccount, PaperHolding } from './paper-account.js'
import type { PaperBrokerSettings } from './paper-broker-options.js'
import { inUnits } from './split-ratio.js'
import { type LoggedTrade, notionalOf, settlementOf, type TradeLog } from './trade-log.js'

/** Figures of an execution that are put right; decimal texts. */
export type CorrectedFigures = { readonly price?: string; readonly quantity?: string; readonly fee?: string }

/** What the people who run a venue can do by hand. */
export type PaperOperator = {
  /** Takes an execution back; the venue does not trade it again. Cash or position may go below 0 by it. Throws `EXECUTION_NOT_FOUND`. */
  bust(tradeId: string): Promise<void>
  /** Puts figures of an execution right. Throws `EXECUTION_NOT_FOUND`, or `INVALID_DECIMAL` for a figure that is none. */
  correct(tradeId: string, figures: CorrectedFigures): Promise<void>
  /** Nothing of the symbol trades until it is resumed. */
  halt(symbol: string): void
  resume(symbol: string): void
  /** Why an amendment of an order that rests would be refused now; undefined where it would be taken. Nothing comes of it. */
  refusalOfAmendment(
    clientOrderId: string,
    request: OrderRequest,
  ): { readonly code: string; readonly message: string } | undefined
  /** Moves money without an order, and tells it as a movement: interest that is received and a fee that is paid are above 0. */
  move(movement: Pick<VenueMovement, 'currency' | 'amount'> & { readonly type: 'interest' | 'fee' }): Promise<void>
  /**
   * Gives a contract a margin of its own, or another leverage of it: what is set aside for it then is its cost / leverage with the funding
   * paid and received while it is held. Answers by how much more is set aside for what is held; undefined, with nothing changed, where that is
   * not free. What its open orders have set aside stays as it is. Throws `INVALID_OPTION` for what is no contract.
   */
  isolateMargin(symbol: string, leverage: string): string | undefined
  /** What a trade (its trade id) or a funding (its event id) has added to the margin that a contract has for itself; below 0 what was given back. */
  marginMoved(symbol: string, id: string): string
  /** What the account holds, with what open orders have set aside: total = free + locked. */
  holdings(): readonly PaperHolding[]
}

/** Gives a contract a margin of its own; `PaperOperator.isolateMargin` says what comes of it. */
export function isolateMargin(
  { instruments }: PaperBrokerSettings,
  account: PaperAccount,
  symbol: string,
  leverage: string,
): string | undefined {
  const listing = instruments.get(symbol)
  const times = decimal(leverage, 'leverage')
  if (listing?.isContract !== true || times.lt(one))
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `isolateMargin: ${symbol} at ${leverage}: name a contract of "instruments", and a leverage from 1 up`,
      context: { symbol },
    })
  const change = account.isolate(symbol, listing.instrument.currency, times)
  return change === undefined ? undefined : decimalText(change)
}

/** Reverses an execution. */
export function bustTrade(trades: TradeLog, account: PaperAccount, tradeId: string): LoggedTrade {
  const trade = standingTrade(trades, tradeId)
  account.unsettle(settlementOf(trade, trade.execution))
  trade.isBusted = true
  trade.order.busted = trade.order.busted.plus(measureOf(trade, trade.execution))
  return trade
}

/** Reverses an execution and makes it anew with other figures. */
export function correctTrade(
  trades: TradeLog,
  account: PaperAccount,
  tradeId: string,
  { price, quantity, fee }: CorrectedFigures,
): LoggedTrade {
  const trade = standingTrade(trades, tradeId)
  const { order } = trade
  const before = trade.execution
  const execution = {
    ...before,
    price: figure('price', price ?? before.price),
    quantity: figure('quantity', quantity ?? before.quantity),
    fee: figure('fee', fee ?? before.fee),
  }
  account.correct(settlementOf(trade, before), settlementOf(trade, execution))
  trade.execution = execution
  order.busted = order.busted.plus(measureOf(trade, before)).minus(measureOf(trade, execution))
  return trade
}

function standingTrade(trades: TradeLog, tradeId: string): LoggedTrade {
  const trade = trades.find(tradeId)
  if (trade !== undefined) return trade
  throw new SwarmError({
    code: 'EXECUTION_NOT_FOUND',
    message: `tradeId: no execution "${tradeId}" stands at this venue`,
    context: { tradeId },
  })
}

function figure(field: string, text: string): string {
  const value = decimal(text, field)
  if (value.gt(zero) || (field === 'fee' && value.eq(zero))) return decimalText(value)
  throw new SwarmError({ code: 'INVALID_DECIMAL', message: `${field}: ${text} is not above 0`, context: { field } })
}

/** An execution in the measure of its order. */
function measureOf({ order, restated }: LoggedTrade, { price, quantity }: Execution): Decimal {
  const units = decimal(quantity, 'quantity')
  if (order.request.sizedIn === 'quote') return notionalOf(order, decimal(price, 'price'), units)
  return restated.reduce(inUnits, units)
}
