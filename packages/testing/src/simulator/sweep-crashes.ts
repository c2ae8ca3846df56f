import { assertKnownOptions } from '@tradeswarm/core'
import { assertWhole, lastLine } from './assert-whole.js'
import { checkSubject, subjectFields } from './check-subject.js'
import { createPatience, type PatienceOptions } from './patience.js'
import { runScenario, type SimulationSubject } from './run-scenario.js'
import { scenarioOf } from './scenario-of.js'
import type { SimulationFailure } from './simulate.js'

export type SweepOptions = SimulationSubject &
  PatienceOptions & {
    readonly seed: number
    /** Every so-manieth point is crashed at; 1, the default, is each. */
    readonly every?: number
  }

/** What a sweep came to. */
export type SweepReport = {
  /** How many points the world has at which its process could die, and at how many of them it did. */
  readonly points: number
  readonly crashes: number
  readonly failures: readonly SimulationFailure[]
}

/** Plays the world of a seed once for each point of it, with a crash there besides all else that happens. Throws `INVALID_OPTION`, and `SUBJECT_UNSETTLED` where the venue does not tell its terms. */
export async function sweepCrashes(options: SweepOptions): Promise<SweepReport> {
  assertKnownOptions('sweepCrashes', options, ['seed', 'every', 'patienceMs', ...subjectFields])
  const { seed, every = 1, patienceMs, ...subject } = options
  assertWhole('sweepCrashes', 'seed', seed, 0)
  assertWhole('sweepCrashes', 'every', every, 1)
  checkSubject(subject)
  const patience = createPatience('sweepCrashes', patienceMs === undefined ? {} : { patienceMs })
  const scenario = await scenarioOf(seed, subject, patience)
  const { points } = await runScenario(scenario, subject, { patience })
  const failures: SimulationFailure[] = []
  let crashes = 0
  for (let crashAt = 1; crashAt <= points; crashAt += every) {
    crashes += 1
    const { violation } = await runScenario(scenario, subject, { crashAt, patience })
    if (violation === undefined) continue
    const { log } = await runScenario(scenario, subject, { crashAt, log: true, patience })
    const { invariant, message } = violation
    failures.push({ seed, invariant, message, trace: [...log, lastLine(violation)] })
  }
  return { points, crashes, failures }
}
