import type { SessionDate } from '../../instruments/trading-calendar.js'
import { type Decimal, toFloat, zero } from '../../money/decimal.js'
import { BookRiskView } from './book-risk-view.js'
import type { Confidence } from './confidence.js'
import { exposureStep, onExposureGrid } from './fixed-grid.js'
import { placeOf } from './place-of.js'
import type { PreparedReturns } from './prepared-returns.js'
import type { RiskView } from './risk-view.js'
import type { StressScenario } from './stress-scenario.js'
import { TailCeiling } from './tail-ceiling.js'

/** What a {@link RiskBook} is opened with. */
export type RiskBookOptions = {
  readonly equity: Decimal
  /** Signed worth by symbol: quantity × price of what is held and of what open entries may add. Symbols that are left out are flat. */
  readonly positions: Iterable<readonly [symbol: string, worth: Decimal]>
}

/** The positions of one account over prepared returns. Adding an order costs symbols + window steps and allocates no arrays. */
export type RiskBook = {
  readonly equity: Decimal
  /** The symbols that may be asked about, by name. */
  readonly symbols: readonly string[]
  /** The sessions whose closes are behind the figures. */
  readonly sessions: readonly SessionDate[]
  readonly scenarios: readonly StressScenario[]
  setEquity(equity: Decimal): void
  /** Signed worth, as on opening. Throws `SYMBOL_NOT_PREPARED`. */
  setPosition(symbol: string, worth: Decimal): void
  position(symbol: string): Decimal
  /** What is not flat, by name. */
  positions(): readonly (readonly [symbol: string, worth: Decimal])[]
  /** The figures of the book as it is: the same object each time. */
  current(): RiskView
  /**
   * The figures with one order filled; `change` is its signed worth, negative for a sale. The same object each time: read it before
   * proposing again. Throws `SYMBOL_NOT_PREPARED`.
   */
  propose(symbol: string, change: Decimal): RiskView
  /**
   * A fraction of equity that neither value at risk nor the mean loss beyond it, by either method, would be above with that order filled.
   * `above`: what it is too high for; it is made as low as it can be quickly then. Undefined where it is not known. Throws `SYMBOL_NOT_PREPARED`.
   */
  tailCeiling(symbol: string, change: Decimal, confidence: Confidence, above?: number): number | undefined
  /** Variance of a symbol's returns and its beta; undefined without returns, the beta also without a benchmark. */
  returnFigures(symbol: string): { readonly variance: number; readonly beta: number | undefined } | undefined
  /** Another book with the same positions. */
  copy(): RiskBook
}

/** What is kept up to date with each change of a position. All sums over exposures on their grid are exact. */
export type RiskBookState = {
  readonly prepared: PreparedReturns
  /** Moves with every change. */
  version: number
  equity: Decimal
  equityFloat: number
  readonly step: number
  readonly worths: Decimal[]
  /** The worths on the grid of exposures. */
  readonly exposures: Float64Array
  gross: Decimal
  net: Decimal
  absolute: number
  betaExposure: number
  /** Symbols held that have no returns. */
  missingHeld: number
  /** P&L by scenario of historical simulation. */
  readonly profits: Float64Array
  /** Loss by stress scenario, where it is a sum over positions. */
  readonly losses: Float64Array
  /** P&L by start, of the scenarios that look for the worst stretch. */
  readonly stretches: readonly Float64Array[]
}

