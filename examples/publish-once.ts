// An id of the publisher's own: what an outside system tells twice is handled once, over a restart too.
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

const test = createTestSwarm({ agents: [Position] })
await test.start()
const report = { id: 'venue-7:trade-1001' } // the venue's own trade id
await test.publish(Filled, { quantity: 10 }, report)
await test.publish(Filled, { quantity: 10 }, report)
test.crash()
await test.restart()
await test.publish(Filled, { quantity: 10 }, report)
await test.publish(Filled, { quantity: 5 }, { id: 'venue-7:trade-1002' })
console.log('quantity', await test.document('position', 'quantity'))
await test.stop()
