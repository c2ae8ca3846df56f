import { SwarmError } from '@tradeswarm/core'
import { type Decimal, decimal, decimalText, divide, fromFloat, one, zero } from '../money/decimal.js'

/** What bounds any size, whatever the method. Amounts are decimal texts in the currency of the symbol. */
export type SizingLimits = {
  readonly entryPrice: string
  /** The size is a multiple of it, rounded down. */
  readonly lotSize: string
  /** Cash that may be spent. */
  readonly availableCash: string
  /** Price × size is at most this. */
  readonly maximumNotional?: string
  /** Below it no order is worth sending; 0 when absent. */
  readonly minimumNotional?: string
  /** Cash kept back for fees and a worse price, as a fraction of the notional; 0 when absent. */
  readonly cashBufferFraction?: number
  /** How many a unit stands for; 1 when absent. */
  readonly multiplier?: string
  /** Of a contract: how many times its margin it may stand for; 1 when absent, so that all of it must be there in cash. */
  readonly leverage?: number
  /** What one unit of the symbol's currency is worth in that of equity and maximum notional; 1 when absent. Prices and cash are in the former. */
  readonly rate?: string
}

/** What a size was bounded by. */
export type SizingBound = 'target' | 'maximum-notional' | 'available-cash'

/** Why a size is 0. */
export type ZeroSizeCode =
  | 'EQUITY_NOT_POSITIVE'
  | 'STOP_AT_ENTRY'
  | 'NO_CASH'
  | 'QUANTITY_BELOW_MINIMUM'
  | 'NOTIONAL_BELOW_MINIMUM'

/** A size on the lot with what bounded it, or 0 with the reason. Decimal texts. */
export type PositionSize =
  | { readonly status: 'sized'; readonly quantity: string; readonly notional: string; readonly boundBy: SizingBound }
  | { readonly status: 'zero'; readonly quantity: '0'; readonly code: ZeroSizeCode; readonly message: string }

/** The fraction of the equity that `sizeByRisk` puts at stake when not told. */
export const defaultRiskFraction = 0.005

/** What {@link sizeByRisk} needs. Amounts are decimal texts. */
export type RiskSizing = SizingLimits & {
  readonly equity: string
  /** The fraction of the equity lost when the stop fills at its price; 0.005 when absent. */
  readonly riskFraction?: number
  /** Below the entry for a long position, above it for a short one. */
  readonly stopPrice: string
}

/** Fixed risk to the stop: equity × fraction / |entry − stop|. Throws `INVALID_DECIMAL` or `INVALID_OPTION`, naming the field. */
export function sizeByRisk(options: RiskSizing): PositionSize {
  const equity = decimal(options.equity, 'equity')
  if (equity.lte(zero)) return noEquity(options.equity)
  const distance = positive(options.entryPrice, 'entryPrice').minus(positive(options.stopPrice, 'stopPrice')).abs()
  if (distance.eq(zero))
    return nothing('STOP_AT_ENTRY', `the stop lies at the entry price ${options.entryPrice}: the risk per unit is 0`)
  const budget = equity.times(fraction(options.riskFraction ?? defaultRiskFraction, 'riskFraction'))
  return sizeWithin(budget, distance, options)
}

/** What {@link sizeByFraction} needs. Amounts are decimal texts. */
export type FractionSizing = SizingLimits & {
  readonly equity: string
  /** The fraction of the equity to invest. */
  readonly fraction: number
}

/** Fixed fraction: equity × fraction / entry. Throws `INVALID_DECIMAL` or `INVALID_OPTION`, naming the field. */
export function sizeByFraction(options: FractionSizing): PositionSize {
  const equity = decimal(options.equity, 'equity')
  if (equity.lte(zero)) return noEquity(options.equity)
  return sizeWithin(
    equity.times(fraction(options.fraction, 'fraction')),
    positive(options.entryPrice, 'entryPrice'),
    options,
  )
}

/** What {@link sizeByEqualWeight} needs. Amounts are decimal texts. */
export type EqualWeightSizing = SizingLimits & {
  readonly equity: string
  /** How many positions share the equity. */
  readonly positions: number
}

