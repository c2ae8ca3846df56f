import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineTopic } from '../messages/topic.js'
import { defineSupervisor } from '../supervision/define-supervisor.js'
import { createGate } from '../testing-support/fake-clock.test-support.js'
import { realTimeSwarm, virtualSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'
import type { Health } from './agent-types.js'
import type { SwarmAlert } from './swarm-options.js'

const Job = defineTopic('job.wanted', {
  schema: z.object({ to: z.string(), n: z.number() }),
  delivery: 'durable',
  key: ({ n }) => String(n),
})
const Done = defineTopic('job.done', { schema: z.object({ by: z.string(), n: z.number() }), delivery: 'durable' })

type Acts = {
  start?: (life: number) => unknown
  handle?: (n: number, life: number) => unknown
  health?: (life: number) => Health | Promise<Health>
  timer?: (life: number) => unknown
  stop?: () => unknown
}

/** An agent of a role that notes what it handles, and otherwise does what the test says. */
function worker(role: string, acts: Acts = {}, log: string[] = []) {
  let lives = 0
  return class Worker extends Agent {
    static readonly role: string = role
    static readonly publishes = [Done]
    #life = 0

    protected override async onStart() {
      lives += 1
      this.#life = lives
      log.push(`start ${this.id}`)
      if (acts.timer !== undefined) this.every('1s', async () => void (await acts.timer?.(this.#life)))
      this.subscribe(Job, async ({ to, n }, context) => {
        if (to !== role) return
        await acts.handle?.(n, this.#life)
        context.state.set('done', [...(context.state.get<number[]>('done') ?? []), n])
        await context.publish(Done, { by: `${role} ${this.#life}`, n })
      })
      await acts.start?.(this.#life)
    }

    protected override async onStop() {
      await acts.stop?.()
    }
  }
}

function feeling(role: string, health: (life: number) => Health | Promise<Health>) {
  let lives = 0
  return class Feeling extends Agent {
    static readonly role: string = role
    #life = 0
    protected override onStart() {
      lives += 1
      this.#life = lives
    }
    protected override onHealth() {
      return health(this.#life)
    }
  }
}

const published = (entries: readonly { text: string }[]) =>
  entries
    .map((entry) => JSON.parse(entry.text) as { topic: string; payload: unknown })
    .filter(({ topic }) => topic === 'job.done')
    .map(({ payload }) => payload)

const hang = () => createGate().passed

describe('an agent that is killed', () => {
  it('I38 is brought back at once by its supervisor, with its state and the messages that it had not acknowledged', async () => {
    const { swarm, clock, storage } = realTimeSwarm({
      agents: [worker('doer', { handle: (n, life) => (n === 2 && life === 1 ? hang() : undefined) })],
    })
    await swarm.start()
    for (const n of [1, 2]) await swarm.publish(Job, { to: 'doer', n })
    await settle()
    const before = clock.now()
    await swarm.agent('doer').kill()
    await settle()
    expect(clock.now()).toBe(before)
    expect(swarm.agent('doer').status()).toMatchObject({ state: 'running', restarts: 1, health: 'healthy' })
    await clock.advance(100)
    expect(published(storage.entries)).toEqual([
      { by: 'doer 1', n: 1 },
      { by: 'doer 2', n: 2 },
    ])
    await swarm.stop()
    expect(JSON.parse(storage.keyValues.get('state/doer/done') ?? '')).toMatchObject({ value: [1, 2] })
  })

  it('again and again comes back after growing waits, then is in quarantine: an alert is raised, and a release starts it', async () => {
    const alerts: SwarmAlert[] = []
    const { swarm, clock, storage } = realTimeSwarm({
      agents: [worker('doer')],
      restartIntensity: { restarts: 3, perMs: 60_000 },
      onAlert: (alert) => void alerts.push(alert),
    })
    await swarm.start()
    const waits: number[] = []
    for (let round = 0; round < 3; round += 1) {
      await swarm.agent('doer').kill()
      const killedAt = clock.now()
      await settle()
      while (swarm.agent('doer').status().state !== 'running') await clock.advance(1)
      waits.push(clock.now() - killedAt)
    }
    expect(waits[0]).toBe(0)
    expect(waits[2]).toBeGreaterThan(waits[1] ?? 0)
    await swarm.agent('doer').kill()
    await settle()
    await swarm.publish(Job, { to: 'doer', n: 1 })
    await clock.advance(120_000)
    expect(alerts).toEqual([
      expect.objectContaining({ code: 'AGENT_QUARANTINED', context: { agent: 'doer' }, time: expect.any(Number) }),
    ])
    expect(swarm.agent('doer').status()).toMatchObject({
      state: 'failed',
      health: 'unhealthy',
      quarantine: expect.stringContaining('3 restarts within 60000 ms: killed by an operator'),
      mailboxDepth: 1,
    })
    expect(swarm.supervision()).toMatchObject({ state: 'quarantined' })
    await swarm.agent('doer').release()
    await settle()
    expect(swarm.agent('doer').status()).toMatchObject({ state: 'running', mailboxDepth: 0 })
    expect(swarm.agent('doer').status().quarantine).toBeUndefined()
    expect(published(storage.entries)).toEqual([{ by: 'doer 5', n: 1 }])
    await swarm.stop()
  })

  it.each(['start', 'restart'] as const)(
    'and put in quarantine is watched over again after an operator’s %s',
    async (act) => {
      const { swarm } = realTimeSwarm({ agents: [worker('doer')], restartIntensity: { restarts: 1, perMs: 60_000 } })
      await swarm.start()
      for (let round = 0; round < 2; round += 1) {
        await swarm.agent('doer').kill()
        await settle()
      }
      expect(swarm.agent('doer').status().quarantine).toBeDefined()
      await swarm.agent('doer')[act]()
      expect(swarm.agent('doer').status().state).toBe('running')
      await swarm.agent('doer').kill()
      await settle()
      expect(swarm.agent('doer').status().state).toBe('running')
      await swarm.stop()
    },
  )

  it('can be stopped in quarantine, and started again', async () => {
    const { swarm } = realTimeSwarm({ agents: [worker('doer')], restartIntensity: { restarts: 0, perMs: 60_000 } })
    await swarm.start()
    await swarm.agent('doer').kill()
    await settle()
    await swarm.agent('doer').stop()
    expect(swarm.agent('doer').status().state).toBe('stopped')
    await swarm.agent('doer').start()
    expect(swarm.agent('doer').status().state).toBe('running')
    await swarm.stop()
  })

  it('while it starts is started anew at once, however long the old start would have hung', async () => {
    const log: string[] = []
    const doer = worker('doer', { start: (life) => (life === 2 ? hang() : undefined) }, log)
    const { swarm, clock } = realTimeSwarm({ agents: [doer] })
    await swarm.start()
    await swarm.agent('doer').kill()
    await settle()
    expect(swarm.agent('doer').status().state).toBe('starting')
    await swarm.agent('doer').kill()
    await clock.advance(200)
    expect(swarm.agent('doer').status().state).toBe('running')
    expect(log).toEqual(['start doer', 'start doer', 'start doer'])
    await swarm.stop()
  })

  it('when it is stopped is refused, as a restart is: it says to start it, and nothing counts against it', async () => {
    const { swarm, storage } = realTimeSwarm({ agents: [worker('doer')] })
    await swarm.start()
    await swarm.agent('doer').stop()
    const entries = swarm.journalHead().sequence
    await expect(swarm.agent('doer').kill()).rejects.toMatchObject({
      code: 'AGENT_NOT_RUNNING',
      message: 'agent doer is stopped: start it',
    })
    await expect(swarm.agent('doer').restart()).rejects.toMatchObject({ code: 'AGENT_NOT_RUNNING' })
    await expect(swarm.agent('doer').release()).rejects.toMatchObject({ code: 'NOT_QUARANTINED' })
    expect(swarm.journalHead().sequence).toBe(entries)
    expect(swarm.supervision()).toMatchObject({ restarts: 0 })
    await swarm.stop()
    expect(storage.closed).toBe(1)
  })

  it('stays paused where it was paused', async () => {
    const { swarm, clock, storage } = realTimeSwarm({ agents: [worker('doer')] })
    await swarm.start()
    await swarm.agent('doer').pause()
    await swarm.agent('doer').kill()
    await swarm.publish(Job, { to: 'doer', n: 1 })
    await clock.advance(1_000)
    expect(swarm.agent('doer').status()).toMatchObject({ state: 'paused', restarts: 1, mailboxDepth: 1 })
    await swarm.agent('doer').resume()
    await settle()
    expect(published(storage.entries)).toEqual([{ by: 'doer 2', n: 1 }])
    await swarm.stop()
  })

  it('can be paused while it waits for its restart', async () => {
    const { swarm, clock } = realTimeSwarm({ agents: [worker('doer')] })
    await swarm.start()
    await swarm.agent('doer').kill()
    await settle()
    await swarm.agent('doer').kill()
    await swarm.agent('doer').pause()
    await clock.advance(1_000)
    expect(swarm.agent('doer').status().state).toBe('paused')
    await swarm.stop()
  })
})

describe('a handler that hangs', () => {
  it('I38 is found by its deadline: the agent runs anew, and what else it was at is not blamed', async () => {
    const slow = createGate()
    const doer = worker('doer', {
      handle: (n, life) => (n === 13 ? hang() : n === 7 && life === 1 ? slow.passed : undefined),
    })
    const { swarm, clock, storage } = realTimeSwarm({ agents: [doer], handlerTimeoutMs: 1_000, maximumTries: 1 })
    await swarm.start()
    await swarm.publish(Job, { to: 'doer', n: 13 })
    await clock.advance(500)
    await swarm.publish(Job, { to: 'doer', n: 7 })
    await clock.advance(499)
    expect(swarm.agent('doer').status()).toMatchObject({ restarts: 0, deadLetters: 0 })
    await clock.advance(1)
    expect(swarm.agent('doer').status()).toMatchObject({ state: 'running', restarts: 1, deadLetters: 1 })
    await clock.advance(100)
    expect(published(storage.entries)).toEqual([{ by: 'doer 2', n: 7 }])
    expect(await swarm.deadLetters.list()).toMatchObject([{ message: { payload: { n: 13 } } }])
    slow.open()
    await swarm.stop()
  })

  it('of a life that is over reports nothing', async () => {
    const doer = worker('doer', { handle: (_n, life) => (life === 1 ? hang() : undefined) })
    const { swarm, clock } = realTimeSwarm({ agents: [doer], handlerTimeoutMs: 1_000 })
    await swarm.start()
    await swarm.publish(Job, { to: 'doer', n: 1 })
    await clock.advance(900)
    await swarm.agent('doer').kill()
    await clock.advance(5_000)
    expect(swarm.agent('doer').status()).toMatchObject({ state: 'running', restarts: 1, handled: 1 })
    await swarm.stop()
  })

  it('in every life takes its message to the dead letters, not its agent to quarantine', async () => {
    const doer = worker('doer', { handle: (n) => (n === 13 ? hang() : undefined) })
    const { swarm, clock } = realTimeSwarm({ agents: [doer], handlerTimeoutMs: 1_000 })
    await swarm.start()
    for (const n of [13, 1]) await swarm.publish(Job, { to: 'doer', n })
    await clock.advance(10_000)
    expect(swarm.agent('doer').status()).toMatchObject({ state: 'running', restarts: 3, deadLetters: 1, handled: 1 })
    await swarm.stop()
  })

  it('on a timer is found too, and the timer goes on in the new life', async () => {
    const lives: number[] = []
    const doer = worker('doer', {
      timer(life) {
        lives.push(life)
        return life === 1 ? hang() : undefined
      },
    })
    const { swarm, clock } = realTimeSwarm({ agents: [doer], handlerTimeoutMs: 2_500 })
    await swarm.start()
    await clock.advance(3_500)
    expect([lives, swarm.agent('doer').status()]).toMatchObject([[1], { restarts: 1 }])
    await clock.advance(2_000)
    expect(lives).toEqual([1, 2, 2])
    await swarm.stop()
  })

  it('a timer that fails is counted and logged, and called again', async () => {
    let calls = 0
    const doer = worker('doer', {
      timer() {
        calls += 1
        throw new Error('no market')
      },
    })
    const { swarm, clock, log } = realTimeSwarm({ agents: [doer] })
    await swarm.start()
    await clock.advance(3_000)
    expect(calls).toBe(3)
    expect(swarm.agent('doer').status()).toMatchObject({ state: 'running', failed: 3, restarts: 0 })
    expect(log.filter(({ error }) => error === 'no market')).toHaveLength(3)
    await swarm.stop()
  })
})

describe('a start at a restart', () => {
  it('that throws is tried again later, and later still', async () => {
    const starts: number[] = []
    const { swarm, clock } = realTimeSwarm({
      agents: [
        worker('doer', {
          start(life) {
            starts.push(clock.now())
            if (life === 2 || life === 3) throw new Error('no connection')
          },
        }),
      ],
    })
    await swarm.start()
    await swarm.agent('doer').kill()
    await clock.advance(1_000)
    expect(swarm.agent('doer').status()).toMatchObject({ state: 'running', restarts: 3 })
    const [, second = 0, third = 0, fourth = 0] = starts
    expect(third - second).toBeGreaterThan(0)
    expect(fourth - third).toBeGreaterThan(third - second)
    await swarm.stop()
  })

  it('that hangs is given up at the deadline', async () => {
    const doer = worker('doer', { start: (life) => (life === 2 ? hang() : undefined) })
    const { swarm, clock } = realTimeSwarm({ agents: [doer], handlerTimeoutMs: 1_000 })
    await swarm.start()
    await swarm.agent('doer').kill()
    await clock.advance(999)
    expect(swarm.agent('doer').status().state).toBe('starting')
    await clock.advance(200)
    expect(swarm.agent('doer').status()).toMatchObject({ state: 'running', restarts: 2 })
    await swarm.stop()
  })

  it('whose class cannot even be made leaves the agent failed, not starting for ever', async () => {
    let made = 0
    class Fragile extends Agent {
      static readonly role = 'fragile'
      constructor() {
        super()
        made += 1
        if (made === 2) throw new Error('no memory')
      }
    }
    const { swarm, clock } = realTimeSwarm({ agents: [Fragile] })
    await swarm.start()
    await expect(swarm.agent('fragile').restart()).rejects.toMatchObject({ code: 'AGENT_START_FAILED' })
    expect(swarm.agent('fragile').status().state).toBe('failed')
    await swarm.agent('fragile').start()
    await swarm.agent('fragile').kill()
    await clock.advance(100)
    expect(swarm.agent('fragile').status().state).toBe('running')
    await swarm.stop()
  })
})

describe('a stop while an agent is being restarted', () => {
  it('leaves it stopped: during its wait, and during its start', async () => {
    const doer = worker('doer', { start: (life) => (life === 3 ? hang() : undefined) })
    const { swarm, clock } = realTimeSwarm({ agents: [doer] })
    await swarm.start()
    await swarm.agent('doer').kill()
    await settle()
    await swarm.agent('doer').kill()
    await swarm.agent('doer').stop()
    await clock.advance(60_000)
    expect(swarm.agent('doer').status()).toMatchObject({ state: 'stopped', restarts: 1 })
    expect(swarm.find({ role: 'doer' })).toEqual([])
    const starting = swarm
      .agent('doer')
      .start()
      .catch((error: unknown) => error)
    await settle()
    await swarm.agent('doer').stop()
    expect(await starting).toMatchObject({ code: 'AGENT_RESTARTED' })
    await clock.advance(120_000)
    expect(swarm.agent('doer').status().state).toBe('stopped')
    expect(swarm.find({})).toEqual([])
    await swarm.stop()
    expect(clock.pending()).toBe(0)
  })

  it('of the whole swarm ends at once, and nothing is started any more', async () => {
    const log: string[] = []
    const doer = worker('doer', { start: (life) => (life === 2 ? hang() : undefined) }, log)
    const { swarm, clock, storage } = realTimeSwarm({ agents: [doer, worker('other', {}, log)] })
    await swarm.start()
    await swarm.agent('doer').kill()
    await settle()
    await swarm.stop()
    await clock.advance(120_000)
    expect(log).toEqual(['start doer', 'start other', 'start doer'])
    expect([storage.closed, clock.pending()]).toEqual([1, 0])
  })

  it('of the whole swarm while it starts for the first time gives that start up', async () => {
    const log: string[] = []
    const { swarm, clock, storage } = realTimeSwarm({
      agents: [worker('slow', { start: hang }, log), worker('other', {}, log)],
    })
    const starting = swarm.start().catch((error: unknown) => error)
    await settle()
    await swarm.stop()
    expect(await starting).toMatchObject({ code: 'SWARM_NOT_RUNNING' })
    expect(log).toEqual(['start slow'])
    await clock.advance(60_000)
    expect([swarm.status().state, storage.closed, clock.pending()]).toEqual(['stopped', 1, 0])
  })

  it('does not wait for ever for an onStop that hangs', async () => {
    const { swarm, clock, log, storage } = realTimeSwarm({
      agents: [worker('doer', { stop: hang })],
      handlerTimeoutMs: 1_000,
    })
    await swarm.start()
    const stopping = swarm.stop()
    await clock.advance(1_000)
    await stopping
    expect(storage.closed).toBe(1)
    expect(log).toContainEqual(expect.objectContaining({ error: 'its onStop did not end within 1000 ms' }))
  })
})

describe('an agent that says of itself that it is unhealthy', () => {
  it('three times in a row is restarted; the new life begins with a clean slate', async () => {
    const asked: number[] = []
    const patient = feeling('patient', (life) => {
      asked.push(life)
      return { status: life === 1 && asked.length !== 2 ? 'unhealthy' : 'healthy' }
    })
    const { swarm, clock } = realTimeSwarm({ agents: [patient], healthCheckMs: 1_000 })
    await swarm.start()
    await clock.advance(4_000)
    expect([asked, swarm.agent('patient').status()]).toMatchObject([[1, 1, 1, 1], { health: 'unhealthy', restarts: 0 }])
    await clock.advance(1_000)
    expect(swarm.agent('patient').status()).toMatchObject({ health: 'healthy', restarts: 1 })
    await clock.advance(10_000)
    expect(swarm.agent('patient').status().restarts).toBe(1)
    await swarm.stop()
  })

  it('or does not answer, or throws, counts as unhealthy', async () => {
    const silent = feeling('silent', (life) => (life === 1 ? new Promise(() => undefined) : { status: 'healthy' }))
    const sick = feeling('sick', (life) => {
      if (life === 1) throw new Error('ouch')
      return { status: 'healthy' }
    })
    const { swarm, clock } = realTimeSwarm({ agents: [silent, sick], healthCheckMs: 1_000 })
    await swarm.start()
    await clock.advance(5_000)
    for (const id of ['silent', 'sick'])
      expect(swarm.agent(id).status(), id).toMatchObject({ restarts: 1, health: 'healthy' })
    await swarm.stop()
    expect(clock.pending()).toBe(0)
  })

  it('late, about a life that is over, says nothing of the new one', async () => {
    const answer = createGate()
    const patient = feeling('patient', async (life) => {
      if (life === 1) await answer.passed
      return { status: life === 1 ? 'unhealthy' : 'healthy' }
    })
    const { swarm, clock } = realTimeSwarm({ agents: [patient], healthCheckMs: 1_000 })
    await swarm.start()
    await clock.advance(1_000)
    await swarm.agent('patient').restart()
    answer.open()
    await settle()
    expect(swarm.agent('patient').status().health).toBe('healthy')
    await swarm.stop()
  })
})

describe('supervisors among the agents of a swarm', () => {
  const strategies = [
    ['one-for-one', ['start b']],
    ['rest-for-one', ['start b', 'start c']],
    ['all-for-one', ['start a', 'start b', 'start c']],
  ] as const

  it.each(strategies)('restart by the strategy %s', async (strategy, expected) => {
    const log: string[] = []
    const group = defineSupervisor({
      name: 'group',
      strategy,
      children: [worker('a', {}, log), worker('b', {}, log), worker('c', {}, log)],
    })
    const { swarm } = realTimeSwarm({ agents: [group, worker('d', {}, log)] })
    await swarm.start()
    log.length = 0
    await swarm.agent('b').kill()
    await settle()
    expect(log).toEqual(expected)
    expect(swarm.status().agents.map(({ state }) => state)).toEqual(['running', 'running', 'running', 'running'])
    await swarm.stop()
  })

  it('do not put siblings’ messages under way to the blame, and keep a paused sibling paused', async () => {
    const gate = createGate()
    const group = defineSupervisor({
      name: 'group',
      strategy: 'all-for-one',
      children: [
        worker('a', { handle: (_n, life) => (life === 1 ? gate.passed : undefined) }),
        worker('b'),
        worker('c'),
      ],
    })
    const { swarm, clock, storage } = realTimeSwarm({ agents: [group], maximumTries: 1 })
    await swarm.start()
    await swarm.agent('c').pause()
    await swarm.publish(Job, { to: 'a', n: 1 })
    await settle()
    await swarm.agent('b').kill()
    await clock.advance(100)
    expect(published(storage.entries)).toEqual([{ by: 'a 2', n: 1 }])
    expect(swarm.agent('a').status()).toMatchObject({ deadLetters: 0 })
    expect(swarm.agent('c').status()).toMatchObject({ state: 'paused', restarts: 1 })
    gate.open()
    await swarm.stop()
  })

  it('leave a sibling alone that an operator is stopping', async () => {
    const gate = createGate()
    const group = defineSupervisor({
      name: 'group',
      strategy: 'all-for-one',
      children: [worker('a', { handle: () => gate.passed }), worker('b')],
    })
    const { swarm, clock, storage } = realTimeSwarm({ agents: [group] })
    await swarm.start()
    await swarm.publish(Job, { to: 'a', n: 1 })
    await settle()
    const stopping = swarm.agent('a').stop()
    await swarm.agent('b').kill()
    await settle()
    expect(swarm.agent('a').status().state).toBe('draining')
    gate.open()
    await stopping
    await clock.advance(1_000)
    expect(swarm.agent('a').status()).toMatchObject({ state: 'stopped', restarts: 0 })
    expect(published(storage.entries)).toEqual([{ by: 'a 1', n: 1 }])
    await swarm.stop()
  })

  it('give up and escalate: their supervisor restarts all of them, then puts all in quarantine', async () => {
    const log: string[] = []
    const alerts: SwarmAlert[] = []
    const group = defineSupervisor({
      name: 'group',
      strategy: 'one-for-one',
      intensity: { restarts: 1, perMs: 60_000 },
      children: [worker('a', {}, log), worker('b', {}, log)],
    })
    const { swarm, clock } = realTimeSwarm({
      agents: [group, worker('c', {}, log)],
      restartIntensity: { restarts: 1, perMs: 60_000 },
      onAlert: (alert) => void alerts.push(alert),
    })
    await swarm.start()
    log.length = 0
    const kill = async () => {
      await swarm.agent('a').kill()
      await clock.advance(1_000)
      return log.splice(0)
    }
    expect(await kill()).toEqual(['start a'])
    expect(await kill()).toEqual(['start a', 'start b'])
    expect(await kill()).toEqual(['start a'])
    expect(await kill()).toEqual([])
    expect(alerts.map(({ context }) => context['agent'])).toEqual(['b', 'a'])
    expect(swarm.agent('c').status().state).toBe('running')
    await swarm.stop()
  })

  it('survive a storm: whatever is killed in whatever order, all run again in the end', async () => {
    const roles = ['a', 'b', 'c', 'd']
    const group = defineSupervisor({
      name: 'group',
      strategy: 'rest-for-one',
      intensity: { restarts: 1_000, perMs: 60_000 },
      backoff: { firstMs: 10, maximumMs: 20 },
      children: roles.map((role) => worker(role)),
    })
    const { swarm, clock, storage } = realTimeSwarm({ agents: [group], maximumTries: 1_000 })
    await swarm.start()
    for (let round = 0; round < 100; round += 1) {
      await swarm.publish(Job, { to: roles[round % 4] ?? '', n: round })
      await swarm.agent(roles[(round * 7 + (round >> 2)) % 4] ?? '').kill()
      if (round % 3 === 0) await clock.advance(7)
    }
    await clock.advance(10_000)
    expect(swarm.status().agents.map(({ state }) => state)).toEqual(['running', 'running', 'running', 'running'])
    const handled = (published(storage.entries) as { n: number }[]).map(({ n }) => n).sort((a, b) => a - b)
    expect(handled).toEqual(Array.from({ length: 100 }, (_, n) => n))
    await swarm.stop()
    expect(clock.pending()).toBe(0)
  })
})

describe('supervision in virtual time', () => {
  const run = async () => {
    const group = defineSupervisor({
      name: 'group',
      strategy: 'all-for-one',
      children: [
        worker('a', {
          start(life) {
            if (life === 2) throw new Error('not yet')
          },
        }),
        worker('b'),
      ],
    })
    const { swarm, dispatcher, storage, runUntil } = virtualSwarm({ agents: [group] })
    await swarm.start()
    const states: string[] = []
    for (let n = 0; n < 6; n += 1) {
      for (const to of ['a', 'b']) await swarm.publish(Job, { to, n })
      if (n % 2 === 1) {
        await swarm.agent(n === 1 ? 'a' : 'b').kill()
        states.push(swarm.agent('a').status().state)
      }
      await runUntil(n * 1_000)
    }
    await runUntil(100_000)
    const restarts = swarm.status().agents.map((agent) => agent.restarts)
    await swarm.stop()
    return {
      hash: swarm.journalHead().hash,
      states,
      restarts,
      done: published(storage.entries),
      time: dispatcher.now(),
    }
  }

  it('is deterministic: two runs with the same kills write the same journal, and nothing is lost', async () => {
    const first = await run()
    expect(await run()).toEqual(first)
    expect(first.done).toHaveLength(12)
    expect(first.states).toEqual(['failed', 'failed', 'failed'])
    expect(first.restarts).toEqual([4, 3])
  })

  it('has the agent back when the kill is done, where nothing has to be waited for', async () => {
    const { swarm } = virtualSwarm({ agents: [worker('doer', { start: async () => settle() })] })
    await swarm.start()
    await swarm.agent('doer').kill()
    expect(swarm.agent('doer').status()).toMatchObject({ state: 'running', restarts: 1 })
    await swarm.stop()
  })
})
