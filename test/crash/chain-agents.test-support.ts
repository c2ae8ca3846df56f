import { Agent, defineRequest, defineTopic } from '@tradeswarm/core'
import { z } from 'zod'

/** The keys whose messages must keep their order. */
export const keys = ['a', 'b', 'c', 'd', 'e', 'f'] as const

const shape = z.object({ key: z.string(), n: z.number() })
const options = { schema: shape, delivery: 'durable', key: (step: { key: string }) => step.key } as const

export const Wanted = defineTopic('chain.wanted', options)
export const Worked = defineTopic('chain.worked', options)
const Settled = defineTopic('chain.settled', options)
const Ask = defineRequest('oracle.ask', { input: shape, output: shape, idempotent: true })

const reached = Promise.withResolvers<void>()

/** Resolves when the sink of this process has settled the last number of every key. */
export const settledCount = (): Promise<void> => reached.promise

/** Publishes for each key one number after another, each once the one before is acknowledged, under an id of its own. */
export class Source extends Agent<typeof Source> {
  static readonly role = 'source'
  static readonly publishes = [Wanted]
  static readonly config = z.object({
    /** Where each key begins, in the order of {@link keys}. */
    from: z.array(z.number()),
    to: z.number(),
    say: z.custom<(key: string, n: number) => void>(),
  })

  protected override onStart() {
    const { from, to, say } = this.config
    for (const [index, key] of keys.entries()) void this.#publishAll(key, from[index] ?? 1, to, say)
  }

  async #publishAll(key: string, from: number, to: number, say: (key: string, n: number) => void) {
    for (let n = from; n <= to; n += 1) {
      await this.publish(Wanted, { key, n }, { id: `wanted-${key}-${n}` })
      say(key, n)
    }
  }
}

/** Counts each number in its state and passes it on. It asks the oracle now and then, and fails at times, at the first try. */
export class Worker extends Agent<typeof Worker> {
  static readonly role = 'worker'
  static readonly publishes = [Worked]
  static readonly requests = [Ask]
  readonly #failed = new Set<string>()

  protected override onStart() {
    this.subscribe(Wanted, async (step, context) => {
      const { key, n } = step
      const { last = 0, sum = 0 } = context.state.get<{ last: number; sum: number }>(key) ?? {}
      context.state.set(key, { last: n, sum: sum + n })
      await context.publish(Worked, step)
      if (n % 3 === 0) await context.request(Ask, step)
      if (n % 13 === 0 && !this.#failed.has(`${key}-${n}`)) {
        this.#failed.add(`${key}-${n}`)
        throw new Error('the first try fails')
      }
      if (last !== n - 1) context.state.set('disorder', `${key}: ${n} after ${last}`)
    })
  }
}

export class Oracle extends Agent<typeof Oracle> {
  static readonly role = 'oracle'
  static readonly responds = [Ask]

  protected override onStart() {
    this.respond(Ask, (step) => step)
  }
}

/** The end of the chain: counts in its state, and publishes what it has counted. */
export class Sink extends Agent<typeof Sink> {
  static readonly role = 'sink'
  static readonly publishes = [Settled]
  static readonly config = z.object({ total: z.custom<number>() })
  readonly #last = new Map<string, number>()

  protected override onStart() {
    this.subscribe(Worked, async (step, context) => {
      const { key, n } = step
      const { last = 0, sum = 0 } = context.state.get<{ last: number; sum: number }>(key) ?? {}
      context.state.set(key, { last: n, sum: sum + n })
      if (last !== n - 1) context.state.set('disorder', `${key}: ${n} after ${last}`)
      await context.publish(Settled, step)
    })
    // Its own word once it is in the journal: what a life before has settled already is heard of in the state alone.
    this.subscribe(Settled, ({ key, n }) => {
      this.#last.set(key, n)
      if (keys.every((each) => (this.#last.get(each) ?? 0) >= this.config.total)) reached.resolve()
    })
  }
}
