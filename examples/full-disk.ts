// A storage that fails suspends the swarm: nothing is lost, nothing goes on half done, and once it is mended an operator resumes.
import { Agent, defineTopic } from '@tradeswarm/core'
import { createTestSwarm } from '@tradeswarm/testing'
import { z } from 'zod'

const Filled = defineTopic('order.filled', { schema: z.object({ quantity: z.number() }), delivery: 'durable' })

class Position extends Agent<typeof Position> {
  static readonly role = 'position'

  protected override onStart() {
    this.subscribe(Filled, ({ quantity }, { state }) => {
      state.set('quantity', (state.get<number>('quantity') ?? 0) + quantity)
    })
  }
}

const test = createTestSwarm({
  agents: [Position],
  onAlert: ({ code, message }) => console.log(`! ${code}: ${message}`),
})
await test.start()
await test.publish(Filled, { quantity: 10 })

test.breakStorage() // as a full disk would
await test.publish(Filled, { quantity: 5 }).catch((error: Error) => console.log('publisher:', error.message))
console.log(test.swarm.status().state)
await test.publish(Filled, { quantity: 1 }).catch((error: Error) => console.log('publisher:', error.message))
await test.swarm.resume().catch((error: Error) => console.log('operator:', error.message))

test.mendStorage()
await test.swarm.resume()
await test.settle()
console.log(test.swarm.status().state, await test.document('position', 'quantity'))
await test.stop()
