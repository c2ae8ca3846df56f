import { type Exact, floorTo, magnitude } from '../exact.js'
import type { JournalFold } from './journal-fold.js'

export type Side = 'long' | 'short'

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

/** The side of what is held in whole lots. */
export function sideOf({ positions, lots }: Pick<JournalFold, 'positions' | 'lots'>, symbol: string): Side | undefined {
  const units = positions.get(symbol) ?? 0n
  if (floorTo(magnitude(units), lots.get(symbol) ?? 1n) === 0n) return undefined
  return units > 0n ? 'long' : 'short'
}
