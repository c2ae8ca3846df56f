// One of two replicas freezes, then dies, under calls in real time: no idempotent request fails.
import { Agent, createSilentLogger, createSwarm, createSystemClock, defineRequest } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { z } from 'zod'

const GetPrice = defineRequest('price.get', {
  input: z.object({ n: z.number() }),
  output: z.object({ by: z.string() }),
  idempotent: true,
})

let frozen = ''

class Pricer extends Agent<typeof Pricer> {
  static readonly role = 'pricer'
  static readonly responds = [GetPrice]

  protected override onStart() {
    this.respond(GetPrice, () => (this.id === frozen ? new Promise<never>(() => undefined) : { by: this.id }))
  }
}

class Asker extends Agent<typeof Asker> {
  static readonly role = 'asker'
  static readonly requests = [GetPrice]
  static readonly config = z.object({ answers: z.custom<{ by: string; waitedMs: number }[]>() })

  protected override onStart() {
    let n = 0
    this.every('20ms', async ({ request }) => {
      n += 1
      const began = this.clock.now()
      const { by } = await request(GetPrice, { n })
      this.config.answers.push({ by, waitedMs: this.clock.now() - began })
    })
  }
}

const clock = createSystemClock()
const wait = (ms: number): Promise<void> => new Promise((resolve) => void clock.at(clock.now() + ms, resolve))
const answers: { by: string; waitedMs: number }[] = []
const swarm = createSwarm({
  agents: [
    { agent: Pricer, replicas: 2 },
    { agent: Asker, config: { answers } },
  ],
  storage: createMemoryStorage(),
  runtime: { logger: createSilentLogger() }, // by default the warning of the restart would be on the console
})
await swarm.start()

async function watch(what: string): Promise<void> {
  answers.length = 0
  await wait(700)
  const longestMs = Math.max(...answers.map(({ waitedMs }) => waitedMs))
  const by = [...new Set(answers.map((answer) => answer.by))].sort().join(' and ')
  console.log(`${what}: answered by ${by}, longest wait ${longestMs < 100 ? 'under 100' : 'about 500'} ms`)
}

await watch('both answer')
frozen = 'pricer-2'
await watch('pricer-2 is frozen')
await swarm.agent('pricer-2').kill()
frozen = ''
await watch('pricer-2 was killed, and is back')
console.log(`${swarm.status().messages.requestFailures} requests failed`)
await swarm.stop()
