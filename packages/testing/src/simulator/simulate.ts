import { assertKnownOptions } from '@tradeswarm/core'
import { assertWhole, lastLine } from './assert-whole.js'
import { checkSubject, subjectFields } from './check-subject.js'
import type { Violation } from './judge-bench.js'
import { createPatience, type Patience, type PatienceOptions, unsettledSubject } from './patience.js'
import { runScenario, type ScenarioResult, type SimulationSubject } from './run-scenario.js'
import type { Scenario } from './scenario.js'
import { scenarioOf } from './scenario-of.js'
import { shrinkSteps } from './shrink-steps.js'

/** A seed at which an invariant did not hold, or the subject threw, and how it came to that, in as few steps as were found. */
export type SimulationFailure = {
  readonly seed: number
  /** Its number; `subject` where code of the subject threw, or never settled what was waited for. */
  readonly invariant: string
  readonly message: string
  /** The steps that are needed, and then what happened, a line each. */
  readonly trace: readonly string[]
}

/** What many seeds came to. */
export type SimulationReport = {
  readonly seeds: number
  readonly violations: number
  readonly failures: readonly SimulationFailure[]
}

export type SimulateOptions = SimulationSubject &
  PatienceOptions & {
    /** How many seeds, from `from` (default 1) on. */
    readonly seeds: number
    readonly from?: number
    /** Stops after so many failures; default 1, since shrinking takes a hundred runs. */
    readonly maximumFailures?: number
    /** Called after each seed. */
    readonly onSeed?: (seed: number, failure: SimulationFailure | undefined) => void
  }

/** Plays one seed. Throws `INVALID_OPTION` for a subject that is none. */
export async function simulateSeed(
  seed: number,
  subject: SimulationSubject = {},
  options: PatienceOptions = {},
): Promise<ScenarioResult> {
  checkSubject(subject)
  const patience = createPatience('simulateSeed', options)
  const scenario = await scenarioOf(seed, subject, patience).catch(unsettledSubject)
  if ('invariant' in scenario) return { violation: scenario, log: [], covered: [], points: 0 }
  return runScenario(scenario, subject, { patience })
}

/** Plays a seed, and where it fails looks for the shortest list of steps that fails by the same invariant. */
export async function examineSeed(
  seed: number,
  subject: SimulationSubject = {},
  options: PatienceOptions = {},
): Promise<SimulationFailure | undefined> {
  checkSubject(subject)
  return examine(seed, subject, createPatience('examineSeed', options))
}

async function examine(
  seed: number,
  subject: SimulationSubject,
  patience: Patience,
): Promise<SimulationFailure | undefined> {
  const scenario = await scenarioOf(seed, subject, patience).catch(unsettledSubject)
  if ('invariant' in scenario) return failureOf(seed, scenario, [])
  const { violation } = await runScenario(scenario, subject, { patience })
  if (violation === undefined) return undefined
  const fails = async (steps: Scenario['steps']): Promise<boolean> => {
    const shorter = await runScenario({ ...scenario, steps }, subject, { patience })
    return shorter.violation !== undefined && kindOf(shorter.violation) === kindOf(violation)
  }
  const steps = await shrinkSteps(scenario.steps, fails)
  const { violation: shortest = violation, log } = await runScenario({ ...scenario, steps }, subject, {
    log: true,
    patience,
  })
  return failureOf(seed, shortest, log)
}

function failureOf(seed: number, violation: Violation, log: readonly string[]): SimulationFailure {
  const { invariant, message } = violation
  return { seed, invariant, message, trace: [...log, lastLine(violation)] }
}

/** What stays of a violation when ids and figures are others. */
function kindOf({ invariant, message }: Violation): string {
  return `${invariant} ${message.replace(/\bts[0-9a-f]{30}\b|[-\d.]+/g, '#')}`
}

/** Plays many seeds, one after the other. Throws `INVALID_OPTION`. */
export async function simulate(options: SimulateOptions): Promise<SimulationReport> {
  assertKnownOptions('simulate', options, [
    'seeds',
    'from',
    'maximumFailures',
    'onSeed',
    'patienceMs',
    ...subjectFields,
  ])
  const { seeds, from = 1, maximumFailures = 1, onSeed, patienceMs, ...subject } = options
  assertWhole('simulate', 'seeds', seeds, 1)
  assertWhole('simulate', 'from', from, 0)
  assertWhole('simulate', 'maximumFailures', maximumFailures, 1)
  checkSubject(subject)
  const patience = createPatience('simulate', patienceMs === undefined ? {} : { patienceMs })
  const failures: SimulationFailure[] = []
  let played = 0
  for (let seed = from; seed < from + seeds && failures.length < maximumFailures; seed += 1) {
    const failure = await examine(seed, subject, patience)
    played += 1
    if (failure !== undefined) failures.push(failure)
    onSeed?.(seed, failure)
  }
  return { seeds: played, violations: failures.length, failures }
}
