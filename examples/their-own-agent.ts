import { Agent, createSwarm, defineRequest, defineTopic } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { z } from 'zod'

const PriceMoved = defineTopic('price.moved', {
  schema: z.object({ symbol: z.string(), changeFraction: z.number() }),
  delivery: 'durable', // or 'ephemeral'
  key: (event) => event.symbol, // FIFO per symbol, parallel across symbols
})
const GetMood = defineRequest('mood.get', {
  input: z.object({ symbol: z.string() }),
  output: z.object({ mood: z.number() }),
  idempotent: true,
})

// `typeof Watcher` lets the compiler check what it may say.
class Watcher extends Agent<typeof Watcher> {
  static readonly role = 'watcher'
  static readonly publishes = [PriceMoved]
  static readonly requests = [GetMood]

  protected override onStart() {
    this.every('1m', async (context) => {
      const { mood } = await context.request(GetMood, { symbol: 'BTC-USDT' }, { timeoutMs: 500 })
      if (mood > 0.5) await context.publish(PriceMoved, { symbol: 'BTC-USDT', changeFraction: 0.012 })
    })
  }
}

class Moody extends Agent<typeof Moody> {
  static readonly role = 'moody'
  static readonly capabilities = ['mood']
  static readonly responds = [GetMood]
  static readonly config = z.object({ mood: z.number().default(0.7) })

  protected override onStart() {
    this.respond(GetMood, async () => ({ mood: this.config.mood }))
    this.subscribe(PriceMoved, async (event, context) => context.logger.info('moved', event))
  }
}

const swarm = createSwarm({
  agents: [Watcher, { agent: Moody, replicas: 2, config: { mood: 0.9 } }],
  storage: createMemoryStorage(),
})
await swarm.start()
console.log(swarm.status()) // every agent: state, health, mailbox depth, counters, restarts
await swarm.agent('watcher').pause()
await swarm.stop() // drains
