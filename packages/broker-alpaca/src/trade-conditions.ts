/** When the price of a trade counts as that of the market. */
export type PriceCounts = 'always' | 'extended-hours' | 'never'

/**
 * Sale conditions with which a trade does not set the last price by the rules of the tapes (CTS and UTP specifications), as Alpaca's own bars and
 * latest trades leave them out: cash sale, bunched sold, price variation, odd lot, sold last, official close, next day, prior reference price,
 * official open, seller, sold out of sequence in extended hours, contingent, average price, sold out of sequence, derivatively priced,
 * qualified contingent.
 */
const never: ReadonlySet<unknown> = new Set('CGHILMNPQRUVWZ47')
/** On tapes A and B it is an average price; on tape C a bunched trade, which counts. */
const averagePrice = 'B'
/** Traded outside of regular hours, whenever it is told. */
const formT = 'T'

/** By the conditions (`c`) and the tape (`z`) of a trade. One of crypto has neither. */
export function priceCounts(conditions: unknown, tape: unknown): PriceCounts {
  if (!Array.isArray(conditions)) return 'always'
  let counts: PriceCounts = 'always'
  for (const condition of conditions as readonly unknown[]) {
    if (never.has(condition) || (condition === averagePrice && tape !== 'C')) return 'never'
    if (condition === formT) counts = 'extended-hours'
  }
  return counts
}
