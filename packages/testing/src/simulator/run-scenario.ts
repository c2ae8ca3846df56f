import { createSeededRandom } from '@tradeswarm/core'
import type { KernelRecord, MarketEvent } from '@tradeswarm/trading'
import { createAgentDesk, type SimulatedAgent } from './agent-desk.js'
import { carryOutStep, type StepDesk } from './carry-out-step.js'
import { checkers } from './checkers/checkers.js'
import { createJournalFold, type JournalFold } from './checkers/journal-fold.js'
import { beginKernelLife, type KernelFactory, type KernelLife, simulatedCurrency } from './kernel-life.js'
import type { Observation } from './observation.js'
import type { Scenario } from './scenario.js'
import { createSessionBroker, type SimulatedAdapter } from './session-broker.js'
import { sessionPeriodMs, simulatedSession, simulationStart } from './session-calendar.js'
import { createSimulatedTime } from './simulated-time.js'
import { createSimulatedVenue } from './simulated-venue.js'
import { createKillSwitchPlace, type KillSwitchStoreConditions, type SimulatedWorld } from './simulated-world.js'
import { tellObservation } from './tell-observation.js'

/** What is put to the test instead of the kernel's own defaults. */
export type SimulationSubject = {
  /** Default: `createTradingKernel`. Whatever stands between a kernel and its ports is put there. */
  readonly createKernel?: KernelFactory
  /** The broker adapter; default: one that never repeats a request and fills the gaps in its stream. */
  readonly adapter?: SimulatedAdapter
  /** Agents that decide for themselves at every price, beside the scripted ones; made anew for each run, so that it replays. */
  readonly agents?: () => readonly SimulatedAgent[]
}

/** An invariant that did not hold, when (milliseconds after the start), and what was seen. */
export type Violation = { readonly invariant: string; readonly message: string; readonly atMs: number }

/** What a run came to: the first violation, if there was one, and what happened when that was asked for. */
export type ScenarioResult = { readonly violation?: Violation; readonly log: readonly string[] }

const tickMs = 2_000
/** Sessions without faults at the end, and one after the longest time for which an order may be in doubt. */
const quietSessions = 2
const lateSession = 20

