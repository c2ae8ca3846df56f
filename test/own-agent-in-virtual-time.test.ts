import {
  Agent,
  createJsonLogger,
  createSeededRandom,
  createSequentialIds,
  createSwarm,
  createVirtualDispatcher,
  defineRequest,
  defineTopic,
} from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const PriceMoved = defineTopic('price.moved', {
  schema: z.object({ symbol: z.string(), changeFraction: z.number() }),
  delivery: 'durable',
  key: (event) => event.symbol,
})
const GetMood = defineRequest('mood.get', {
  input: z.object({ symbol: z.string() }),
  output: z.object({ mood: z.number() }),
  idempotent: true,
})

class Watcher extends Agent<typeof Watcher> {
  static readonly role = 'watcher'
  static readonly publishes = [PriceMoved]
  static readonly requests = [GetMood]

  protected override onStart() {
    this.every('1m', async (context) => {
      const { mood } = await context.request(GetMood, { symbol: 'BTC-USDT' }, { timeoutMs: 500 })
      if (mood > 0.5) await context.publish(PriceMoved, { symbol: 'BTC-USDT', changeFraction: 0.012 })
    })
  }
}

class Moody extends Agent<typeof Moody> {
  static readonly role = 'moody'
  static readonly capabilities = ['mood']
  static readonly responds = [GetMood]
  static readonly config = z.object({ mood: z.number().default(0.7) })

  protected override onStart() {
    this.respond(GetMood, async () => ({ mood: this.config.mood }))
    this.subscribe(PriceMoved, async (event, context) => context.logger.info('moved', event))
  }
}

/** The README's own agent through an hour of virtual time, the Watcher paused for its last half. */
async function runHour(mood?: number) {
  const lines: string[] = []
  const dispatcher = createVirtualDispatcher({ start: 0 })
  const swarm = createSwarm({
    agents: [Watcher, { agent: Moody, replicas: 2, ...(mood === undefined ? {} : { config: { mood } }) }],
    storage: createMemoryStorage(),
    runtime: {
      dispatcher,
      ids: createSequentialIds(),
      random: createSeededRandom(1),
      logger: createJsonLogger({ clock: dispatcher, write: (line) => lines.push(line) }),
    },
  })
  const runUntil = async (time: number) => {
    for (let next = dispatcher.nextTime(); next !== undefined && next <= time; next = dispatcher.nextTime())
      await dispatcher.step()
  }
  await swarm.start()
  await runUntil(30 * 60_000)
  await swarm.agent('watcher').pause()
  await runUntil(60 * 60_000)
  const { agents } = swarm.status()
  await swarm.stop()
  return { lines, agents, head: swarm.journalHead() }
}

describe('the own agent of the README in virtual time', () => {
  it('runs each minute until it is paused, with real storage and the same journal every time', async () => {
    const run = await runHour(0.9)
    expect(run.lines.length).toBe(30)
    expect(JSON.parse(run.lines[0] ?? '')).toEqual({
      time: '1970-01-01T00:01:00.000Z',
      level: 'info',
      message: 'moved',
      agent: expect.stringMatching(/^moody/),
      topic: 'price.moved',
      messageId: 'message-1',
      correlationId: 'message-1',
      symbol: 'BTC-USDT',
      changeFraction: 0.012,
    })
    expect(run.agents.map(({ id, state }) => `${id} ${state}`)).toEqual([
      'watcher paused',
      'moody running',
      'moody-2 running',
    ])
    expect(run.head.sequence, 'thirty messages, and that somebody paused the Watcher').toBe(31)
    expect(await runHour(0.9)).toEqual(run)
  })

  it('takes the default of its config, and its config decides what it does', async () => {
    expect((await runHour()).lines.length).toBe(30)
    expect((await runHour(0.4)).lines.length).toBe(0)
  })
})
