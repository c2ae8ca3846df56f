import type { OrderRecord } from '@tradeswarm/trading'
import type { Dice } from '../dice.js'
import { type EnterStep, enterStep } from '../enter-step.js'
import { lastActMs, pickInstrument, type Step } from '../scenario.js'
import { sessionPeriodMs } from '../session-calendar.js'
import type { ActFamily } from './act-family.js'

/** Exits that get lost for longer than a few tries, that their agent cancels, and that are for an auction. */
export type ExitStep =
  /** No placement arrives, and none is answered. */
  | { readonly do: 'placements lost'; readonly forMs: number }
  /** An agent cancels the exit that was asked for last. */
  | { readonly do: 'cancel exit' }
  /** Somebody leaves a part of what is held by an auction. */
  | {
      readonly do: 'leave by auction'
      readonly agent: number
      readonly symbol: number
      readonly part: number
      readonly timeInForce: 'at-open' | 'at-close'
    }

/** What leaves a position with nothing but an exit that is lost, or that trades hours later. */
export const exits: ActFamily = {
  name: 'exits',
  share: 14,
  shape: (scenario, dice) =>
    dice.chance(0.7)
      ? { ...scenario, venue: { ...scenario.venue, declares: true, takesAll: true } }
      : { ...scenario, venue: { ...scenario.venue, clientOrderIds: 'permanent' } },
  steps(scenario, dice) {
    const steps: Step[] = []
    for (let count = dice.int(2, 4); count > 0; count -= 1) {
      const session = dice.int(0, scenario.sessions - 1) * sessionPeriodMs
      const at = Math.min(session + dice.int(7_000, 25_000), lastActMs(scenario) - 20_000)
      const entry: EnterStep = { ...enterStep(dice, at), side: 'buy', type: 'market', timeInForce: 'day', size: 0.2 }
      steps.push({ ...entry, submit: 'at once' })
      steps.push(...(dice.chance(0.5) ? lost(dice, entry) : auctioned(dice, entry)))
      if (dice.chance(0.25)) steps.push({ at: at + dice.int(8_000, 20_000), do: 'flatten' })
    }
    return steps
  },
  carryOut(desk, step) {
    const { world } = desk
    const life = desk.current()
    switch (step.do) {
      case 'placements lost': {
        const fault = { on: 'place', fault: 'request-lost', lateMs: 0, left: Number.MAX_SAFE_INTEGER } as const
        world.cover('placements lost for seconds')
        world.network.faults.push(fault)
        desk.disturb()
        world.time.at(world.time.now() + step.forMs, () => {
          const index = world.network.faults.indexOf(fault)
          if (index >= 0) world.network.faults.splice(index, 1)
          desk.disturb()
        })
        return true
      }
      case 'cancel exit': {
        if (life?.running !== true) return true
        const { orders } = JSON.parse(life.kernel.snapshot()) as { readonly orders: readonly OrderRecord[] }
        const orderId = orders.findLast(({ header }) => header.purpose === 'exit-intent')?.header.orderId
        if (orderId === undefined) return true
        world.cover('exit cancelled by its agent')
        life.kernel.cancel(orderId, 'simulated').catch(() => undefined)
        return true
      }
      case 'leave by auction': {
        const { agent, symbol, part, timeInForce } = step
        const held = life?.running === true ? life.kernel.portfolio().positions : []
        if (held.some((position) => position.symbol === pickInstrument(world.scenario, symbol).symbol))
          world.cover('exit for an auction')
        desk.agents.act({ at: step.at, do: 'leave', agent, symbol, part, timeInForce })
        return true
      }
      default:
        return false
    }
  },
  covers: {
    'placements lost for seconds': 'every placement for a while',
    'exit cancelled by its agent': 'agents',
    'exit for an auction': 'agents',
    'exit executed in an auction': 'venue',
  },
}

/** The stop is lost, or the exit that an agent asks for, which then thinks better of it, or an operator freezes the account. */
function lost(dice: Dice, { at, agent, symbol }: EnterStep): readonly Step[] {
  const forMs = dice.int(3_000, 16_000)
  if (dice.chance(0.4)) return [{ at: at + dice.int(20, 400), do: 'placements lost', forMs }]
  const from = at + dice.int(2_500, 5_000)
  const steps: Step[] = [
    { at: from, do: 'placements lost', forMs },
    { at: from + dice.int(1, 300), do: 'leave', agent, symbol, part: dice.pick([0.5, 1, 1]) },
  ]
  if (dice.chance(0.5)) steps.push({ at: from + dice.int(400, forMs), do: 'cancel exit' })
  else if (dice.chance(0.3))
    steps.push(
      { at: from + dice.int(1_700, forMs), do: 'freeze' },
      { at: from + forMs + dice.int(0, 4_000), do: 'unfreeze' },
    )
  return steps
}

/** The price falls through the stop while the exit waits for its auction. */
function auctioned(dice: Dice, { at, agent, symbol }: EnterStep): readonly Step[] {
  const timeInForce = dice.pick(['at-close', 'at-close', 'at-open'])
  const asked = at + dice.int(2_500, 6_000)
  const steps: Step[] = [
    { at: asked, do: 'leave by auction', agent, symbol, part: dice.pick([0.4, 1, 1]), timeInForce },
  ]
  if (dice.chance(0.6))
    steps.push({
      at: asked + dice.int(1_000, 8_000),
      do: 'price',
      symbol,
      moveBasisPoints: -dice.int(700, 1_500),
    })
  return steps
}
