import { type Decimal, decimal, zero } from '../money/decimal.js'
import type { OrderRecord } from '../orders/order-record.js'
import type { Side } from '../orders/order-request.js'
import type { PrincipalUse } from '../risk/activity-view.js'
import type { PolicyLimits } from '../risk/policy-limits.js'
import { type ExposureView, required } from '../risk/risk-context.js'
import type { KernelRuntime } from './kernel-runtime.js'
import { measure, noExposure, resultsOf, type Sources, type SymbolExposure, worthOf } from './symbol-exposure.js'

/** Running sums over what is held and what open entries may add: only what has changed is worked out anew. */
export type ExposureBook = {
  /** The sums as they stand now, without what one order adds. */
  view(limits: PolicyLimits, exceptOrderId?: string): ExposureView
  /** Signed worth by symbol of what is held, open buys added and open sales taken off. Throws while one has no price. */
  positions(): ReadonlyMap<string, Decimal>
  /** Symbols of which the signed worth may have changed since somebody emptied it. */
  readonly moved: Set<string>
}

/** Whether the returns of two symbols move together; 0 where it was not asked since the last bar. */
const notAsked = 0
const together = 1
const apart = 2

/** The exposures of an account. It follows `state.activity.touched` and `market.changed`, and empties both. */
export function createExposureBook(runtime: Sources): ExposureBook {
  const { state, market } = runtime
  const bySymbol = new Map<string, SymbolExposure>()
  const exposed: SymbolExposure[] = []
  let gross = zero
  let held = zero
  let buys = zero
  let sells = zero
  let openEntries = 0
  /** Symbols whose position, or whose open entries, have no price. */
  const unpriced = new Set<string>()
  const openResults = new Map<PrincipalUse, Decimal>()
  /** Counts the changes, so that sums over symbols are made once between two of them. */
  let version = 0
  let equity: { readonly cash: string; readonly version: number; readonly worth: Decimal } | undefined
  const positions = new Map<string, Decimal>()
  const moved = new Set<string>()
  let started = false
  let moving: Uint8Array[] = []
  let movingOf: { readonly limits: PolicyLimits; readonly bars: number } | undefined

  const entryOf = (symbol: string): SymbolExposure => {
    let entry = bySymbol.get(symbol)
    if (entry === undefined) {
      entry = noExposure(symbol, bySymbol.size)
      bySymbol.set(symbol, entry)
    }
    return entry
  }

  const count = (entry: SymbolExposure, sign: 'plus' | 'minus'): void => {
    gross = gross[sign](entry.worth ?? zero)
    held = held[sign](entry.held ?? zero)
    buys = buys[sign](entry.buys ?? zero)
    sells = sells[sign](entry.sells ?? zero)
    openEntries += sign === 'plus' ? entry.openEntries : -entry.openEntries
    for (const [use, result] of entry.results) {
      const sum = (openResults.get(use) ?? zero)[sign](result)
      if (sum.eq(zero)) openResults.delete(use)
      else openResults.set(use, sum)
    }
  }

  const refresh = (symbol: string): void => {
    const entry = entryOf(symbol)
    count(entry, 'minus')
    measure(runtime, entry)
    entry.results = resultsOf(runtime, symbol)
    count(entry, 'plus')
    version += 1
    if (entry.worth === undefined || entry.held === undefined) unpriced.add(symbol)
    else unpriced.delete(symbol)
    if (entry.isExposed && entry.signed !== undefined) positions.set(symbol, entry.signed)
    else positions.delete(symbol)
    moved.add(symbol)
    const at = exposed.indexOf(entry)
    if (entry.isExposed && at < 0) exposed.push(entry)
    if (!entry.isExposed && at >= 0) exposed.splice(at, 1)
  }

  const catchUp = (): void => {
    const { touched } = state.activity
    if (!started) {
      for (const symbol of state.trips.keys()) touched.add(symbol)
      for (const symbol of state.index.openOrders.keys()) touched.add(symbol)
      started = true
    }
    for (const symbol of market.changed) if (bySymbol.has(symbol)) touched.add(symbol)
    market.changed.clear()
    if (touched.size === 0) return
    for (const symbol of touched) refresh(symbol)
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

  const priced = (): void => {
    catchUp()
    for (const symbol of unpriced) required(undefined, `the price of ${symbol}`)
  }

  const sums: Sums = {
    equity: () => {
      catchUp()
      for (const symbol of unpriced)
        if (bySymbol.get(symbol)?.held === undefined) required(undefined, 'the worth of all positions')
      const cash = state.ledger.cash(state.currency)
      if (equity?.cash !== cash || equity.version !== version)
        equity = { cash, version, worth: decimal(cash).plus(held) }
      return equity.worth
    },
    of: (symbol) => {
      priced()
      return bySymbol.get(symbol)?.worth ?? zero
    },
    has: (symbol) => {
      priced()
      return bySymbol.get(symbol)?.isExposed === true
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
      const { along } = own
      if (along?.version === version && along.limits === limits && along.bars === market.bars) return along.worth
      let worth: Decimal | undefined
      for (const other of exposed) {
        if (other === own || !isMoving(limits, own, other)) continue
        worth = worth === undefined ? (other.worth ?? zero) : worth.plus(other.worth ?? zero)
      }
      own.along = { version, limits, bars: market.bars, worth }
      return worth
    },
  }
  return {
    moved,
    positions: () => {
      priced()
      return positions
    },
    view: (limits, exceptOrderId) => {
      const except = exceptOrderId === undefined ? undefined : state.orders.get(exceptOrderId)
      const view = new SumsView(sums, limits)
      return except === undefined || !isOpenEntry(runtime, except) ? view : new ViewWithout(view, runtime, except)
    },
  }
}

type Sums = Omit<ExposureView, 'movingWith' | 'ofThisOrder'> & {
  movingWith(limits: PolicyLimits, symbol: string): Decimal | undefined
}

/** The sums under one policy. */
class SumsView implements ExposureView {
  constructor(
    private readonly sums: Sums,
    private readonly limits: PolicyLimits,
  ) {}
  equity(): Decimal {
    return this.sums.equity()
  }
  of(symbol: string): Decimal {
    return this.sums.of(symbol)
  }
  has(symbol: string): boolean {
    return this.sums.has(symbol)
  }
  symbols(): number {
    return this.sums.symbols()
  }
  gross(): Decimal {
    return this.sums.gross()
  }
  net(side: Side): Decimal {
    return this.sums.net(side)
  }
  movingWith(symbol: string): Decimal | undefined {
    return this.sums.movingWith(this.limits, symbol)
  }
  openEntries(): number {
    return this.sums.openEntries()
  }
  ofThisOrder(): Decimal {
    return zero
  }
  openResult(use: PrincipalUse): Decimal {
    return this.sums.openResult(use)
  }
}

/** The same without one order that lives: other terms of it are measured as if it were not there. */
class ViewWithout implements ExposureView {
  private readonly knownWorth: Decimal | undefined
  private readonly isOnly: boolean
  constructor(
    private readonly view: ExposureView,
    runtime: Sources,
    private readonly order: OrderRecord,
  ) {
    const { symbol } = order.header.request
    this.knownWorth = worthOf(runtime, order)
    const alone = noExposure(symbol, 0)
    measure(runtime, alone, order.header.orderId)
    this.isOnly = !alone.isExposed
  }
  private get worth(): Decimal {
    return required(this.knownWorth, `the price of ${this.order.header.request.symbol}`)
  }
  private isOwn(symbol: string): boolean {
    return symbol === this.order.header.request.symbol
  }
  equity(): Decimal {
    return this.view.equity()
  }
  of(symbol: string): Decimal {
    return this.isOwn(symbol) ? this.view.of(symbol).minus(this.worth) : this.view.of(symbol)
  }
  has(symbol: string): boolean {
    return this.view.has(symbol) && !(this.isOwn(symbol) && this.isOnly)
  }
  symbols(): number {
    return this.view.symbols() - (this.isOnly ? 1 : 0)
  }
  gross(): Decimal {
    return this.view.gross().minus(this.worth)
  }
  net(side: Side): Decimal {
    return side === this.order.header.request.side ? this.view.net(side).minus(this.worth) : this.view.net(side)
  }
  movingWith(symbol: string): Decimal | undefined {
    return this.view.movingWith(symbol)
  }
  openEntries(): number {
    return this.view.openEntries() - 1
  }
  ofThisOrder(): Decimal {
    return this.worth
  }
  openResult(use: PrincipalUse): Decimal {
    return this.view.openResult(use)
  }
}

function isOpenEntry({ state }: Pick<KernelRuntime, 'state'>, { header }: OrderRecord): boolean {
  const { request, orderId } = header
  return !request.reduceOnly && state.index.openOrders.get(request.symbol)?.has(orderId) === true
}
