import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { SwarmError } from '../errors/swarm-error.js'
import { defineTopic } from '../messages/topic.js'
import { realTimeSwarm, virtualSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'
import type { SwarmAlert } from './swarm-options.js'

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
  const started = async () => {
    const calls: number[] = []
    const alerts: SwarmAlert[] = []
    const made = realTimeSwarm({
      agents: [{ agent: Worker, config: { calls } }],
      onAlert: (alert) => alerts.push(alert),
    })
    await made.swarm.start()
    await made.swarm.publish(Order, { n: 1 })
    await settle()
    const payloads = () =>
      made.storage.entries
        .filter(({ kind }) => kind === 'message')
        .map((entry) => (JSON.parse(entry.text) as { payload: { n: number } }).payload.n)
    return { ...made, calls, alerts, payloads }
  }

  it('is told of once when it does not answer a commit at all, and what waited goes on when it does', async () => {
    const { swarm, clock, storage, alerts, payloads } = await started()
    for (const round of [1, 2]) {
      const answer = Promise.withResolvers<void>()
      storage.beforeCommit = () => answer.promise
      const published = swarm.publish(Order, { n: 1 + round })
      await clock.advance(29_000)
      expect(alerts).toHaveLength(round - 1)
      await clock.advance(60_000)
      expect(alerts).toHaveLength(round)
      expect(alerts.at(-1)).toMatchObject({ code: 'STORAGE_STALLED', context: { waitedMs: expect.any(Number) } })
      expect(swarm.status().state).toBe('running')
      storage.beforeCommit = undefined
      answer.resolve()
      await published
      await settle()
    }
    expect(payloads()).toEqual([1, 1, 2, 2, 3, 3])
    await swarm.stop()
  })

  it('suspends the swarm with an alert: agents are paused, nothing half done is kept, and nothing is lost when it goes on', async () => {
    const { swarm, clock, storage, calls, alerts, payloads, log } = await started()
    await swarm.publish(Order, { n: 2 })
    storage.beforeCommit = full
    await clock.advance(10_000)
    expect(swarm.status()).toMatchObject({
      state: 'suspended',
      agents: [{ state: 'paused', failed: 0, deadLetters: 0 }],
    })
    expect(alerts).toMatchObject([{ code: 'STORAGE_FAILED', message: expect.stringContaining('disk full') }])
    expect(log).toContainEqual(expect.objectContaining({ level: 'error', error: 'disk full' }))
    expect([payloads(), storage.keyValues.get('state/worker/sum')]).toEqual([[1, 1, 2], '{"version":1,"value":1}'])
    await expect(swarm.resume()).rejects.toThrow('disk full')
    expect(swarm.status().state).toBe('suspended')

    storage.beforeCommit = undefined
    await swarm.resume()
    await swarm.publish(Order, { n: 3 })
    await clock.advance(10_000)
    expect(calls).toEqual([1, 2, 3])
    expect(payloads()).toEqual([1, 1, 2, 2, 3, 3])
    expect(swarm.status()).toMatchObject({ state: 'running', agents: [{ state: 'running', handled: 3, failed: 0 }] })
    await swarm.stop()
    expect(storage.keyValues.get('state/worker/sum')).toBe('{"version":3,"value":6}')
  })

  it('tells a publisher that the outcome is not known, and refuses everything until the swarm is resumed', async () => {
    const { swarm, storage, payloads } = await started()
    storage.beforeCommit = full
    await expect(swarm.publish(Order, { n: 2 })).rejects.toThrow('disk full')
    const { resume, restart, kill } = swarm.agent('worker')
    for (const act of [resume, restart, kill, () => swarm.publish(Order, { n: 3 }), () => swarm.scale('worker', 2)])
      await expect(act()).rejects.toMatchObject({
        code: 'SWARM_SUSPENDED',
        message: expect.stringContaining('resume()'),
      })
    await expect(swarm.checkpoint()).rejects.toMatchObject({ code: 'JOURNAL_FAILED' })
    storage.beforeCommit = undefined
    await swarm.resume()
    await settle()
    await swarm.stop()
    expect(payloads()).toEqual([1, 1, 2, 2])
  })

  it('does not tell a publisher to try again, whatever the storage says: what was pending is written on resume', async () => {
    const { swarm, storage, payloads } = await started()
    const cause = new SwarmError({ code: 'STORAGE_FULL', message: 'the disk is full', retryability: 'retryable' })
    storage.beforeCommit = () => {
      throw cause
    }
    await expect(swarm.publish(Order, { n: 2 })).rejects.toMatchObject({
      code: 'JOURNAL_FAILED',
      retryability: 'unknown-outcome',
      message: expect.stringContaining('the disk is full'),
      cause,
    })
    storage.beforeCommit = undefined
    await swarm.resume()
    await settle()
    await swarm.stop()
    expect(payloads()).toEqual([1, 1, 2, 2])
  })

  it('is asked again when it was busy for a moment, and suspends the swarm only when it stays so', async () => {
    const { swarm, clock, storage, alerts, payloads } = await started()
    let busy = 3
    storage.beforeCommit = () => {
      busy -= 1
      if (busy >= 0) throw new SwarmError({ code: 'STORAGE_BUSY', message: 'busy', retryability: 'retryable' })
    }
    const published = swarm.publish(Order, { n: 2 })
    await clock.advance(1_000)
    await published
    await clock.advance(1_000)
    expect([swarm.status().state, alerts, payloads()]).toEqual(['running', [], [1, 1, 2, 2]])

    busy = Number.POSITIVE_INFINITY
    const refused = expect(swarm.publish(Order, { n: 3 })).rejects.toMatchObject({ code: 'JOURNAL_FAILED' })
    await clock.advance(2_000)
    await refused
    expect([swarm.status().state, alerts]).toMatchObject(['suspended', [{ code: 'STORAGE_BUSY' }]])
  })

  it('leaves an agent paused that was paused before', async () => {
    const { swarm, storage } = await started()
    await swarm.agent('worker').pause()
    storage.beforeCommit = full
    await expect(swarm.publish(Order, { n: 2 })).rejects.toThrow('disk full')
    storage.beforeCommit = undefined
    await swarm.resume()
    expect(swarm.agent('worker').status()).toMatchObject({ state: 'paused', mailboxDepth: 1 })
    await swarm.stop()
  })

  it('loses nothing when the swarm is stopped instead and another is started on the mended storage', async () => {
    const { swarm, clock, storage, payloads } = await started()
    storage.beforeCommit = full
    await expect(swarm.publish(Order, { n: 2 })).rejects.toThrow('disk full')
    await clock.advance(1_000)
    await expect(swarm.stop()).rejects.toMatchObject({ code: 'JOURNAL_FAILED' })
    expect(storage.closed).toBe(1)

    storage.beforeCommit = undefined
    const next = realTimeSwarm({ agents: [{ agent: Worker, config: { calls: [] } }], storage })
    await next.swarm.start()
    await next.clock.advance(1_000)
    await next.swarm.stop()
    expect([payloads(), storage.keyValues.get('state/worker/sum')]).toEqual([[1, 1], '{"version":1,"value":1}'])
  })

  it('suspends with one alert when it cannot be read, and lets groups that lag read on once it is mended', async () => {
    const { swarm, clock, storage, calls, alerts } = await started()
    await swarm.agent('worker').stop()
    for (const n of [2, 3, 4]) await swarm.publish(Order, { n })
    storage.beforeRead = ({ text }) => {
      if (text.includes('"n":3')) throw new Error('entry 4 was altered')
    }
    await swarm.agent('worker').start()
    await clock.advance(1_000)
    expect(swarm.status().state).toBe('suspended')
    // Not mended yet: it stops at the same place again.
    await swarm.resume()
    await clock.advance(1_000)
    expect(swarm.status().state).toBe('suspended')
    expect(alerts).toMatchObject([
      { code: 'STORAGE_FAILED', message: expect.stringContaining('entry 4 was altered') },
      { code: 'STORAGE_FAILED', message: expect.stringContaining('entry 4 was altered') },
    ])
    storage.beforeRead = undefined
    await swarm.resume()
    await clock.advance(1_000)
    expect([swarm.status().state, calls]).toEqual(['running', [1, 2, 3, 4]])
    await swarm.stop()
  })

  it('raises its alert once, however many find it failed', async () => {
    const { swarm, storage, alerts } = await started()
    await swarm.agent('worker').stop()
    await swarm.publish(Order, { n: 2 })
    storage.beforeRead = full
    await swarm.agent('worker').start()
    storage.beforeCommit = full
    await expect(swarm.noteOperatorAct({ act: 'look' })).rejects.toThrow('disk full')
    await settle()
    expect([swarm.status().state, alerts.length]).toEqual(['suspended', 1])
  })

  it('fails the step in virtual time and suspends the swarm', async () => {
    const { swarm, dispatcher, storage } = virtualSwarm({ agents: [{ agent: Worker, config: { calls: [] } }] })
    await swarm.start()
    await swarm.publish(Order, { n: 1 })
    storage.beforeCommit = full
    await expect(dispatcher.step()).rejects.toThrow('disk full')
    expect(swarm.status()).toMatchObject({ state: 'suspended', agents: [{ state: 'paused' }] })
  })

  it('and cannot be closed either tells whoever stops the swarm that something was not written', async () => {
    const { swarm, storage, log } = await started()
    storage.beforeCommit = full
    storage.beforeClose = full
    await expect(swarm.publish(Order, { n: 2 })).rejects.toThrow('disk full')
    await expect(swarm.stop()).rejects.toMatchObject({ code: 'JOURNAL_FAILED' })
    expect(log).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining('closed'), error: 'disk full' }),
    )
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
