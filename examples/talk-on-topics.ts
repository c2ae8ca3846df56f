// Durable and ephemeral topics, keys, priorities, a time to live, and a pattern that hears them all.
import { Agent, defineTopic } from '@tradeswarm/core'
import { createTestSwarm } from '@tradeswarm/testing'
import { z } from 'zod'

const order = z.object({ symbol: z.string(), n: z.number() })
const OrderPlaced = defineTopic('order.placed', {
  schema: order,
  delivery: 'durable',
  key: ({ symbol }) => symbol, // in order for each symbol, side by side across symbols
})
const OrderCancelled = defineTopic('order.cancelled', {
  schema: order,
  delivery: 'durable',
  key: ({ symbol }) => symbol,
  priority: 'critical', // overtakes what waits
})
const Quote = defineTopic('quote.changed', {
  schema: z.object({ symbol: z.string(), price: z.number() }),
  delivery: 'ephemeral', // in memory only
  key: ({ symbol }) => symbol,
  ttlMs: 2_000, // nobody wants to hear of it later
  overflow: 'conflate', // of one symbol only the newest waits
})

class Desk extends Agent<typeof Desk> {
  static readonly role = 'desk'

  protected override onStart() {
    this.subscribe(OrderPlaced, ({ symbol, n }) => console.log(`placed ${symbol} ${n}`))
    this.subscribe(OrderCancelled, ({ symbol, n }) => console.log(`cancelled ${symbol} ${n}`))
    this.subscribe(Quote, ({ symbol, price }) => console.log(`${symbol} at ${price}`), { capacity: 100 })
  }
}

class Audit extends Agent<typeof Audit> {
  static readonly role = 'audit'

  protected override onStart() {
    this.subscribe('order.*', (_payload, { message }) =>
      console.log(`audit: ${message?.topic} from ${message?.publisher}`),
    )
  }
}

const test = createTestSwarm({ agents: [Desk, Audit] })
await test.start()
await test.publish(OrderPlaced, { symbol: 'AAPL', n: 1 })

console.log('-- paused, so that messages wait')
await test.swarm.agent('desk').pause()
await test.publish(OrderPlaced, { symbol: 'AAPL', n: 2 })
await test.publish(OrderCancelled, { symbol: 'AAPL', n: 2 })
for (const price of [100, 101, 102]) await test.publish(Quote, { symbol: 'AAPL', price })
await test.swarm.agent('desk').resume()
await test.settle()

console.log('-- paused for longer than a quote lives')
await test.swarm.agent('desk').pause()
await test.publish(Quote, { symbol: 'AAPL', price: 103 })
await test.advance('3s')
await test.swarm.agent('desk').resume()
await test.settle()
const { dropped, expired } = test.swarm.agent('desk').status()
console.log({ dropped, expired })

const wrong = { symbol: 'AAPL', n: 'two' } as never
await test.publish(OrderPlaced, wrong).catch((error: Error) => console.log(error.message))
await test.stop()
