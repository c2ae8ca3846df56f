import { stepName } from '../bus/bus-agents.js'
import { lastActMs, pickInstrument, type Step } from '../scenario.js'
import type { ActFamily } from './act-family.js'

/** What befalls the swarm above the kernel. */
export type BusStepAct =
  | { readonly do: 'poison message'; readonly symbol: number }
  | { readonly do: 'slow consumer'; readonly ms: number; readonly forMs: number }
  | { readonly do: 'pause agent'; readonly agent: 'analyst' | 'trader' | 'recorder'; readonly forMs: number }

/** The real swarm, its bus and its agents, on a storage of its own, above the kernel and with all that befalls that. */
export const busActs: ActFamily = {
  name: 'swarm',
  share: 4,
  shape: (scenario) => ({ ...scenario, hasSwarm: true }),
  steps(scenario, dice) {
    const steps: Step[] = []
    for (let count = dice.int(2, 5); count > 0; count -= 1) {
      const at = dice.int(5_500, lastActMs(scenario))
      const forMs = dice.int(500, 15_000)
      const roll = dice.int(1, 4)
      if (roll === 1) steps.push({ at, do: 'poison message', symbol: dice.int(0, 2) })
      else if (roll === 2) steps.push({ at, do: 'slow consumer', ms: dice.int(10, 4_000), forMs })
      else if (roll === 3)
        steps.push({ at, do: 'pause agent', agent: dice.pick(['analyst', 'trader', 'recorder']), forMs })
      else steps.push({ at, do: 'crash', afterPoints: dice.int(1, 25), downMs: dice.int(1, 4_000), torn: 0 })
    }
    return steps
  },
  carryOut(desk, step) {
    const { world, bus } = desk
    if (step.do !== 'poison message' && step.do !== 'slow consumer' && step.do !== 'pause agent') return false
    if (bus === undefined) return true
    const after = (act: () => void): void => {
      if ('forMs' in step) world.time.at(world.time.now() + step.forMs, act)
    }
    switch (step.do) {
      case 'poison message': {
        const { symbol } = pickInstrument(world.scenario, step.symbol)
        bus.conditions.poison.add(stepName({ symbol, n: (bus.acknowledged.get(symbol) ?? 0) + 2 }))
        return true
      }
      case 'slow consumer':
        bus.conditions.slowMs = step.ms
        after(() => {
          bus.conditions.slowMs = 0
        })
        return true
      case 'pause agent': {
        const swarm = bus.swarm()
        if (swarm === undefined) return true
        const agent = swarm.agent(step.agent)
        world.cover(`${step.agent} paused`)
        agent.pause().catch(() => undefined)
        // Whom a storage that fails has refused asks again: else the agent stays paused, as it should.
        const resume = (): void => {
          if (bus.swarm() === swarm) agent.resume().catch(() => world.time.at(world.time.now() + 1_000, resume))
        }
        after(resume)
        return true
      }
    }
  },
  covers: {
    'poison message': 'bus, every try of it',
    'slow consumer': 'bus',
    'handler failed at the first try': 'bus, delivered once more',
    'analyst paused': 'bus',
    'trader paused': 'bus',
    'recorder paused': 'bus',
    'suspended swarm resumed': 'storage of the bus, full or locked',
    'crash at commit of the bus': 'storage of the bus, before or after it is written',
  },
}
