import { type Decimal, decimal, decimalText, divide, zero } from '../money/decimal.js'
import type { OrderRecord } from '../orders/order-record.js'
import { isOpen } from '../orders/order-state.js'
import type { PrincipalHolding, PrincipalUse } from '../risk/activity-view.js'
import { budgetOutstanding, type Reservation } from '../risk/reservation.js'

/** So many agents in strategies are told apart; then those that hold nothing are forgotten: who never traded first, then the oldest. */
const maximumPrincipals = 1_000
const costPlaces = 12

/** Its sums are asked for with each order, and made anew only where a part of them is another. */
class Use implements PrincipalUse {
  outstanding = zero
  openCost = zero
  realised = zero
  peak = zero
  #committed = zero
  #outstandingIn = zero
  #openCostIn = zero
  #fallen = zero
  #realisedIn = zero
  #peakIn = zero

  constructor(
    readonly agent: string,
    readonly strategy: string,
  ) {}
  get committed(): Decimal {
    if (this.outstanding !== this.#outstandingIn || this.openCost !== this.#openCostIn) {
      this.#outstandingIn = this.outstanding
      this.#openCostIn = this.openCost
      this.#committed = this.openCost.plus(this.outstanding)
    }
    return this.#committed
  }
  get fallen(): Decimal {
    if (this.realised !== this.#realisedIn || this.peak !== this.#peakIn) {
      this.#realisedIn = this.realised
      this.#peakIn = this.peak
      this.#fallen = this.peak.minus(this.realised)
    }
    return this.#fallen
  }
}

type Holding = { readonly use: Use; readonly isLong: boolean; units: Decimal; cost: Decimal }

/** An execution as the ledger booked it. Amounts are exact. */
export type BookedExecution = {
  readonly symbol: string
  readonly agent: string
  readonly strategy: string
  readonly isBuy: boolean
  /** What a unit was worth, in the account's currency. */
  readonly price: Decimal
  readonly quantity: Decimal
  /** In the account's currency. */
  readonly fee: Decimal
  /** Units of the position that it closed, and what is held after it. */
  readonly closed: Decimal
  readonly after: Decimal
}

/** Units that go from one principal to another at a price, in the account's currency. */
export type Crossing = {
  readonly symbol: string
  /** Whether what changes hands is part of a long position, of which the buyer is the new holder; of a short it is the seller. */
  readonly isLong: boolean
  readonly from: Principal
  readonly to: Principal
  readonly quantity: Decimal
  readonly price: Decimal
}

type Principal = { readonly agent: string; readonly strategy: string }

/** Whose money is where: what each agent in each strategy has set aside, holds and has made. */
export type PrincipalBook = {
  readonly uses: readonly PrincipalUse[]
  holdings(symbol: string): readonly PrincipalHolding[]
  /** What an entry sets aside now. */
  takeOrder(order: OrderRecord): void
  takeExecution(execution: BookedExecution): void
  /** An execution of that order was taken back: `realised` and `fee` are what the books changed by. */
  takeBust(bust: Omit<BookedExecution, 'closed' | 'quantity'> & { readonly realised: Decimal }): void
  takeSplit(symbol: string, after: Decimal): void
  /** What one realises by a cross is what the other pays more than that had cost: the sum over all stays what it was. */
  takeCross(crossing: Crossing): void
  /** Plain JSON, amounts as decimal texts. What orders set aside follows from the orders. */
  snapshot(): unknown
  restore(snapshot: unknown): void
}

type UseShape = readonly [agent: string, strategy: string, realised: string, peak: string]
type HoldingShape = readonly [use: number, isLong: boolean, units: string, cost: string]
type Shape = {
  readonly uses: readonly UseShape[]
  readonly holdings: readonly (readonly [symbol: string, parts: readonly HoldingShape[]])[]
}

/** What an open entry sets aside, and what that was worked out from. */
type SetAside = {
  readonly use: Use
  readonly amount: Decimal
  readonly reservation: Reservation
  readonly leaves: string
}

