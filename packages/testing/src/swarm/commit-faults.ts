import { SwarmError } from '@tradeswarm/core'
import type { CommitWatch } from './swarm-life.js'

/** When a swarm is to be killed: right before or right after its n-th commit from now on, from 1. Of a commit after which it dies it never learns. */
export type CrashPoint = { readonly beforeCommit: number } | { readonly afterCommit: number }

/** What is to go wrong with the commits of a swarm. */
export type CommitFaults = CommitWatch & {
  /** Throws `INVALID_OPTION`. */
  arm(point: CrashPoint): void
  disarm(): void
  break(error?: Error): void
  mend(): void
}

export function createCommitFaults(crash: () => void): CommitFaults {
  let armed: { readonly moment: 'before' | 'after'; left: number } | undefined
  let failure: Error | undefined

  const reached = (moment: 'before' | 'after'): void => {
    if (armed?.moment !== moment) return
    armed.left -= 1
    if (armed.left > 0) return
    armed = undefined
    crash()
  }

  return {
    before() {
      if (failure !== undefined) throw failure
      reached('before')
    },
    after: () => reached('after'),
    arm(point) {
      const [moment, left] =
        'beforeCommit' in point ? ['before' as const, point.beforeCommit] : ['after' as const, point.afterCommit]
      if (!Number.isSafeInteger(left) || left < 1) {
        throw new SwarmError({
          code: 'INVALID_OPTION',
          message: `crash: ${moment}Commit is ${left}; it must be a whole number from 1`,
          context: { value: left },
        })
      }
      armed = { moment, left }
    },
    disarm() {
      armed = undefined
    },
    break(error) {
      failure = error ?? diskFull()
    },
    mend() {
      failure = undefined
    },
  }
}

function diskFull(): SwarmError {
  return new SwarmError({
    code: 'STORAGE_FULL',
    message: 'the disk is full (breakStorage() of a test); nothing was written',
    retryability: 'retryable',
  })
}
