import { Agent, defineRequest, defineTopic } from '@tradeswarm/core'
import { z } from 'zod'

const shape = z.object({ symbol: z.string(), n: z.number(), price: z.string() })
const options = { schema: shape, delivery: 'durable', key: (step: { symbol: string }) => step.symbol } as const

/** What the small swarm says: prices from outside, what the analysts make of them, what the trader asked for. */
export const busTopics = {
  priceSeen: defineTopic('simulated.price', options),
  signalMade: defineTopic('simulated.signal', options),
  orderAsked: defineTopic('simulated.asked', options),
} as const

/** Has the kernel assess an order and send it. */
export const Trade = defineRequest('simulated.trade', {
  input: shape,
  output: z.object({ outcome: z.string() }),
  idempotent: true,
})

/** A message of the small swarm: the so-manieth price of a symbol. */
export type BusStep = z.output<typeof shape>

/** What is wrong with the agents at present. */
export type BusConditions = {
  /** Prices that no analyst can digest: by symbol and number. */
  readonly poison: Set<string>
  /** Each price takes an analyst so long. */
  slowMs: number
  readonly wait: (ms: number) => Promise<void>
  readonly cover: (what: string) => void
}

/** How a step is named. */
export function stepName({ symbol, n }: Pick<BusStep, 'symbol' | 'n'>): string {
  return `${symbol}-${n}`
}

const config = z.object({ conditions: z.custom<BusConditions>() })

/** What an agent has counted of a symbol; its numbers must come one after the other, but for those that nobody can digest. */
export type Counted = { readonly last: number; readonly count: number; readonly sum: number }

/** Counts prices in its state and passes them on. It fails at times at the first try, is slow, and chokes on poison. */
class Analyst extends Agent<typeof Analyst> {
  static readonly role = 'analyst'
  static readonly publishes = [busTopics.signalMade]
  static readonly config = config
  readonly #failed = new Set<string>()

  protected override onStart() {
    const { conditions } = this.config
    this.subscribe(busTopics.priceSeen, async (step, context) => {
      const name = stepName(step)
      if (conditions.poison.has(name)) {
        conditions.cover('poison message')
        throw new Error('nobody can digest that')
      }
      context.state.set(step.symbol, counted(context.state.get<Counted>(step.symbol), step))
      if (conditions.slowMs > 0) {
        conditions.cover('slow consumer')
        await conditions.wait(conditions.slowMs)
      }
      await context.publish(busTopics.signalMade, step)
      if (step.n % 5 !== 0 || this.#failed.has(name)) return
      this.#failed.add(name)
      conditions.cover('handler failed at the first try')
      throw new Error('the first try fails')
    })
  }
}

/** Has an order made of some signals. */
class Trader extends Agent<typeof Trader> {
  static readonly role = 'trader'
  static readonly publishes = [busTopics.orderAsked]
  static readonly requests = [Trade]

  protected override onStart() {
    this.subscribe(busTopics.signalMade, async (step, context) => {
      context.state.set(step.symbol, counted(context.state.get<Counted>(step.symbol), step))
      if (step.n % 4 === 0) await context.request(Trade, step, { timeoutMs: 5_000 }).catch(() => undefined)
      await context.publish(busTopics.orderAsked, step)
    })
  }
}

/** The end of the chain. */
class Recorder extends Agent<typeof Recorder> {
  static readonly role = 'recorder'

  protected override onStart() {
    this.subscribe(busTopics.orderAsked, (step, context) => {
      context.state.set(step.symbol, counted(context.state.get<Counted>(step.symbol), step))
    })
  }
}

function counted(before: Counted | undefined, { n }: BusStep): Counted {
  return { last: n, count: (before?.count ?? 0) + 1, sum: (before?.sum ?? 0) + n }
}

/** The agents of the small swarm; their roles, in the order of the chain. */
export function busAgents(conditions: BusConditions) {
  return [{ agent: Analyst, replicas: 2, config: { conditions } }, Trader, Recorder]
}
