import { type Decimal, decimal, divide, type Side, zero } from '@tradeswarm/trading'

/** What fills cost. Amounts are in the instrument's currency, whatever the fee is taken in. */
export type FeeSchedule = {
  /** Basis points of what rested on the book, and of what took from it. */
  readonly maker: Decimal
  readonly taker: Decimal
  readonly perUnit: Decimal
  readonly minimum: Decimal
  /** Once per order, with its first fill. */
  readonly perOrder: Decimal
  readonly chargedIn: 'currency' | 'bought' | { readonly asset: string; readonly symbol: string }
  /** Decimals that what is charged is rounded up to; undefined where each kind of fee has its own. */
  readonly places: number | undefined
}

/** A fill, or one that is thought of, as far as its fee depends on it. */
export type FeeBasis = {
  readonly side: Side
  readonly notional: Decimal
  readonly quantity: Decimal
  readonly liquidity: 'maker' | 'taker'
  readonly isFirstFill: boolean
}

const perBasisPoint = decimal('0.0001')
/** As many decimals as the ledger books of a fee. */
const feePlaces = 18

/**
 * max(minimum, notional × basis points + quantity × per unit) + per order. Exact to 18 decimals, and rounded up there: any coarser rounding
 * could make a worse price the cheaper one. The fee of a sale is never more than its proceeds, so that no sale takes cash below 0.
 */
export function feeOf(schedule: FeeSchedule, basis: FeeBasis): Decimal {
  const { notional, quantity } = basis
  const variable = notional.times(schedule[basis.liquidity]).times(perBasisPoint).plus(quantity.times(schedule.perUnit))
  const perFill = variable.lt(schedule.minimum) ? schedule.minimum : variable
  const exact = basis.isFirstFill ? perFill.plus(schedule.perOrder) : perFill
  const places = schedule.chargedIn === 'currency' || basis.side === 'sell' ? (schedule.places ?? feePlaces) : feePlaces
  const fee = exact.round(places, 'up')
  return basis.side === 'sell' && fee.gt(notional) ? notional.round(places, 'down') : fee
}

/** What a buy has to spend, and on what. */
export type Budget = {
  readonly cash: Decimal
  /** What one unit costs without fees. */
  readonly unitPrice: Decimal
  readonly lot: Decimal
  readonly liquidity: 'maker' | 'taker'
  readonly isFirstFill: boolean
}

/** The most that a budget buys in whole lots, the fee included unless it is taken out of what is bought. */
export function affordableQuantity(schedule: FeeSchedule, budget: Budget): Decimal {
  const { unitPrice, lot } = budget
  if (schedule.chargedIn === 'bought') return wholeLots(divide(budget.cash, unitPrice.times(lot), 0, 'down'), lot)
  const cash = budget.isFirstFill ? budget.cash.minus(schedule.perOrder) : budget.cash
  const variable = unitPrice.times(schedule[budget.liquidity]).times(perBasisPoint).plus(schedule.perUnit)
  const withVariableFee = divide(cash, unitPrice.plus(variable).times(lot), 0, 'down')
  const withMinimumFee = divide(cash.minus(schedule.minimum), unitPrice.times(lot), 0, 'down')
  const quantity = wholeLots(withVariableFee.lt(withMinimumFee) ? withVariableFee : withMinimumFee, lot)
  return isPaidFor(schedule, budget, quantity) ? quantity : quantity.minus(lot)
}

/** Where the fee was rounded up, the last lot may be dearer by that than it was reckoned to be. */
function isPaidFor(
  schedule: FeeSchedule,
  { cash, unitPrice, liquidity, isFirstFill }: Budget,
  quantity: Decimal,
): boolean {
  const notional = quantity.times(unitPrice)
  const fee = feeOf(schedule, { side: 'buy', notional, quantity, liquidity, isFirstFill })
  return quantity.isZero() || notional.plus(fee).lte(cash)
}

/** What a buy must have in cash for its fee, at the most. */
export function feeToReserve(schedule: FeeSchedule, notional: Decimal, quantity: Decimal): Decimal {
  if (schedule.chargedIn === 'bought') return zero
  const liquidity = schedule.maker.gt(schedule.taker) ? 'maker' : 'taker'
  return feeOf(schedule, { side: 'buy', notional, quantity, liquidity, isFirstFill: true })
}

function wholeLots(lots: Decimal, lot: Decimal): Decimal {
  return lots.gt(zero) ? lots.times(lot) : zero
}
