import { SwarmError } from '@tradeswarm/core'

/** Why an act of a stopped swarm fails: nothing is wrong with the storage, it is closed. */
const unwritten = new Set(['JOURNAL_FAILED', 'KERNEL_JOURNAL_FAILED', 'KILL_SWITCH_NOT_STORED'])

/**
 * The same acts, which say that the swarm was stopped where they fail for that: `SWARM_NOT_RUNNING`. They are attempted all the same. A freeze
 * does not fail for what cannot be cancelled or written, so that after a stop it would seem to hold.
 */
export function explainAfterStop<Acts extends object>(acts: Acts, hasStopped: () => boolean): Acts {
  const explained = Object.entries(acts).map(([name, act]: [string, (...given: unknown[]) => unknown]) => [
    name,
    (...given: unknown[]): unknown => {
      const wasStopped = hasStopped()
      const done = act(...given)
      if (!(done instanceof Promise)) return done
      return done.then(
        (answer: unknown) => {
          if (wasStopped && name === 'freeze') throw stopped(name)
          return answer
        },
        (thrown: unknown) => {
          throw hasStopped() && SwarmError.isInstance(thrown) && unwritten.has(thrown.code)
            ? stopped(name, thrown)
            : thrown
        },
      )
    },
  ])
  return Object.fromEntries(explained) as Acts
}

function stopped(act: string, cause?: SwarmError): SwarmError {
  return new SwarmError({
    code: 'SWARM_NOT_RUNNING',
    message: `${act}: the swarm was stopped, and nothing is written any more; create a new one on the same storage, and do it there`,
    ...(cause === undefined ? {} : { cause }),
  })
}
