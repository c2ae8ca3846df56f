import { type Decimal, decimal, divide, type Side, zero } from '@tradeswarm/trading'

/** What a fill costs, in the instrument's currency. */
export type FeeSchedule = {
  readonly basisPoints: Decimal
  readonly perUnit: Decimal
  readonly minimum: Decimal
}

const perBasisPoint = decimal('0.0001')

/**
 * max(minimum, notional × basis points + quantity × per unit), exact: rounding it could make a worse price the cheaper one.
 * The fee of a sale is never more than its proceeds, so that no sale takes cash below 0.
 */
export function feeOf(schedule: FeeSchedule, side: Side, price: Decimal, quantity: Decimal): Decimal {
  const notional = price.times(quantity)
  const variable = notional.times(schedule.basisPoints).times(perBasisPoint).plus(quantity.times(schedule.perUnit))
  const fee = variable.lt(schedule.minimum) ? schedule.minimum : variable
  return side === 'sell' && fee.gt(notional) ? notional : fee
}

/** The most that this much cash buys in whole lots, fee included. */
export function affordableQuantity(schedule: FeeSchedule, cash: Decimal, price: Decimal, lot: Decimal): Decimal {
  const unitCost = price.plus(price.times(schedule.basisPoints).times(perBasisPoint)).plus(schedule.perUnit)
  const withVariableFee = divide(cash, unitCost.times(lot), 0, 'down')
  const withMinimumFee = divide(cash.minus(schedule.minimum), price.times(lot), 0, 'down')
  const lots = withVariableFee.lt(withMinimumFee) ? withVariableFee : withMinimumFee
  return lots.gt(zero) ? lots.times(lot) : zero
}