/** Equal weight: equity / positions / entry. Throws `INVALID_DECIMAL` or `INVALID_OPTION`, naming the field. */
export function sizeByEqualWeight(options: EqualWeightSizing): PositionSize {
  const { positions } = options
  if (!Number.isSafeInteger(positions) || positions < 1) {
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `positions: ${positions} is not a whole number of at least 1`,
    })
  }
  const equity = decimal(options.equity, 'equity')
  if (equity.lte(zero)) return noEquity(options.equity)
  return sizeWithin(equity, positive(options.entryPrice, 'entryPrice').times(decimal(String(positions))), options)
}

/** The most lots that fit the budget at so much a unit, the cap and the cash. */
function sizeWithin(budget: Decimal, perUnit: Decimal, limits: SizingLimits): PositionSize {
  const multiplier = limits.multiplier === undefined ? one : positive(limits.multiplier, 'multiplier')
  const rate = limits.rate === undefined ? one : positive(limits.rate, 'rate')
  const leverage = limits.leverage === undefined ? one : leverageOf(limits.leverage)
  const price = positive(limits.entryPrice, 'entryPrice').times(multiplier)
  const lot = positive(limits.lotSize, 'lotSize')
  const cash = decimal(limits.availableCash, 'availableCash')
  if (cash.lte(zero)) return nothing('NO_CASH', `there is no cash to spend: ${limits.availableCash}`)
  const buffer =
    limits.cashBufferFraction === undefined ? zero : fraction(limits.cashBufferFraction, 'cashBufferFraction', zero)
  const bounds: [SizingBound, Decimal][] = [['target', lotsWithin(budget, perUnit.times(multiplier).times(rate), lot)]]
  if (limits.maximumNotional !== undefined) {
    const cap = decimal(limits.maximumNotional, 'maximumNotional')
    bounds.push(['maximum-notional', cap.lt(zero) ? zero : lotsWithin(cap, price.times(rate), lot)])
  }
  bounds.push(['available-cash', lotsWithin(cash.times(leverage), price.times(one.plus(buffer.times(leverage))), lot)])
  const [boundBy, lots] = bounds.reduce((least, bound) => (bound[1].lt(least[1]) ? bound : least))
  if (lots.eq(zero))
    return nothing(
      'QUANTITY_BELOW_MINIMUM',
      `less than one lot of ${limits.lotSize} at ${limits.entryPrice} fits the ${boundBy}`,
    )
  const quantity = lots.times(lot)
  const notional = quantity.times(price)
  const minimum = decimal(limits.minimumNotional ?? '0', 'minimumNotional')
  if (notional.lt(minimum)) {
    return nothing(
      'NOTIONAL_BELOW_MINIMUM',
      `a notional of ${decimalText(notional)} is below the minimum of ${decimalText(minimum)}`,
    )
  }
  return { status: 'sized', quantity: decimalText(quantity), notional: decimalText(notional), boundBy }
}

/** Whole lots, rounded down. */
function lotsWithin(budget: Decimal, perUnit: Decimal, lot: Decimal): Decimal {
  return divide(budget, perUnit.times(lot), 0, 'down')
}

function positive(text: string, field: string): Decimal {
  const value = decimal(text, field)
  if (value.gt(zero)) return value
  throw new SwarmError({ code: 'INVALID_OPTION', message: `${field}: ${text} is not above 0`, context: { field } })
}

function leverageOf(value: number): Decimal {
  const exact = Number.isFinite(value) ? fromFloat(value, 12, 'leverage') : undefined
  if (exact?.gte(one)) return exact
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `leverage: ${value} is not a number of at least 1`,
    context: { field: 'leverage' },
  })
}

function fraction(value: number, field: string, least?: Decimal): Decimal {
  const exact = Number.isFinite(value) ? fromFloat(value, 12, field) : undefined
  if (exact?.lte(one) && (least === undefined ? exact.gt(zero) : exact.gte(least))) return exact
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `${field}: ${value} is not a fraction up to 1, such as 0.005`,
    context: { field },
  })
}

function noEquity(equity: string): PositionSize {
  return nothing('EQUITY_NOT_POSITIVE', `the equity is ${equity}`)
}

function nothing(code: ZeroSizeCode, message: string): PositionSize {
  return { status: 'zero', quantity: '0', code, message }
}
