import { lastActMs, pickInstrument, type Step } from '../scenario.js'
import type { ActFamily } from './act-family.js'

/** The world misbehaves in ways of its own. */
export type DisturbanceStep =
  /** Who is told of alerts throws, or never answers. */
  | { readonly do: 'alert sink'; readonly fault: 'failing' | 'hanging'; readonly forMs: number }
  /** No agent asks for anything, whatever is held. */
  | { readonly do: 'agents silent'; readonly forMs: number }
  /** The process is put away between two things that happen, and woken at once, as a Durable Object is. */
  | { readonly do: 'evict' }
  /** Instances take over from one another, one after the other. */
  | { readonly do: 'restart storm'; readonly count: number; readonly everyMs: number }
  /** The next start meets a row that cannot be read; an operator mends it. */
  | { readonly do: 'corrupt row'; readonly downMs: number }
  /** The stream is dead, and goes on, before anybody notices that it was. */
  | { readonly do: 'half-open stream'; readonly forMs: number; readonly noticedMs: number }
  | { readonly do: 'crossed quote'; readonly symbol: number }
  | { readonly do: 'quote'; readonly symbol: number; readonly spreadCents: number }
  /** The venue answers 429 to whatever comes, and says for how long. */
  | { readonly do: 'rate limit storm'; readonly forMs: number; readonly retryAfterMs?: number }
  | { readonly do: 'server error storm'; readonly forMs: number; readonly effective: boolean }
  /** Our clock is minutes off. */
  | { readonly do: 'clock jump'; readonly ms: number; readonly forMs: number }

/** Faults of the world around the kernel. */
export const disturbances: ActFamily = {
  name: 'disturbances',
  share: 22,
  steps(scenario, dice) {
    const steps: Step[] = []
    for (let count = dice.int(1, 3); count > 0; count -= 1) {
      const at = dice.int(5_500, lastActMs(scenario))
      const forMs = dice.int(200, 8_000)
      const roll = dice.int(1, 11)
      if (roll === 1) steps.push({ at, do: 'alert sink', fault: dice.pick(['failing', 'hanging']), forMs: 3 * forMs })
      if (roll === 2) steps.push({ at, do: 'agents silent', forMs: 4 * forMs })
      if (roll === 3) steps.push({ at, do: 'evict' }, { at: at + forMs, do: 'evict' })
      if (roll === 4) steps.push({ at, do: 'restart storm', count: dice.int(2, 4), everyMs: dice.int(30, 900) })
      if (roll === 5) steps.push({ at, do: 'corrupt row', downMs: dice.int(1, 2_000) })
      if (roll === 6) steps.push({ at, do: 'half-open stream', forMs, noticedMs: dice.int(500, 6_000) })
      if (roll === 7) steps.push({ at, do: 'crossed quote', symbol: dice.int(0, 2) })
      if (roll === 8) steps.push({ at, do: 'quote', symbol: dice.int(0, 2), spreadCents: dice.int(1, 40) })
      if (roll === 9)
        steps.push({
          at,
          do: 'rate limit storm',
          forMs,
          ...(dice.chance(0.5) ? { retryAfterMs: dice.int(100, 3_000) } : {}),
        })
      if (roll === 10) steps.push({ at, do: 'server error storm', forMs, effective: dice.chance(0.5) })
      if (roll === 11)
        steps.push({ at, do: 'clock jump', ms: dice.pick([-300_000, 300_000, -45_000, 45_000]), forMs: 2 * forMs })
    }
    return steps
  },
  carryOut(desk, step) {
    const { world } = desk
    switch (step.do) {
      case 'alert sink':
        world.alertSink.fault = step.forMs > 0 ? step.fault : 'none'
        if (step.forMs > 0)
          world.time.at(world.time.now() + step.forMs, () => this.carryOut(desk, { ...step, forMs: 0 }))
        return true
      case 'agents silent':
        world.cover(isHolding(desk) ? 'agents silent while positions are open' : 'agents silent')
        desk.agents.silence(step.forMs)
        return true
      case 'evict':
        desk.evict()
        return true
      case 'restart storm':
        world.cover('restart storm')
        for (let count = 0; count < step.count; count += 1)
          world.time.at(world.time.now() + count * step.everyMs, () => desk.takeOver(step.everyMs))
        return true
      case 'corrupt row':
        world.storage.corrupt = true
        desk.crash({ at: 0, do: 'crash', afterPoints: 1, downMs: step.downMs, torn: 0 })
        return true
      case 'half-open stream':
        halfOpen(desk, step)
        return true
      case 'crossed quote':
      case 'quote':
        tellQuote(desk, step)
        return true
      case 'rate limit storm':
      case 'server error storm':
        storm(desk, step)
        return true
      case 'clock jump':
        world.cover('clock minutes off')
        desk.skewClock(step.ms)
        world.time.at(world.time.now() + step.forMs, () => {
          desk.skewClock(0)
        })
        return true
      default:
        return false
    }
  },
  covers: {
    'alert sink failing': 'listener of the kernel',
    'alert sink hanging': 'listener of the kernel',
    'agents silent while positions are open': 'agents',
    evicted: 'process, between two happenings',
    'restart storm': 'process, instances in a row',
    'corrupt row': 'journal, read at a start',
    'half-open stream': 'stream',
    'crossed quote': 'market data',
    quote: 'market data',
    'rate limited without Retry-After': 'every request for a while',
    'rate limited with Retry-After': 'every request for a while',
    '5xx with effect': 'every request for a while',
    '5xx without effect': 'every request for a while',
    'clock minutes off': 'our clock, ±5 min',
  },
}

type Desk = Parameters<ActFamily['carryOut']>[0]
type StepOf<Name> = Extract<Step, { readonly do: Name }>

function isHolding({ current }: Desk): boolean {
  const life = current()
  return life?.running === true && life.kernel.portfolio().positions.length > 0
}

function halfOpen(desk: Desk, step: StepOf<'half-open stream'>): void {
  const { network, time } = desk.world
  network.streamDown = true
  desk.world.cover('half-open stream')
  desk.disturb()
  time.at(time.now() + step.forMs, () => {
    network.streamDown = false
  })
  time.at(time.now() + step.forMs + step.noticedMs, () => {
    if (network.streamDown) return
    desk.restoreStream()
    desk.disturb()
  })
}

function tellQuote(desk: Desk, step: StepOf<'crossed quote' | 'quote'>): void {
  const { world } = desk
  const { symbol } = pickInstrument(world.scenario, step.symbol)
  if (!world.venue.isOpen) return
  const cents = Math.round(Number(world.venue.price(symbol)) * 100)
  const half = step.do === 'quote' ? step.spreadCents : -7
  world.cover(step.do)
  desk.deliver({
    type: 'quote',
    symbol,
    time: world.time.now(),
    bid: (Math.max(1, cents - half) / 100).toFixed(2),
    ask: (Math.max(1, cents + half) / 100).toFixed(2),
  })
}

function storm(desk: Desk, step: StepOf<'rate limit storm' | 'server error storm'>): void {
  const { network, time } = desk.world
  const raging =
    step.do === 'rate limit storm'
      ? { fault: 'rate-limited' as const, retryAfterMs: step.retryAfterMs }
      : { fault: step.effective ? ('server-error-after' as const) : ('server-error-before' as const) }
  network.storm = raging
  desk.disturb()
  time.at(time.now() + step.forMs, () => {
    if (network.storm !== raging) return
    network.storm = undefined
    desk.disturb()
  })
}
