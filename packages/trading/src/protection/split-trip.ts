import { type Decimal, decimal, decimalText, divide } from '../money/decimal.js'
import type { ExitPlan } from '../orders/order-request.js'
import { type RoundTrip, unitPlaces } from './round-trip.js'

/** Decimals kept: as many as the ledger takes of a price. */
const pricePlaces = 12

/** `denominator` old units are `numerator` new ones. */
export type SplitRatio = { readonly numerator: number; readonly denominator: number }

/** A round trip in new units, with the levels of its plan at the prices that stand for the same worth. One that has ended too: a bust may open it again. */
export function afterSplit(trip: RoundTrip, ratio: SplitRatio): RoundTrip {
  const { numerator, denominator } = ratio
  return {
    ...trip,
    entryQuantity: units(trip.entryQuantity, ratio),
    exitQuantity: units(trip.exitQuantity, ratio),
    ...(trip.takenOverAt === undefined ? {} : { takenOverAt: price(trip.takenOverAt, ratio) }),
    splits: [...(trip.splits ?? []), { numerator, denominator, tradeIds: trip.tradeIds }],
    ...(trip.plan === undefined ? {} : { plan: splitPlan(trip.plan, ratio) }),
  }
}

function splitPlan(plan: ExitPlan, ratio: SplitRatio): ExitPlan {
  return {
    ...plan,
    stopPrice: price(plan.stopPrice, ratio),
    targetPrice: price(plan.targetPrice, ratio),
    ...(plan.trailAmount === undefined ? {} : { trailAmount: price(plan.trailAmount, ratio) }),
    ...(plan.breakEvenPrice === undefined ? {} : { breakEvenPrice: price(plan.breakEvenPrice, ratio) }),
  }
}

function units(text: string, { numerator, denominator }: SplitRatio): string {
  return scaled(text, numerator, denominator, unitPlaces)
}

function price(text: string, { numerator, denominator }: SplitRatio): string {
  return scaled(text, denominator, numerator, pricePlaces)
}

function scaled(text: string, by: number, over: number, places: number): string {
  const whole = (value: number): Decimal => decimal(String(value))
  return decimalText(divide(decimal(text).times(whole(by)), whole(over), places, 'half-even'))
}
