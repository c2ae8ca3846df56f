import { type Decimal, decimal, divide, one, zero } from '../money/decimal.js'
import { DecimalSum } from '../money/decimal-sum.js'
import type { OrderRecord } from '../orders/order-record.js'
import type { PrincipalUse } from '../risk/activity-view.js'
import type { PolicyLimits } from '../risk/policy-limits.js'
import { type ExposureView, required } from '../risk/risk-context.js'
import { rateOf } from './currency-rate.js'
import { type Sums, SumsView, ViewWithout } from './exposure-views.js'
import type { KernelRuntime } from './kernel-runtime.js'
import {
  type Along,
  type HeldContract,
  hasNothing,
  isNothing,
  measure,
  noExposure,
  resultsOf,
  type Sources,
  type SymbolExposure,
} from './symbol-exposure.js'
import { SymbolMarks } from './symbol-marks.js'

/** Running sums over what is held and what open entries may add: only what has changed is worked out anew. */
export type ExposureBook = {
  /** The sums as they stand now, without what one order adds. */
  view(limits: PolicyLimits, exceptOrderId?: string): ExposureView
  /** As the views have it. */
  equity(): Decimal
  /** Signed worth by symbol of what is held, open buys added and open sales taken off. Throws while one has no price. */
  positions(): ReadonlyMap<string, Decimal>
  /** Symbols of which the signed worth may have changed since somebody emptied it. */
  readonly moved: SymbolMarks
  /** What the contracts that settle in a currency have tied up of it; undefined where there are none. Throws while one has no price. */
  contractsIn(currency: string): ContractSums | undefined
}

/** In one currency: what the units of contracts stood for when they were entered, and what those that are losing would lose if closed now. */
export type ContractSums = { readonly cost: Decimal; readonly loss: Decimal }

/** Whether the returns of two symbols move together; 0 where it was not asked since the last bar. */
const notAsked = 0
const together = 1
const apart = 2

/** So many changes of a symbol are remembered, for sums that follow them; after more such a sum is made anew. */
const keptChanges = 32

type Change = {
  readonly entry: SymbolExposure
  readonly before: Decimal | undefined
  readonly wasExposed: boolean
  readonly after: Decimal | undefined
  readonly isExposed: boolean
}

