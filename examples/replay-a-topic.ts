// An agent that is new, or was wrong, reads again what the journal holds for it. Others do not notice.
import { Agent, defineTopic } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
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

class Largest extends Agent<typeof Largest> {
  static readonly role = 'largest'

  protected override onStart() {
    this.subscribe(Filled, ({ quantity }, { state }) => {
      state.set('quantity', Math.max(state.get<number>('quantity') ?? 0, quantity))
    })
  }
}

const storage = createMemoryStorage()
const before = createTestSwarm({ agents: [Position], storage })
await before.start()
for (const quantity of [5, 40, 10]) await before.publish(Filled, { quantity })
await before.stop()

const test = createTestSwarm({ agents: [Position, Largest], storage })
await test.start()
await test.publish(Filled, { quantity: 1 })
console.log('a new agent begins with what is published now:', await test.document('largest', 'quantity'))

await test.swarm.replay({ agent: 'largest', topic: 'order.filled', from: 1 })
await test.advance('1s')
console.log('after its replay:', await test.document('largest', 'quantity'))
console.log('the other one:', await test.document('position', 'quantity'))
await test.stop()
