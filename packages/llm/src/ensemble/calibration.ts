import { SwarmError } from '@tradeswarm/core'

/** How well a model's confidence has met what came. */
export type CalibrationRecord = {
  readonly forecasts: number
  /** Mean squared distance of confidence and outcome, 0 to 1: 0 knows everything, 0.25 says one half to all (Brier 1950). */
  readonly brierScore: number
  /** Mean confidence less the share that came true: above 0 it promises too much. */
  readonly overconfidence: number
}

/** Measures a model by what it said and what came of it. */
export type Calibration = {
  /** Something was said with this confidence, 0 to 1, and came true or not. Throws `INVALID_FORECAST`. */
  observe(confidence: number, cameTrue: boolean): void
  record(): CalibrationRecord
  /**
   * What its vote counts, 0 to 1: its Brier skill over saying one half to all, 1 − score / 0.25, shrunk towards `prior` by as many
   * imagined forecasts as `priorForecasts`, and never below 0. A model that is worse than a coin has no vote.
   */
  weight(): number
}

/** How much is believed of a model of which little is known. */
export type CalibrationOptions = {
  /** The weight of a model that nobody has measured, 0 to 1; default 0.2. */
  readonly prior?: number
  /** How many forecasts that belief is worth; default 50. */
  readonly priorForecasts?: number
  /** What was measured before. */
  readonly seed?: { readonly forecasts: number; readonly brierScore: number; readonly overconfidence: number }
}

const coinScore = 0.25

/** Throws `INVALID_OPTION`. */
export function createCalibration({ prior = 0.2, priorForecasts = 50, seed }: CalibrationOptions = {}): Calibration {
  if (!(prior >= 0 && prior <= 1) || !(priorForecasts > 0 && Number.isFinite(priorForecasts)))
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `createCalibration: prior is ${prior} and priorForecasts ${priorForecasts}; give 0 to 1, and a number above 0`,
    })
  let forecasts = seed?.forecasts ?? 0
  let squares = (seed?.brierScore ?? 0) * forecasts
  let excess = (seed?.overconfidence ?? 0) * forecasts
  return {
    observe(confidence, cameTrue) {
      if (!(confidence >= 0 && confidence <= 1))
        throw new SwarmError({
          code: 'INVALID_FORECAST',
          message: `a confidence is ${confidence}; it lies from 0 to 1`,
          context: { confidence },
        })
      const outcome = cameTrue ? 1 : 0
      forecasts += 1
      squares += (confidence - outcome) * (confidence - outcome)
      excess += confidence - outcome
    },
    record: () => ({
      forecasts,
      brierScore: forecasts === 0 ? 0 : squares / forecasts,
      overconfidence: forecasts === 0 ? 0 : excess / forecasts,
    }),
    weight() {
      const skill = forecasts === 0 ? 0 : 1 - squares / forecasts / coinScore
      const shrunk = (prior * priorForecasts + skill * forecasts) / (priorForecasts + forecasts)
      return Math.min(1, Math.max(0, shrunk))
    },
  }
}
