// A handler that waits for ever: it is found by its deadline, its agent is started anew, and whatever it wakes up to do is refused.
import { Agent, defineTopic } from '@tradeswarm/core'
import { createTestSwarm } from '@tradeswarm/testing'
import { z } from 'zod'

const Work = defineTopic('work.wanted', {
  schema: z.object({ n: z.number() }),
  delivery: 'durable',
  key: ({ n }) => String(n),
})
const Done = defineTopic('work.done', { schema: z.object({ n: z.number() }), delivery: 'durable' })

const answer = Promise.withResolvers<void>()
let isFirst = true

class Worker extends Agent<typeof Worker> {
  static readonly role = 'worker'
  static readonly publishes = [Done]

  protected override onStart() {
    this.subscribe(Work, async ({ n }, { publish, signal }) => {
      if (n === 1 && isFirst) {
        isFirst = false
        signal.addEventListener('abort', () => console.log('told by its signal'))
        await answer.promise
        await publish(Done, { n }).catch((error: Error) => console.log(error.message))
        return
      }
      await publish(Done, { n })
    })
  }
}

const test = createTestSwarm({ agents: [Worker], handlerTimeoutMs: 5_000 })
await test.start()
await test.publish(Work, { n: 1 })
await test.publish(Work, { n: 2 }) // of another key: not held up
console.log(
  'done',
  test.published(Done).map(({ n }) => n),
)

await test.advance('5s')
console.log('restarts', test.swarm.agent('worker').status().restarts)
answer.resolve() // too late
await test.advance('1s')
console.log(
  'done',
  test.published(Done).map(({ n }) => n),
)
await test.stop()
