import type { Execution } from './broker.js'
import { compareExecutions } from './compare-executions.js'
import { isLaterEventId } from './later-event-id.js'

/** One correction of an execution, with its instant and its event. */
type Correction = { readonly time: number; readonly eventId: string; readonly execution: Execution }

/**
 * What corrections have made of one execution: the latest holds, by time, then by event id, as in the ledger. `first`, present once there
 * are several, is the earliest: next to the telling itself, which may have been lost, it tells what the venue had executed at the time.
 */
export type CorrectionFact = Correction & { readonly first?: Correction }

/** With one more correction; the same fact where that changes nothing. Whatever the order in which they come, it ends in the same. */
export function withCorrection(known: CorrectionFact | undefined, correction: Correction): CorrectionFact {
  if (known === undefined) return correction
  const { first = known } = known
  if (supersedes(correction, known)) return { ...correction, first: bare(first) }
  return supersedes(first, correction) ? { ...bare(known), first: correction } : known
}

function bare({ time, eventId, execution }: Correction): Correction {
  return { time, eventId, execution }
}

function supersedes(later: Correction, earlier: Correction): boolean {
  if (later.time !== earlier.time) return later.time > earlier.time
  if (later.eventId !== earlier.eventId) return isLaterEventId(later.eventId, earlier.eventId)
  return compareExecutions(later.execution, earlier.execution) < 0
}
