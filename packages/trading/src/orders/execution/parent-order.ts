import type { EpochMs } from '@tradeswarm/core'
import { type Decimal, decimal, decimalText, roundToStep, zero } from '../../money/decimal.js'
import type { OrderTerms } from '../order-request.js'

/** An order that is worked in parts between two instants; its quantity is in units. */
export type ParentOrder = {
  readonly terms: OrderTerms
  readonly lotSize: string
  readonly startAt: EpochMs
  readonly endAt: EpochMs
}

/** How far a parent is, over all of its children: decimal texts. What is outstanding may still be executed, unknown orders included. */
export type ParentProgress = { readonly filledQuantity: string; readonly outstandingQuantity: string }

/** What no child has taken yet, on the lot grid: the most that the next one may be for, so that all together never exceed the parent. */
export function unassigned({ terms, lotSize }: ParentOrder, progress: ParentProgress): Decimal {
  const left = decimal(terms.quantity, 'quantity').minus(assigned(progress))
  return left.gt(zero) ? roundToStep(left, decimal(lotSize), 'down') : zero
}

/** What children have executed, or may yet execute. */
function assigned({ filledQuantity, outstandingQuantity }: ParentProgress): Decimal {
  return decimal(filledQuantity, 'filledQuantity').plus(decimal(outstandingQuantity, 'outstandingQuantity'))
}

/** The child that brings a parent from what is assigned to where it should be: none where that is less than a lot. */
export function childUpTo(parent: ParentOrder, progress: ParentProgress, target: Decimal): readonly OrderTerms[] {
  const most = unassigned(parent, progress)
  const due = roundToStep(atLeastZero(target.minus(assigned(progress))), decimal(parent.lotSize), 'down')
  const quantity = due.gt(most) ? most : due
  return quantity.gt(zero) ? [{ ...parent.terms, quantity: decimalText(quantity) }] : []
}

function atLeastZero(value: Decimal): Decimal {
  return value.lt(zero) ? zero : value
}
