import { Agent, defineRequest, defineSupervisor, defineTopic, type Service } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createTestSwarm, type TestSwarmOptions } from './create-test-swarm.js'

const Deposited = defineTopic('cash.deposited', {
  schema: z.object({ cents: z.number().int() }),
  delivery: 'durable',
})
const Balanced = defineTopic('cash.balanced', { schema: z.object({ cents: z.number() }), delivery: 'durable' })
const Beat = defineTopic('till.beat', { schema: z.object({ draw: z.number() }), delivery: 'ephemeral' })
const GetBalance = defineRequest('balance.get', {
  input: z.object({}),
  output: z.object({ cents: z.number(), caller: z.string() }),
  idempotent: true,
})
const Secret = defineRequest('secret.get', {
  input: z.object({}),
  output: z.object({}),
  idempotent: true,
  callers: ['auditor'],
})
const Elsewhere = defineRequest('elsewhere.get', { input: z.object({}), output: z.object({}), idempotent: true })

const stops: string[] = []

class Till extends Agent<typeof Till> {
  static readonly role = 'till'
  static readonly publishes = [Balanced, Beat]
  static readonly responds = [GetBalance, Secret]

  protected override onStart() {
    this.subscribe(Deposited, async ({ cents }, { state, publish, logger }) => {
      const balance = (state.get<number>('balance') ?? 0) + cents
      state.set('balance', balance)
      await publish(Balanced, { cents: balance })
      logger.debug('deposited', { cents })
    })
    this.every('1m', async ({ publish }) => {
      await publish(Beat, { draw: this.random.next() })
    })
    this.respond(GetBalance, (_input, { state, caller = '' }) => ({ cents: state.get<number>('balance') ?? 0, caller }))
    this.respond(Secret, () => ({}))
  }

  protected override onStop() {
    stops.push(this.id)
  }
}

async function started(options: Partial<TestSwarmOptions> = {}) {
  const test = createTestSwarm({ agents: [Till], ...options })
  await test.start()
  return test
}

