import { type MarketEvent, type RiskPolicyInput, riskPolicy } from '@tradeswarm/trading'
import { actFamilies } from './acts/act-families.js'
import type { AgentDesk } from './agent-desk.js'
import type { BusDesk } from './bus/bus-desk.js'
import type { KernelLife } from './kernel-life.js'
import { callOperator, simulatedOperator } from './operator-desk.js'
import { pickInstrument, type Scenario, type Step } from './scenario.js'
import { simulatedSecret } from './simulated-names.js'
import type { KillSwitchStoreConditions, RestatedSplit, SimulatedWorld } from './simulated-world.js'
import type { StatementDesk } from './statement-desk.js'

/** What steps act on. */
export type StepDesk = {
  readonly world: SimulatedWorld
  readonly conditions: KillSwitchStoreConditions
  readonly state: { skewMs: number; reachableSince: number | undefined }
  readonly agents: AgentDesk
  readonly note: (line: string) => void
  readonly current: () => KernelLife | undefined
  readonly crash: (step: Extract<Step, { do: 'crash' }>) => void
  readonly takeOver: (forMs: number) => void
  readonly deliver: (event: MarketEvent) => void
  readonly restoreStream: () => void
  readonly evict: () => void
  /** A crash that waits for its point does not come. */
  readonly disarm: () => void
  readonly statements: StatementDesk
  /** The swarm above the kernel, where there is one. */
  readonly bus: BusDesk | undefined
  /** Tells those who live what a company does. */
  readonly announce: (event: MarketEvent) => void
  /** Counts anew since when nothing stands in the way of requests, stream and prices. */
  readonly disturb: () => void
  /** Puts our clock so far ahead of the venue's. */
  readonly skewClock: (ms: number) => void
  pricesDown: boolean
  /** News of companies that have happened and were not told yet. */
  untold: number
  /** Symbol and session of every split so far: there is one in a night at most. */
  readonly splits: Set<string>
  /** Splits that the feed still tells of: what it has of sessions before is in the units of then. */
  readonly restated: RestatedSplit[]
  /** No process ends, and nothing breaks, before then. */
  calmUntil: number
}

const breaking: ReadonlySet<Step['do']> = new Set([
  'crash',
  'take over',
  'evict',
  'restart storm',
  'corrupt row',
  'journal',
  'outage',
  'fault',
  'late fill',
  'lease store',
  'half-open stream',
  'rate limit storm',
  'server error storm',
  'placements lost',
])

/** No simulated price of what is traded falls below 2.00. */
const lowestCents = 200

/** Does what a step says, now. */
export function carryOutStep(desk: StepDesk, step: Step): void {
  const { world } = desk
  if (breaking.has(step.do) && !('forMs' in step && step.forMs === 0) && world.time.now() < desk.calmUntil) return
  switch (step.do) {
    case 'enter':
    case 'leave':
    case 'meet':
    case 'garbage':
    case 'cancel':
    case 'amend':
      desk.agents.act(step)
      break
    case 'price':
      movePrice(desk, step)
      break
    case 'bad price':
      tellBadPrice(desk, step)
      break
    case 'late fill':
      if (mayFillLate(world.scenario)) world.venue.fillAfterCancel(step.pick)
      break
    case 'bust':
      if (world.scenario.venue.replays && !owesFunding(desk)) world.venue.bust(step.pick)
      break
    case 'fault':
      world.network.faults.push({ on: step.on, fault: step.fault, lateMs: step.lateMs, left: step.times })
      disturb(desk)
      break
    case 'outage':
      breakNetwork(desk, step)
      break
    case 'journal':
      breakJournal(desk, step)
      break
    case 'kill switch store':
      if (step.fault === 'failing') desk.conditions.failing = step.forMs > 0
      else desk.conditions.slowMs = step.forMs > 0 ? 700 : 0
      later(desk, step, { ...step, forMs: 0 })
      break
    case 'lease store':
      world.lease.conditions.fault = step.forMs > 0 ? step.fault : 'none'
      disturb(desk)
      later(desk, step, { ...step, forMs: 0 })
      break
    case 'crash':
      desk.crash(step)
      break
    case 'take over':
      desk.takeOver(step.forMs)
      break
    case 'clock skew':
      skewClock(desk, step.ms)
      break
    default:
      if (!actFamilies.some((family) => family.carryOut(desk, step))) operate(desk, step)
  }
}

/** What was cancelled so that the rest could be sent anew must not be executed later: of such an end the venue has to be certain. */
function mayFillLate({ amends, venue }: Scenario): boolean {
  return !amends || venue.replace !== 'none'
}

