import { createSeededRandom, type StorageDefinition } from '@tradeswarm/core'
import { createAgentDesk, type SimulatedAgent } from './agent-desk.js'
import { type BusDesk, createBusDesk } from './bus/bus-desk.js'
import { checkBus } from './bus/check-bus.js'
import { carryOutStep, disturb, type StepDesk } from './carry-out-step.js'
import { coverStep, createObservedCoverage } from './coverage.js'
import { createCrashDesk } from './crash-desk.js'
import { createJudgeBench, type JudgeBench, type Violation } from './judge-bench.js'
import { type KernelFactory, type KernelLife, simulatedCurrency } from './kernel-life.js'
import type { Observation } from './observation.js'
import type { Scenario } from './scenario.js'
import { lateSession, quietSessions, scheduleMarket } from './schedule-market.js'
import { createSessionBroker, type SimulatedAdapter } from './session-broker.js'
import { sessionPeriodMs, simulatedSession, simulationStart } from './session-calendar.js'
import { createLeasePlace, type LeaseConditions } from './simulated-lease.js'
import { createSimulatedTime, type SimulatedTime } from './simulated-time.js'
import { createSimulatedVenue } from './simulated-venue.js'
import { createKillSwitchPlace, type KillSwitchStoreConditions, type SimulatedWorld } from './simulated-world.js'
import { createStatementDesk } from './statement-desk.js'
import { tellObservation } from './tell-observation.js'

/** What is put to the test instead of the kernel's own defaults. */
export type SimulationSubject = {
  /** Default: `createTradingKernel`. Whatever stands between a kernel and its ports is put there. */
  readonly createKernel?: KernelFactory
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
}

/** Plays a scenario to the end, or to the first violation. The same scenario and subject always come to the same. */
export async function runScenario(
  scenario: Scenario,
  subject: SimulationSubject = {},
  options: { readonly log?: boolean } = {},
): Promise<ScenarioResult> {
  const time = createSimulatedTime(simulationStart)
  const log: string[] = []
  const note = (line: string): void => {
    if (options.log === true) log.push(`${String(time.now() - simulationStart).padStart(7)} ms  ${line}`)
  }
  const state: RunState = { skewMs: 0, reachableSince: simulationStart }
  const covered = new Set<string>()
  const bench = createJudgeBench(scenario, time.now, () => state.reachableSince)
  const cover = (what: string): void => void covered.add(what)
  const coverObserved = createObservedCoverage(cover)
  const observe = (observation: Observation): void => {
    if (options.log === true) for (const line of tellObservation(observation)) note(line)
    coverObserved(observation)
    bench.observe(observation)
  }
  const { desk, crashes } = assemble(scenario, subject, { time, state, bench, observe, note, cover })
  for (const step of scenario.steps) {
    time.at(simulationStart + step.at, () => {
      note(`step: ${JSON.stringify(step)}`)
      coverStep(step, cover)
      carryOutStep(desk, step)
    })
  }
  crashes.begin()
  const faultsEnd = simulationStart + (scenario.sessions + quietSessions) * sessionPeriodMs
  for (let at = simulationStart; at < faultsEnd; at += 1_000) time.at(at, () => observe({ type: 'second' }))
  const end = simulatedSession(scenario.sessions + lateSession).open + 30_000
  await time.run(
    end,
    () => observe({ type: 'settled' }),
    () => bench.violation() !== undefined,
  )
  const last = crashes.current()
  if (bench.violation() === undefined && last?.running === true) observe({ type: 'quiet', life: last })
  else bench.report('I25', 'the kernel did not start again on a venue and a storage that work')
  if (desk.bus !== undefined && bench.violation() === undefined) await judgeBus(desk.bus, bench)
  const violation = bench.violation()
  const result = { log, covered: [...covered] }
  return violation === undefined ? result : { violation, ...result }
}

