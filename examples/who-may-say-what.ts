// Who may say and ask what, and what those hear who may not.
import { Agent, createSwarm, defineRequest, defineTopic } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { createTestSwarm } from '@tradeswarm/testing'
import { z } from 'zod'

const Permitted = defineTopic('order.permitted', {
  schema: z.object({ order: z.string() }),
  delivery: 'durable',
  publishers: ['officer'], // only agents of this role
})
const Assess = defineRequest('order.assess', {
  input: z.object({ order: z.string() }),
  output: z.object({ allowed: z.boolean() }),
  idempotent: true,
  callers: ['trader'],
})

class Officer extends Agent<typeof Officer> {
  static readonly role = 'officer'
  static readonly publishes = [Permitted]
  static readonly responds = [Assess]

  protected override onStart() {
    this.respond(Assess, async ({ order }, { caller, publish }) => {
      console.log(`${caller} asks for ${order}`) // the bus says who asks
      await publish(Permitted, { order })
      return { allowed: true }
    })
  }
}

class Trader extends Agent<typeof Trader> {
  static readonly role = 'trader'
  static readonly requests = [Assess]

  protected override onStart() {
    this.every('1s', async (context) => {
      console.log(await context.request(Assess, { order: 'order-1' }))
      // The compiler refuses this one, and so does the bus.
      await context
        .publish(Permitted as never, { order: 'order-2' } as never)
        .catch((error: Error) => console.log(error.message))
    })
  }
}

class Forger extends Agent<typeof Forger> {
  static readonly role = 'forger'
  static readonly publishes = [Permitted]
}

const test = createTestSwarm({ agents: [Officer, Trader] })
await test.start()
await test.advance('1s')
await test.stop()

try {
  createSwarm({ agents: [Officer, Trader, Forger], storage: createMemoryStorage() })
} catch (error) {
  console.log(String(error))
}
