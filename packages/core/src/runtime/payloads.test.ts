import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineTopic } from '../messages/topic.js'
import { realTimeSwarm } from '../testing-support/swarm-bench.test-support.js'
import { Agent } from './agent.js'

const Ordered = defineTopic('order.placed', {
  schema: z.object({ amount: z.number(), tags: z.array(z.string()) }),
  delivery: 'durable',
})

it('gives each try, each other hearer and the dead letter of a durable message what was published', async () => {
  const seen: unknown[] = []
  class Careless extends Agent<typeof Careless> {
    static readonly role = 'careless'
    static readonly publishes = [Ordered]
    protected override onStart() {
      this.subscribe(Ordered, (order) => {
        seen.push(structuredClone(order))
        order.tags.push('mine')
        order.amount += 100
      })
    }
  }
  class Reader extends Agent<typeof Reader> {
    static readonly role = 'reader'
    protected override onStart() {
      this.subscribe(Ordered, (order) => void seen.push(structuredClone(order)))
    }
  }
  const { swarm, clock } = realTimeSwarm({ agents: [Careless, Reader] })
  await swarm.start()
  const published = swarm.publish(Ordered, { amount: 1, tags: ['a'] })
  await clock.advance(1_000)
  await published

  expect(seen).toEqual(Array.from({ length: 4 }, () => ({ amount: 1, tags: ['a'] })))
  const [letter] = await swarm.deadLetters.list()
  expect(letter).toMatchObject({
    agent: 'careless',
    error: expect.stringMatching(/object is not extensible|read only/),
  })
  await swarm.stop()
})
