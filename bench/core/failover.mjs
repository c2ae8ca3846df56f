// Two replicas answer idempotent requests under steady load; then one dies, with a call in its hands, and takes its time to
// come back (`fault`: `kill`), or answers nothing more (`freeze`). Everything is as it is by default.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, createSilentLogger, createSwarm, defineRequest, defineTopic } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { z } from 'zod'
import { report } from '../measure.mjs'
import { underLoad } from './load.mjs'

const { fault, perSecond, loadMs, faultAtMs, graceMs } = JSON.parse(process.argv[2])
const serviceMs = 3
const comebackMs = 2000
const victim = 'quoter-2'

const Ask = defineTopic('desk.ask', {
  schema: z.object({ number: z.int() }),
  delivery: 'ephemeral',
  key: ({ number }) => String(number),
})
const GetQuote = defineRequest('quote.get', {
  input: z.object({ number: z.int() }),
  output: z.object({ number: z.int() }),
  idempotent: true,
})
const asked = new Map()
const answeredBy = new Map()
let isFrozen = false
let hasFallen = false
let atWork = 0
let answersAfterFall = 0

class Desk extends Agent {
  static role = 'desk'
  static requests = [GetQuote]

  onStart() {
    this.subscribe(Ask, async ({ number }, context) => {
      const { resolve, reject } = asked.get(number)
      asked.delete(number)
      await context.request(GetQuote, { number }).then((answer) => resolve(answer.number), reject)
    })
  }
}

class Quoter extends Agent {
  static role = 'quoter'
  static responds = [GetQuote]

  async onStart() {
    const isVictim = this.id === victim
    if (isVictim && hasFallen) await sleep(comebackMs)
    this.respond(GetQuote, async ({ number }) => {
      if (isVictim) atWork += 1
      await sleep(serviceMs)
      if (isVictim && isFrozen) await new Promise(() => undefined)
      if (isVictim) atWork -= 1
      answeredBy.set(this.id, (answeredBy.get(this.id) ?? 0) + 1)
      if (isVictim && hasFallen) answersAfterFall += 1
      return { number }
    })
  }
}

const swarm = createSwarm({
  // Calls that wait do not keep the others from being made.
  agents: [
    { agent: Desk, replicas: 8 },
    { agent: Quoter, replicas: 2 },
  ],
  storage: createMemoryStorage(),
  runtime: { logger: createSilentLogger() },
})
await swarm.start()
const figures = await underLoad({
  async ask(number) {
    const answer = Promise.withResolvers()
    asked.set(number, answer)
    await swarm.publish(Ask, { number })
    return answer.promise
  },
  async fault() {
    assert.ok(answeredBy.get('quoter') > 0 && answeredBy.get(victim) > 0, 'only one replica was asked')
    hasFallen = true
    if (fault === 'freeze') isFrozen = true
    else await killInMidst()
  },
  perSecond,
  loadMs,
  faultAtMs,
  graceMs,
})
assert.ok(fault === 'freeze' || answersAfterFall > 0, 'the killed replica was asked nothing after it had come back')
report(figures)
// What is frozen would keep it from stopping for long.
process.exit(0)

async function killInMidst() {
  for (let tries = 0; atWork === 0; tries += 1) {
    assert.ok(tries < 1000, 'the victim had nothing to do')
    await sleep(1)
  }
  const agent = swarm.agent(victim)
  // It takes its time to start again, and the load goes on meanwhile.
  void (agent.kill === undefined ? agent.restart() : agent.kill())
}
