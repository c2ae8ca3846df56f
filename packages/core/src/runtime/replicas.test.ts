import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineTopic } from '../messages/topic.js'
import { createGate } from '../testing-support/fake-clock.test-support.js'
import { realTimeSwarm, virtualSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'
import type { HandlerContext } from './agent-types.js'

const Step = defineTopic('step', {
  schema: z.object({ key: z.string(), n: z.number() }),
  delivery: 'durable',
  key: ({ key }) => key,
})

type Script = {
  readonly log: { key: string; n: number; by: string }[]
  work?: (step: { key: string; n: number }, by: string, context: HandlerContext<typeof Walker>) => unknown
  start?: (id: string) => unknown
}

class Walker extends Agent<typeof Walker> {
  static readonly role = 'walker'
  static readonly capabilities = ['walk']
  static readonly tags = ['eu']
  static readonly config = z.object({ script: z.custom<Script>() })

  protected override async onStart() {
    const { script } = this.config
    this.subscribe(Step, async (step, context) => {
      await script.work?.(step, this.id, context)
      // By key, so that no two handlers collide: one that did would run anew.
      const document = `count/${step.key}`
      context.state.set(document, (context.state.get<number>(document) ?? 0) + 1)
      script.log.push({ ...step, by: this.id })
    })
    await script.start?.(this.id)
  }
}

class Guide extends Agent<typeof Guide> {
  static readonly role = 'guide'
  static readonly capabilities = ['walk', 'talk']
  static readonly config = z.object({ found: z.custom<unknown[]>() })
  protected override onStart() {
    this.subscribe(Step, () => {
      this.config.found.push(
        this.discover({ capability: 'walk' }).map(({ id }) => id),
        this.discover({ capability: 'walk', tag: 'eu' }).map(({ id }) => id),
      )
    })
  }
}

const walkers = (script: Script, replicas: number) => ({ agent: Walker, replicas, config: { script } })
const idsOf = (found: readonly { id: string }[]) => found.map(({ id }) => id)

describe('discovery', () => {
  it('finds agents by id, role, capability and tag, all conditions at once, from outside and from an agent', async () => {
    const found: unknown[] = []
    const { swarm } = realTimeSwarm({ agents: [walkers({ log: [] }, 2), { agent: Guide, config: { found } }] })
    expect(swarm.find({ role: 'walker' })).toEqual([])
    await swarm.start()
    expect(idsOf(swarm.find({ role: 'walker' }))).toEqual(['walker', 'walker-2'])
    expect(idsOf(swarm.find({ capability: 'walk' }))).toEqual(['walker', 'walker-2', 'guide'])
    expect(idsOf(swarm.find({ capability: 'walk', tag: 'eu' }))).toEqual(['walker', 'walker-2'])
    expect(idsOf(swarm.find({ id: 'guide', role: 'walker' }))).toEqual([])
    expect(swarm.find({ tag: 'us' })).toEqual([])
    expect(swarm.find({ id: 'guide' })).toEqual([
      { id: 'guide', role: 'guide', capabilities: ['walk', 'talk'], tags: [] },
    ])
    await swarm.publish(Step, { key: 'a', n: 1 })
    await settle()
    expect(found).toEqual([
      ['walker', 'walker-2', 'guide'],
      ['walker', 'walker-2'],
    ])
    await swarm.stop()
  })

  it.each(['real', 'virtual'])(
    'finds no agent that is stopped or has failed, and one that is paused: in %s time',
    async (time) => {
      const agents = [walkers({ log: [] }, 3)]
      const { swarm } = time === 'real' ? realTimeSwarm({ agents }) : virtualSwarm({ agents })
      const found = () => idsOf(swarm.find({ role: 'walker' }))
      await swarm.start()
      await swarm.agent('walker').stop()
      await swarm.agent('walker-2').pause()
      expect(found()).toEqual(['walker-2', 'walker-3'])
      await swarm.agent('walker').start()
      await swarm.agent('walker-3').kill()
      await settle()
      expect(found()).toEqual(['walker-2', 'walker', 'walker-3'])
      await swarm.agent('walker-3').kill()
      expect(found()).toEqual(['walker-2', 'walker'])
      await swarm.stop()
      expect(found()).toEqual([])
    },
  )

  it('lets leases lapse while nobody gives a sign of life, and agents that are alive come back by themselves', async () => {
    const { swarm, clock } = realTimeSwarm({ agents: [walkers({ log: [] }, 2)], leaseMs: 3_000 })
    await swarm.start()
    await clock.advance(60_000)
    expect(swarm.find({})).toHaveLength(2)
    // As a machine does that slept.
    const woken = clock.jump(3_600_000)
    expect(swarm.find({})).toEqual([])
    await woken
    expect(idsOf(swarm.find({ role: 'walker' }))).toEqual(['walker', 'walker-2'])
    await swarm.stop()
  })
})

describe('scaling', () => {
  it('adds replicas while it runs, which share the keys, are found and are supervised; and takes them away', async () => {
    const script: Script = { log: [] }
    const { swarm } = realTimeSwarm({ agents: [walkers(script, 1)] })
    await swarm.start()
    await swarm.scale('walker', 3)
    expect(idsOf(swarm.find({ role: 'walker' }))).toEqual(['walker', 'walker-2', 'walker-3'])
    for (let n = 0; n < 60; n += 1) await swarm.publish(Step, { key: String(n), n })
    await settle()
    expect(new Set(script.log.map(({ by }) => by))).toEqual(new Set(['walker', 'walker-2', 'walker-3']))
    await swarm.agent('walker-3').kill()
    await settle()
    expect(swarm.agent('walker-3').status()).toMatchObject({ state: 'running', restarts: 1 })
    await swarm.scale('walker', 1)
    expect(idsOf(swarm.find({}))).toEqual(['walker'])
    expect(() => swarm.agent('walker-3')).toThrow(/no agent "walker-3"/)
    expect(swarm.supervision().children).toMatchObject([{ id: 'walker' }])
    script.log.length = 0
    for (let n = 0; n < 60; n += 1) await swarm.publish(Step, { key: String(n), n })
    await settle()
    expect(script.log).toHaveLength(60)
    await swarm.stop()
  })

  it('keeps the documents of a replica that went until it comes again', async () => {
    const script: Script = { log: [] }
    const counts = new Map<string, unknown>()
    script.work = ({ key }, by, context) => void counts.set(by, context.state.get(`count/${key}`))
    const { swarm } = realTimeSwarm({ agents: [walkers(script, 2)] })
    await swarm.start()
    const publish = async () => {
      for (let n = 0; n < 40; n += 1) await swarm.publish(Step, { key: String(n), n })
      await settle()
    }
    for (let round = 0; round < 3; round += 1) await publish()
    await swarm.scale('walker', 1)
    await swarm.scale('walker', 2)
    counts.clear()
    await swarm.publish(Step, { key: script.log.find(({ by }) => by === 'walker-2')?.key ?? '', n: 0 })
    await settle()
    expect(counts).toEqual(new Map([['walker-2', 3]]))
    await swarm.stop()
  })

  it('of a role that there is not, or to no sensible number, is refused and not journalled', async () => {
    const { swarm } = realTimeSwarm({ agents: [walkers({ log: [] }, 1)] })
    await swarm.start()
    await expect(swarm.scale('runner', 2)).rejects.toMatchObject({ code: 'AGENT_NOT_FOUND' })
    for (const replicas of [0, 1.5, 10_001, Number.NaN])
      await expect(swarm.scale('walker', replicas)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    expect(swarm.journalHead().sequence).toBe(0)
    await swarm.stop()
    await expect(swarm.scale('walker', 2)).rejects.toMatchObject({ code: 'SWARM_NOT_RUNNING' })
  })

  it('takes a replica away whose messages wait: the others get them, also where it was paused or had failed', async () => {
    for (const down of ['pause', 'kill'] as const) {
      const script: Script = { log: [] }
      const { swarm, clock } = realTimeSwarm({
        agents: [walkers(script, 2)],
        restartIntensity: { restarts: 0, perMs: 1_000 },
      })
      await swarm.start()
      await swarm.agent('walker-2').pause()
      for (let n = 0; n < 40; n += 1) await swarm.publish(Step, { key: String(n % 10), n })
      await swarm.agent('walker-2')[down]()
      await swarm.scale('walker', 1)
      await clock.advance(10)
      expect(
        script.log.map(({ n }) => n).sort((a, b) => a - b),
        down,
      ).toEqual(Array.from({ length: 40 }, (_, n) => n))
      await swarm.stop()
    }
  })

  it('up that fails leaves nothing behind: no key goes to the replica that did not start', async () => {
    const script: Script = {
      log: [],
      start(id) {
        if (id === 'walker-2') throw new Error('no licence')
      },
    }
    const { swarm } = realTimeSwarm({ agents: [walkers(script, 1)] })
    await swarm.start()
    await expect(swarm.scale('walker', 3)).rejects.toMatchObject({ code: 'AGENT_START_FAILED' })
    expect(idsOf(swarm.status().agents)).toEqual(['walker'])
    for (let n = 0; n < 40; n += 1) await swarm.publish(Step, { key: String(n), n })
    await settle()
    expect(script.log).toHaveLength(40)
    await swarm.stop()
  })

  it('asked for twice at once happens once after the other', async () => {
    const { swarm } = realTimeSwarm({ agents: [walkers({ log: [], start: () => settle() }, 1)] })
    await swarm.start()
    await Promise.all([swarm.scale('walker', 4), swarm.scale('walker', 2), swarm.scale('walker', 3)])
    expect(swarm.status().agents).toMatchObject(
      ['walker', 'walker-2', 'walker-3'].map((id) => ({ id, state: 'running' })),
    )
    await swarm.stop()
  })

  it('is given up when the swarm stops', async () => {
    const script: Script = { log: [], start: (id) => (id === 'walker-2' ? createGate().passed : undefined) }
    const { swarm, storage, clock } = realTimeSwarm({ agents: [walkers(script, 1)] })
    await swarm.start()
    const scaling = swarm.scale('walker', 3).catch((error: unknown) => error)
    await settle()
    await swarm.stop()
    expect(await scaling).toMatchObject({ name: 'SwarmError' })
    await clock.advance(60_000)
    expect([storage.closed, clock.pending()]).toEqual([1, 0])
  })
})

describe('messages of one key', () => {
  type Act =
    | { readonly act: 'publish'; readonly key: number }
    | { readonly act: 'scale'; readonly replicas: number }
    | { readonly act: 'kill' | 'stop' | 'start'; readonly replica: number }
    | { readonly act: 'wait'; readonly ms: number }
  const acts: fc.Arbitrary<Act> = fc.oneof(
    { weight: 8, arbitrary: fc.record({ act: fc.constant('publish' as const), key: fc.integer({ min: 0, max: 5 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({ act: fc.constant('scale' as const), replicas: fc.integer({ min: 1, max: 4 }) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        act: fc.constantFrom('kill' as const, 'stop' as const, 'start' as const),
        replica: fc.integer({ min: 0, max: 3 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ act: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 60 }) }) },
  )

  it('are handled in order, each once, one at a time, whatever is scaled, killed, stopped and started meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(acts, { minLength: 5, maxLength: 60 }),
        fc.integer({ min: 0, max: 30 }),
        async (script, slowness) => {
          const done: { key: string; n: number }[] = []
          const busy = new Map<string, number>()
          let overlaps = 0
          const { swarm, clock } = realTimeSwarm({
            agents: [
              walkers(
                {
                  log: [],
                  async work({ key, n }, _by, { signal }) {
                    busy.set(key, (busy.get(key) ?? 0) + 1)
                    if ((busy.get(key) ?? 0) > 1) overlaps += 1
                    const gone = new Promise((resolve) => signal.addEventListener('abort', resolve))
                    await Promise.race([
                      gone,
                      new Promise<void>((resolve) => void clock.at(clock.now() + ((n * 7) % (slowness + 1)), resolve)),
                    ])
                    busy.set(key, (busy.get(key) ?? 0) - 1)
                    if (!signal.aborted) done.push({ key, n })
                  },
                },
                2,
              ),
            ],
            maximumTries: 1_000,
            restartIntensity: { restarts: 1_000, perMs: 1_000 },
          })
          await swarm.start()
          const scalings: Promise<unknown>[] = []
          let n = 0
          for (const each of script) {
            if (each.act === 'publish') {
              n += 1
              await swarm.publish(Step, { key: `k${each.key}`, n })
            } else if (each.act === 'scale')
              scalings.push(swarm.scale('walker', each.replicas).catch((error: unknown) => error))
            else if (each.act === 'wait') await clock.advance(each.ms)
            else {
              const ids = idsOf(swarm.status().agents)
              // Not awaited, and refused where it makes no sense.
              void swarm
                .agent(ids[each.replica % ids.length] ?? '')
                [each.act]()
                .catch(() => undefined)
            }
          }
          await clock.advance(200_000)
          for (const { id, state } of swarm.status().agents) if (state === 'stopped') await swarm.agent(id).start()
          await clock.advance(1_000)
          for (const outcome of await Promise.all(scalings))
            if (outcome !== undefined)
              expect(outcome, 'a new replica was killed').toMatchObject({ code: 'AGENT_RESTARTED' })
          expect(done.map((step) => step.n).sort((a, b) => a - b)).toEqual(
            Array.from({ length: n }, (_, index) => index + 1),
          )
          for (const key of new Set(done.map((step) => step.key))) {
            const order = done.filter((step) => step.key === key).map((step) => step.n)
            expect(order, key).toEqual([...order].sort((a, b) => a - b))
          }
          expect(overlaps).toBe(0)
          await swarm.stop()
        },
      ),
      { numRuns: 150 },
    )
  })
})

describe('a replica in quarantine', () => {
  const quarantined = async (script: Script, replicas: number) => {
    const parts = realTimeSwarm({
      agents: [walkers(script, replicas)],
      restartIntensity: { restarts: 0, perMs: 1_000 },
    })
    await parts.swarm.start()
    return parts
  }

  it('leaves its waiting messages, and the one it was at, to the others, in order', async () => {
    const script: Script = { log: [], work: (_step, by) => (by === 'walker-2' ? createGate().passed : undefined) }
    const { swarm, clock } = await quarantined(script, 2)
    for (let n = 0; n < 40; n += 1) await swarm.publish(Step, { key: String(n % 8), n })
    await settle()
    expect(script.log.length).toBeLessThan(40)
    await swarm.agent('walker-2').kill()
    await clock.advance(1_000)
    expect(new Set(script.log.map(({ by }) => by))).toEqual(new Set(['walker']))
    expect(script.log).toHaveLength(40)
    for (let key = 0; key < 8; key += 1) {
      const order = script.log.filter((step) => step.key === String(key)).map(({ n }) => n)
      expect(order).toEqual([...order].sort((a, b) => a - b))
    }
    expect(swarm.agent('walker-2').status()).toMatchObject({ state: 'failed', deadLetters: 0 })
    script.work = () => undefined
    await swarm.agent('walker-2').release()
    script.log.length = 0
    for (let n = 0; n < 40; n += 1) await swarm.publish(Step, { key: String(n % 8), n })
    await clock.advance(100)
    expect(new Set(script.log.map(({ by }) => by))).toEqual(new Set(['walker', 'walker-2']))
    await swarm.stop()
  })

  it('that was the last keeps its messages until another one starts, by scaling or by a release', async () => {
    for (const mend of ['scale', 'release'] as const) {
      const script: Script = { log: [] }
      const { swarm, clock } = await quarantined(script, 2)
      for (const id of ['walker', 'walker-2']) {
        await swarm.agent(id).kill()
        await settle()
      }
      for (let n = 0; n < 40; n += 1) await swarm.publish(Step, { key: String(n), n })
      await clock.advance(1_000)
      expect(script.log).toEqual([])
      if (mend === 'scale') await swarm.scale('walker', 3)
      else await swarm.agent('walker').release()
      await clock.advance(100)
      expect(new Set(script.log.map(({ by }) => by)), mend).toEqual(new Set([mend === 'scale' ? 'walker-3' : 'walker']))
      expect(script.log.map(({ n }) => n).sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, n) => n))
      await swarm.stop()
    }
  })
})
