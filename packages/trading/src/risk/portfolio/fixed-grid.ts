/** Returns, shocks, betas and volatilities are kept as multiples of 2⁻²⁴ (6e-8)… */
const returnSteps = 16_777_216
/** …and exposures as multiples of 2⁻²⁷ of the book's scale, a power of two at or above the equity. */
const exposureSteps = 134_217_728

/**
 * The nearest multiple of 2⁻²⁴. Exposures lie on a grid too, so that their products and sums are exact in doubles while a scenario moves
 * less than four times the equity: a figure then depends on the positions alone, and not on the order in which they came.
 */
export function onReturnGrid(value: number): number {
  return Math.round(value * returnSteps) / returnSteps
}

/** The step of exposures for an account of this equity. Depends on its magnitude only. */
export function exposureStep(equity: number): number {
  let scale = 1
  while (scale < equity) scale *= 2
  while (equity > 0 && scale / 2 >= equity) scale /= 2
  return scale / exposureSteps
}

/** The nearest multiple of a step that is a power of two. */
export function onExposureGrid(value: number, step: number): number {
  return Math.round(value / step) * step
}
