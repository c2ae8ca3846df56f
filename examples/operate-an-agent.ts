// What an operator does with one agent while the others run: asks how it is, reconfigures, pauses, resumes, scales it.
import { Agent, defineTopic } from '@tradeswarm/core'
import { createTestSwarm } from '@tradeswarm/testing'
import { z } from 'zod'

const Quote = defineTopic('quote', { schema: z.object({ symbol: z.string(), price: z.number() }), delivery: 'durable' })
const Jumped = defineTopic('quote.jumped', { schema: z.object({ symbol: z.string() }), delivery: 'durable' })

class JumpFinder extends Agent<typeof JumpFinder> {
  static readonly role = 'jump-finder'
  static readonly publishes = [Jumped]
  static readonly config = z.object({ jumpFraction: z.number().positive().max(1).default(0.05) })

  protected override onStart() {
    this.subscribe(Quote, async ({ symbol, price }, { state, publish }) => {
      const last = state.get<number>(symbol) ?? price
      state.set(symbol, price)
      if (Math.abs(price - last) / last >= this.config.jumpFraction) await publish(Jumped, { symbol })
    })
  }

  protected override onReconfigure(previous: { jumpFraction: number }) {
    if (this.config.jumpFraction < 0.001) throw new Error('everything would be a jump')
    console.log(`jumpFraction was ${previous.jumpFraction} and is ${this.config.jumpFraction}`)
  }

  protected override onHealth() {
    return this.config.jumpFraction > 0.5
      ? { status: 'degraded' as const, detail: 'nearly deaf' }
      : { status: 'healthy' as const }
  }
}

const test = createTestSwarm({ agents: [JumpFinder] })
await test.start()
const finder = test.swarm.agent('jump-finder')

await test.publish(Quote, { symbol: 'AAPL', price: 100 })
await test.publish(Quote, { symbol: 'AAPL', price: 103 })
console.log(`${test.published(Jumped).length} jumps at 5 %`)

await finder.reconfigure({ jumpFraction: 0.01 })
await test.publish(Quote, { symbol: 'AAPL', price: 106 })
console.log(`${test.published(Jumped).length} jump at 1 %`)

for (const wrong of [{ jumpFraction: 5 }, { jumpFraction: 0.0001 }])
  await finder.reconfigure(wrong).catch((error: Error) => console.log(`refused: ${error.message}`))

await finder.reconfigure({ jumpFraction: 0.9 })
console.log(`health: ${await finder.health()}`)

await finder.pause()
await test.publish(Quote, { symbol: 'AAPL', price: 500 })
console.log(`${finder.status().state}, ${finder.status().mailboxDepth} message waits`)
await finder.resume()
await test.settle()

await test.swarm.scale('jump-finder', 3)
console.log(
  test.swarm
    .find({ role: 'jump-finder' })
    .map(({ id }) => id)
    .join(', '),
)
const { handled, failed, restarts } = finder.status()
console.log({ handled, failed, restarts })
await test.stop()
