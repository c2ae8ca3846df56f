import { decimal, fromFloat, toFloat, zero } from '../../money/decimal.js'
import { fewestLots, isSettled, wholeLots, worthOfLots } from './lot-search.js'
import type { MitigationTask, TradableInstrument } from './mitigation.js'

/** Lots of one instrument to trade; `direction` is 1 for a purchase. */
export type PlannedTrade = {
  readonly instrument: TradableInstrument
  readonly lots: number
  readonly direction: 1 | -1
}

/** The trades, or why there are none. The book of the task has them filled afterwards. */
export type MitigationPlan = { readonly trades: readonly PlannedTrade[] } | { readonly reason: string }

/** A position's share in a limit is measured by what selling a tenth of it would free. */
const tenth = decimal('0.1')

/** Sells (buys back) the fewest lots of the position that uses most of the limit, then of the next, until the limit is kept. */
export function planReduction(task: MitigationTask): MitigationPlan {
  return planBackwards(task, (instrument, most, direction) => fewestLots(task, instrument, { most, direction }).lots)
}

/** Closes whole positions, as far as they make lots and that helps, the one that uses most of the limit first. */
export function planClosing(task: MitigationTask): MitigationPlan {
  return planBackwards(task, (instrument, most, direction) => (lowers(task, instrument, most, direction) ? most : 0))
}

function planBackwards(
  task: MitigationTask,
  size: (instrument: TradableInstrument, most: number, direction: 1 | -1) => number,
): MitigationPlan {
  const trades: PlannedTrade[] = []
  const passed = new Set<string>()
  while (trades.length < task.maximumOrders && !isSettled(task, task.probe.measure(task.book.current()))) {
    const instrument = largestContributor(task, passed)
    if (instrument === undefined) break
    passed.add(instrument.symbol)
    const direction = instrument.held.gt(zero) ? -1 : 1
    const lots = size(instrument, wholeLots(instrument.held, instrument.lotSize), direction)
    if (lots > 0) trades.push(fill(task, { instrument, lots, direction }))
  }
  return trades.length > 0 ? { trades } : { reason: 'no position that is held in whole lots adds to this figure' }
}

/** Whether closing it whole is no worse than keeping it: past the part that adds to the risk, a position may be the hedge of another. */
function lowers(task: MitigationTask, instrument: TradableInstrument, lots: number, direction: 1 | -1): boolean {
  const used = task.probe.measure(task.book.current()).used ?? Number.POSITIVE_INFINITY
  const without = task.book.propose(instrument.symbol, worthOfLots(instrument, lots, direction))
  return (task.probe.measure(without).used ?? Number.POSITIVE_INFINITY) < used
}

/** What is held and frees most of the limit; undefined when nothing frees any. */
function largestContributor(task: MitigationTask, passed: ReadonlySet<string>): TradableInstrument | undefined {
  const now = task.probe.measure(task.book.current()).used ?? Number.POSITIVE_INFINITY
  let best: TradableInstrument | undefined
  let most = 0
  for (const instrument of task.instruments.values()) {
    if (passed.has(instrument.symbol) || wholeLots(instrument.held, instrument.lotSize) === 0) continue
    const worth = instrument.held.times(instrument.price)
    const smaller = task.book.propose(instrument.symbol, zero.minus(worth.times(tenth)))
    const freed = now - (task.probe.measure(smaller).used ?? Number.POSITIVE_INFINITY)
    if (freed > most) {
      best = instrument
      most = freed
    }
  }
  return best
}

/**
 * A position against the book in the symbol whose returns correlate most with it, no larger than what minimises the variance of the P&L
 * (−covariance / variance) or, for a limit on beta, than what makes the beta 0: the fewest lots that keep the limit, or all.
 */
export function planHedge(task: MitigationTask): MitigationPlan {
  const current = task.book.current()
  const chosen = task.hedges
    .map((symbol) => ({ symbol, relation: relationOf(task, symbol) }))
    .filter(({ symbol, relation }) => relation !== undefined && task.instruments.has(symbol))
    .sort((a, b) => (b.relation?.strength ?? 0) - (a.relation?.strength ?? 0))[0]
  if (chosen?.relation === undefined) return { reason: 'no symbol to hedge with has a price and returns that vary' }
  const instrument = task.instruments.get(chosen.symbol) as TradableInstrument
  const { worth } = chosen.relation
  const direction = worth > 0 ? 1 : -1
  const wanted = wholeLots(fromFloat(worth, 6, 'hedge'), instrument.lotWorth)
  const held = current.worth(chosen.symbol)
  const sellable = held.gt(zero) ? wholeLots(instrument.held, instrument.lotSize) : 0
  const most = direction === 1 || task.allowShorts ? wanted : Math.min(wanted, sellable)
  if (wanted === 0) return { reason: `a hedge in ${chosen.symbol} would be less than a lot` }
  if (most === 0) return { reason: `a hedge would sell ${chosen.symbol} short, which is not allowed` }
  const { lots } = fewestLots(task, instrument, { most, direction })
  return lots === 0
    ? { reason: `a hedge in ${chosen.symbol} does not lower this figure` }
    : { trades: [fill(task, { instrument, lots, direction })] }
}

/** How strongly a symbol goes with the book (|correlation|), and the full size of a hedge in it. */
function relationOf(task: MitigationTask, symbol: string): { strength: number; worth: number } | undefined {
  const { book, probe } = task
  const view = book.current()
  const figures = book.returnFigures(symbol)
  const covariance = view.covarianceWith(symbol)
  if (figures === undefined || covariance === undefined) return undefined
  const { variance, beta } = figures
  const strength = Math.abs(covariance) / Math.sqrt(variance)
  if (probe.limit !== 'maxBeta') return { strength, worth: -covariance / variance }
  const ofBook = view.beta()
  if (ofBook === undefined || beta === undefined || beta === 0) return undefined
  return { strength, worth: (-ofBook * toFloat(book.equity)) / beta }
}

function fill(task: MitigationTask, trade: PlannedTrade): PlannedTrade {
  const { symbol } = trade.instrument
  const worth = worthOfLots(trade.instrument, trade.lots, trade.direction)
  task.book.setPosition(symbol, task.book.position(symbol).plus(worth))
  return trade
}
