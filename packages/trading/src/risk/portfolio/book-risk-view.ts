import { type Decimal, toFloat, zero } from '../../money/decimal.js'
import { type Confidence, normalQuantile, normalTailMean, type RiskMethod } from './confidence.js'
import { onExposureGrid } from './fixed-grid.js'
import { createLossTail } from './loss-tail.js'
import { placeOf } from './place-of.js'
import type { PreparedReturns } from './prepared-returns.js'
import type { RiskBookState } from './risk-book.js'
import type { RiskView } from './risk-view.js'
import { roundFraction } from './round-fraction.js'
import type { MissingReturns } from './shared-history.js'

/** The figures of a book, with an order filled where one was proposed. Bit for bit those that the book has once it is. */
export class BookRiskView implements RiskView {
  private readonly prepared: PreparedReturns
  private readonly scratch: Float64Array
  private readonly tail
  private readonly peerSums: (Decimal | undefined)[] = []
  /** The symbol of the proposed order; −1 for the book as it is. */
  private place = -1
  private change: Decimal = zero
  private worthAfter: Decimal = zero
  private exposureAfter = 0
  private exposureChange = 0
  private absoluteChange = 0
  /** The version of the book that all below was worked out of. */
  private seen = -1
  private profits: Float64Array | undefined
  /** Of the profits, where it is known. */
  private sum: number | undefined
  private tailKnown = false
  private deviationKnown: number | undefined

  /** With `base`, the view of the book as it is, orders are proposed on it. */
  constructor(
    private readonly state: RiskBookState,
    private readonly base?: BookRiskView,
  ) {
    this.prepared = state.prepared
    this.scratch = new Float64Array(this.prepared.window)
    this.tail = createLossTail(this.prepared.window)
  }

  propose(place: number, change: Decimal): void {
    this.place = place
    this.change = change
    this.seen = -1
  }

  gross(): Decimal {
    this.refresh()
    if (this.place === -1) return this.state.gross
    return this.state.gross.minus(this.worthBefore().abs()).plus(this.worthAfter.abs())
  }

  net(): Decimal {
    return this.place === -1 ? this.state.net : this.state.net.plus(this.change)
  }

  worth(symbol: string): Decimal {
    this.refresh()
    return this.worthAt(placeOf(this.prepared, symbol))
  }

  largestShare(): number | undefined {
    const absolute = this.absolute()
    let largest = 0
    for (let place = 0; place < this.prepared.count; place += 1)
      largest = Math.max(largest, Math.abs(this.exposureAt(place)))
    return absolute > 0 ? roundFraction(largest / absolute) : undefined
  }

  herfindahlIndex(): number | undefined {
    const absolute = this.absolute()
    let squares = 0
    for (let place = 0; place < this.prepared.count; place += 1) {
      const exposure = this.exposureAt(place)
      squares += exposure * exposure
    }
    return absolute > 0 ? roundFraction(squares / (absolute * absolute)) : undefined
  }

  correlatedExposure(symbol: string): Decimal {
    this.refresh()
    const place = placeOf(this.prepared, symbol)
    const peers = this.base !== undefined && place === this.place ? this.base.peers(place) : this.peers(place)
    return peers.plus(this.worthAt(place).abs())
  }

  beta(): number | undefined {
    if (!this.complete() || !this.prepared.hasBenchmark) return undefined
    const counts = this.place !== -1 && this.prepared.missing[this.place] === undefined
    const added = counts ? this.exposureChange * (this.prepared.betas[this.place] as number) : 0
    return this.fraction(this.state.betaExposure + added)
  }

  valueAtRisk(confidence: Confidence, method: RiskMethod): number | undefined {
    return this.fraction(this.lossAt(confidence, method))
  }

  conditionalValueAtRisk(confidence: Confidence, method: RiskMethod): number | undefined {
    if (!this.complete()) return undefined
    if (method === 'parametric') return this.fraction(normalTailMean[confidence] * this.deviation())
    this.selectTail()
    return this.fraction(this.tail.conditionalValueAtRisk(confidence))
  }

