import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineTopic } from '../messages/topic.js'
import { realTimeSwarm, virtualSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'

const Order = defineTopic('order.wanted', { schema: z.object({ n: z.number() }), delivery: 'durable' })
const Done = defineTopic('order.done', { schema: z.object({ n: z.number() }), delivery: 'durable' })

class Worker extends Agent<typeof Worker> {
  static readonly role = 'worker'
  static readonly publishes = [Done]
  static readonly config = z.object({ calls: z.custom<number[]>() })

  protected override onStart() {
    this.subscribe(Order, async ({ n }, context) => {
      this.config.calls.push(n)
      context.state.set('sum', (context.state.get<number>('sum') ?? 0) + n)
      await context.publish(Done, { n })
    })
    this.every('1h', () => void this.config.calls.push(-1))
  }
}

const full = (): never => {
  throw new Error('disk full')
}

describe('a storage that fails', () => {
  it('suspends the swarm: agents are paused, the message waits, and nothing half done is kept', async () => {
    const calls: number[] = []
    const { swarm, clock, storage, log } = realTimeSwarm({ agents: [{ agent: Worker, config: { calls } }] })
    await swarm.start()
    await swarm.publish(Order, { n: 1 })
    await settle()
    await swarm.publish(Order, { n: 2 })
    storage.beforeCommit = full
    await clock.advance(10_000)
    expect(swarm.status()).toMatchObject({
      state: 'suspended',
      agents: [{ state: 'paused', mailboxDepth: 1, failed: 0, deadLetters: 0 }],
    })
    expect(log).toContainEqual(expect.objectContaining({ level: 'error', error: 'disk full' }))
    storage.beforeCommit = undefined
    await clock.advance(3_600_000)
    expect(calls).toEqual([1, 2])
    expect(storage.entries.map((entry) => (JSON.parse(entry.text) as { payload: unknown }).payload)).toEqual([
      { n: 1 },
      { n: 1 },
      { n: 2 },
    ])
    expect(storage.keyValues.get('state/worker/sum')).toBe('{"version":1,"value":1}')
  })

  it('refuses to go on until a new swarm opens the mended storage, which finds the last committed state', async () => {
    const calls: number[] = []
    const { swarm, storage } = realTimeSwarm({ agents: [{ agent: Worker, config: { calls } }] })
    await swarm.start()
    await swarm.publish(Order, { n: 1 })
    await settle()
    storage.beforeCommit = full
    await expect(swarm.publish(Order, { n: 2 })).rejects.toThrow('disk full')
    storage.beforeCommit = undefined
    const { resume, restart } = swarm.agent('worker')
    for (const act of [resume, restart, () => swarm.publish(Order, { n: 3 })])
      await expect(act()).rejects.toMatchObject({ code: 'SWARM_SUSPENDED' })
    await expect(swarm.checkpoint()).rejects.toMatchObject({ code: 'JOURNAL_FAILED' })
    await expect(swarm.stop()).rejects.toMatchObject({ code: 'JOURNAL_FAILED' })
    expect(storage.closed).toBe(1)

    const next = realTimeSwarm({ agents: [{ agent: Worker, config: { calls } }], storage })
    await next.swarm.start()
    await settle()
    await next.swarm.stop()
    expect(storage.keyValues.get('state/worker/sum')).toBe('{"version":1,"value":1}')
  })

  it('fails the step in virtual time and suspends the swarm', async () => {
    const { swarm, dispatcher, storage } = virtualSwarm({ agents: [{ agent: Worker, config: { calls: [] } }] })
    await swarm.start()
    await swarm.publish(Order, { n: 1 })
    storage.beforeCommit = full
    await expect(dispatcher.step()).rejects.toThrow('disk full')
    expect(swarm.status()).toMatchObject({ state: 'suspended', agents: [{ state: 'paused' }] })
  })

  it('while the swarm drains does not keep it from ending', async () => {
    const { swarm, storage } = realTimeSwarm({ agents: [{ agent: Worker, config: { calls: [] } }] })
    await swarm.start()
    await swarm.publish(Order, { n: 1 })
    storage.beforeCommit = full
    await expect(swarm.stop()).rejects.toMatchObject({ code: 'JOURNAL_FAILED' })
    expect([storage.closed, swarm.agent('worker').status().state]).toEqual([1, 'stopped'])
  })
})
