import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineTopic } from '../messages/topic.js'
import { createGate, type Gate } from '../testing-support/fake-clock.test-support.js'
import { realTimeSwarm, virtualSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'
import type { HandlerContext } from './agent-types.js'

const Job = defineTopic('job.wanted', { schema: z.object({ n: z.number() }), delivery: 'durable' })
const Done = defineTopic('job.done', { schema: z.object({ n: z.number(), life: z.number() }), delivery: 'durable' })

type Script = {
  lives: number
  readonly log: string[]
  /** Called by handlers; what it returns is awaited before they publish. */
  work?: ((n: number, life: number, context: HandlerContext<typeof Doer>) => unknown) | undefined
  start?: ((life: number) => unknown) | undefined
}

class Doer extends Agent<typeof Doer> {
  static readonly role = 'doer'
  static readonly publishes = [Done]
  static readonly config = z.object({ script: z.custom<Script>() })
  #life = 0

  protected override async onStart() {
    const { script } = this.config
    script.lives += 1
    this.#life = script.lives
    this.every('1h', () => void script.log.push(`timer of life ${this.#life}`))
    this.subscribe(Job, async ({ n }, context) => {
      const life = this.#life
      script.log.push(`${n} in life ${life} of ${this.id}`)
      context.state.set('done', [...(context.state.get<number[]>('done') ?? []), n])
      await script.work?.(n, life, context)
      await context.publish(Done, { n, life })
    })
    await script.start?.(this.#life)
  }
}

function scripted(parts: Partial<Script> = {}) {
  const script: Script = { lives: 0, log: [], ...parts }
  return { script, agents: [{ agent: Doer, config: { script } }] }
}

const published = (entries: readonly { text: string }[]) =>
  entries
    .map((entry) => JSON.parse(entry.text) as { topic: string; payload: unknown })
    .filter(({ topic }) => topic === 'job.done')
    .map(({ payload }) => payload)

describe('a restart in real time', () => {
  it('I38 keeps documents and waiting messages, which the new agent handles in order, with what the old one was at', async () => {
    const gate = createGate()
    const { script, agents } = scripted({ work: (_n, life) => (life === 1 ? gate.passed : undefined) })
    const { swarm, clock, storage } = realTimeSwarm({ agents })
    await swarm.start()
    for (const n of [1, 2, 3]) await swarm.publish(Job, { n })
    await settle()
    expect(script.log).toEqual(['1 in life 1 of doer'])
    await swarm.agent('doer').restart()
    await clock.advance(50)
    expect(script.log).toEqual([
      '1 in life 1 of doer',
      '1 in life 2 of doer',
      '2 in life 2 of doer',
      '3 in life 2 of doer',
    ])
    expect(swarm.agent('doer').status()).toMatchObject({ state: 'running', restarts: 1, handled: 3, mailboxDepth: 0 })
    gate.open()
    await settle()
    await swarm.stop()
    expect(published(storage.entries)).toEqual([1, 2, 3].map((n) => ({ n, life: 2 })))
    expect(JSON.parse(storage.keyValues.get('state/doer/done') ?? '')).toEqual({ version: 3, value: [1, 2, 3] })
  })

  it('I38 is done within 5 s of the clock for a handler that hangs for ever', async () => {
    const { agents } = scripted({ work: (_n, life) => (life === 1 ? createGate().passed : undefined) })
    const { swarm, clock } = realTimeSwarm({ agents })
    await swarm.start()
    await swarm.publish(Job, { n: 1 })
    await clock.advance(10)
    await swarm.agent('doer').restart()
    const before = clock.now()
    while (swarm.agent('doer').status().handled === 0) await clock.advance(1)
    expect(clock.now() - before).toBeLessThan(5_000)
    await swarm.stop()
  })

  it('I38 revokes the old context: a zombie writes, publishes and acknowledges nothing', async () => {
    const gate = createGate()
    const tries: unknown[] = []
    const { agents } = scripted({
      async work(_n, life, context) {
        if (life > 1) return
        const { signal } = context
        await gate.passed
        tries.push(signal.aborted, await context.publish(Done, { n: 666, life: 1 }).catch((error: unknown) => error))
        try {
          context.state.set('zombie', true)
        } catch (error) {
          tries.push(error)
        }
      },
    })
    const { swarm, clock, storage } = realTimeSwarm({ agents })
    await swarm.start()
    await swarm.publish(Job, { n: 1 })
    await settle()
    await swarm.agent('doer').restart()
    gate.open()
    await clock.advance(100)
    const revoked = { code: 'CONTEXT_REVOKED' }
    expect(tries).toMatchObject([true, revoked, revoked])
    await swarm.stop()
    expect(published(storage.entries)).toEqual([{ n: 1, life: 2 }])
    expect(storage.keyValues.has('state/doer/zombie')).toBe(false)
  })

  it('keeps what is published while the new agent starts, and runs no timer of the old one', async () => {
    const gate = createGate()
    const { script, agents } = scripted({ start: (life) => (life === 2 ? gate.passed : undefined) })
    const { swarm, clock } = realTimeSwarm({ agents })
    await swarm.start()
    const restarting = swarm.agent('doer').restart()
    await settle()
    await swarm.publish(Job, { n: 1 })
    await settle()
    expect([script.log, swarm.agent('doer').status()]).toMatchObject([[], { state: 'starting', mailboxDepth: 1 }])
    gate.open()
    await restarting
    await settle()
    expect(script.log).toEqual(['1 in life 2 of doer'])
    await clock.advance(3_600_000)
    expect(script.log.slice(1)).toEqual(['timer of life 2'])
    await swarm.stop()
  })

  it('puts what the old agent was at before what waits, however long the new one takes to start', async () => {
    const slow = createGate()
    const { script, agents } = scripted({
      start: (life) => (life === 2 ? slow.passed : undefined),
      work: (_n, life) => (life === 1 ? createGate().passed : undefined),
    })
    const { swarm, clock } = realTimeSwarm({ agents })
    await swarm.start()
    for (const n of [1, 2, 3]) await swarm.publish(Job, { n })
    await settle()
    const restarting = swarm.agent('doer').restart()
    await clock.advance(1_000)
    expect(swarm.agent('doer').status()).toMatchObject({ state: 'starting', mailboxDepth: 3 })
    slow.open()
    await restarting
    await settle()
    expect(script.log.slice(1)).toEqual([1, 2, 3].map((n) => `${n} in life 2 of doer`))
    await swarm.stop()
  })

  it('and a start hold back the messages until onStart has ended', async () => {
    const slow = createGate()
    const { script, agents } = scripted({ start: (life) => (life === 2 ? slow.passed : undefined) })
    const { swarm } = realTimeSwarm({ agents })
    await swarm.start()
    await swarm.agent('doer').stop()
    const starting = swarm.agent('doer').start()
    await swarm.publish(Job, { n: 1 })
    await settle()
    expect(script.log).toEqual([])
    slow.open()
    await starting
    await settle()
    expect(script.log).toEqual(['1 in life 2 of doer'])
    await swarm.stop()
  })

  it('that fails leaves the agent failed with its messages waiting; the next one goes on with them', async () => {
    const { script, agents } = scripted({
      start(life) {
        if (life === 2) throw new Error('no connection')
      },
    })
    const { swarm } = realTimeSwarm({ agents })
    await swarm.start()
    await swarm.agent('doer').pause()
    await swarm.publish(Job, { n: 1 })
    await expect(swarm.agent('doer').restart()).rejects.toMatchObject({ code: 'AGENT_START_FAILED' })
    await swarm.publish(Job, { n: 2 })
    await settle()
    expect([script.log, swarm.agent('doer').status()]).toMatchObject([
      [],
      { state: 'failed', health: 'unhealthy', mailboxDepth: 2 },
    ])
    await swarm.agent('doer').restart()
    await settle()
    expect(script.log).toEqual(['1 in life 3 of doer', '2 in life 3 of doer'])
    await swarm.stop()
    expect(swarm.agent('doer').status().state).toBe('stopped')
  })

  it('counts as a try of what was being handled, so that a message that hangs every life is dead-lettered', async () => {
    const gates: Gate[] = []
    const { agents } = scripted({
      work(n) {
        if (n !== 1) return undefined
        gates.push(createGate())
        return gates.at(-1)?.passed
      },
    })
    const { swarm, clock } = realTimeSwarm({ agents })
    await swarm.start()
    for (const n of [1, 2]) await swarm.publish(Job, { n })
    for (let round = 0; round < 3; round += 1) {
      await clock.advance(1_000)
      await swarm.agent('doer').restart()
    }
    await clock.advance(1_000)
    expect(swarm.agent('doer').status()).toMatchObject({ deadLetters: 1, handled: 1, restarts: 3 })
    await swarm.stop()
  })

  it('during a restart lets the later one win', async () => {
    const gate = createGate()
    const { script, agents } = scripted({ start: (life) => (life === 2 ? gate.passed : undefined) })
    const { swarm } = realTimeSwarm({ agents })
    await swarm.start()
    const first = swarm.agent('doer').restart()
    const second = swarm.agent('doer').restart()
    gate.open()
    await expect(first).rejects.toMatchObject({ code: 'AGENT_RESTARTED' })
    await second
    await swarm.publish(Job, { n: 1 })
    await settle()
    expect(script.log).toEqual(['1 in life 3 of doer'])
    await swarm.stop()
  })
})

describe('a restart in virtual time', () => {
  it('keeps documents, waiting messages and their order, and takes back what the old agent was at', async () => {
    const { script, agents } = scripted()
    const { swarm, dispatcher, storage } = virtualSwarm({ agents })
    script.work = async (n, life) => {
      if (n === 2 && life === 1) await swarm.agent('doer').restart()
    }
    await swarm.start()
    for (const n of [1, 2, 3]) await swarm.publish(Job, { n })
    await dispatcher.step()
    expect(script.log).toEqual([
      '1 in life 1 of doer',
      '2 in life 1 of doer',
      '2 in life 2 of doer',
      '3 in life 2 of doer',
    ])
    expect(published(storage.entries)).toEqual([
      { n: 1, life: 1 },
      { n: 2, life: 2 },
      { n: 3, life: 2 },
    ])
    await swarm.stop()
    expect(JSON.parse(storage.keyValues.get('state/doer/done') ?? '')).toEqual({ version: 3, value: [1, 2, 3] })
  })
})