function movePrice({ world }: StepDesk, step: Extract<Step, { do: 'price' }>): void {
  const { symbol } = pickInstrument(world.scenario, step.symbol)
  const cents = Math.round(Number(world.venue.price(symbol)) * 100 * (1 + step.moveBasisPoints / 10_000))
  world.venue.setPrice(symbol, (Math.max(lowestCents, cents) / 100).toFixed(2))
}

function tellBadPrice(desk: StepDesk, step: Extract<Step, { do: 'bad price' }>): void {
  const { symbol } = pickInstrument(desk.world.scenario, step.symbol)
  const life = desk.current()
  const session = desk.world.time.now()
  if (life === undefined || !desk.world.venue.isOpen) return
  const sessionDate = desk.agents.sessionDate()
  life.market({ type: 'open', symbol, sessionDate, time: session, price: step.price })
}

/** The other end of a step that lasts. */
function later(desk: StepDesk, { forMs }: { readonly forMs: number }, undo: Step): void {
  const { time } = desk.world
  if (forMs > 0) time.at(time.now() + forMs, () => carryOutStep(desk, undo))
}

/** Puts our clock so far ahead of the venue's. Where it is further behind than that lets a request be late, the venue takes none. */
export function skewClock(desk: StepDesk, ms: number): void {
  const before = isTimely(desk)
  desk.state.skewMs = ms
  if (isTimely(desk) !== before) disturb(desk)
}

function isTimely({ state, world: { scenario } }: StepDesk): boolean {
  const { requestLifetimeMs, latencyMs } = scenario.venue
  return requestLifetimeMs === undefined || state.skewMs >= latencyMs.most - requestLifetimeMs
}

/** From now on the venue does not count as reachable until nothing stands in the way any more. */
export function disturb(desk: StepDesk): void {
  const { network, time } = desk.world
  const isUp = !network.requestsDown && !network.streamDown && network.storm === undefined
  const isFree = isUp && !desk.pricesDown && desk.untold === 0 && !desk.world.storage.failing
  const { storage, lease } = desk.world
  const free = isFree && isTimely(desk) && !storage.full && storage.slowMs === 0 && lease.conditions.fault === 'none'
  desk.state.reachableSince = free ? time.now() : undefined
}

function breakNetwork(desk: StepDesk, step: Extract<Step, { do: 'outage' }>): void {
  const { network } = desk.world
  const down = step.forMs > 0
  if (step.of === 'requests' || step.of === 'everything') network.requestsDown = down
  if (step.of === 'prices') desk.pricesDown = down
  if (step.of === 'stream' || step.of === 'everything') {
    network.streamDown = down
    if (!down) desk.restoreStream()
  }
  disturb(desk)
  later(desk, step, { ...step, forMs: 0 })
}

function breakJournal(desk: StepDesk, step: Extract<Step, { do: 'journal' }>): void {
  const { storage } = desk.world
  const broken = step.forMs > 0
  if (step.fault === 'full') storage.full = broken
  if (step.fault === 'failing') storage.failing = broken
  if (step.fault === 'slow') storage.slowMs = broken ? 800 : 0
  disturb(desk)
  later(desk, step, { ...step, forMs: 0 })
}

function operate(desk: StepDesk, step: Step): void {
  const life = desk.current()
  if (life === undefined || !life.running) return
  const { kernel } = life
  switch (step.do) {
    case 'kill':
      callOperator(desk.world, life, { name: 'kill' }, () => kernel.kill('simulated'))
      break
    case 'reset kill switch': {
      const authorisation = { operator: simulatedOperator.operator, secret: simulatedSecret }
      callOperator(desk.world, life, { name: 'reset kill switch' }, () => kernel.resetKillSwitch(authorisation))
      break
    }
    case 'halt':
      callOperator(desk.world, life, { name: 'halt', state: step.state }, () => kernel.halt(step.state, 'simulated'))
      break
    case 'reduce':
      callOperator(desk.world, life, { name: 'reduce' }, () => kernel.reduce('simulated'))
      break
    case 'resume':
      callOperator(desk.world, life, { name: 'resume' }, () => kernel.resume(simulatedOperator))
      break
    case 'policy': {
      const { maxOpenPositions, maxOrderFraction } = step
      const policy: RiskPolicyInput = { ...desk.world.scenario.policy, maxOpenPositions, maxOrderFraction }
      const change = (): Promise<void> => kernel.changePolicy(policy, simulatedOperator)
      callOperator(desk.world, life, { name: 'policy', policy: riskPolicy(policy) }, change)
      break
    }
    default:
  }
}

/** Of funding of which the venue says nothing the kernel counts what was held: what is taken back before it has, the venue has paid on. */
function owesFunding({ world, calmUntil }: StepDesk): boolean {
  const { scenario, time, venue } = world
  const isTold = scenario.venue.tellsMovements !== undefined
  return !isTold && time.now() < calmUntil && scenario.instruments.some(({ symbol }) => venue.books.isContract(symbol))
}
