// A property: wherever the swarm is killed, every deposit counts once.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Agent, defineTopic } from '@tradeswarm/core'
import { createTestSwarm } from '@tradeswarm/testing'
import fc from 'fast-check'
import { z } from 'zod'

const Deposited = defineTopic('cash.deposited', { schema: z.object({ cents: z.number().int() }), delivery: 'durable' })
const Booked = defineTopic('cash.booked', {
  schema: z.object({ cents: z.number(), balance: z.number() }),
  delivery: 'durable',
})

class Till extends Agent<typeof Till> {
  static readonly role = 'till'
  static readonly publishes = [Booked]

  protected override onStart() {
    this.subscribe(Deposited, async ({ cents }, { state, publish }) => {
      const balance = (state.get<number>('balance') ?? 0) + cents
      state.set('balance', balance)
      await publish(Booked, { cents, balance })
    })
  }
}

const crashPoint = fc.oneof(
  fc.record({ beforeCommit: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ afterCommit: fc.integer({ min: 1, max: 5 }) }),
)

await test('wherever the swarm is killed, every deposit counts once', async () => {
  let crashes = 0
  const property = fc.asyncProperty(fc.array(crashPoint, { maxLength: 5 }), async (points) => {
    const swarm = createTestSwarm({ agents: [Till] })
    await swarm.start()
    let wanted = 0
    for (const [index, point] of points.entries()) {
      swarm.crash(point)
      const cents = index + 1
      wanted += cents
      // Whoever is not told that it is done asks again. The id makes that harmless.
      const deposit = () => swarm.publish(Deposited, { cents }, { id: `deposit-${index}` })
      await deposit().catch(async () => {
        crashes += 1
        await swarm.restart()
        await deposit()
      })
    }
    await swarm.restart()
    assert.equal((await swarm.document('till', 'balance')) ?? 0, wanted)
    assert.equal(swarm.published(Booked).at(-1)?.balance ?? 0, wanted)
    assert.equal(swarm.published(Booked).length, points.length)
    await swarm.stop()
  })
  await fc.assert(property, { seed: 42, numRuns: 100 })
  console.log(`${crashes} crashes survived`)
})
