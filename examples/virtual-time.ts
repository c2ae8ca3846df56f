// Virtual time, as backtests use it: one task at a time in a fixed order, a commit for each instant. A year passes in no time.
import {
  Agent,
  createSeededRandom,
  createSequentialIds,
  createSwarm,
  createVirtualDispatcher,
  defineTopic,
} from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { z } from 'zod'

const Interest = defineTopic('interest.paid', { schema: z.object({ day: z.number() }), delivery: 'durable' })

class Bank extends Agent<typeof Bank> {
  static readonly role = 'bank'
  static readonly publishes = [Interest]

  protected override onStart() {
    let day = 0
    this.every('1d', async ({ publish }) => {
      day += 1
      await publish(Interest, { day })
    })
  }
}

async function runFor(days: number): Promise<string> {
  const dispatcher = createVirtualDispatcher({ start: Date.UTC(2026, 0, 1) })
  const swarm = createSwarm({
    agents: [Bank],
    storage: createMemoryStorage(),
    runtime: { dispatcher, ids: createSequentialIds(), random: createSeededRandom(42) },
  })
  await swarm.start()
  const end = Date.UTC(2026, 0, 1 + days)
  for (let next = dispatcher.nextTime(); next !== undefined && next <= end; next = dispatcher.nextTime())
    await dispatcher.step()
  const { sequence, hash } = swarm.journalHead()
  await swarm.stop()
  return `${sequence} entries, hash ${hash.slice(0, 16)}`
}

console.log(await runFor(365))
console.log(await runFor(365)) // the same to the bit
