import type { StorageDefinition } from '@tradeswarm/core'
import type { SimulatedAgent } from './agent-desk.js'
import { type AssembledWorld, assembleWorld, type Stage } from './assemble-world.js'
import type { BusDesk } from './bus/bus-desk.js'
import { checkBus } from './bus/check-bus.js'
import { carryOutStep } from './carry-out-step.js'
import { coverStep } from './coverage.js'
import { type JudgeBench, ofSubject, type Violation } from './judge-bench.js'
import { createInstantJudge, createRunJudge, judgeOtherCalls } from './judge-calls.js'
import type { KernelFactory } from './kernel-life.js'
import { createPatience, type Patience, unsettledSubject } from './patience.js'
import { accountOf, type Scenario } from './scenario.js'
import { lateSession, quietSessions } from './schedule-market.js'
import type { SimulatedAdapter } from './session-broker.js'
import { sessionPeriodMs, simulatedSession, simulationStart } from './session-calendar.js'
import { createSimulatedTime } from './simulated-time.js'
import type { VenueUnderTest } from './venue-end.js'

/** What is put to the test instead of the kernel's own defaults. */
export type SimulationSubject = {
  /** Default: `createTradingKernel`. Whatever stands between a kernel and its ports is put there. */
  readonly createKernel?: KernelFactory
  /** The venue, and an adapter of its own protocol; default: the simulator's own venue with `adapter`. */
  readonly venue?: VenueUnderTest
  /** The broker adapter; default: one that never repeats a request and fills the gaps in its stream. */
  readonly adapter?: SimulatedAdapter
  /** What the swarm above the kernel, where a seed has one, stores in; made anew for each run. Default: in memory. */
  readonly swarmStorage?: () => StorageDefinition
  /** Agents that decide for themselves at every price, beside the scripted ones; made anew for each run, so that it replays. */
  readonly agents?: () => readonly SimulatedAgent[]
}

/** What a run came to: the first violation, if there was one, and what happened when that was asked for. */
export type ScenarioResult = {
  readonly violation?: Violation
  readonly log: readonly string[]
  /** What happened in it, of that which coverage counts. */
  readonly covered: readonly string[]
  /** How many points there were at which the process of the first account could have died. */
  readonly points: number
}

/** How a scenario is played. */
export type RunOptions = {
  readonly log?: boolean
  readonly crashAt?: number
  /** For what is waited for in real time. */
  readonly patience?: Patience
}

/** Plays a scenario to the end, or to the first violation. The same scenario and subject always come to the same. */
export async function runScenario(
  scenario: Scenario,
  subject: SimulationSubject = {},
  { patience = createPatience('runScenario'), ...options }: RunOptions = {},
): Promise<ScenarioResult> {
  const time = createSimulatedTime(simulationStart)
  const log: string[] = []
  const write = (line: string): void => {
    log.push(`${String(time.now() - simulationStart).padStart(7)} ms  ${line}`)
  }
  const note = options.log === true ? write : undefined
  const covered = new Set<string>()
  const cover = (what: string): void => void covered.add(what)
  const stage = { time, note, cover, patience }
  const assembled = await assembleBoth(scenario, subject, stage, options.crashAt).catch(unsettledSubject)
  if ('invariant' in assembled) return { violation: assembled, log, covered: [], points: 0 }
  const { first, second } = assembled
  const worlds = second === undefined ? [first] : [first, second]
  for (const step of scenario.steps) {
    time.at(simulationStart + step.at, () => {
      note?.(`step: ${JSON.stringify(step)}`)
      coverStep(step, cover)
      carryOutStep(step.account === 'second' && second !== undefined ? second.desk : first.desk, step)
    })
  }
  const judge = createRunJudge(worlds, subject.venue === undefined ? 'ownVenue' : 'broker', note)
  for (const { crashes } of worlds) crashes.begin()
  const faultsEnd = simulationStart + (scenario.sessions + quietSessions) * sessionPeriodMs
  for (let at = simulationStart; at < faultsEnd; at += 1_000)
    time.at(at, () => {
      judge.look()
      for (const { observe } of worlds) observe({ type: 'second' })
    })
  const judgeInstant = createInstantJudge(first)
  await time.run(
    simulatedSession(scenario.sessions + lateSession).open + 30_000,
    () => {
      for (const { look, observe } of worlds) {
        look()
        observe({ type: 'settled' })
      }
      judgeInstant()
    },
    judge.isOver,
  )
  judge.look()
  for (const world of worlds) judgeOtherCalls(world, subject.createKernel !== undefined)
  if (judge.violation() === undefined) await judgeRest(worlds, patience)
  const violation = judge.violation()
  const result = { log, covered: [...covered], points: first.crashes.points() }
  return violation === undefined ? result : { violation, ...result }
}

/** The world of the scenario, and the one of its second account where it has one. Both have to be there before anything happens. */
async function assembleBoth(
  scenario: Scenario,
  subject: SimulationSubject,
  stage: Stage,
  crashAt: number | undefined,
): Promise<{ readonly first: AssembledWorld; readonly second: AssembledWorld | undefined }> {
  const first = await assembleWorld(scenario, subject, { ...stage, crashAt })
  const second = scenario.second === undefined ? undefined : await assembleWorld(scenario.second, subject, stage)
  return { first, second }
}

/** Judges what is left when all is over: of each account, of its swarm, and of all accounts together. */
async function judgeRest(worlds: readonly AssembledWorld[], patience: Patience): Promise<void> {
  const owners = new Map<string, string>()
  for (const { scenario, crashes, lives, bench, observe, desk } of worlds) {
    const last = crashes.current()
    if (last?.running === true) observe({ type: 'quiet', life: last })
    else {
      const told = lives.findLast(({ notStarted }) => notStarted !== undefined)?.notStarted
      const why = told === undefined ? '' : `: ${told}`
      bench.report('I25', `the kernel did not start again on a venue and a storage that work${why}`)
    }
    if (desk.bus !== undefined && bench.violation() === undefined) await judgeBus(desk.bus, bench, patience)
    for (const intentId of desk.world.misrouted)
      bench.report('I10', `intent ${intentId}, which is not for account ${accountOf(scenario)}, was permitted there`)
    for (const { request } of desk.world.venue.orders) {
      const owner = owners.get(request.clientOrderId) ?? accountOf(scenario)
      owners.set(request.clientOrderId, owner)
      if (owner !== accountOf(scenario)) bench.report('I06', `two accounts have an order ${request.clientOrderId}`)
    }
  }
}

/** The swarm is dropped, and what it has stored is looked at. */
async function judgeBus(bus: BusDesk, bench: JudgeBench, patience: Patience): Promise<void> {
  bus.end()
  try {
    await bus.read((storage) => checkBus(storage, bus, bench.report), patience)
  } catch (thrown) {
    bench.report(ofSubject, unsettledSubject(thrown).message)
  }
}
