import { type Decimal, toFloat } from '../../money/decimal.js'
import type { BookRiskView } from './book-risk-view.js'
import { type Confidence, normalTailMean } from './confidence.js'
import type { RiskBookState } from './risk-book.js'

/** More than all that doubles lose in these sums, and than half a step of the sixth decimal, to which figures are rounded. */
const roundedUp = 1.000_000_001
const halfAStep = 0.000_001
const figureSteps = 1_000_000

/**
 * What value at risk and the mean loss beyond it are not above, without a look at each scenario. Both measures of the tail are subadditive
 * (Artzner and others, 1999), so a change of one position adds at most what it loses by itself. It drifts upwards with each
 * change, until it is worked out anew.
 */
export class TailCeiling {
  /** In money; undefined where it is to be worked out. */
  private money: number | undefined
  private isDrifted = false
  private readonly steepness: Float64Array
  private readonly confidence: Confidence

  constructor(
    private readonly state: RiskBookState,
    private readonly current: BookRiskView,
    confidence: Confidence,
  ) {
    this.confidence = confidence
    const { returns, volatilities } = state.prepared
    this.steepness = Float64Array.from(returns, (row, place) => {
      let most = normalTailMean[confidence] * (volatilities[place] as number)
      for (const each of row) most = Math.max(most, Math.abs(each))
      return most
    })
  }

  /** A position has moved by so much. */
  moved(place: number, exposureChange: number): void {
    if (this.state.prepared.missing[place] !== undefined) this.money = undefined
    if (this.money === undefined || exposureChange === 0) return
    this.money += Math.abs(exposureChange) * (this.steepness[place] as number)
    this.isDrifted = true
  }

  /** As a fraction of equity, with a change of one position on top; undefined where nobody knows. */
  with(place: number, change: Decimal): number | undefined {
    const { equityFloat, prepared, step } = this.state
    if (prepared.missing[place] !== undefined || !(equityFloat > 0)) return undefined
    if (this.money === undefined) this.measure()
    if (this.money === undefined) return undefined
    // On the grid of exposures it may be a step more.
    const added = (Math.abs(toFloat(change)) + step) * (this.steepness[place] as number)
    const ceiling = ((this.money + added) / equityFloat) * roundedUp + halfAStep
    // A multiple of the sixth decimal is quicker to compare, and up is safe.
    return Math.ceil(ceiling * figureSteps) / figureSteps
  }

  /** Works out anew what has drifted. False where nothing has. */
  tighten(): boolean {
    if (!this.isDrifted) return false
    this.measure()
    return true
  }

  private measure(): void {
    const loss = this.current.tailLoss(this.confidence)
    this.money = loss === undefined ? undefined : Math.max(0, loss)
    this.isDrifted = false
  }
}
