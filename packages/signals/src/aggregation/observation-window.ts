import type { EpochMs } from '@tradeswarm/core'
import type { AddResult, SignalObservation } from './aggregated-signal.js'

/** The newest observations of one symbol, in one total order (time, source, id) whatever the order of arrival. */
export type ObservationWindow = {
  add(observation: SignalObservation): AddResult
  /** Those at or after `from` and at or before `to`, oldest first. */
  between(from: EpochMs, to: EpochMs): readonly SignalObservation[]
}

/** Keeps at most `maximum` observations: beyond it the oldest goes, and one older than all of a full window is refused. */
export function createObservationWindow(maximum: number): ObservationWindow {
  const sorted: SignalObservation[] = []
  const known = new Set<string>()
  const keyOf = ({ source, id }: SignalObservation): string => `${source}\u0000${id}`

  return {
    add(observation) {
      const key = keyOf(observation)
      if (known.has(key)) return { status: 'repeated' }
      const position = positionFor(sorted, observation)
      if (position === 0 && sorted.length >= maximum) return { status: 'refused', reason: 'too-old' }
      if (position === sorted.length) sorted.push(observation)
      else sorted.splice(position, 0, observation)
      known.add(key)
      if (sorted.length > maximum) {
        const oldest = sorted.shift()
        if (oldest !== undefined) known.delete(keyOf(oldest))
      }
      return { status: 'added' }
    },
    between: (from, to) =>
      sorted.slice(
        countWhile(sorted, ({ at }) => at < from),
        countWhile(sorted, ({ at }) => at <= to),
      ),
  }
}

/** Total order of observations: time, then source, then id, by UTF-16 code units. */
function compareObservations(a: SignalObservation, b: SignalObservation): number {
  if (a.at !== b.at) return a.at - b.at
  if (a.source !== b.source) return a.source < b.source ? -1 : 1
  if (a.id === b.id) return 0
  return a.id < b.id ? -1 : 1
}

function positionFor(sorted: readonly SignalObservation[], observation: SignalObservation): number {
  const last = sorted.at(-1)
  if (last === undefined || compareObservations(last, observation) <= 0) return sorted.length
  return countWhile(sorted, (other) => compareObservations(other, observation) <= 0)
}

/** How many of the first items meet a condition that none after them meets. */
function countWhile(
  sorted: readonly SignalObservation[],
  condition: (observation: SignalObservation) => boolean,
): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const other = sorted[middle]
    if (other !== undefined && condition(other)) low = middle + 1
    else high = middle
  }
  return low
}
