import { createSeededRandom, messageOf, SwarmError } from '@tradeswarm/core'
import { createAgentDesk } from './agent-desk.js'
import { createBusDesk } from './bus/bus-desk.js'
import { disturb, type StepDesk, skewClock } from './carry-out-step.js'
import { agentsOf } from './check-subject.js'
import { createObservedCoverage } from './coverage.js'
import { type CrashDesk, createCrashDesk } from './crash-desk.js'
import { createJudgeBench, ofSubject } from './judge-bench.js'
import type { CallsToJudge } from './judge-calls.js'
import type { KernelLife } from './kernel-life.js'
import type { Observation } from './observation.js'
import { openOwnVenue } from './own-venue.js'
import type { Patience } from './patience.js'
import type { SimulationSubject } from './run-scenario.js'
import { accountOf, type Scenario } from './scenario.js'
import { scheduleMarket } from './schedule-market.js'
import { createSessionBroker } from './session-broker.js'
import { sessionPeriodMs, simulationStart } from './session-calendar.js'
import { createLeasePlace, type LeaseConditions } from './simulated-lease.js'
import { simulatedAccount, simulatedCurrency } from './simulated-names.js'
import type { SimulatedTime } from './simulated-time.js'
import { createKillSwitchPlace, type KillSwitchStoreConditions, type SimulatedWorld } from './simulated-world.js'
import { createStatementDesk } from './statement-desk.js'
import { tellObservation } from './tell-observation.js'
import type { VenueStage } from './venue-end.js'

/** What a world is put on: the clock of all, and who is told. */
export type Stage = {
  readonly time: SimulatedTime
  /** Absent where nobody reads it. */
  readonly note: ((line: string) => void) | undefined
  readonly cover: (what: string) => void
  readonly patience: Patience
  /** The point at which a life of the first account dies, if one is to. */
  readonly crashAt?: number | undefined
}

/** One account with its venue, its kernels and its judges. */
export type AssembledWorld = CallsToJudge & {
  readonly scenario: Scenario
  readonly desk: StepDesk
  readonly crashes: CrashDesk
  readonly observe: (observation: Observation) => void
  /** Has the venue looked at after each thing that happens. */
  readonly look: () => void
}

/** Puts a world together, with nothing alive in it yet. */
export async function assembleWorld(
  scenario: Scenario,
  subject: SimulationSubject,
  { time, note: tell, cover, patience, crashAt }: Stage,
): Promise<AssembledWorld> {
  const account = accountOf(scenario)
  const note = (line: string): void => tell?.(account === simulatedAccount ? line : `${account}: ${line}`)
  const state: StepDesk['state'] = { skewMs: 0, reachableSince: simulationStart }
  const bench = createJudgeBench(scenario, time.now, () => state.reachableSince)
  const coverObserved = createObservedCoverage(cover)
  const observe = (observation: Observation): void => {
    if (tell !== undefined) for (const line of tellObservation(observation)) note(line)
    coverObserved(observation)
    bench.observe(observation)
  }
  const seeded = createSeededRandom(scenario.seed)
  const random = account === simulatedAccount ? seeded : seeded.fork(account)
  const lives: KernelLife[] = []
  const eachLife = (act: (life: KernelLife) => void): void => {
    for (const life of lives) if (!life.ended) act(life)
  }
  const stage: VenueStage = {
    account,
    rules: scenario.venue,
    instruments: scenario.instruments,
    currency: simulatedCurrency,
    deposits: scenario.deposits,
    random: random.fork('venue'),
    time,
    cover,
    note: tell === undefined ? undefined : note,
    say: (event) => eachLife((life) => life.hear(event)),
    onOrder: (order) => observe({ type: 'venue order', order }),
    onBorrow: (symbol, amount) => desk.statements.charge(symbol, amount),
    onFill: (order, fill) => observe({ type: 'venue fill', order, fill }),
    tell: (movement) => eachLife((life) => life.hearMovement(movement)),
  }
  const { venue, link, look } = await (subject.venue === undefined
    ? openOwnVenue(stage, subject.adapter ?? createSessionBroker)
    : patience.wait('open() of the venue', subject.venue.open(stage)))
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
    link,
    observe,
    skewMs: () => state.skewMs,
    flushMs: () => Math.floor(flushRandom.next() * (scenario.flushMs + 1)),
    wait,
    reachPoint: (life, point) => crashes.reached(life, point),
    cover,
    answered: [],
    misrouted: [],
    restated: [],
    alertSink: { fault: 'none' },
    ...createKillSwitchPlace(conditions, wait, observe),
  }
  const bus = scenario.hasSwarm === true ? createBusDesk(world, subject.swarmStorage?.()) : undefined
  const crashes = createCrashDesk(world, lives, subject.createKernel, bus, { note, crashAt })
  const desk: StepDesk = {
    world,
    conditions,
    state,
    note,
    agents: createAgentDesk(
      world,
      (agent) => crashes.lifeOf(agent),
      {
        agents: agentsOf(subject),
        onThrown: (agent, thrown) =>
          bench.report(
            ofSubject,
            `agent ${agent}${SwarmError.isInstance(thrown, 'INVALID_DECISION') ? '' : ' threw'}: ${messageOf(thrown)}`,
          ),
      },
      observe,
      note,
    ),
    current: () => crashes.current(),
    crash: (step) => crashes.arm(step),
    takeOver: (forMs) => crashes.takeOver(forMs),
    deliver: (event) => eachLife((life) => life.market(event)),
    restoreStream: () => eachLife((life) => life.streamRestored()),
    evict: () => crashes.evict(),
    disarm: () => crashes.disarm(),
    statements: createStatementDesk(world, simulatedCurrency),
    bus,
    announce: (event) => desk.deliver(event),
    disturb: () => disturb(desk),
    skewClock: (ms) => skewClock(desk, ms),
    pricesDown: false,
    untold: 0,
    splits: new Set(),
    restated: world.restated,
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
  return { scenario, desk, crashes, bench, observe, look, lives, bus, now: time.now }
}