/** Plays a scenario to the end, or to the first violation. The same scenario and subject always come to the same. */
export async function runScenario(
  scenario: Scenario,
  subject: SimulationSubject = {},
  options: { readonly log?: boolean } = {},
): Promise<ScenarioResult> {
  const time = createSimulatedTime(simulationStart)
  const random = createSeededRandom(scenario.seed)
  const log: string[] = []
  let violation: Violation | undefined
  const folds = new Map<number, JournalFold>()
  const lives: KernelLife[] = []
  const conditions: KillSwitchStoreConditions = { failing: false, slowMs: 0, saved: undefined }
  const wait = (ms: number): Promise<void> => new Promise((resolve) => time.at(time.now() + ms, resolve))
  const note = (line: string): void => {
    if (options.log === true) log.push(`${String(time.now() - simulationStart).padStart(7)} ms  ${line}`)
  }
  const report = (invariant: string, message: string): void => {
    violation ??= { invariant, message, atMs: time.now() - simulationStart }
  }
  const observe = (observation: Observation): void => {
    if (observation.type === 'life begun') {
      const fold = createJournalFold()
      for (const { payload } of observation.history) fold.apply(payload as KernelRecord)
      folds.set(observation.life.number, fold)
    }
    if (options.log === true) for (const line of tellObservation(observation)) note(line)
    for (const check of judges) check(observation)
    // The judges of an admission look at the books as they were before it.
    if (observation.type === 'appended')
      folds.get(observation.life.number)?.apply(observation.entry.payload as KernelRecord)
  }
  const eachLife = (act: (life: KernelLife) => void): void => {
    for (const life of lives) if (!life.ended) act(life)
  }
  const network = { requestsDown: false, streamDown: false, faults: [] }
  const storage = { full: false, failing: false, slowMs: 0 }
  const state = { skewMs: 0, reachableSince: simulationStart as number | undefined }
  const venueRandom = random.fork('venue')
  const venue = createSimulatedVenue({
    rules: scenario.venue,
    instruments: scenario.instruments,
    currency: simulatedCurrency,
    deposits: scenario.deposits,
    random: venueRandom,
    now: () => time.now(),
    say: (event) => eachLife((life) => life.hear(event)),
    onOrder: (order) => observe({ type: 'venue order', order }),
    onFill: (order, fill) => observe({ type: 'venue fill', order, fill }),
  })
  const flushRandom = random.fork('flush')
  const world: SimulatedWorld = {
    scenario,
    time,
    random,
    venue,
    network,
    storage,
    durable: { lines: [] },
    adapter: subject.adapter ?? createSessionBroker,
    observe,
    skewMs: () => state.skewMs,
    flushMs: () => Math.floor(flushRandom.next() * (scenario.flushMs + 1)),
    wait,
    reachPoint: (life) => crashes.reached(life),
    ...createKillSwitchPlace(conditions, wait, observe),
  }
  const judges = checkers.map((create) =>
    create(
      {
        scenario,
        venue,
        now: () => time.now(),
        foldOf: (life) => folds.get(life) ?? createJournalFold(),
        reachableSince: () => state.reachableSince,
      },
      report,
    ),
  )
  const crashes = createCrashDesk(world, lives, subject, note)
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
    pricesDown: false,
  }
  scheduleMarket(scenario, desk, eachLife, crashes)
  for (const step of scenario.steps) {
    time.at(simulationStart + step.at, () => {
      note(`step: ${JSON.stringify(step)}`)
      carryOutStep(desk, step)
    })
  }
  const end = simulatedSession(scenario.sessions + lateSession).open + 30_000
  crashes.begin()
  scheduleChecks(end)
  await time.run(
    end,
    () => observe({ type: 'settled' }),
    () => violation !== undefined,
  )
  const last = crashes.current()
  if (violation === undefined && (last === undefined || !last.running))
    report('I25', 'the kernel did not start again on a venue and a storage that work')
  if (violation === undefined && last !== undefined) observe({ type: 'quiet', life: last })
  return violation === undefined ? { log } : { violation, log }

  function scheduleChecks(until: number): void {
    for (let at = simulationStart; at < until; at += 1_000) {
      if (at - simulationStart < (scenario.sessions + quietSessions) * sessionPeriodMs)
        time.at(at, () => observe({ type: 'second' }))
    }
  }
}

type CrashDesk = {
  current(): KernelLife | undefined
  /** The kernel that an agent talks to: the third one has not heard of a takeover yet. */
  lifeOf(agent: number): KernelLife | undefined
  begin(): void
  arm(step: { readonly afterPoints: number; readonly downMs: number; readonly torn: number }): void
  takeOver(forMs: number): void
  reached(life: KernelLife): boolean
  heal(): void
  superviseOnce(): void
}

const deafAgent = 3

/** An armed crash that met no point strikes after so long all the same. */
const patienceMs = 5_000

function createCrashDesk(
  world: SimulatedWorld,
  lives: KernelLife[],
  subject: SimulationSubject,
  note: (line: string) => void,
): CrashDesk {
  const { time } = world
  let current: KernelLife | undefined
  let replaced: KernelLife | undefined
  let count = 0
  let armed: { left: number; readonly downMs: number; readonly torn: number } | undefined
  const begin = (): void => {
    count += 1
    try {
      const life = beginKernelLife(world, count, world.scenario.policy, subject.createKernel)
      current = life
      lives.push(life)
      life.start()
      feedHistory(world, life)
    } catch (thrown) {
      note(`life ${count} could not be made: ${String(thrown)}`)
      time.at(time.now() + 1_000, begin)
    }
  }
  const strike = (downMs: number, torn: number): void => {
    armed = undefined
    const life = current
    if (life === undefined) return
    current = undefined
    note(`life ${life.number} dies`)
    life.end(torn)
    time.at(time.now() + downMs, begin)
  }
  return {
    current: () => current,
    lifeOf: (agent) => (agent === deafAgent && replaced?.ended === false ? replaced : current),
    begin,
    arm({ afterPoints, downMs, torn }) {
      const mine = { left: afterPoints, downMs, torn }
      armed = mine
      time.at(time.now() + patienceMs, () => {
        if (armed === mine) strike(downMs, torn)
      })
    },
    takeOver(forMs) {
      const old = current
      if (old === undefined) return
      old.fence()
      replaced = old
      note(`life ${old.number} is taken over`)
      begin()
      time.at(time.now() + forMs, () => old.end(0))
    },
    reached(life) {
      if (armed === undefined || life !== current) return false
      armed.left -= 1
      if (armed.left > 0) return false
      strike(armed.downMs, armed.torn)
      return true
    },
    heal() {
      armed = undefined
    },
    superviseOnce() {
      if (current?.failed === true) {
        note('an operator starts the kernel again')
        strike(500, 0)
      }
    },
  }
}

