// Middleware around all agents: one tells of handlers, one refuses and completes what is published, one answers requests it has seen before.
import { Agent, defineMiddleware, defineRequest, defineTopic, SwarmError } from '@tradeswarm/core'
import { createTestSwarm } from '@tradeswarm/testing'
import { z } from 'zod'

const Ordered = defineTopic('order.placed', {
  schema: z.object({ symbol: z.string(), quantity: z.number(), desk: z.string().default('none') }),
  delivery: 'durable',
})
const GetPrice = defineRequest('price.get', {
  input: z.object({ symbol: z.string() }),
  output: z.object({ price: z.number() }),
  idempotent: true,
})

class Desk extends Agent<typeof Desk> {
  static readonly role = 'desk'
  static readonly requests = [GetPrice]

  protected override onStart() {
    this.subscribe(Ordered, async ({ symbol, quantity, desk }, { request }) => {
      const { price } = await request(GetPrice, { symbol })
      console.log(`${desk}: ${quantity} ${symbol} for ${quantity * price}`)
    })
  }
}

class Pricer extends Agent<typeof Pricer> {
  static readonly role = 'pricer'
  static readonly responds = [GetPrice]

  protected override onStart() {
    this.respond(GetPrice, () => ({ price: 25 }))
  }
}

const teller = defineMiddleware({
  name: 'teller',
  async handle({ kind, agent, name }, next) {
    if (agent === 'test-probe') return next() // it is the test's own
    try {
      return await next() // the handler, or the next middleware
    } finally {
      console.log(`  ${agent} is done with the ${kind} ${name}`)
    }
  },
})

const house = defineMiddleware({
  name: 'house',
  publish({ topic, publisher, payload }, next) {
    const order = payload as z.input<typeof Ordered.schema>
    if (topic === Ordered.name && order.quantity > 1_000)
      throw new SwarmError({ code: 'TOO_LARGE', message: `${publisher}: ${order.quantity} is too many at once` })
    next(topic === Ordered.name ? { ...order, desk: 'equities' } : payload) // validated after this
  },
})

const known = new Map<string, unknown>()
const cache = defineMiddleware({
  name: 'cache',
  async request({ request, input }, next) {
    const key = `${request} ${JSON.stringify(input)}`
    if (!known.has(key)) known.set(key, await next(input))
    return known.get(key)
  },
})

const test = createTestSwarm({ agents: [Desk, Pricer], middleware: [teller, house, cache] })
await test.start()
await test.publish(Ordered, { symbol: 'AAPL', quantity: 10 })
await test.publish(Ordered, { symbol: 'AAPL', quantity: 20 }) // the price is known
await test.publish(Ordered, { symbol: 'AAPL', quantity: 5_000 }).catch((error: Error) => console.log(error.message))
await test.stop()
