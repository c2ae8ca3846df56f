// Declared documents: versions that can be compared and taken back, and writers at the same time whose values are merged.
import { Agent, defineDocument, defineTopic } from '@tradeswarm/core'
import { createTestSwarm } from '@tradeswarm/testing'
import { z } from 'zod'

const Seen = defineTopic('symbol.seen', {
  schema: z.object({ symbol: z.string() }),
  delivery: 'durable',
  key: ({ symbol }) => symbol, // so that two symbols are handled side by side
})
const Tuned = defineTopic('limit.tuned', { schema: z.object({ limit: z.number() }), delivery: 'durable' })
const Undone = defineTopic('limit.undone', { schema: z.object({}), delivery: 'durable' })

class Keeper extends Agent<typeof Keeper> {
  static readonly role = 'keeper'
  static readonly config = z.object({ lookUp: z.custom<(symbol: string) => Promise<void>>() })
  static readonly documents = {
    seen: defineDocument({ merge: 'counter' }),
    limits: defineDocument({ history: 5, schema: z.object({ limit: z.number().positive() }) }),
  }

  protected override onStart() {
    this.subscribe(Seen, async ({ symbol }, { state }) => {
      const seen = state.get<number>('seen') ?? 0
      await this.config.lookUp(symbol) // both read 0, both come back with 1: the sum is 2
      state.set('seen', seen + 1)
    })
    this.subscribe(Tuned, ({ limit }, { state }) => state.set('limits', { limit }))
    this.subscribe(Undone, (_event, { state }) => {
      const [now, before] = state.history('limits')
      if (now === undefined || before === undefined) return
      console.log('changed', state.diff('limits', before.version, now.version))
      state.rollback('limits', before.version)
    })
  }
}

const bothAreIn = Promise.withResolvers<void>()
const waiting: string[] = []
const lookUp = (symbol: string): Promise<void> => {
  if (waiting.push(symbol) === 2) bothAreIn.resolve()
  return bothAreIn.promise
}

const test = createTestSwarm({ agents: [{ agent: Keeper, config: { lookUp } }] })
await test.start()
await Promise.all([test.publish(Seen, { symbol: 'AAPL' }), test.publish(Seen, { symbol: 'MSFT' })])
await test.settle()
console.log('seen', await test.document('keeper', 'seen'))

await test.publish(Tuned, { limit: 10 })
await test.publish(Tuned, { limit: 99 })
await test.publish(Undone, {})
console.log('limits', await test.document('keeper', 'limits'))

await test.publish(Tuned, { limit: -1 })
await test.advance('1s') // three tries, with waits between them
const [refused] = await test.swarm.deadLetters.list()
console.log(refused?.error)
await test.stop()
