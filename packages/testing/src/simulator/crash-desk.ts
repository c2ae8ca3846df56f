import type { BusDesk } from './bus/bus-desk.js'
import type { KernelFactory, KernelLife } from './kernel-life.js'
import { beginKernelLife } from './kernel-life.js'
import { calendarOf } from './scenario.js'
import { barOf } from './schedule-market.js'
import { lastToldSession, simulatedSession } from './session-calendar.js'
import type { SimulatedWorld } from './simulated-world.js'

/** Who lives: one kernel at a time, a replaced one that does not know, or none. */
export type CrashDesk = {
  current(): KernelLife | undefined
  /** The kernel that an agent talks to: the third one has not heard of a takeover yet. */
  lifeOf(agent: number): KernelLife | undefined
  begin(): void
  arm(step: { readonly afterPoints: number; readonly downMs: number; readonly torn: number }): void
  takeOver(forMs: number): void
  /** It goes, and is back at once; between two things that happen nothing is under way. */
  evict(): void
  reached(life: KernelLife, point: string): boolean
  /** How many points were reached before everything was healed: after that nothing dies. */
  points(): number
  /** A crash that waits for its point does not come. */
  disarm(): void
  /** From now on nothing dies. */
  heal(): void
  superviseOnce(): void
}

const deafAgent = 3

/** What a process that dies at a point of its own choice leaves: half of what was under way, for half a second. */
const plainCrash = { downMs: 500, torn: 0.5 } as const

/** An armed crash that met no point strikes after so long all the same. */
const patienceMs = 5_000

/** Begins lives and ends them; where `crashAt` is given, one at that point, counted from the first one of all. */
export function createCrashDesk(
  world: SimulatedWorld,
  lives: KernelLife[],
  createKernel: KernelFactory | undefined,
  bus: BusDesk | undefined,
  { note, crashAt }: { readonly note: (line: string) => void; readonly crashAt: number | undefined },
): CrashDesk {
  const { time } = world
  let current: KernelLife | undefined
  let replaced: KernelLife | undefined
  let count = 0
  let points = 0
  let isHealed = false
  let armed: { left: number; readonly downMs: number; readonly torn: number } | undefined
  const begin = (): void => {
    count += 1
    try {
      const life = beginKernelLife(world, count, world.scenario.policy, createKernel)
      current = life
      lives.push(life)
      life.start()
      bus?.begin(life)
      feedHistory(world, life)
    } catch (thrown) {
      current = undefined
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
    bus?.end()
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
      bus?.end()
      begin()
      time.at(time.now() + forMs, () => old.end(0))
    },
    evict() {
      const life = current
      if (life?.running !== true) return
      world.cover('evicted')
      note(`life ${life.number} is put away`)
      life.end(0)
      bus?.end()
      begin()
    },
    points: () => points,
    reached(life, point) {
      if (life !== current || isHealed) return false
      points += 1
      if (armed !== undefined) armed.left -= 1
      const { downMs, torn } = points === crashAt ? plainCrash : (armed ?? plainCrash)
      if (points !== crashAt && (armed === undefined || armed.left > 0)) return false
      world.cover(`crash at ${point}`)
      world.cover(`crash at ${point.split(', ')[0]}`)
      note(`at point ${points}, ${point}:`)
      strike(downMs, torn)
      return true
    },
    disarm() {
      armed = undefined
    },
    heal() {
      armed = undefined
      isHealed = true
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
  const calendar = calendarOf(world.scenario)
  const index = lastToldSession(now, calendar)
  for (const { symbol } of world.scenario.instruments) life.market(barOf(world, symbol, index))
  const today = simulatedSession(index + 1, calendar)
  if (!world.venue.isOpen || now < today.open || now >= today.close) return
  life.market({ type: 'session', phase: 'open', calendar, sessionDate: today.date, time: now })
  for (const { symbol } of world.scenario.instruments)
    life.market({ type: 'open', symbol, sessionDate: today.date, time: now, price: world.venue.price(symbol) })
}