/** A book over prepared returns. Throws `SYMBOL_NOT_PREPARED`. */
export function createRiskBook(prepared: PreparedReturns, options: RiskBookOptions, step?: number): RiskBook {
  const state: RiskBookState = {
    prepared,
    version: 0,
    equity: options.equity,
    equityFloat: toFloat(options.equity),
    step: step ?? exposureStep(toFloat(options.equity)),
    worths: prepared.symbols.map(() => zero),
    exposures: new Float64Array(prepared.count),
    gross: zero,
    net: zero,
    absolute: 0,
    betaExposure: 0,
    missingHeld: 0,
    profits: new Float64Array(prepared.window),
    losses: new Float64Array(prepared.scenarios.length),
    stretches: prepared.scenarios.map(
      (scenario) => new Float64Array(scenario.form === 'stretch' ? scenario.columns : 0),
    ),
  }
  for (const [symbol, worth] of options.positions) setWorth(state, placeOf(prepared, symbol), worth)
  let last: { readonly symbol: string; readonly place: number } | undefined
  /** Of one order several figures are asked. */
  const placeIn = (symbol: string): number => {
    if (last?.symbol !== symbol) last = { symbol, place: placeOf(prepared, symbol) }
    return last.place
  }
  const current = new BookRiskView(state)
  const proposed = new BookRiskView(state, current)
  const ceilings = new Map<Confidence, TailCeiling>()
  const ceilingOf = (confidence: Confidence): TailCeiling => {
    let ceiling = ceilings.get(confidence)
    if (ceiling === undefined) {
      ceiling = new TailCeiling(state, current, confidence)
      ceilings.set(confidence, ceiling)
    }
    return ceiling
  }
  const positions = (): readonly (readonly [string, Decimal])[] =>
    prepared.symbols
      .map((symbol, place) => [symbol, state.worths[place] as Decimal] as const)
      .filter(([, worth]) => !worth.eq(zero))
  // The equity is a field: an object literal with a getter is slow at each look at any of it.
  const book: RiskBook & { equity: Decimal } = {
    equity: state.equity,
    symbols: prepared.symbols,
    sessions: prepared.sessions,
    scenarios: prepared.scenarios.map(({ scenario }) => scenario),
    setEquity(equity) {
      state.equity = equity
      book.equity = equity
      state.equityFloat = toFloat(equity)
      state.version += 1
    },
    setPosition(symbol, worth) {
      const place = placeOf(prepared, symbol)
      const before = state.exposures[place] as number
      setWorth(state, place, worth)
      for (const ceiling of ceilings.values()) ceiling.moved(place, (state.exposures[place] as number) - before)
    },
    position: (symbol) => state.worths[placeOf(prepared, symbol)] as Decimal,
    positions,
    current: () => current,
    propose(symbol, change) {
      proposed.propose(placeIn(symbol), change)
      return proposed
    },
    tailCeiling(symbol, change, confidence, above) {
      const place = placeIn(symbol)
      const ceiling = ceilingOf(confidence)
      const found = ceiling.with(place, change)
      if (above === undefined || found === undefined || found < above || !ceiling.tighten()) return found
      return ceiling.with(place, change)
    },
    returnFigures(symbol) {
      const place = placeOf(prepared, symbol)
      if (prepared.missing[place] !== undefined) return undefined
      const variance = prepared.covariances[place * prepared.count + place] as number
      return { variance, beta: prepared.hasBenchmark ? (prepared.betas[place] as number) : undefined }
    },
    copy: () => createRiskBook(prepared, { equity: state.equity, positions: positions() }, state.step),
  }
  return book
}

function setWorth(state: RiskBookState, place: number, worth: Decimal): void {
  const { prepared, exposures, worths, profits, losses } = state
  const before = worths[place] as Decimal
  if (before.eq(worth)) return
  const old = exposures[place] as number
  const next = onExposureGrid(toFloat(worth), state.step)
  const change = next - old
  const absoluteChange = Math.abs(next) - Math.abs(old)
  state.gross = state.gross.minus(before.abs()).plus(worth.abs())
  state.net = state.net.minus(before).plus(worth)
  state.absolute += absoluteChange
  if (prepared.missing[place] === undefined) {
    if (prepared.hasBenchmark) state.betaExposure += change * (prepared.betas[place] as number)
    addScaled(profits, prepared.returns[place] as Float64Array, change)
  } else state.missingHeld += Number(!worth.eq(zero)) - Number(!before.eq(zero))
  for (let index = 0; index < losses.length; index += 1) {
    const scenario = prepared.scenarios[index] as PreparedReturns['scenarios'][number]
    if (scenario.form === 'linear')
      losses[index] = (losses[index] as number) - change * (scenario.shocks[place] as number)
    else if (scenario.form === 'against')
      losses[index] = (losses[index] as number) + absoluteChange * (scenario.shocks[place] as number)
    else if (scenario.form === 'stretch')
      addScaled(state.stretches[index] as Float64Array, scenario.rows[place] as Float64Array, change)
  }
  exposures[place] = next
  worths[place] = worth
  state.version += 1
}

function addScaled(sums: Float64Array, row: Float64Array, factor: number): void {
  for (let index = 0; index < sums.length; index += 1)
    sums[index] = (sums[index] as number) + factor * (row[index] as number)
}
