import type { OrderIntent, OrderType, TimeInForce } from '@tradeswarm/trading'
import type { EntryMarket } from '../agent-desk.js'
import type { Dice } from '../dice.js'
import { type EnterStep, enterStep } from '../enter-step.js'
import { lastActMs, type Step } from '../scenario.js'
import type { ActFamily } from './act-family.js'

const types = ['market', 'limit', 'stop', 'stop-limit', 'trailing-stop', 'post-only'] as const
const times = ['day', 'gtc', 'gtd', 'ioc', 'fok', 'at-open', 'at-close'] as const

/** An entry of any type that there is, for any time. */
export type OrderTypeStep = {
  readonly do: 'enter by type'
  readonly entry: EnterStep
  readonly as: (typeof types)[number]
  readonly timeInForce: TimeInForce
  readonly trailBasisPoints: number
  readonly forMs: number
}

/** All order types and times in force, at a venue that takes all or one that does not, amended on the way. */
export const orderTypes: ActFamily = {
  name: 'order types',
  share: 15,
  shape: (scenario, dice) =>
    dice.chance(0.85)
      ? { ...scenario, amends: true, venue: { ...scenario.venue, declares: true, takesAll: true } }
      : { ...scenario, amends: true },
  steps(scenario, dice) {
    const steps: Step[] = [auctionStep(dice)]
    for (let count = dice.int(4, 8); count > 0; count -= 1) {
      const at = dice.int(5_500, lastActMs(scenario))
      const as = dice.pick(types)
      const waits = as === 'stop' || as === 'stop-limit' || as === 'trailing-stop'
      const timeInForce = dice.pick(waits || as === 'post-only' ? ['day', 'gtc', 'gtd'] : times)
      const entry: EnterStep = { ...enterStep(dice, at), side: 'buy', size: dice.pick([0.1, 0.2, 0.4]) }
      const trailBasisPoints = dice.int(5, 80)
      const forMs = dice.int(500, 25_000)
      steps.push({ at, do: 'enter by type', entry, as, timeInForce, trailBasisPoints, forMs })
      if (dice.chance(0.25))
        steps.push({
          at: at + dice.int(100, 6_000),
          do: 'amend',
          pick: 0,
          size: 0.7,
          offsetBasisPoints: dice.int(-90, 90),
        })
    }
    return steps
  },
  carryOut({ agents, world }, step) {
    if (step.do !== 'enter by type') return false
    const asked = agents.enter(step.entry, (market) => termsOf(step, market))
    if (asked === undefined) return true
    world.cover(`type ${step.as}`)
    world.cover(`for ${step.timeInForce}`)
    return true
  },
  covers: {
    ...Object.fromEntries(types.map((type) => [`type ${type}`, 'agents'])),
    ...Object.fromEntries(times.map((time) => [`for ${time}`, 'agents'])),
    ...Object.fromEntries(['stop-limit', 'trailing-stop', 'post-only'].map((type) => [`executed: ${type}`, 'venue'])),
    ...Object.fromEntries(['gtd', 'fok', 'at-open', 'at-close'].map((time) => [`executed: ${time}`, 'venue'])),
  },
}

/** An entry for the first close, or the second open, when as little as possible stands in its way. */
function auctionStep(dice: Dice): Step {
  const timeInForce = dice.pick(['at-open', 'at-close'])
  const at = timeInForce === 'at-close' ? dice.int(7_000, 40_000) : dice.int(46_000, 58_000)
  const entry: EnterStep = { ...enterStep(dice, at), side: 'buy', size: 0.1, submit: 'at once' }
  return { at, do: 'enter by type', entry, as: 'market', timeInForce, trailBasisPoints: 0, forMs: 0 }
}

function termsOf(
  { as, entry, timeInForce, trailBasisPoints, forMs }: OrderTypeStep,
  { price, now }: EntryMarket,
): Partial<Mutable<OrderIntent>> {
  const type: OrderType = as === 'post-only' ? 'limit' : as
  const off = Math.abs(entry.offsetBasisPoints) / 40_000
  const above = (price * (1 + off)).toFixed(2)
  const below = (price * (1 - (as === 'post-only' ? off : -entry.offsetBasisPoints / 10_000))).toFixed(2)
  return {
    type,
    timeInForce,
    limitPrice: type === 'limit' ? below : type === 'stop-limit' ? (price * (1 + off + 0.002)).toFixed(2) : undefined,
    stopPrice: type === 'stop' || type === 'stop-limit' ? above : undefined,
    trailFraction: type === 'trailing-stop' ? (trailBasisPoints / 10_000).toFixed(4) : undefined,
    expiresAt: timeInForce === 'gtd' ? now + forMs : undefined,
    postOnly: as === 'post-only' ? true : undefined,
  } as Partial<Mutable<OrderIntent>>
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }
