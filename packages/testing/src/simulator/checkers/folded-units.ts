import type { Exact } from '../exact.js'
import type { JournalFold } from './journal-fold.js'

type UnitsFold = Pick<JournalFold, 'units' | 'positions'>

/** Units as they came and went, each in the units of its time, and the splits between them. */
export type FoldedUnits = {
  readonly moves: { readonly time: number; readonly units: Exact }[]
  readonly splits: { readonly time: number; readonly numerator: bigint; readonly denominator: bigint }[]
}

/** Those of a symbol. */
export function unitsOf(fold: UnitsFold, symbol: string): FoldedUnits {
  const known = fold.units.get(symbol) ?? { moves: [], splits: [] }
  fold.units.set(symbol, known)
  return known
}

/** Takes in what came or went at an instant. */
export function moveUnits(fold: UnitsFold, symbol: string, time: number, units: Exact): void {
  unitsOf(fold, symbol).moves.push({ time, units })
  fold.positions.set(symbol, unitsUntil(fold, symbol, Number.POSITIVE_INFINITY))
}

/** What a symbol came to just before an instant, in the units of then. */
export function unitsUntil(fold: UnitsFold, symbol: string, until: number): Exact {
  const { moves, splits } = unitsOf(fold, symbol)
  let sum = 0n
  for (const { time, units } of moves) {
    if (time >= until) continue
    let now = units
    for (const split of splits)
      if (time < split.time && split.time <= until) now = (now * split.numerator) / split.denominator
    sum += now
  }
  return sum
}
