import { type Decimal, decimal, decimalText, zero } from '../money/decimal.js'
import { noted } from '../orders/noted.js'
import { isOpen, type OrderState } from '../orders/order-state.js'

/** What an order sets aside until it is done: cash for a buy, units for a sale. Plain JSON, decimal texts. */
export type Reservation = {
  readonly reservationId: string
  readonly orderId: string
  readonly kind: 'cash' | 'units'
  /** The currency, or the symbol whose units are set aside. */
  readonly asset: string
  /** Set aside for each unit ordered: price with buffer and highest fee, or 1. */
  readonly perUnit: string
  /** Set aside besides, whatever the quantity: the least that a venue takes as its fee. */
  readonly fixed: string
  /**
   * What it counts as in the budgets of principals, for each unit ordered and besides, where that is not the same: in the account's currency,
   * and a contract as if it were paid for.
   */
  readonly budget?: { readonly perUnit: string; readonly fixed: string }
  /** What an execution uses of it for each unit and price: the multiplier, and of a contract the share that is margin. 1 where it is left out. */
  readonly used?: string
}

/** reserved = consumed + released + outstanding, exactly. */
export type ReservationView = {
  readonly reserved: string
  readonly consumed: string
  readonly released: string
  readonly outstanding: string
}

/** What of it still counts in the budgets of principals. */
export function budgetOutstanding(reservation: Reservation, state: OrderState): Decimal {
  const { budget } = reservation
  return budget === undefined ? outstandingOf(reservation, state) : outstandingOf({ ...reservation, ...budget }, state)
}

/** What is still set aside: all that the order may yet execute needs. */
export function outstandingOf(reservation: Reservation, state: OrderState): Decimal {
  if (!isOpen(state.status)) return zero
  const { perUnit, fixed } = reservation
  const variable = decimal(perUnit).times(decimal(state.leavesQuantity))
  return fixed === '0' ? variable : variable.plus(decimal(fixed))
}

/** What the order may come to: while a larger amendment is on the way, all that may be executed of that. */
function mostOrdered(state: OrderState): Decimal {
  const ordered = decimal(state.orderedQuantity)
  if (state.revisions === undefined) return ordered
  const most = decimal(state.leavesQuantity).plus(decimal(state.filledQuantity))
  return most.gt(ordered) && isOpen(state.status) ? most : ordered
}

/** The reservation that serves two sets of terms alike, the one that is held and what is needed; undefined where the one that is held does. */
export function largerReservation(
  held: Reservation | undefined,
  needed: Reservation | undefined,
): Reservation | undefined {
  if (held === undefined || needed === undefined) return needed
  const { perUnit, fixed } = larger(held, needed)
  if (held.budget === undefined || needed.budget === undefined)
    return perUnit === held.perUnit && fixed === held.fixed ? undefined : { ...held, perUnit, fixed }
  const budget = larger(held.budget, needed.budget)
  const isSame =
    perUnit === held.perUnit &&
    fixed === held.fixed &&
    budget.perUnit === held.budget.perUnit &&
    budget.fixed === held.budget.fixed
  return isSame ? undefined : { ...held, perUnit, fixed, budget }
}

type Amounts = Pick<Reservation, 'perUnit' | 'fixed'>

function larger(held: Amounts, needed: Amounts): Amounts {
  return {
    perUnit: decimal(needed.perUnit).gt(decimal(held.perUnit)) ? needed.perUnit : held.perUnit,
    fixed: decimal(needed.fixed).gt(decimal(held.fixed)) ? needed.fixed : held.fixed,
  }
}

/** Where the reserved amount has gone. What executions cost beyond it is not consumed here: it came out of what was free. */
export function reservationView(reservation: Reservation, state: OrderState): ReservationView {
  const reserved = decimal(reservation.perUnit).times(mostOrdered(state)).plus(decimal(reservation.fixed))
  const outstanding = outstandingOf(reservation, state)
  const traded = decimal(state.filledNotional)
  const used = reservation.used === undefined ? traded : traded.times(decimal(reservation.used))
  const cost =
    reservation.kind === 'units'
      ? decimal(state.filledQuantity)
      : used.plus(decimal(noted(state.fees, reservation.asset) ?? '0'))
  const done = reserved.minus(outstanding)
  const consumed = cost.lt(zero) ? zero : cost.gt(done) ? done : cost
  return {
    reserved: decimalText(reserved),
    consumed: decimalText(consumed),
    released: decimalText(done.minus(consumed)),
    outstanding: decimalText(outstanding),
  }
}
