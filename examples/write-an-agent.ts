// An agent with a configuration, a timer, documents and hooks. It works in real time, and this program stops it after the third beat.
import { Agent, createConsoleJsonLogger, createSwarm, defineTopic } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { z } from 'zod'

const Beat = defineTopic('heart.beat', { schema: z.object({ count: z.number() }), delivery: 'durable' })

class Heart extends Agent<typeof Heart> {
  static readonly role = 'heart'
  static readonly publishes = [Beat]
  static readonly config = z.object({ everyMs: z.number().int().min(10).default(1_000) })

  protected override onStart() {
    this.logger.info('starting', { everyMs: this.config.everyMs })
    this.every(this.config.everyMs, async (context) => {
      const count = (context.state.get<number>('count') ?? 0) + 1
      context.state.set('count', count)
      await context.publish(Beat, { count })
    })
  }

  protected override onStop() {
    this.logger.info('stopped')
  }
}

class Listener extends Agent<typeof Listener> {
  static readonly role = 'listener'
  static readonly config = z.object({ onThird: z.custom<() => void>() })

  protected override onStart() {
    this.subscribe(Beat, ({ count }, { logger }) => {
      logger.info('heard', { count })
      if (count === 3) this.config.onThird()
    })
  }
}

const third = Promise.withResolvers<void>()
const swarm = createSwarm({
  agents: [
    { agent: Heart, config: { everyMs: 100 } },
    { agent: Listener, config: { onThird: third.resolve } },
  ],
  storage: createMemoryStorage(),
  runtime: { logger: createConsoleJsonLogger() },
})
await swarm.start()
await third.promise
await swarm.stop()
