import { Agent, defineTopic } from '@tradeswarm/core'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { createTestSwarm } from './create-test-swarm.js'

const Tick = defineTopic('tick', { schema: z.object({ n: z.number() }), delivery: 'durable' })

class Counter extends Agent<typeof Counter> {
  static readonly role = 'counter'
  static readonly publishes = [Tick]

  protected override onStart() {
    this.every('1s', async ({ state, publish }) => {
      const n = (state.get<number>('n') ?? 0) + 1
      state.set('n', n)
      await publish(Tick, { n })
    })
  }
}

it('a swarm under test runs in workerd as it does on Node, through a crash', async () => {
  const test = createTestSwarm({ agents: [Counter] })
  await test.start()
  await test.advance('3s')
  test.crash()
  await test.advance('10s')
  await test.restart()
  await test.advance('2s')
  expect(test.published(Tick).map(({ n }) => n)).toEqual([1, 2, 3, 4, 5])
  await test.stop()
})
