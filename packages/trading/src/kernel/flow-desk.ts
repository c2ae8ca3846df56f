import type { AdoptionEvent, LedgerEvent } from '../ledger/ledger-event.js'
import { type Decimal, decimal } from '../money/decimal.js'
import { baselinesAfterFlow, type LossBaselines } from '../risk/loss-baselines.js'
import { rateOf } from './currency-rate.js'
import { equityOf, type KernelRuntime } from './kernel-runtime.js'
import { noteLatestPeak } from './loss-desk.js'

/**
 * What the record of a booking says of the loss limits: money and units that come from outside, or go there, are no gain and no loss.
 * Nothing for any other event, and where nobody knows what they are worth.
 */
export function movedBaselines(runtime: KernelRuntime, event: LedgerEvent): { readonly baselines?: LossBaselines } {
  const flow = flowOf(runtime, event)
  if (flow === undefined || runtime.state.risk.peakEquity === undefined) return {}
  noteLatestPeak(runtime)
  return { baselines: baselinesAfterFlow(runtime.state.risk, equityOf(runtime), flow) }
}

function flowOf(runtime: KernelRuntime, event: LedgerEvent): Decimal | undefined {
  switch (event.type) {
    case 'deposit':
      return worthOf(runtime, decimal(event.amount), event.currency)
    case 'withdrawal':
      return worthOf(runtime, decimal(event.amount).neg(), event.currency)
    case 'transfer':
      return 'asset' in event ? undefined : worthOf(runtime, decimal(event.amount), event.currency)
    case 'adoption':
      return worthOf(runtime, markedWorth(runtime, event), event.currency)
    default:
      return undefined
  }
}

/** At the last price; where there is none, at what they count as having cost. Of a contract only what it has gained or lost is worth anything. */
function markedWorth({ market }: KernelRuntime, event: AdoptionEvent): Decimal {
  const units = decimal(event.quantity).times(decimal(event.multiplier ?? '1'))
  const cost = event.cost === undefined ? units.times(decimal(event.price)) : decimal(event.cost)
  const marked = market.priceOf(event.symbol)
  const worth = marked === undefined ? cost : units.times(marked)
  return event.settlement === 'margin' ? worth.minus(cost) : worth
}

function worthOf(runtime: KernelRuntime, amount: Decimal, currency: string | undefined): Decimal | undefined {
  if (currency === undefined || currency === runtime.state.currency) return amount
  const rate = rateOf(runtime, currency)
  return rate === undefined ? undefined : amount.times(rate)
}
