import { messageOf, type Retryability, SwarmError } from '@tradeswarm/core'

type Fault = { readonly code: string; readonly what: string; readonly retryability?: Retryability }
type KnownFault = readonly [said: RegExp, fault: Fault]

/** What a failed call was doing. A read and a put come to the same when made again; of a commit that is not known. */
export type Doing = 'read' | 'put' | 'commit'

/**
 * By the list of https://developers.cloudflare.com/d1/observability/debug-d1/ and by SQLite's own codes. Each of these
 * is said before anything was written, or with the transaction rolled back.
 */
const knownFaults: readonly KnownFault[] = [
  [
    /overloaded|requests queued/i,
    {
      code: 'STORAGE_BUSY',
      what: 'is overloaded; nothing was written; write less often or in larger batches, and wait before trying again',
      retryability: 'retryable',
    },
  ],
  [
    /too many (API requests|subrequests)/i,
    {
      code: 'STORAGE_BUSY',
      what: 'was called more often than one invocation of a Worker may; nothing was written; go on in a new invocation',
      retryability: 'retryable',
    },
  ],
  [
    /exceeded maximum DB size|maximum account storage|SQLITE_FULL/i,
    {
      code: 'STORAGE_FULL',
      what: 'could not grow; nothing was written; archive old segments of the journal and try again',
      retryability: 'retryable',
    },
  ],
  [/SQLITE_TOOBIG/, { code: 'VALUE_TOO_LARGE', what: 'was given more than a row can hold; nothing was written' }],
  [/SQLITE_(CORRUPT|NOTADB)/, { code: 'STORAGE_CORRUPT', what: 'is damaged; restore it by Time Travel' }],
  [
    /no such (table|column)/,
    { code: 'STORAGE_VERSION', what: 'lacks a table of this storage; apply the migrations, or open it to write first' },
  ],
  [/SQLITE_AUTH|not authorized/, { code: 'STORAGE_DENIED', what: 'may not be used like this' }],
  [/SQLITE_|D1_TYPE_ERROR/, { code: 'STORAGE_FAILED', what: 'refused a statement; nothing was written' }],
]

const lost: Readonly<Record<Doing, Fault>> = {
  read: { code: 'STORAGE_IO', what: 'could not be read; try again', retryability: 'retryable' },
  put: { code: 'STORAGE_IO', what: 'could not be written; try again', retryability: 'retryable' },
  commit: {
    code: 'STORAGE_IO',
    what: "did not answer, so the batch was written or not: the journal's head tells",
    retryability: 'unknown-outcome',
  },
}

/** A `SwarmError` that names the binding, for whatever D1, R2 or KV threw; a `SwarmError` comes back as it is. */
export function storageError(error: unknown, place: string, doing: Doing): SwarmError {
  if (SwarmError.isInstance(error)) return error
  const { code, what, retryability = 'fatal' } = knownFault(error) ?? lost[doing]
  return new SwarmError({
    code,
    message: `${place} ${what} (${messageOf(error)})`,
    retryability,
    context: { place },
    cause: error,
  })
}

/** Whether the database may have made the commit all the same when this was thrown. */
export function isOutcomeUnknown(error: unknown): boolean {
  return knownFault(error) === undefined
}

/** Whether a statement broke the named constraint, such as `swarm_journal.id` or the name of a CHECK. */
export function isBroken(error: unknown, constraint: string): boolean {
  return messageOf(error).includes(`constraint failed: ${constraint}:`)
}

function knownFault(error: unknown): Fault | undefined {
  const said = messageOf(error)
  if (typeof error === 'object' && error !== null && 'overloaded' in error && error.overloaded === true)
    return knownFaults[0]?.[1]
  return knownFaults.find(([pattern]) => pattern.test(said))?.[1]
}