/** What a feed gives a program that has just started: the last bars, and today's prices. */
function feedHistory(world: SimulatedWorld, life: KernelLife): void {
  const now = world.time.now()
  const index = Math.floor((now - simulationStart) / sessionPeriodMs) - 1
  for (const { symbol } of world.scenario.instruments) life.market(barOf(world, symbol, index))
  const today = simulatedSession(index + 1)
  if (!world.venue.isOpen || now < today.open || now >= today.close) return
  life.market({ type: 'session', phase: 'open', calendar: 'us-equity', sessionDate: today.date, time: now })
  for (const { symbol } of world.scenario.instruments)
    life.market({ type: 'open', symbol, sessionDate: today.date, time: now, price: world.venue.price(symbol) })
}

function barOf({ venue }: SimulatedWorld, symbol: string, index: number): MarketEvent {
  const { date, open, close } = simulatedSession(index)
  const price = venue.price(symbol)
  const prices = { open: price, high: price, low: price, close: price }
  return {
    type: 'bar',
    symbol,
    timeframe: '1d',
    sessionDate: date,
    start: open,
    time: close,
    ...prices,
    volume: '1000000',
  }
}

function scheduleMarket(
  scenario: Scenario,
  desk: StepDesk,
  eachLife: (act: (life: KernelLife) => void) => void,
  crashes: CrashDesk,
): void {
  const { world } = desk
  const { time, venue } = world
  const symbols = scenario.instruments.map(({ symbol }) => symbol)
  for (const [index, symbol] of symbols.entries())
    venue.setPrice(symbol, ((scenario.startPrices[index] ?? 10_000) / 100).toFixed(2))
  const tell = (event: MarketEvent): void => {
    if (!desk.pricesDown || event.type === 'session') desk.deliver(event)
  }
  const session = (index: number): void => {
    const { date: sessionDate, open, close } = simulatedSession(index)
    const phase = (name: 'pre-open' | 'open' | 'close'): void =>
      tell({ type: 'session', phase: name, calendar: 'us-equity', sessionDate, time: time.now() })
    time.at(open - 2_000, () => phase('pre-open'))
    time.at(open, () => {
      venue.openSession()
      phase('open')
    })
    for (let at = open; at < close; at += tickMs) {
      time.at(at, () => {
        crashes.superviseOnce()
        for (const symbol of symbols)
          tell({ type: 'open', symbol, sessionDate, time: time.now(), price: venue.price(symbol) })
        desk.agents.tick(sessionDate)
      })
    }
    time.at(close, () => {
      venue.closeSession()
      for (const symbol of symbols) tell(barOf(world, symbol, index))
      phase('close')
    })
  }
  for (let index = 0; index < scenario.sessions + quietSessions; index += 1) session(index)
  session(scenario.sessions + lateSession - 1)
  session(scenario.sessions + lateSession)
  time.at(simulatedSession(scenario.sessions).open - 5_000, () => {
    crashes.heal()
    desk.agents.retire()
    carryOutStep(desk, { at: 0, do: 'outage', of: 'everything', forMs: 0 })
    carryOutStep(desk, { at: 0, do: 'outage', of: 'prices', forMs: 0 })
    carryOutStep(desk, { at: 0, do: 'journal', fault: 'full', forMs: 0 })
    carryOutStep(desk, { at: 0, do: 'journal', fault: 'failing', forMs: 0 })
    carryOutStep(desk, { at: 0, do: 'journal', fault: 'slow', forMs: 0 })
    carryOutStep(desk, { at: 0, do: 'kill switch store', fault: 'failing', forMs: 0 })
    carryOutStep(desk, { at: 0, do: 'kill switch store', fault: 'slow', forMs: 0 })
    world.network.faults.length = 0
    eachLife((life) => life.streamRestored())
  })
}