/** A book of nobody. */
export function createPrincipalBook(): PrincipalBook {
  const uses = new Map<string, Use>()
  /** The same in a list, which is walked faster. */
  const list: Use[] = []
  const holdings = new Map<string, Holding[]>()
  const outstanding = new Map<string, SetAside>()

  let lastKey = { agent: '', strategy: '', key: JSON.stringify(['', '']) }
  /** Mostly one agent asks several times in a row. */
  const keyOf = (agent: string, strategy: string): string => {
    if (agent !== lastKey.agent || strategy !== lastKey.strategy)
      lastKey = { agent, strategy, key: JSON.stringify([agent, strategy]) }
    return lastKey.key
  }
  const useOf = (agent: string, strategy: string): Use => {
    const key = keyOf(agent, strategy)
    const known = uses.get(key)
    if (known !== undefined) return known
    if (uses.size >= maximumPrincipals) {
      forgetIdle(uses)
      list.splice(0, list.length, ...uses.values())
    }
    return newUse(key, agent, strategy)
  }
  const newUse = (key: string, agent: string, strategy: string): Use => {
    const use = new Use(agent, strategy)
    uses.set(key, use)
    list.push(use)
    return use
  }
  const add = (symbol: string, use: Use, isLong: boolean, units: Decimal, cost: Decimal): void => {
    const parts = holdings.get(symbol)
    const part: Holding = { use, isLong, units, cost }
    if (parts === undefined) holdings.set(symbol, [part])
    else {
      const last = parts.find((other) => other.use === use && other.isLong === isLong)
      if (last === undefined) parts.push(part)
      else {
        last.units = last.units.plus(units)
        last.cost = last.cost.plus(cost)
      }
    }
    use.openCost = use.openCost.plus(cost)
  }
  /** Takes units out, those of `first` before the others, and tells what they had cost. */
  const take = (
    symbol: string,
    units: Decimal,
    first: Use,
    taken: (part: Holding, units: Decimal, cost: Decimal) => void,
  ): void => {
    const parts = holdings.get(symbol)
    if (parts === undefined) return
    let left = units
    const takeFrom = (part: Holding): void => {
      const amount = part.units.lt(left) ? part.units : left
      if (!amount.gt(zero)) return
      const cost = amount.eq(part.units)
        ? part.cost
        : divide(part.cost.times(amount), part.units, costPlaces, 'half-even')
      part.units = part.units.minus(amount)
      part.cost = part.cost.minus(cost)
      part.use.openCost = part.use.openCost.minus(cost)
      left = left.minus(amount)
      taken(part, amount, cost)
    }
    for (const part of parts) if (part.use === first) takeFrom(part)
    for (const part of parts) if (part.use !== first) takeFrom(part)
    const rest = parts.filter((part) => part.units.gt(zero))
    if (rest.length === 0) holdings.delete(symbol)
    else if (rest.length < parts.length) holdings.set(symbol, rest)
  }
  /** The parts add up to what the ledger holds, whatever rounding, fees in the asset or busts have made of it. */
  const fit = (symbol: string, after: Decimal, use: Use, price: Decimal): void => {
    const wanted = after.abs()
    let held = zero
    for (const { units } of holdings.get(symbol) ?? []) held = held.plus(units)
    if (held.gt(wanted)) take(symbol, held.minus(wanted), use, () => undefined)
    else if (held.lt(wanted)) {
      const units = wanted.minus(held)
      add(symbol, use, after.gt(zero), units, units.times(price))
    }
  }
  const earn = (use: Use, amount: Decimal): void => {
    use.realised = use.realised.plus(amount)
    if (use.realised.gt(use.peak)) use.peak = use.realised
  }

  return {
    uses: list,
    holdings: (symbol) => holdings.get(symbol) ?? [],
    takeOrder({ header, reservation, state }) {
      if (header.purpose !== 'entry' || reservation?.kind !== 'cash') return
      const before = outstanding.get(header.orderId)
      const { leavesQuantity: leaves } = state
      // What is set aside follows from these: most words of a venue leave them as they were.
      if (before?.reservation === reservation && before.leaves === leaves && isOpen(state.status)) return
      const amount = budgetOutstanding(reservation, state)
      if (before === undefined && amount.eq(zero)) return
      const use = before?.use ?? useOf(header.agent, header.strategy)
      use.outstanding = use.outstanding.minus(before?.amount ?? zero).plus(amount)
      if (amount.eq(zero)) outstanding.delete(header.orderId)
      else outstanding.set(header.orderId, { use, amount, reservation, leaves })
    },
    takeExecution({ symbol, agent, strategy, isBuy, price, quantity, fee, closed, after }) {
      const use = useOf(agent, strategy)
      if (closed.gt(zero)) {
        take(symbol, closed, use, (part, units, cost) => {
          const proceeds = units.times(price)
          earn(part.use, part.isLong ? proceeds.minus(cost) : cost.minus(proceeds))
        })
        if (after.gt(zero) === isBuy && !after.eq(zero)) add(symbol, use, isBuy, after.abs(), after.abs().times(price))
      } else add(symbol, use, isBuy, quantity, quantity.times(price))
      fit(symbol, after, use, price)
      earn(use, zero.minus(fee))
    },
    takeBust({ symbol, agent, strategy, price, after, realised, fee }) {
      const use = useOf(agent, strategy)
      fit(symbol, after, use, price)
      earn(use, realised.minus(fee))
    },
    takeCross({ symbol, isLong, from, to, quantity, price }) {
      const holder = useOf(from.agent, from.strategy)
      take(symbol, quantity, holder, (part, units, cost) => {
        const worth = units.times(price)
        earn(part.use, part.isLong ? worth.minus(cost) : cost.minus(worth))
      })
      add(symbol, useOf(to.agent, to.strategy), isLong, quantity, quantity.times(price))
    },
    takeSplit(symbol, after) {
      const parts = holdings.get(symbol)
      if (parts === undefined) return
      let held = zero
      for (const { units } of parts) held = held.plus(units)
      let left = after.abs()
      for (const [index, part] of parts.entries()) {
        part.units = index === parts.length - 1 ? left : divide(part.units.times(after.abs()), held, costPlaces, 'down')
        left = left.minus(part.units)
      }
      if (after.eq(zero)) holdings.delete(symbol)
    },
    snapshot(): Shape {
      const order = [...uses.values()]
      return {
        uses: order.map((use) => [use.agent, use.strategy, decimalText(use.realised), decimalText(use.peak)]),
        holdings: [...holdings].map(([symbol, parts]) => [
          symbol,
          parts.map((part) => [order.indexOf(part.use), part.isLong, decimalText(part.units), decimalText(part.cost)]),
        ]),
      }
    },
    restore(snapshot) {
      const shape = snapshot as Shape
      const order = shape.uses.map(([agent, strategy, realised, peak]) => {
        const key = JSON.stringify([agent, strategy])
        const use = uses.get(key) ?? newUse(key, agent, strategy)
        use.realised = decimal(realised)
        use.peak = decimal(peak)
        return use
      })
      for (const [symbol, parts] of shape.holdings) {
        for (const [index, isLong, units, cost] of parts)
          add(symbol, order[index] as Use, isLong, decimal(units), decimal(cost))
      }
    },
  }
}

/** A name that an agent takes up for nothing must not push out what another of its names has lost. */
function forgetIdle(uses: Map<string, Use>): void {
  let oldest: string | undefined
  for (const [key, use] of uses) {
    if (!use.outstanding.eq(zero) || !use.openCost.eq(zero)) continue
    if (use.realised.eq(zero) && use.peak.eq(zero)) {
      uses.delete(key)
      return
    }
    oldest ??= key
  }
  if (oldest !== undefined) uses.delete(oldest)
}
