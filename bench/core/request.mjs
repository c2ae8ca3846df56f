// One agent asks another, one question after the other, validated both ways, with every policy on that a request has.
import assert from 'node:assert/strict'
import { Agent, createSwarm, defineRequest, defineTopic } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { z } from 'zod'
import { report } from '../measure.mjs'
import { rateOf } from './rates.mjs'
import { signalOf, signalSchema, verdictOn, verdictSchema } from './signal.mjs'

const { swarmOptions = {} } = JSON.parse(process.argv[2])
const requestsPerTick = 100

const Tick = defineTopic('desk.tick', { schema: z.object({ from: z.int() }), delivery: 'ephemeral' })
const Judge = defineRequest('signal.judge', { input: signalSchema, output: verdictSchema, idempotent: true })
let asked = 0
let answered = 0
let endOfTick

class Desk extends Agent {
  static role = 'desk'
  static requests = [Judge]

  onStart() {
    this.subscribe(Tick, async ({ from }, context) => {
      try {
        for (let offset = 0; offset < requestsPerTick; offset += 1) {
          const signal = signalOf(from + offset)
          const verdict = await context.request(Judge, signal, { timeoutMs: 1000 })
          if (verdict.sequence !== signal.sequence) throw new Error(`${signal.sequence} got the answer to another`)
          answered += 1
        }
        endOfTick.resolve(requestsPerTick)
      } catch (error) {
        endOfTick.reject(error)
      }
    })
  }
}

class Critic extends Agent {
  static role = 'critic'
  static responds = [Judge]

  onStart() {
    this.respond(Judge, async (signal) => {
      asked += 1
      return verdictOn(signal)
    })
  }
}

const swarm = createSwarm({ agents: [Desk, Critic], storage: createMemoryStorage(), ...swarmOptions })
await swarm.start()
let sent = 0
const figures = await rateOf(async () => {
  endOfTick = Promise.withResolvers()
  await swarm.publish(Tick, { from: sent })
  sent += requestsPerTick
  return endOfTick.promise
})
await swarm.stop()
assert.deepEqual({ asked, answered }, { asked: sent, answered: sent })
report(figures)