  /**
   * Mean loss in money beyond the value at risk, by the method that says more: neither method's figures are above it. Undefined where one of
   * them is not known.
   */
  tailLoss(confidence: Confidence): number | undefined {
    if (!this.complete()) return undefined
    this.selectTail()
    const historical = this.tail.conditionalValueAtRisk(confidence)
    return historical === undefined ? undefined : Math.max(historical, normalTailMean[confidence] * this.deviation())
  }

  incrementalValueAtRisk(confidence: Confidence, method: RiskMethod): number | undefined {
    const before = (this.base ?? this).lossAt(confidence, method)
    const after = this.lossAt(confidence, method)
    return before === undefined || after === undefined ? undefined : this.fraction(after - before)
  }

  marginalValueAtRisk(symbol: string, confidence: Confidence): number | undefined {
    const marginal = this.marginal(symbol, confidence)
    return marginal === undefined ? undefined : roundFraction(marginal)
  }

  componentValueAtRisk(symbol: string, confidence: Confidence): number | undefined {
    const marginal = this.marginal(symbol, confidence)
    return marginal === undefined
      ? undefined
      : this.fraction(marginal * this.exposureAt(placeOf(this.prepared, symbol)))
  }

  covarianceWith(symbol: string): number | undefined {
    const place = placeOf(this.prepared, symbol)
    if (!this.complete() || this.prepared.missing[place] !== undefined) return undefined
    const { covariances, count } = this.prepared
    let sum = 0
    for (let other = 0; other < count; other += 1) {
      const exposure = this.exposureAt(other)
      if (exposure !== 0) sum += exposure * (covariances[place * count + other] as number)
    }
    return sum
  }

  stressLoss(scenario: number): number | undefined {
    const prepared = this.prepared.scenarios[scenario]
    if (prepared === undefined || prepared.form === 'unavailable') return undefined
    if (prepared.needsReturns ? !this.complete() : !this.refresh()) return undefined
    if (prepared.form === 'stretch') return this.fraction(this.worstStretch(scenario, prepared.rows, prepared.columns))
    const shock = this.place === -1 ? 0 : (prepared.shocks[this.place] as number)
    const added = prepared.form === 'linear' ? -this.exposureChange * shock : this.absoluteChange * shock
    return this.fraction((this.state.losses[scenario] as number) + added)
  }

  missing(): readonly MissingReturns[] {
    this.refresh()
    const { missing } = this.prepared
    return missing.filter((lack, place) => lack !== undefined && !this.worthAt(place).eq(zero)) as MissingReturns[]
  }

  /** Catches up with the book; true, so that it can stand in a condition. */
  private refresh(): true {
    if (this.seen === this.state.version) return true
    this.seen = this.state.version
    this.profits = undefined
    this.tailKnown = false
    this.deviationKnown = undefined
    // To set a length costs more than all else here.
    if (this.peerSums.length > 0) this.peerSums.length = 0
    if (this.place === -1) return true
    const before = this.state.exposures[this.place] as number
    this.worthAfter = this.worthBefore().plus(this.change)
    this.exposureAfter = onExposureGrid(toFloat(this.worthAfter), this.state.step)
    this.exposureChange = this.exposureAfter - before
    this.absoluteChange = Math.abs(this.exposureAfter) - Math.abs(before)
    return true
  }

  /** Whether all that is held has returns. */
  private complete(): boolean {
    this.refresh()
    let missing = this.state.missingHeld
    if (this.place !== -1 && this.prepared.missing[this.place] !== undefined)
      missing += Number(!this.worthAfter.eq(zero)) - Number(!this.worthBefore().eq(zero))
    return missing === 0
  }

  private worthBefore(): Decimal {
    return this.state.worths[this.place] as Decimal
  }

  private worthAt(place: number): Decimal {
    return place === this.place ? this.worthAfter : (this.state.worths[place] as Decimal)
  }

  private exposureAt(place: number): number {
    return place === this.place ? this.exposureAfter : (this.state.exposures[place] as number)
  }

  private absolute(): number {
    this.refresh()
    return this.state.absolute + this.absoluteChange
  }

  private fraction(money: number | undefined): number | undefined {
    return money !== undefined && this.state.equityFloat > 0 ? roundFraction(money / this.state.equityFloat) : undefined
  }

