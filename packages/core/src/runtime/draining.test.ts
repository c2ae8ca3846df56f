import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createSequentialIds } from '../ids/sequential-ids.js'
import { defineTopic } from '../messages/topic.js'
import type { FakeClock } from '../testing-support/fake-clock.test-support.js'
import { realTimeSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'
import type { HandlerContext } from './agent-types.js'
import type { Service } from './service.js'
import type { SwarmAlert, SwarmOptions } from './swarm-options.js'

const Order = defineTopic('order.wanted', {
  schema: z.object({ n: z.number(), key: z.string() }),
  delivery: 'durable',
  key: ({ key }) => key,
})

type Handler = (n: number, context: HandlerContext) => unknown

class Worker extends Agent<typeof Worker> {
  static readonly role = 'worker'
  static readonly publishes = [Order]
  static readonly config = z.object({ handle: z.custom<Handler>() })

  protected override onStart() {
    this.subscribe(Order, ({ n }, context) => this.config.handle(n, context))
  }
}

const never = (): Promise<void> => new Promise(() => undefined)

describe('a swarm that stops', () => {
  const started = async (handle: Handler, options: Partial<Omit<SwarmOptions, 'storage' | 'runtime'>> = {}) => {
    const alerts: SwarmAlert[] = []
    const made = realTimeSwarm({
      handlerTimeoutMs: 1_000,
      onAlert: (alert) => alerts.push(alert),
      ...options,
      agents: [{ agent: Worker, config: { handle } }],
    })
    await made.swarm.start()
    const stopped = async (ms: number): Promise<boolean> => {
      let isStopped = false
      void made.swarm.stop().then(() => {
        isStopped = true
      })
      await made.clock.advance(ms)
      return isStopped
    }
    /** What a new swarm on the same storage handles. */
    const next = async (): Promise<number[]> => {
      const handled: number[] = []
      const sequential = createSequentialIds()
      const later = realTimeSwarm({
        storage: made.storage,
        ids: { next: (prefix) => `${sequential.next(prefix)}-later` },
        agents: [{ agent: Worker, config: { handle: (n: number) => handled.push(n) } }],
      })
      await later.swarm.start()
      await later.clock.advance(100)
      await later.swarm.stop()
      return handled
    }
    return { ...made, alerts, stopped, next }
  }

  it('does not try again a handler that hangs meanwhile: its message, and what waits behind it, comes again at the next start', async () => {
    const calls: number[] = []
    const { swarm, storage, log, stopped, next } = await started((n) => {
      calls.push(n)
      return n === 1 ? never() : undefined
    })
    const id = await swarm.publish(Order, { n: 1, key: 'a' })
    await swarm.publish(Order, { n: 2, key: 'a' })
    await swarm.publish(Order, { n: 3, key: 'b' })
    await settle()
    expect(await stopped(1_100)).toBe(true)
    expect([calls, storage.records, storage.closed]).toEqual([[1, 3], [], 1])
    expect(log).toContainEqual(
      expect.objectContaining({ level: 'warn', agent: 'worker', unfinished: expect.anything() }),
    )
    expect(id).not.toBe('')
    expect(await next()).toEqual([1, 2])
  })

  it('does so for one agent that is stopped and started again', async () => {
    const calls: number[] = []
    const { swarm, clock, storage } = await started((n) => {
      calls.push(n)
      return calls.length === 1 ? never() : undefined
    })
    await swarm.publish(Order, { n: 1, key: 'a' })
    await swarm.publish(Order, { n: 2, key: 'a' })
    await settle()
    const stopping = swarm.agent('worker').stop()
    await clock.advance(1_100)
    await stopping
    expect(calls).toEqual([1])
    await swarm.agent('worker').start()
    await clock.advance(100)
    expect([calls, storage.records]).toEqual([[1, 1, 2], []])
    await swarm.stop()
  })

  it('ends within drainTimeoutMs with an alert that names agents and messages, and keeps what was not handled', async () => {
    const { swarm, clock, alerts, stopped, next } = await started(never, {
      handlerTimeoutMs: 60_000,
      drainTimeoutMs: 5_000,
    })
    const id = await swarm.publish(Order, { n: 1, key: 'a' })
    await swarm.publish(Order, { n: 2, key: 'a' })
    await settle()
    expect(await stopped(4_900)).toBe(false)
    await clock.advance(200)
    expect([swarm.agent('worker').status().state, clock.pending()]).toEqual(['stopped', 0])
    expect(alerts).toMatchObject([
      {
        code: 'DRAIN_TIMED_OUT',
        message: expect.stringContaining(`worker (at ${id}; 1 waiting)`),
        context: { unfinished: [{ agent: 'worker', messages: [id], waiting: 1 }] },
      },
    ])
    expect(await next()).toEqual([1, 2])
  })

  it('does not wait for the next try of a message longer than that', async () => {
    const failing = (): never => {
      throw new Error('not now')
    }
    const { swarm, alerts, stopped, next } = await started(failing, {
      drainTimeoutMs: 5_000,
      retryBackoff: { firstMs: 100_000, maximumMs: 100_000 },
    })
    const id = await swarm.publish(Order, { n: 1, key: 'a' })
    await settle()
    expect(await stopped(5_100)).toBe(true)
    expect(alerts).toMatchObject([{ context: { unfinished: [{ messages: [id] }] } }])
    expect(await next()).toEqual([1])
  })

  it('ends though agents publish to each other without end', async () => {
    let time: FakeClock | undefined
    const { swarm, clock, alerts, stopped } = await started(
      async (n, { publish }) => {
        await new Promise<void>((resolve) => void time?.at(time.now() + 100, resolve))
        await publish(Order, { n: n + 1, key: 'a' })
      },
      { drainTimeoutMs: 2_000 },
    )
    time = clock
    await swarm.publish(Order, { n: 1, key: 'a' })
    await settle()
    expect(await stopped(2_100)).toBe(true)
    expect(alerts).toMatchObject([{ code: 'DRAIN_TIMED_OUT' }])
  })

  it('leaves a service behind that does not stop, with an alert, and writes what the others still say', async () => {
    const said: string[] = []
    const service = (name: string, stop: () => Promise<void>): Service => ({ name, start: async () => undefined, stop })
    const { stopped, alerts } = await started(() => undefined, {
      drainTimeoutMs: 5_000,
      services: [service('well', async () => void said.push('well')), service('stuck', never)],
    })
    expect(await stopped(4_000)).toBe(false)
    expect(said).toEqual([])
    expect(await stopped(1_000)).toBe(true)
    expect(said).toEqual(['well'])
    expect(alerts).toMatchObject([{ code: 'SERVICE_STOP_TIMED_OUT', context: { service: 'stuck' } }])
  })

  it('refuses a drainTimeoutMs that is no whole number from 1', async () => {
    await expect(started(never, { drainTimeoutMs: 0 })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('drainTimeoutMs'),
    })
  })
})
