import { type ClockAndTimers, createSystemClock, SwarmError } from '@tradeswarm/core'
import { settle } from '../swarm/system-settle.js'
import { assertWhole } from './assert-whole.js'
import { ofSubject, type Violation } from './judge-bench.js'

/** What is waited for in real time: what code under test opens, reads and closes before a run and after it, when no simulated time goes on. */
export type Patience = {
  /** Resolves as `work` does. Rejects with `SUBJECT_UNSETTLED` where that has not settled within the patience. */
  wait<T>(what: string, work: Promise<T>): Promise<T>
}

/** How long that may take, in real time; default 3 s. */
export type PatienceOptions = { readonly patienceMs?: number }

const code = 'SUBJECT_UNSETTLED'

const defaultPatienceMs = 3_000

/** What has kept us waiting once is given a part of the time after that: it is the same that hangs, in this run and when it is shrunk. */
const lessPatient = 20

/** Throws `INVALID_OPTION`. */
export function createPatience(
  owner: string,
  { patienceMs = defaultPatienceMs }: PatienceOptions = {},
  clock: ClockAndTimers = createSystemClock(),
): Patience {
  assertWhole(owner, 'patienceMs', patienceMs, 1)
  let ms = patienceMs
  return {
    async wait(what, work) {
      const { promise: over, resolve } = Promise.withResolvers<void>()
      const cancel = clock.at(clock.now() + ms, resolve)
      const settled = Promise.resolve(work).then(
        () => true,
        () => true,
      )
      // A machine that slept wakes with the time over and the answer there.
      const isSettled = await Promise.race([
        settled,
        over.then(settle).then(() => Promise.race([settled, Promise.resolve(false)])),
      ])
      cancel()
      if (isSettled) return work
      const waitedMs = ms
      ms = Math.ceil(patienceMs / lessPatient)
      throw new SwarmError({
        code,
        message: `${what} has not settled within ${waitedMs} ms of real time, and the simulated clock stands still meanwhile: let it resolve or reject by itself, or give it longer with patienceMs`,
        context: { waitedMs },
      })
    },
  }
}

/** The failure of a subject that was waited for in vain, before anything had happened. Throws on what anything else has thrown. */
export function unsettledSubject(thrown: unknown): Violation {
  if (!SwarmError.isInstance(thrown, code)) throw thrown
  return { invariant: ofSubject, message: thrown.message, atMs: 0 }
}