  /** In money. */
  private lossAt(confidence: Confidence, method: RiskMethod): number | undefined {
    if (!this.complete()) return undefined
    if (method === 'parametric') return normalQuantile[confidence] * this.deviation()
    this.selectTail()
    return this.tail.valueAtRisk(confidence)
  }

  private marginal(symbol: string, confidence: Confidence): number | undefined {
    const covariance = this.covarianceWith(symbol)
    if (covariance === undefined) return undefined
    const deviation = this.deviation()
    return deviation > 0 ? (normalQuantile[confidence] * covariance) / deviation : undefined
  }

  /** P&L by scenario of historical simulation. */
  private replayed(): Float64Array {
    if (this.profits !== undefined) return this.profits
    const { profits } = this.state
    this.profits = profits
    this.sum = undefined
    if (this.place === -1) return profits
    const { scratch, exposureChange } = this
    const returns = this.prepared.returns[this.place] as Float64Array
    const count = scratch.length
    const half = count >> 1
    // Summed up on the way, in the halves of `sumOf`.
    let [a, b] = [0, 0]
    if (count % 2 !== 0) {
      b = (profits[count - 1] as number) + exposureChange * (returns[count - 1] as number)
      scratch[count - 1] = b
    }
    for (let index = 0; index < half; index += 1) {
      const other = half + index
      const first = (profits[index] as number) + exposureChange * (returns[index] as number)
      const second = (profits[other] as number) + exposureChange * (returns[other] as number)
      scratch[index] = first
      scratch[other] = second
      a += first
      b += second
    }
    this.sum = a + b
    this.profits = scratch
    return scratch
  }

  /**
   * Standard deviation of the P&L: √(wᵀΣw), as the covariances come from the same returns, without its symbols² steps and without a sum
   * whose last bits would depend on the order in which positions came.
   */
  private deviation(): number {
    if (this.deviationKnown !== undefined) return this.deviationKnown
    const profits = this.replayed()
    this.deviationKnown = standardDeviation(profits, this.sum ?? sumOf(profits))
    return this.deviationKnown
  }

  private selectTail(): void {
    if (this.tailKnown) return
    this.tail.select(this.replayed())
    this.tailKnown = true
  }

  private worstStretch(scenario: number, rows: readonly Float64Array[], columns: number): number {
    const profits = this.state.stretches[scenario] as Float64Array
    const row = this.place === -1 ? undefined : (rows[this.place] as Float64Array)
    let worst = Number.POSITIVE_INFINITY
    for (let start = 0; start < columns; start += 1) {
      const added = row === undefined ? 0 : this.exposureChange * (row[start] as number)
      worst = Math.min(worst, (profits[start] as number) + added)
    }
    return -worst
  }

  /** |worth| of all others that move together with a symbol. */
  private peers(place: number): Decimal {
    this.refresh()
    const known = this.peerSums[place]
    if (known !== undefined) return known
    const { together, count } = this.prepared
    let sum = zero
    for (let other = 0; other < count; other += 1) {
      if (other === place || together[place * count + other] === 0) continue
      const worth = this.worthAt(other)
      if (!worth.eq(zero)) sum = sum.plus(worth.abs())
    }
    this.peerSums[place] = sum
    return sum
  }
}

/** In two halves, which a processor adds up at once. */
function sumOf(values: Float64Array): number {
  const count = values.length
  const half = count >> 1
  let [a, b] = [0, count % 2 === 0 ? 0 : (values[count - 1] as number)]
  for (let index = 0; index < half; index += 1) {
    a += values[index] as number
    b += values[half + index] as number
  }
  return a + b
}

/** Of a sample with that sum; in two halves as well. */
function standardDeviation(values: Float64Array, sum: number): number {
  const count = values.length
  const half = count >> 1
  const mean = sum / count
  const odd = count % 2 === 0 ? 0 : (values[count - 1] as number) - mean
  let [a, b] = [0, odd * odd]
  for (let index = 0; index < half; index += 1) {
    const first = (values[index] as number) - mean
    const second = (values[half + index] as number) - mean
    a += first * first
    b += second * second
  }
  return Math.sqrt((a + b) / (count - 1))
}
