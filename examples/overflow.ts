// What becomes of messages for which a subscription has no room: four answers, chosen by the topic or the subscription.
import { Agent, defineTopic, type Overflow } from '@tradeswarm/core'
import { createTestSwarm } from '@tradeswarm/testing'
import { z } from 'zod'

const Quote = defineTopic('quote.changed', {
  schema: z.object({ symbol: z.string(), price: z.number() }),
  delivery: 'ephemeral',
  key: ({ symbol }) => symbol,
})

const heard: string[] = []

class Slow extends Agent<typeof Slow> {
  static readonly role = 'slow'
  static readonly config = z.object({ overflow: z.enum(['reject', 'block', 'drop-oldest', 'conflate']) })

  protected override onStart() {
    const { overflow } = this.config
    this.subscribe(Quote, ({ symbol, price }) => heard.push(`${symbol} ${price}`), { capacity: 2, overflow })
  }
}

for (const overflow of ['reject', 'block', 'drop-oldest', 'conflate'] satisfies Overflow[]) {
  heard.length = 0
  const test = createTestSwarm({ agents: [{ agent: Slow, config: { overflow } }] })
  await test.start()
  const slow = test.swarm.agent('slow')
  await slow.pause() // so slow that nothing is handled for a while
  const refused: string[] = []
  let waiting = 0
  for (const [symbol, price] of [
    ['A', 1],
    ['A', 2],
    ['B', 3],
    ['A', 4],
  ] as const) {
    waiting += 1
    void test.swarm
      .publish(Quote, { symbol, price })
      .catch((error: Error) => refused.push(error.message))
      .finally(() => {
        waiting -= 1
      })
  }
  await test.settle()
  const meanwhile = `${waiting} publishers wait, ${refused.length} refused, ${slow.status().dropped} dropped`
  await slow.resume()
  await test.settle()
  console.log(`${overflow.padEnd(11)} ${meanwhile}; heard ${heard.join(', ')}`)
  if (refused[0] !== undefined) console.log(`            ${refused[0]}`)
  await test.stop()
}
