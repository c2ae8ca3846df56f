import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineTopic } from '../messages/topic.js'
import { defineDocument } from '../state/define-document.js'
import { realTimeSwarm } from '../testing-support/swarm-bench.test-support.js'
import { Agent } from './agent.js'

const Tick = defineTopic('tick', { schema: z.object({ n: z.number() }), delivery: 'ephemeral' })

/** Deletes at each interval a document that there is not, and publishes. */
class Ticker extends Agent<typeof Ticker> {
  static readonly role = 'ticker'
  static readonly publishes = [Tick]
  static readonly documents = { last: defineDocument({ history: 2 }) }
  static readonly config = z.object({ heard: z.custom<number[]>() })

  protected override onStart() {
    this.subscribe(Tick, ({ n }) => void this.config.heard.push(n))
    this.every('1s', async (context) => {
      context.state.delete('last')
      await context.publish(Tick, { n: this.clock.now() })
    })
  }
}

it('an ephemeral message that waits for a commit is delivered also where there turns out to be nothing to write', async () => {
  const heard: number[] = []
  const { swarm, clock } = realTimeSwarm({ agents: [{ agent: Ticker, config: { heard } }] })
  await swarm.start()
  await clock.advance(2_500)
  expect(heard).toEqual([1_000, 2_000])
  await swarm.stop()
})
