// What becomes of a message whose handler fails: nothing of the attempt has happened, it is tried again, then it waits for a person.
import { Agent, defineTopic } from '@tradeswarm/core'
import { createTestSwarm } from '@tradeswarm/testing'
import { z } from 'zod'

const Ordered = defineTopic('order.placed', {
  schema: z.object({ symbol: z.string(), quantity: z.number() }),
  delivery: 'durable',
  key: ({ symbol }) => symbol,
})
const Booked = defineTopic('order.booked', { schema: z.object({ symbol: z.string() }), delivery: 'durable' })

const venue = { isUp: false, calls: 0 } // stands for the world outside

class Booker extends Agent<typeof Booker> {
  static readonly role = 'booker'
  static readonly publishes = [Booked]

  protected override onStart() {
    this.subscribe(Ordered, async ({ symbol, quantity }, { state, publish }) => {
      state.set(symbol, (state.get<number>(symbol) ?? 0) + quantity)
      await publish(Booked, { symbol })
      venue.calls += 1
      if (symbol === 'FAIL' && !venue.isUp) throw new Error('the venue is down')
    })
  }
}

const test = createTestSwarm({ agents: [Booker], maximumTries: 3, retryBackoff: { firstMs: 100 } })
await test.start()
await test.publish(Ordered, { symbol: 'FAIL', quantity: 7 })
await test.publish(Ordered, { symbol: 'AAPL', quantity: 1 })
console.log('others go on:', test.published(Booked), 'calls', venue.calls)

await test.advance('1s')
console.log('calls', venue.calls, 'kept', await test.document('booker', 'FAIL'))
const [letter] = await test.swarm.deadLetters.list({ agent: 'booker' })
console.log(`dead: ${letter?.topic}, ${JSON.stringify(letter?.message.payload)}, ${letter?.error}`)

venue.isUp = true
await test.swarm.deadLetters.requeue(letter?.id ?? '')
await test.settle()
console.log('requeued:', test.published(Booked), 'kept', await test.document('booker', 'FAIL'))
await test.swarm.deadLetters.requeue(letter?.id ?? '').catch((error: Error) => console.log(error.message))
await test.stop()
