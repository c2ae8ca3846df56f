import type { SessionDate } from '@tradeswarm/trading'
import type { SessionClose } from '../run/drive-run.js'

/** What a paced run knows of its sessions, and how it ended. */
export type PlayedPeriod = {
  /** Closes that a swarm heard, in any order. */
  readonly heard: readonly SessionClose[]
  /** All sessions that the tape plays, ascending. */
  readonly dates: readonly SessionDate[]
  /** Whether the tape has played to its end. */
  readonly isOver: boolean
  /** What the account is worth as the run is left. */
  readonly equity: number | undefined
}

/** A close of each session from the first that was heard to the end, and what is to be said of those that were not. */
export type WholePeriod = { readonly sessions: readonly SessionClose[]; readonly labels: readonly string[] }

/**
 * Sessions that went by while no swarm lived are part of the period: each is given the equity and the exposure of the one before, so that figures
 * by the year count the time that has passed. The last is worth what the account is as the run is left.
 */
export function wholePeriod({ heard, dates, isOver, equity }: PlayedPeriod): WholePeriod {
  const byDate = new Map(heard.map((close) => [close.sessionDate, close]))
  const played = [...byDate.keys()].sort()
  const [first, lastHeard] = [played[0], played.at(-1)]
  if (first === undefined || lastHeard === undefined) return { sessions: [], labels: [] }
  const tapeEnd = dates.at(-1) ?? lastHeard
  const end = isOver && tapeEnd > lastHeard ? tapeEnd : lastHeard
  const sessions: SessionClose[] = []
  let missed = 0
  for (const date of dates.filter((one) => one >= first && one <= end)) {
    const close = byDate.get(date)
    const before = sessions.at(-1)
    if (close === undefined) missed += 1
    // Of the first it is known; of any other there is one before.
    const known = close ?? before
    if (known !== undefined) sessions.push({ ...known, sessionDate: date })
  }
  const last = sessions.at(-1)
  if (last !== undefined && equity !== undefined) sessions[sessions.length - 1] = { ...last, equity }
  return { sessions, labels: labelsOf({ missed, total: sessions.length, lastHeard, end }) }
}

function labelsOf({
  missed,
  total,
  lastHeard,
  end,
}: {
  readonly missed: number
  readonly total: number
  readonly lastHeard: SessionDate
  readonly end: SessionDate
}): readonly string[] {
  if (missed === 0) return []
  const labels = [
    `No swarm heard the close of ${missed} of ${total} sessions: figures give each the equity of the one before.`,
  ]
  if (end > lastHeard)
    labels.push(
      `The tape ran out on ${end}, and no swarm heard a close after ${lastHeard}: nothing was traded in between, and what is open now ends with the double.`,
    )
  return labels
}
