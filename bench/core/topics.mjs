// What publishing costs beside few topics and beside many: the same ten subscribers each time, and all topics have been
// published to. Two swarms in one process take turns.
import { Agent, createSwarm, defineTopic } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { z } from 'zod'
import { report } from '../measure.mjs'
import { median } from '../row.mjs'
import { rateOf } from './rates.mjs'
import { signalOf, signalSchema } from './signal.mjs'
import { createTally } from './tally.mjs'

const { few, many, rounds, swarmOptions = {} } = JSON.parse(process.argv[2])
const subscribers = 10
const signalsPerTick = 100

const sides = [await sideWith(few), await sideWith(many)]
for (const side of sides) await rateOf(side.publishSome, { warmUpMs: 500, windows: 1, windowMs: 1 })
const rates = [[], []]
for (let round = 0; round < rounds; round += 1) {
  for (const index of round % 2 === 0 ? [0, 1] : [1, 0]) {
    const { perSecond } = await rateOf(sides[index].publishSome, { warmUpMs: 20, windows: 1, windowMs: 200 })
    rates[index].push(perSecond)
  }
}
for (const side of sides) await side.stop()
const ratios = rates[0].map((rate, round) => rate / rates[1][round])
report({
  fewPerSecond: median(rates[0]),
  manyPerSecond: median(rates[1]),
  timesAsLong: median(rates[0]) / median(rates[1]),
  leastTimes: Math.min(...ratios),
  mostTimes: Math.max(...ratios),
})

async function sideWith(count) {
  const Tick = defineTopic('feed.tick', { schema: z.object({ from: z.int() }), delivery: 'ephemeral' })
  const topics = Array.from({ length: count }, (_, index) =>
    defineTopic(`signal.t${index}`, { schema: signalSchema, delivery: 'ephemeral', key: (signal) => signal.symbol }),
  )
  // Those that are heard lie evenly among the others.
  const heard = Array.from({ length: subscribers }, (_, index) => topics[index * (count / subscribers)])
  const tally = createTally()

  class Feed extends Agent {
    static role = 'feed'
    static publishes = topics

    onStart() {
      this.subscribe(Tick, async ({ from }, context) => {
        for (let number = from; number < from + signalsPerTick; number += 1)
          await context.publish(heard[number % subscribers], signalOf(number))
      })
    }
  }

  class Sink extends Agent {
    static role = 'sink'

    onStart() {
      const mine = heard[this.id === 'sink' ? 0 : Number(this.id.slice('sink-'.length))]
      this.subscribe(mine, (signal) => tally.saw(signal))
    }
  }

  const sinks = heard.map((_, index) => ({ agent: Sink, id: index === 0 ? 'sink' : `sink-${index}` }))
  const swarm = createSwarm({ agents: [Feed, ...sinks], storage: createMemoryStorage(), ...swarmOptions })
  await swarm.start()
  const unheard = new Set(topics).difference(new Set(heard))
  for (const topic of unheard) await swarm.publish(topic, signalOf(0))
  let sent = 0
  return {
    async publishSome() {
      await swarm.publish(Tick, { from: sent })
      sent += signalsPerTick
      await tally.until(sent)
      return signalsPerTick
    },
    async stop() {
      await swarm.stop()
      tally.assertSaw(sent)
    },
  }
}
