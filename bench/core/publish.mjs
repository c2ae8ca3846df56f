// Publishes validated signals to one handler. `way`: `handler`, an agent that publishes a hundred whenever it is told to;
// or `outside`, awaited one by one from outside the swarm. The clock stops when everything has been handled.
import { Agent, createSwarm, defineTopic } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { z } from 'zod'
import { report } from '../measure.mjs'
import { rateOf } from './rates.mjs'
import { signalOf, signalSchema } from './signal.mjs'
import { createTally } from './tally.mjs'

const { way, swarmOptions = {} } = JSON.parse(process.argv[2])
const signalsPerTick = 100

const Tick = defineTopic('feed.tick', { schema: z.object({ from: z.int() }), delivery: 'ephemeral' })
const SignalObserved = defineTopic('signal.observed', {
  schema: signalSchema,
  delivery: 'ephemeral',
  key: (signal) => signal.symbol,
})
const tally = createTally()

class Feed extends Agent {
  static role = 'feed'
  static publishes = [SignalObserved]

  onStart() {
    this.subscribe(Tick, async ({ from }, context) => {
      for (let offset = 0; offset < signalsPerTick; offset += 1)
        await context.publish(SignalObserved, signalOf(from + offset))
    })
  }
}

class Sink extends Agent {
  static role = 'sink'

  onStart() {
    this.subscribe(SignalObserved, (signal) => tally.saw(signal))
  }
}

const swarm = createSwarm({ agents: [Feed, Sink], storage: createMemoryStorage(), ...swarmOptions })
await swarm.start()
let sent = 0
const fromHandler = async () => {
  await swarm.publish(Tick, { from: sent })
  sent += signalsPerTick
  await tally.until(sent)
  return signalsPerTick
}
const fromOutside = async () => {
  for (let count = 0; count < signalsPerTick; count += 1) {
    await swarm.publish(SignalObserved, signalOf(sent))
    sent += 1
  }
  await tally.until(sent)
  return signalsPerTick
}
const figures = await rateOf(way === 'handler' ? fromHandler : fromOutside)
await swarm.stop()
tally.assertSaw(sent)
report(figures)
