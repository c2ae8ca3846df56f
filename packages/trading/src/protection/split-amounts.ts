import { type Decimal, decimal, decimalText, divide } from '../money/decimal.js'
import type { Execution } from '../orders/broker.js'
import type { ExitPlan } from '../orders/order-request.js'

/** Decimals kept of units after a split: as many as the ledger takes. */
export const unitPlaces = 18
/** Decimals kept of a price after a split: as many as the ledger takes. */
const pricePlaces = 12

/** `denominator` old units are `numerator` new ones. */
export type SplitRatio = { readonly numerator: number; readonly denominator: number }

/** Old units in new ones. */
export function unitsAfter(text: string, { numerator, denominator }: SplitRatio): string {
  return scaled(text, numerator, denominator, unitPlaces)
}

/** The price of a new unit that stands for the same worth. */
export function priceAfter(text: string, { numerator, denominator }: SplitRatio): string {
  return scaled(text, denominator, numerator, pricePlaces)
}

/** An execution in the units after splits. */
export function inUnitsAfter<Figures extends Pick<Execution, 'price' | 'quantity'>>(
  figures: Figures,
  splits: readonly SplitRatio[],
): Figures {
  let { price, quantity } = figures
  for (const split of splits) {
    price = priceAfter(price, split)
    quantity = unitsAfter(quantity, split)
  }
  return { ...figures, price, quantity }
}

/** The levels of a plan at the prices that stand for the same worth. */
export function planAfter(plan: ExitPlan, ratio: SplitRatio): ExitPlan {
  return {
    ...plan,
    stopPrice: priceAfter(plan.stopPrice, ratio),
    targetPrice: priceAfter(plan.targetPrice, ratio),
    ...(plan.trailAmount === undefined ? {} : { trailAmount: priceAfter(plan.trailAmount, ratio) }),
    ...(plan.breakEvenPrice === undefined ? {} : { breakEvenPrice: priceAfter(plan.breakEvenPrice, ratio) }),
  }
}

function scaled(text: string, by: number, over: number, places: number): string {
  const whole = (value: number): Decimal => decimal(String(value))
  return decimalText(divide(decimal(text).times(whole(by)), whole(over), places, 'half-even'))
}
