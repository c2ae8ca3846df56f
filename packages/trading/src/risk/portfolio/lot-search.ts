import { type Decimal, decimal, divide, toFloat, zero } from '../../money/decimal.js'
import type { MitigationTask, TradableInstrument } from './mitigation.js'
import type { LimitState } from './portfolio-limits.js'

/** So many lots of one instrument, and how much of the limit is used once they are traded. */
export type LotChoice = { readonly lots: number; readonly used: number; readonly settled: boolean }

/** Beyond it a count of lots is not exact. */
const mostLots = 9_000_000_000_000_000

/** Whole lots within a worth or a quantity, at most 9e15. */
export function wholeLots(amount: Decimal, lot: Decimal): number {
  return Math.min(toFloat(divide(amount.abs(), lot, 0, 'down')), mostLots)
}

/** The signed worth of so many lots; `direction` is 1 for a purchase. */
export function worthOfLots(instrument: TradableInstrument, lots: number, direction: 1 | -1): Decimal {
  const worth = instrument.lotWorth.times(decimal(String(lots)))
  return direction === 1 ? worth : zero.minus(worth)
}

/** Whether a limit needs no (more) mitigation. */
export function isSettled(task: Pick<MitigationTask, 'includeNear'>, state: LimitState): boolean {
  return state.state === 'within' || (state.state === 'near' && !task.includeNear)
}

/**
 * The fewest lots, up to `most`, that settle the limit; where none do, those that use least of it. Losses at risk are convex in the size of
 * one position, so the least is found by thirds, and the first that settles by halves before it. Historical value at risk alone is not
 * convex: what is found then settles the limit too, but fewer lots might.
 */
export function fewestLots(
  task: MitigationTask,
  instrument: TradableInstrument,
  options: { readonly direction: 1 | -1; readonly most: number },
): LotChoice {
  const { most, direction } = options
  const tried = (lots: number): LotChoice => {
    const view = task.book.propose(instrument.symbol, worthOfLots(instrument, lots, direction))
    const state = task.probe.measure(view)
    return { lots, used: state.used ?? Number.POSITIVE_INFINITY, settled: isSettled(task, state) }
  }
  let [low, high] = [0, most]
  while (high - low > 2) {
    const third = Math.floor((high - low) / 3)
    if (tried(low + third).used <= tried(high - third).used) high -= third
    else low += third
  }
  let least = tried(most)
  for (let lots = low; lots <= high; lots += 1) {
    const choice = tried(lots)
    if (choice.used < least.used || (choice.used === least.used && lots < least.lots)) least = choice
  }
  if (!least.settled) return least
  let [failing, settling] = [-1, least]
  while (settling.lots - failing > 1) {
    const choice = tried(failing + Math.floor((settling.lots - failing) / 2))
    if (choice.settled) settling = choice
    else failing = choice.lots
  }
  return settling
}
