import type { SwarmModel } from '@tradeswarm/agents'
import type { SessionDate } from '@tradeswarm/trading'
import type { CurvePoint } from './backtest-result.js'

/** The part of a run on days that its models may have read about: what they said there may be memory and not judgement. */
export type Contamination = {
  /** The last contaminated day; undefined where the cutoff of a model is not known, and with it the whole run counts as contaminated. */
  readonly until: SessionDate | undefined
  /** `provider:model`. */
  readonly models: readonly string[]
  readonly sessions: number
  readonly cleanSessions: number
  /** Return over the contaminated sessions, and over the others; null where there are none. */
  readonly contaminatedReturn: number | null
  readonly cleanReturn: number | null
}

/** The day up to which models have read, the latest of all of them; `undefined` where one of them has no known cutoff. */
function contaminatedUntil(models: readonly SwarmModel[]): SessionDate | undefined {
  let latest = ''
  for (const { cutoff } of models) {
    if (cutoff === undefined) return undefined
    if (cutoff > latest) latest = cutoff
  }
  return latest === '' ? undefined : latest
}

/** How much of a curve is contaminated; undefined for a run without models. */
export function contaminationOf(
  models: readonly SwarmModel[] | undefined,
  curve: readonly CurvePoint[],
  startCapital: number,
): Contamination | undefined {
  if (models === undefined || models.length === 0) return undefined
  const until = contaminatedUntil(models)
  const contaminated = curve.filter(({ date }) => until === undefined || date <= until)
  const clean = curve.slice(contaminated.length)
  const turn = contaminated.at(-1)?.equity ?? startCapital
  const returnOf = (from: number, to: number | undefined): number | null =>
    to === undefined || !(from > 0) ? null : to / from - 1
  return {
    until,
    models: [...new Set(models.map(({ model }) => model))],
    sessions: contaminated.length,
    cleanSessions: clean.length,
    contaminatedReturn: returnOf(startCapital, contaminated.at(-1)?.equity),
    cleanReturn: returnOf(turn, clean.at(-1)?.equity),
  }
}

/** What a reader has to know of a run with models before its figures; none where it began after all cutoffs. */
export function contaminationLabels(models: readonly SwarmModel[], tradeFrom: SessionDate): readonly string[] {
  const names = (chosen: readonly SwarmModel[]): string => [...new Set(chosen.map(({ model }) => model))].join(', ')
  const unknown = models.filter(({ cutoff }) => cutoff === undefined)
  if (unknown.length > 0)
    return [
      `Contaminated: up to when ${names(unknown)} has read is not known, so every day of this run may be one that it has read about.`,
    ]
  const read = models.filter(({ cutoff = '' }) => tradeFrom <= cutoff)
  const until = contaminatedUntil(read)
  return until === undefined
    ? []
    : [
        `Contaminated up to ${until}: ${names(read)} may have read what came of those days. Only sessions after that say something about its judgement.`,
      ]
}