describe('createTestSwarm', () => {
  it('tells what was published, kept, logged and answered', async () => {
    const test = await started()
    const id = await test.publish(Deposited, { cents: 5 })
    await test.publish(Deposited, { cents: 7 })
    expect(test.published(Balanced)).toEqual([{ cents: 5 }, { cents: 12 }])
    expect(test.messages(Balanced)[0]).toMatchObject({ publisher: 'till', causationId: id, correlationId: id })
    expect(await test.document('till', 'balance')).toBe(12)
    expect(await test.document('till', 'absent')).toBeUndefined()
    expect(await test.request(GetBalance, {})).toEqual({ cents: 12, caller: 'test-probe' })
    expect(test.log).toContainEqual(
      expect.objectContaining({
        level: 'debug',
        message: 'deposited',
        agent: 'till',
        cents: 7,
        correlationId: expect.any(String),
      }),
    )
    await test.stop()
    expect(await test.document('till', 'balance')).toBe(12)
  })

  it('moves time by hand, and hears ephemeral messages too', async () => {
    const test = await started()
    await test.advance('59s')
    expect(test.published(Beat)).toEqual([])
    await test.advance('121s')
    expect(test.messages(Beat).map(({ time }) => time - Date.UTC(2026, 0, 1))).toEqual([60_000, 120_000, 180_000])
    await test.stop()
  })

  it('is the same for the same seed, and another for another', async () => {
    const run = async (seed: number) => {
      const test = await started({ seed })
      await test.publish(Deposited, { cents: 1 })
      await test.advance('3m')
      await test.stop()
      return { beats: test.messages(Beat), hash: test.swarm.journalHead().hash, log: test.log }
    }
    const first = await run(1)
    expect(await run(1)).toEqual(first)
    expect((await run(2)).beats).not.toEqual(first.beats)
  })

  it('crashes without a stop, and goes on with its state, its ids and what was published', async () => {
    const test = await started()
    stops.length = 0
    await test.publish(Deposited, { cents: 5 })
    test.crash()
    await expect(test.publish(Deposited, { cents: 1 })).rejects.toMatchObject({
      code: 'SWARM_CRASHED',
      message: expect.stringContaining('restart()'),
    })
    await expect(test.request(GetBalance, {})).rejects.toMatchObject({ code: 'SWARM_CRASHED' })
    await test.advance('5m')
    await test.stop()
    expect([stops, test.published(Beat), await test.document('till', 'balance')]).toEqual([[], [], 5])
    await test.restart()
    await test.publish(Deposited, { cents: 7 })
    expect(test.published(Balanced)).toEqual([{ cents: 5 }, { cents: 12 }])
    await test.stop()
    expect(stops).toEqual(['till'])
  })

  it('lets nothing of a dropped life through, though a handler of it still runs', async () => {
    let open = (): void => undefined
    const passed = new Promise<void>((resolve) => {
      open = resolve
    })
    const waited: string[] = []
    class Slow extends Agent<typeof Slow> {
      static readonly role = 'slow'
      static readonly publishes = [Balanced, Beat]
      protected override onStart() {
        this.subscribe(Deposited, async ({ cents }, { publish }) => {
          waited.push('begun')
          if (waited.length === 1) await passed
          await publish(Balanced, { cents })
        })
        this.subscribe(Deposited, async (_deposit, { publish }) => {
          await passed
          await publish(Beat, { draw: 0 })
        })
        this.subscribe(Beat, () => void waited.push('beat'))
      }
      protected override onHealth() {
        waited.push('asked for its health')
        return { status: 'healthy' as const }
      }
    }
    const test = createTestSwarm({ agents: [Slow] })
    await test.start()
    await test.publish(Deposited, { cents: 3 })
    test.crash()
    open()
    await test.advance('1h')
    expect([waited, test.published(Balanced), test.alerts, test.log]).toEqual([['begun'], [], [], []])
    await test.restart()
    expect([waited, test.published(Balanced)]).toEqual([['begun', 'begun', 'beat'], [{ cents: 3 }]])
    await test.stop()
  })

  it('crashes before or after a commit: whatever was published is handled once', async () => {
    const point = fc.oneof(
      fc.record({ beforeCommit: fc.integer({ min: 1, max: 6 }) }),
      fc.record({ afterCommit: fc.integer({ min: 1, max: 6 }) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(point, { maxLength: 4 }), async (points) => {
        const test = await started()
        let cents = 1
        for (const at of points) {
          test.crash(at)
          for (let deposit = 0; deposit < 4; deposit += 1) {
            await test.publish(Deposited, { cents }, { id: `deposit-${cents}` }).catch(() => undefined)
            cents += 1
          }
          await test.restart()
        }
        await test.advance('1s')
        const deposited = test.published(Deposited).reduce((sum, deposit) => sum + deposit.cents, 0)
        expect((await test.document('till', 'balance')) ?? 0).toBe(deposited)
        expect(test.published(Balanced).at(-1)?.cents ?? 0).toBe(deposited)
        expect(test.alerts).toEqual([])
        await test.stop()
      }),
      { numRuns: 100 },
    )
  })

  it('drops what runs when it is restarted', async () => {
    const test = await started()
    await test.publish(Deposited, { cents: 5 })
    stops.length = 0
    await test.restart()
    expect([stops, await test.request(GetBalance, {})]).toEqual([[], { cents: 5, caller: 'test-probe' }])
    await test.stop()
  })

  it('breaks and mends the storage', async () => {
    const told: string[] = []
    const test = await started({ onAlert: ({ code }) => told.push(code) })
    test.breakStorage()
    await expect(test.publish(Deposited, { cents: 5 })).rejects.toMatchObject({
      code: 'JOURNAL_FAILED',
      cause: { code: 'STORAGE_FULL' },
    })
    expect([test.swarm.status().state, told, test.alerts.length]).toEqual(['suspended', ['STORAGE_FULL'], 1])
    test.mendStorage()
    await test.swarm.resume()
    await test.settle()
    expect(test.published(Balanced)).toEqual([{ cents: 5 }])
    test.breakStorage(new Error('on fire'))
    await expect(test.publish(Deposited, { cents: 5 })).rejects.toThrow('on fire')
    test.mendStorage()
    await test.stop()
  })

  it('goes on where another test swarm has left a storage', async () => {
    const storage = createMemoryStorage()
    const first = await started({ storage })
    await first.publish(Deposited, { cents: 5 })
    await first.stop()
    const second = await started({ storage })
    await second.publish(Deposited, { cents: 7 })
    expect([second.published(Balanced), second.alerts]).toEqual([[{ cents: 12 }], []])
    await second.stop()
  })

  it('asks agents under supervisors and services, and says whom it cannot ask', async () => {
    const service: Service = {
      name: 'elsewhere',
      responds: [Elsewhere],
      start: async (host) => host.respond(Elsewhere, () => ({})),
      stop: async () => undefined,
    }
    const supervisor = defineSupervisor({
      name: 'tills',
      strategy: 'all-for-one',
      children: [{ agent: Till, id: 'shop' }],
    })
    const test = await started({ agents: [supervisor], services: [service] })
    expect(await test.request(GetBalance, {})).toMatchObject({ cents: 0 })
    expect(await test.request(Elsewhere, {})).toEqual({})
    await expect(test.request(Secret, {})).rejects.toMatchObject({
      code: 'NO_RESPONDER',
      message: expect.stringContaining('auditor'),
    })
    await test.stop()
    const without = await started()
    await expect(without.request(Elsewhere, {})).rejects.toMatchObject({
      code: 'NO_RESPONDER',
      message: expect.stringContaining('in this test'),
    })
    await without.stop()
  })

  it('lets a request wait for its own time-out, whatever the deadline of handlers', async () => {
    let asked = 0
    class Mute extends Agent<typeof Mute> {
      static readonly role = 'mute'
      static readonly responds = [Elsewhere]
      protected override onStart() {
        this.respond(Elsewhere, () => {
          asked += 1
          return new Promise<never>(() => undefined)
        })
      }
    }
    const test = await started({ agents: [Mute], handlerTimeoutMs: 1_000 })
    const answer = test.request(Elsewhere, {})
    await test.advance('5s')
    await expect(answer).rejects.toMatchObject({ code: 'REQUEST_TIMED_OUT' })
    // It hung, so its next life was asked, as an idempotent request allows.
    expect(asked).toBeGreaterThan(1)
    const short = test.request(Elsewhere, {}, { timeoutMs: 500 })
    await test.advance('500ms')
    await expect(short).rejects.toMatchObject({ code: 'REQUEST_TIMED_OUT' })
    await test.stop()
  })

  it('refuses a crash point that is none', async () => {
    const test = await started()
    expect(() => test.crash({ beforeCommit: 0 })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    await test.stop()
  })
})