/** The exposures of an account. It follows `state.activity.touched` and `market.changed`, and empties both. */
export function createExposureBook(runtime: Sources): ExposureBook {
  const { state, market } = runtime
  const bySymbol = new Map<string, SymbolExposure>()
  const exposed: SymbolExposure[] = []
  let gross = zero
  let held = zero
  /** The part of `held` that was not paid for: the cost of contracts. */
  let unpaid = zero
  let buys = zero
  let sells = zero
  let openEntries = 0
  /** Symbols whose position, or whose open entries, have no price. */
  const unpriced = new Set<string>()
  const openResults = new Map<PrincipalUse, Decimal>()
  /** Symbols whose worth depends on a rate. */
  const rated = new Set<string>()
  const contracts = new Map<string, { symbols: number; cost: Decimal; loss: Decimal }>()
  /** Counts the changes, so that sums over symbols are made once between two of them. */
  let version = 0
  let equity:
    | { readonly cash: Decimal; readonly held: Decimal; readonly unpaid: Decimal; readonly worth: Decimal }
    | undefined
  const positions = new Map<string, Decimal>()
  const changed = new SymbolMarks()
  let started = false
  const changes: Change[] = []
  let lastView: { readonly limits: PolicyLimits; readonly view: ExposureView } | undefined
  let moving: Uint8Array[] = []
  let movingOf: { readonly limits: PolicyLimits; readonly bars: number } | undefined

  let lastEntry: SymbolExposure | undefined
  /** What is known of a symbol: several questions in a row are of the same one. */
  const knownOf = (symbol: string): SymbolExposure | undefined => {
    if (lastEntry?.symbol !== symbol) lastEntry = bySymbol.get(symbol)
    return lastEntry
  }
  const entryOf = (symbol: string): SymbolExposure => {
    let entry = knownOf(symbol)
    if (entry === undefined) {
      entry = noExposure(symbol, bySymbol.size)
      bySymbol.set(symbol, entry)
    }
    return entry
  }

  /** What the results of a symbol's parts add up to, by whose they are; `minus` takes them out. */
  const countResults = (results: SymbolExposure['results'], minus: boolean): void => {
    for (const [use, result] of results) {
      const before = openResults.get(use) ?? zero
      const sum = minus ? before.minus(result) : before.plus(result)
      if (sum.isZero()) openResults.delete(use)
      else openResults.set(use, sum)
    }
  }

  const countContract = (contract: HeldContract, sign: 'plus' | 'minus'): void => {
    unpaid = unpaid[sign](contract.unpaid ?? zero)
    const { currency } = contract
    const sums = contracts.get(currency) ?? { symbols: 0, cost: zero, loss: zero }
    sums.symbols += sign === 'plus' ? 1 : -1
    sums.cost = sums.cost[sign](contract.cost)
    sums.loss = sums.loss[sign](contract.loss ?? zero)
    if (sums.symbols === 0) contracts.delete(currency)
    else contracts.set(currency, sums)
  }

  const refresh = (symbol: string): void => {
    const entry = entryOf(symbol)
    if (isNothing(entry) && hasNothing(runtime, symbol)) return
    const { worth, held: heldBefore, buys: buysBefore, sells: sellsBefore, openEntries: entriesBefore } = entry
    const { contract, signed, isExposed: wasExposed, isRated: wasRated } = entry
    measure(runtime, entry)
    const results = resultsOf(runtime, symbol)
    const isAsBefore =
      entry.openEntries === entriesBefore &&
      entry.isExposed === wasExposed &&
      entry.isRated === wasRated &&
      results === entry.results &&
      entry.contract === contract &&
      isSame(entry.worth, worth) &&
      isSame(entry.signed, signed) &&
      isSame(entry.held, heldBefore) &&
      isSame(entry.buys, buysBefore) &&
      isSame(entry.sells, sellsBefore)
    // As after an order that was permitted and withdrawn, or denied.
    if (isAsBefore) return
    gross = moved(gross, worth, entry.worth)
    const { worth: after, isExposed } = entry
    changes[version % keptChanges] = { entry, before: worth, wasExposed, after, isExposed }
    held = moved(held, heldBefore, entry.held)
    buys = moved(buys, buysBefore, entry.buys)
    sells = moved(sells, sellsBefore, entry.sells)
    openEntries += entry.openEntries - entriesBefore
    if (contract !== undefined) countContract(contract, 'minus')
    if (entry.contract !== undefined) countContract(entry.contract, 'plus')
    if (results !== entry.results) {
      countResults(entry.results, true)
      countResults(results, false)
      entry.results = results
    }
    version += 1
    if (entry.worth === undefined || entry.held === undefined) unpriced.add(symbol)
    else unpriced.delete(symbol)
    if (entry.isRated) rated.add(symbol)
    if (entry.isExposed && entry.signed !== undefined) positions.set(symbol, entry.signed)
    else positions.delete(symbol)
    changed.add(symbol)
    list(entry)
  }

  /** Keeps an entry among the exposed ones, which are in no order, or out of them. */
  const list = (entry: SymbolExposure): void => {
    if (entry.isExposed === entry.place >= 0) return
    if (entry.isExposed) {
      entry.place = exposed.length
      exposed.push(entry)
      return
    }
    const last = exposed.pop() as SymbolExposure
    if (last !== entry) {
      exposed[entry.place] = last
      last.place = entry.place
    }
    entry.place = -1
  }

  const { touched } = state.activity
  const { changed: repriced } = market
  const catchUp = (): void => {
    // Asked with each sum: nothing has happened since the one before.
    if (touched.size === 0 && repriced.size === 0 && started) return
    if (!started) {
      for (const symbol of state.trips.keys()) touched.add(symbol)
      for (const symbol of state.index.openOrders.symbols()) touched.add(symbol)
      started = true
    }
    if (repriced.size > 0) {
      // What others hold at the venue gets its worth with the first price of its symbol.
      const anySymbol = runtime.externalHoldings.size > 0
      repriced.forEach((symbol) => {
        if (anySymbol || bySymbol.has(symbol)) touched.add(symbol)
      })
      // Any of them may be what a rate is taken from.
      for (const symbol of rated) touched.add(symbol)
      repriced.clear()
    }
    touched.forEach(refresh)
    touched.clear()
  }

  const isMoving = (limits: PolicyLimits, one: SymbolExposure, other: SymbolExposure): boolean => {
    if (movingOf?.limits !== limits || movingOf.bars !== market.bars) {
      moving = []
      movingOf = { limits, bars: market.bars }
    }
    let row = moving[one.slot]
    if (row === undefined || row.length < bySymbol.size) {
      row = new Uint8Array(bySymbol.size)
      moving[one.slot] = row
    }
    if (row[other.slot] === notAsked) {
      const { correlationSessions, correlationThreshold } = limits.policy
      const found = market.correlation(one.symbol, other.symbol, correlationSessions) ?? 1
      row[other.slot] = found > correlationThreshold ? together : apart
    }
    return row[other.slot] === together
  }

  /** Works into a sum what has changed since it was made; false where that is too much. */
  const catchUpAlong = (own: SymbolExposure, along: Along): boolean => {
    if (version - along.version > keptChanges) return false
    for (; along.version < version; along.version += 1) {
      const { entry, before, wasExposed, after, isExposed } = changes[along.version % keptChanges] as Change
      if (entry === own || !isMoving(along.limits, own, entry)) continue
      along.count += Number(isExposed) - Number(wasExposed)
      if (wasExposed) along.worth = along.worth.minus(before ?? zero)
      if (isExposed) along.worth = along.worth.plus(after ?? zero)
    }
    return true
  }

  const priced = (): void => {
    catchUp()
    if (unpriced.size === 0) return
    for (const symbol of unpriced) required(undefined, `the price of ${symbol}`)
  }

  const sums: Sums = {
    equity: () => {
      catchUp()
      if (unpriced.size > 0)
        for (const symbol of unpriced)
          if (bySymbol.get(symbol)?.held === undefined) required(undefined, 'the worth of all positions')
      const cash = state.ledger.cashAmount(state.currency)
      if (state.ledger.currencyCount() > 1) return cash.plus(foreignCash(runtime)).plus(held.minus(unpaid))
      if (equity?.cash !== cash || equity.held !== held || equity.unpaid !== unpaid) {
        const owned = unpaid.isZero() ? held : held.minus(unpaid)
        equity = { cash, held, unpaid, worth: cash.plus(owned) }
      }
      return equity.worth
    },
    of: (symbol) => {
      priced()
      return knownOf(symbol)?.worth ?? zero
    },
    has: (symbol) => {
      priced()
      return knownOf(symbol)?.isExposed === true
    },
    symbols: () => {
      priced()
      return exposed.length
    },
    gross: () => {
      priced()
      return gross
    },
    net: (side) => {
      priced()
      return side === 'buy' ? held.plus(buys) : sells.minus(held)
    },
    openEntries: () => {
      catchUp()
      return openEntries
    },
    openResult: (use) => {
      priced()
      return openResults.get(use) ?? zero
    },
    movingWith: (limits, symbol) => {
      priced()
      const own = entryOf(symbol)
      let along = own.along
      if (along === undefined || along.limits !== limits || along.bars !== market.bars || !catchUpAlong(own, along)) {
        const sum = new DecimalSum()
        along = { version, limits, bars: market.bars, count: 0, worth: zero }
        for (const other of exposed) {
          if (other === own || !isMoving(limits, own, other)) continue
          along.count += 1
          if (other.worth !== undefined) sum.add(other.worth)
        }
        along.worth = sum.total()
        own.along = along
      }
      return along.count === 0 ? undefined : along.worth
    },
  }
  return {
    moved: changed,
    equity: sums.equity,
    positions: () => {
      priced()
      return positions
    },
    contractsIn: (currency) => {
      catchUp()
      if (contracts.size === 0) return undefined
      const sums = contracts.get(currency)
      if (sums !== undefined) priced()
      return sums
    },
    view: (limits, exceptOrderId) => {
      if (lastView?.limits !== limits) lastView = { limits, view: new SumsView(sums, limits) }
      const { view } = lastView
      const except = exceptOrderId === undefined ? undefined : state.orders.get(exceptOrderId)
      return except === undefined || !isOpenEntry(runtime, except) ? view : new ViewWithout(view, runtime, except)
    },
  }
}

