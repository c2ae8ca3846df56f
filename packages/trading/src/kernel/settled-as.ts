import type { Instrument } from '../instruments/instrument.js'
import { type SettlementTerms, settlementTerms } from '../instruments/unit-terms.js'
import { decimalText } from '../money/decimal.js'
import type { OrderHeader } from '../orders/order-record.js'
import { rateOf } from './currency-rate.js'
import type { KernelRuntime } from './kernel-runtime.js'

/** The header with how its executions are booked; the same one where they are units paid for in the account's currency. */
export function settledAs(runtime: KernelRuntime, instrument: Instrument, header: OrderHeader): OrderHeader {
  const { currency } = runtime.state
  const terms = settlementTerms(instrument, currency)
  const { multiplier, settlement } = terms
  if (terms.currency === undefined) {
    return multiplier === undefined && settlement === undefined ? header : { ...header, ...terms }
  }
  const rate = rateOf(runtime, terms.currency)
  return { ...header, ...terms, ...(rate === undefined ? {} : { rate: decimalText(rate) }) }
}

/** The rate at which a booking in another currency counts in the account's own, for a journalled record. */
export function bookedRate(
  runtime: KernelRuntime,
  { currency, rate: known }: Pick<OrderHeader, 'currency' | 'rate'>,
): { readonly rate?: string } {
  if (currency === undefined) return {}
  const rate = rateOf(runtime, currency)
  if (rate !== undefined) return { rate: decimalText(rate) }
  return known === undefined ? {} : { rate: known }
}

/** How an execution of an order is booked, for the record of it; undefined where it is of units paid for in the account's currency. */
export function bookedTerms(
  runtime: KernelRuntime,
  header: OrderHeader,
): { readonly rate?: string; readonly terms: SettlementTerms } | undefined {
  const { currency, multiplier, settlement } = header
  if (currency === undefined && multiplier === undefined && settlement === undefined) return undefined
  const terms: SettlementTerms = {
    ...(currency === undefined ? {} : { currency }),
    ...(multiplier === undefined ? {} : { multiplier }),
    ...(settlement === undefined ? {} : { settlement }),
  }
  return { ...bookedRate(runtime, header), terms }
}