/** The swarm is dropped, and what it has stored is looked at. */
async function judgeBus(bus: BusDesk, bench: JudgeBench): Promise<void> {
  bus.end()
  await bus.read((storage) => checkBus(storage, bus, bench.report))
}

type RunState = StepDesk['state']

type Stage = {
  readonly time: SimulatedTime
  readonly state: RunState
  readonly bench: JudgeBench
  readonly observe: (observation: Observation) => void
  readonly note: (line: string) => void
  readonly cover: (what: string) => void
}

/** Puts a world together, with nothing alive in it yet. */
function assemble(
  scenario: Scenario,
  subject: SimulationSubject,
  { time, state, bench, observe, note, cover }: Stage,
): { readonly desk: StepDesk; readonly crashes: ReturnType<typeof createCrashDesk> } {
  const random = createSeededRandom(scenario.seed)
  const lives: KernelLife[] = []
  const eachLife = (act: (life: KernelLife) => void): void => {
    for (const life of lives) if (!life.ended) act(life)
  }
  const venue = createSimulatedVenue({
    rules: scenario.venue,
    instruments: scenario.instruments,
    currency: simulatedCurrency,
    deposits: scenario.deposits,
    random: random.fork('venue'),
    now: time.now,
    at: (at, act) => time.at(at, act),
    say: (event) => eachLife((life) => life.hear(event)),
    onOrder: (order) => observe({ type: 'venue order', order }),
    onBorrow: (symbol, amount) => desk.statements.charge(symbol, amount),
    onFill: (order, fill) => observe({ type: 'venue fill', order, fill }),
  })
  bench.seat(venue)
  const conditions: KillSwitchStoreConditions = { failing: false, slowMs: 0, saved: undefined }
  const wait = (ms: number): Promise<void> => new Promise((resolve) => time.at(time.now() + ms, resolve))
  const leaseConditions: LeaseConditions = { fault: 'none' }
  const flushRandom = random.fork('flush')
  const world: SimulatedWorld = {
    scenario,
    time,
    random,
    venue,
    network: { requestsDown: false, streamDown: false, storm: undefined, faults: [] },
    storage: { full: false, failing: false, slowMs: 0, corrupt: false },
    durable: { lines: [] },
    lease: { ...createLeasePlace(leaseConditions, wait), conditions: leaseConditions },
    adapter: subject.adapter ?? createSessionBroker,
    observe,
    skewMs: () => state.skewMs,
    flushMs: () => Math.floor(flushRandom.next() * (scenario.flushMs + 1)),
    wait,
    reachPoint: (life, point) => crashes.reached(life, point),
    cover,
    answered: [],
    alertSink: { fault: 'none' },
    ...createKillSwitchPlace(conditions, wait, observe),
  }
  const bus = scenario.hasSwarm === true ? createBusDesk(world, subject.swarmStorage?.()) : undefined
  const crashes = createCrashDesk(world, lives, subject.createKernel, bus, note)
  const desk: StepDesk = {
    world,
    conditions,
    state,
    note,
    agents: createAgentDesk(world, (agent) => crashes.lifeOf(agent), subject.agents?.() ?? [], observe, note),
    current: () => crashes.current(),
    crash: (step) => crashes.arm(step),
    takeOver: (forMs) => crashes.takeOver(forMs),
    deliver: (event) => eachLife((life) => life.market(event)),
    restoreStream: () => eachLife((life) => life.streamRestored()),
    evict: () => crashes.evict(),
    disarm: () => crashes.heal(),
    statements: createStatementDesk(world, simulatedCurrency),
    bus,
    announce(event) {
      desk.deliver(event)
    },
    disturb: () => disturb(desk),
    pricesDown: false,
    calmUntil: 0,
  }
  scheduleMarket(scenario, desk, {
    onTick() {
      crashes.superviseOnce()
      bus?.supervise()
      if (time.now() < simulationStart + scenario.sessions * sessionPeriodMs) bus?.tick()
    },
    onHealed() {
      crashes.heal()
      desk.restoreStream()
    },
  })
  return { desk, crashes }
}