function isSame(one: Decimal | undefined, other: Decimal | undefined): boolean {
  return one === other || (one !== undefined && other !== undefined && one.eq(other))
}

/** A sum after one of its parts has changed; what has no price is no part of it. */
function moved(sum: Decimal, before: Decimal | undefined, after: Decimal | undefined): Decimal {
  if (before === after) return sum
  // A sum that stays the same object tells those who made something of it that it has not changed.
  if (before !== undefined && after !== undefined && before.eq(after)) return sum
  const without = before === undefined || before.isZero() ? sum : sum.minus(before)
  return after === undefined || after.isZero() ? without : without.plus(after)
}

/** What the balances of other currencies are worth, as of fees that a venue takes in one. Throws where one has no rate. */
function foreignCash(runtime: Sources): Decimal {
  const { ledger, currency } = runtime.state
  let sum = zero
  for (const other of ledger.currencies()) {
    const amount = decimal(other === currency ? '0' : ledger.cash(other))
    if (amount.eq(zero)) continue
    const rate = required(rateOf(runtime, other), `the rate of ${other} in ${currency}`)
    sum = sum.plus(divide(amount.times(rate), one, 18, 'half-even'))
  }
  return sum
}

function isOpenEntry({ state }: Pick<KernelRuntime, 'state'>, { header }: OrderRecord): boolean {
  const { request, orderId } = header
  const isSame = ({ header: other }: OrderRecord): boolean => other.orderId === orderId
  return !request.reduceOnly && state.index.openOrders.of(request.symbol).some(isSame)
}
