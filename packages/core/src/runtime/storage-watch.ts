import type { Dispatcher } from './dispatcher.js'
import type { JournalWriter } from './journal-writer.js'
import type { SwarmAlert } from './swarm-options.js'

/** A commit that takes so long holds everything up that waits to be durable. */
const longestCommitMs = 30_000

/**
 * Tells of a commit that neither succeeds nor fails, once for each: nothing is known of it, so that the swarm cannot suspend itself as it
 * does when one fails.
 */
export function createStorageWatch(parts: {
  readonly writer: Pick<JournalWriter, 'committingSince'>
  readonly dispatcher: Pick<Dispatcher, 'now'>
  readonly alert: (alert: Omit<SwarmAlert, 'time'>) => void
}): () => void {
  const { writer, dispatcher, alert } = parts
  let told: number | undefined
  return () => {
    const since = writer.committingSince()
    if (since === undefined || since === told) return
    const waitedMs = dispatcher.now() - since
    if (waitedMs < longestCommitMs) return
    told = since
    alert({
      code: 'STORAGE_STALLED',
      message: `the storage has not answered a commit for ${waitedMs} ms: whatever is to be durable waits for it; look at its disk or its connection, and stop the swarm if it does not come back`,
      context: { waitedMs, since },
    })
  }
}
