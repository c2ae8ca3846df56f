import { type Exact, magnitude, times } from './exact.js'

/** Contracts as the venue keeps them: at their average price; what closing makes is paid out at once, rounded as the venue likes. */
type VenueContracts = {
  /** Takes in signed units at what one of them stands for, with so many held before; what it pays out. */
  trade(symbol: string, before: Exact, units: Exact, unitPrice: Exact): Exact
  /** As if a trade had never been. What others have been paid out since stays paid. */
  takeBack(symbol: string, units: Exact, unitPrice: Exact, paidOut: Exact): void
  /** What is held has cost, signed. */
  cost(symbol: string): Exact
}

/** Pay-outs have eight decimals, of which the rest stays in the cost of what is left. */
const keptStep = 10n ** 16n

/** With nothing in them. */
export function createVenueContracts(): VenueContracts {
  const costs = new Map<string, Exact>()
  const cost = (symbol: string): Exact => costs.get(symbol) ?? 0n
  return {
    cost,
    trade(symbol, before, units, unitPrice) {
      const known = cost(symbol)
      const closes = before !== 0n && before > 0n !== units > 0n
      let paidOut = 0n
      if (closes) {
        const isWhole = magnitude(units) >= magnitude(before)
        const closed = isWhole ? before : -units
        const share = isWhole ? known : (known * closed) / before
        const made = times(unitPrice, closed) - share
        paidOut = isWhole ? made : made - (made % keptStep)
      }
      costs.set(symbol, known + times(unitPrice, units) + paidOut)
      return paidOut
    },
    takeBack(symbol, units, unitPrice, paidOut) {
      costs.set(symbol, cost(symbol) - times(unitPrice, units) - paidOut)
    },
  }
}
