import { type Decimal, zero } from '../money/decimal.js'

/**
 * Sums in one currency, by kind. Fees (those that belong to no fill) and borrow are what was paid; transfers are of cash;
 * openings and adoptions are the cost of units, which the books of symbols hold too.
 */
export const currencyFigures = [
  'deposits',
  'fees',
  'dividends',
  'interest',
  'funding',
  'borrow',
  'transfers',
  'openings',
  'adoptions',
] as const

export type CurrencyFigure = (typeof currencyFigures)[number]

/** The books of one currency. Cash is kept as a running sum, that of all symbols included; the rest of the totals is summed when asked for. */
export class CurrencyBook {
  cash: Decimal = zero
  readonly figures: Record<CurrencyFigure, Decimal> = {
    deposits: zero,
    fees: zero,
    dividends: zero,
    interest: zero,
    funding: zero,
    borrow: zero,
    transfers: zero,
    openings: zero,
    adoptions: zero,
  }

  constructor(readonly currency: string) {}

  add(figure: CurrencyFigure, amount: Decimal): void {
    this.figures[figure] = this.figures[figure].plus(amount)
  }

  /** Cash that the figures alone would have left. */
  ownCash(): Decimal {
    const { deposits, fees, dividends, interest, funding, borrow, transfers } = this.figures
    return deposits.minus(fees).plus(dividends).plus(interest).plus(funding).minus(borrow).plus(transfers)
  }

  income(): Decimal {
    const { dividends, interest, funding, borrow } = this.figures
    return dividends.plus(interest).plus(funding).minus(borrow)
  }

  /** Cash that came in without being earned. */
  netDeposits(): Decimal {
    return this.figures.deposits.plus(this.figures.transfers)
  }
}
