import type { ExecutionPlan } from '@tradeswarm/trading'
import { type EnterStep, enterStep } from '../enter-step.js'
import { lastActMs, pickInstrument, type Step } from '../scenario.js'
import type { ActFamily } from './act-family.js'

const styles = ['now', 'passive', 'twap', 'participation'] as const

/** An entry that is worked in parts, and what the market tells of itself meanwhile. */
export type ExecutionStep =
  | {
      readonly do: 'work'
      readonly entry: EnterStep
      readonly style: (typeof styles)[number]
      readonly parts: number
      readonly share: number
      readonly forMs: number
    }
  | { readonly do: 'trade'; readonly symbol: number; readonly quantity: number }
  | { readonly do: 'cancel worked'; readonly pick: number }

/** Execution styles: at once, passive with chase, evenly over time, as a share of the volume. */
export const executions: ActFamily = {
  name: 'executions',
  share: 12,
  steps(scenario, dice) {
    const steps: Step[] = []
    for (let count = dice.int(1, 3); count > 0; count -= 1) {
      const at = dice.int(5_500, lastActMs(scenario))
      const forMs = dice.int(6_000, 50_000)
      const style = dice.pick(styles)
      const entry: EnterStep = {
        ...enterStep(dice, at),
        side: 'buy',
        type: dice.pick(['market', 'limit']),
        offsetBasisPoints: dice.int(-5, 150),
        size: dice.pick([0.3, 0.6, 0.9]),
        submit: 'at once',
      }
      steps.push({ at, do: 'work', entry, style, parts: dice.int(2, 8), share: dice.pick([0.05, 0.3]), forMs })
      for (let more = dice.int(2, 6); more > 0; more -= 1)
        steps.push(
          dice.chance(0.5)
            ? { at: at + dice.int(100, forMs), do: 'trade', symbol: entry.symbol, quantity: dice.int(5, 400) }
            : { at: at + dice.int(100, forMs), do: 'quote', symbol: entry.symbol, spreadCents: dice.int(1, 30) },
          { at: at + dice.int(100, forMs), do: 'price', symbol: entry.symbol, moveBasisPoints: dice.int(-25, 25) },
        )
      if (dice.chance(0.2)) steps.push({ at: at + dice.int(500, forMs), do: 'cancel worked', pick: dice.int(0, 2) })
    }
    return steps
  },
  carryOut(desk, step) {
    const { agents, world } = desk
    if (step.do === 'work') {
      agents.enter(step.entry, ({ now }) => ({
        timeInForce: 'gtd',
        expiresAt: now + step.forMs,
        type: step.entry.type === 'limit' ? 'limit' : 'market',
        execution: planOf(step),
      }))
      return true
    }
    if (step.do === 'trade') {
      const { symbol } = pickInstrument(world.scenario, step.symbol)
      if (!world.venue.isOpen) return true
      const price = world.venue.price(symbol)
      desk.deliver({ type: 'trade', symbol, time: world.time.now(), price, quantity: String(step.quantity) })
      return true
    }
    if (step.do !== 'cancel worked') return false
    const life = desk.current()
    if (life?.running !== true) return true
    const { orders } = JSON.parse(life.kernel.snapshot()) as {
      orders: { header: { orderId: string; execution?: unknown } }[]
    }
    const worked = orders.filter(({ header }) => header.execution !== undefined)
    const orderId = worked[worked.length - 1 - (step.pick % Math.max(1, worked.length))]?.header.orderId
    if (orderId !== undefined) life.kernel.cancel(orderId, 'simulated').catch(() => undefined)
    return true
  },
  covers: {
    ...Object.fromEntries(styles.map((style) => [`part of ${style} sent`, 'agents; seen in the journal'])),
    'part executed': 'venue',
    'part replaced by another': 'seen in the journal',
  },
}

function planOf({ style, parts, share }: Extract<ExecutionStep, { do: 'work' }>): ExecutionPlan {
  switch (style) {
    case 'now':
      return { style }
    case 'passive':
      return { style, maximumMoves: parts }
    case 'twap':
      return { style, slices: parts }
    case 'participation':
      return { style, maximumVolumeFraction: share }
  }
}
