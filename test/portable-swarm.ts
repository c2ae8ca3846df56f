import {
  Agent,
  createConcurrentDispatcher,
  createSeededRandom,
  createSequentialIds,
  createSwarm,
  createSystemClock,
  createVirtualDispatcher,
  defineRequest,
  defineTopic,
  type JournalHead,
  type StorageDefinition,
  type Swarm,
} from '@tradeswarm/core'
import { z } from 'zod'

const Observed = defineTopic('reading.observed', {
  schema: z.object({ place: z.string(), celsius: z.number() }),
  delivery: 'durable',
  key: ({ place }) => place,
})
const Judged = defineTopic('reading.judged', {
  schema: z.object({ place: z.string(), warmer: z.boolean(), seen: z.number() }),
  delivery: 'durable',
})
const GetMean = defineRequest('mean.get', {
  input: z.object({ place: z.string(), celsius: z.number() }),
  output: z.object({ mean: z.number(), seen: z.number() }),
  idempotent: true,
})

class Thermometer extends Agent<typeof Thermometer> {
  static readonly role = 'thermometer'
  static readonly publishes = [Observed]

  protected override onStart() {
    this.every('1m', async (context) => {
      for (const place of ['Zürich', '東京', 'León 🐝'])
        await context.publish(Observed, { place, celsius: this.random.next() * 40 - 10 })
    })
  }
}

class Archivist extends Agent<typeof Archivist> {
  static readonly role = 'archivist'
  static readonly responds = [GetMean]

  protected override onStart() {
    this.respond(GetMean, async ({ place, celsius }, { state }) => {
      const { sum, seen } = state.get<{ sum: number; seen: number }>(place) ?? { sum: 0, seen: 0 }
      state.set(place, { sum: sum + celsius, seen: seen + 1 })
      return { mean: (sum + celsius) / (seen + 1), seen: seen + 1 }
    })
  }
}

class Judge extends Agent<typeof Judge> {
  static readonly role = 'judge'
  static readonly publishes = [Judged]
  static readonly requests = [GetMean]

  protected override onStart() {
    this.subscribe(Observed, async ({ place, celsius }, context) => {
      const { mean, seen } = await context.request(GetMean, { place, celsius })
      context.state.set('judged', (context.state.get<number>('judged') ?? 0) + 1)
      if (this.random.next() < 0.1) throw new Error('a judge may err, and is asked again')
      await context.publish(Judged, { place, warmer: celsius > mean, seen })
    })
  }
}

/** The head that {@link runScriptedHour} ends with in every runtime and on every storage. */
export const expectedHead: JournalHead = {
  sequence: 360,
  hash: '07f8bfd774505b2b9ad888888365f8b1a57deefdc323260d39679230cb2592dd',
}

/** An hour of virtual time with requests, documents, keyed messages, randomness and redeliveries. */
export async function runScriptedHour(storage: StorageDefinition): Promise<JournalHead> {
  const dispatcher = createVirtualDispatcher({ start: Date.UTC(2026, 0, 1) })
  const swarm = createSwarm({
    agents: [Thermometer, Archivist, Judge],
    storage,
    runtime: { dispatcher, ids: createSequentialIds(), random: createSeededRandom(42) },
  })
  await swarm.start()
  const end = dispatcher.now() + 3_600_000
  for (let next = dispatcher.nextTime(); next !== undefined && next <= end; next = dispatcher.nextTime())
    await dispatcher.step()
  await swarm.stop()
  return swarm.journalHead()
}

class Counter extends Agent<typeof Counter> {
  static readonly role = 'counter'
  static readonly publishes = [Judged]

  protected override onStart() {
    this.subscribe(Observed, async ({ place, celsius }, context) => {
      const seen = (context.state.get<number>('seen') ?? 0) + 1
      context.state.set('seen', seen)
      await context.publish(Judged, { place, warmer: celsius > 0, seen })
    })
  }
}

/** A swarm in real time that counts what it is told and keeps the count. */
export function createCounterSwarm(storage: StorageDefinition): {
  swarm: Swarm
  observe(celsius: number): Promise<string>
} {
  const swarm = createSwarm({
    agents: [Counter],
    storage,
    runtime: { dispatcher: createConcurrentDispatcher(createSystemClock()) },
  })
  return { swarm, observe: (celsius) => swarm.publish(Observed, { place: 'Zürich', celsius }) }
}

/** What the counters of all lives have said, in the order of the journal. */
export async function countsOf(swarm: Swarm): Promise<number[]> {
  const counts: number[] = []
  for await (const { text } of swarm.storage.journal.read({ kinds: ['message'] })) {
    const { topic, payload } = JSON.parse(text) as { topic: string; payload: { seen?: number } }
    if (topic === Judged.name && payload.seen !== undefined) counts.push(payload.seen)
  }
  return counts
}
