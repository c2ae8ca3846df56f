import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineRequest } from '../messages/request.js'
import { defineTopic } from '../messages/topic.js'
import { createGate } from '../testing-support/fake-clock.test-support.js'
import { realTimeSwarm, virtualSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'
import type { HandlerContext } from './agent-types.js'

const Go = defineTopic('go', { schema: z.object({ n: z.number() }), delivery: 'ephemeral', key: ({ n }) => String(n) })
const shapes = { input: z.object({ key: z.string() }), output: z.object({ by: z.string() }) }
const Look = defineRequest('look', { ...shapes, idempotent: true })
const Spend = defineRequest('spend', { ...shapes, idempotent: false })
const Least = defineRequest('look.least', { ...shapes, idempotent: true, selection: 'least-loaded' })
const Two = defineRequest('look.two', { ...shapes, idempotent: true, selection: 'power-of-two-choices' })
const Keyed = defineRequest('look.keyed', {
  ...shapes,
  idempotent: true,
  selection: 'consistent-hash',
  key: ({ key }) => key,
})
const Deep = defineRequest('deep', { ...shapes, idempotent: true })
const DeepSpend = defineRequest('deep.spend', { ...shapes, idempotent: false })
const all = [Look, Spend, Least, Two, Keyed]

type Answer = (asked: { key: string; by: string; name: string }, context: HandlerContext<typeof Teller>) => unknown

class Teller extends Agent<typeof Teller> {
  static readonly role: string = 'teller'
  static readonly capabilities: readonly string[] = ['tell']
  static readonly tags: readonly string[] = ['eu']
  static readonly responds = all
  static readonly requests = [Deep, DeepSpend]
  static readonly config = z.object({ answer: z.custom<Answer>().optional() })

  protected override onStart() {
    for (const request of all) {
      this.respond(request, async ({ key }, context) => {
        await this.config.answer?.({ key, by: this.id, name: request.name }, context)
        return { by: this.id }
      })
    }
  }
}

class Diver extends Agent<typeof Diver> {
  static readonly role = 'diver'
  static readonly responds = [Deep, DeepSpend]
  static readonly config = z.object({ answer: z.custom<(context: HandlerContext) => unknown>() })
  protected override onStart() {
    for (const request of [Deep, DeepSpend]) {
      this.respond(request, async (_input, context) => {
        await this.config.answer(context)
        return { by: this.id }
      })
    }
  }
}

type Ask = (context: HandlerContext<typeof Asker>, n: number) => Promise<unknown>

class Asker extends Agent<typeof Asker> {
  static readonly role = 'asker'
  static readonly requests = all
  static readonly config = z.object({ ask: z.custom<Ask>(), answers: z.custom<unknown[]>() })
  protected override onStart() {
    const { ask, answers } = this.config
    this.subscribe(Go, async ({ n }, context) => {
      answers.push(await ask(context, n).catch((error: unknown) => error))
    })
  }
}

const tellers = (replicas: number, answer?: Answer) => ({ agent: Teller, replicas, config: { answer } })

async function asking(ask: Ask, tell: readonly object[], more: object = {}) {
  const answers: unknown[] = []
  const agents = [{ agent: Asker, config: { ask, answers } }, ...(tell as [])]
  const parts = realTimeSwarm({ agents, ...more })
  await parts.swarm.start()
  let n = 0
  const go = async (times = 1): Promise<void> => {
    for (let index = 0; index < times; index += 1) {
      n += 1
      await parts.swarm.publish(Go, { n })
      await settle()
    }
  }
  const countOf = (id: string): number => answers.filter((answer) => (answer as { by?: string }).by === id).length
  return { ...parts, answers, go, countOf }
}

const hang = () => createGate().passed

describe('who answers', () => {
  it('is each in turn by default', async () => {
    const { swarm, go, answers } = await asking((context) => context.request(Look, { key: 'a' }), [tellers(3)])
    await go(6)
    expect(answers.map((answer) => (answer as { by: string }).by)).toEqual([
      'teller',
      'teller-2',
      'teller-3',
      'teller',
      'teller-2',
      'teller-3',
    ])
    await swarm.stop()
  })

  it('is the one with least to do, where the request says so', async () => {
    const slow = createGate()
    const { swarm, go, countOf } = await asking(
      (context, n) => context.request(Least, { key: String(n) }),
      [tellers(3, ({ by }) => (by === 'teller' ? slow.passed : undefined))],
    )
    await go(9)
    expect([countOf('teller'), countOf('teller-2') + countOf('teller-3')]).toEqual([0, 8])
    slow.open()
    await swarm.stop()
  })

  it('is one of the two less busy, by power of two choices', async () => {
    const slow = createGate()
    const { swarm, go, countOf } = await asking(
      (context, n) => context.request(Two, { key: String(n) }),
      [tellers(2, ({ by }) => (by === 'teller' ? slow.passed : undefined))],
    )
    await go(10)
    expect(countOf('teller-2')).toBeGreaterThanOrEqual(9)
    slow.open()
    await swarm.stop()
  })

  it('is the same for the same key, and after scaling up only what the new one took has moved', async () => {
    const { swarm, go, answers } = await asking(
      (context, n) => context.request(Keyed, { key: `key ${n % 12}` }),
      [tellers(3)],
    )
    await go(24)
    const by = (answers as { by: string }[]).map((answer) => answer.by)
    expect(by.slice(12)).toEqual(by.slice(0, 12))
    expect(new Set(by).size).toBe(3)
    await swarm.scale('teller', 4)
    await go(12)
    const after = (answers.slice(24) as { by: string }[]).map((answer) => answer.by)
    for (const [index, id] of after.entries()) if (id !== 'teller-4') expect(id).toBe(by[index])
    await swarm.stop()
  })
})

describe('a request that says who is to answer', () => {
  it.each([
    [{ id: 'teller-2' }, ['teller-2', 'teller-2', 'teller-2']],
    [{ role: 'teller' }, ['teller', 'teller-2', 'teller-3']],
    [{ capability: 'tell', tag: 'eu' }, ['teller', 'teller-2', 'teller-3']],
    [{ tag: 'eu', id: 'teller-3' }, ['teller-3', 'teller-3', 'teller-3']],
    [{}, ['teller', 'teller-2', 'teller-3']],
  ])('asks only those that meet all its conditions: %o', async (to, expected) => {
    const { swarm, go, answers } = await asking((context) => context.request(Look, { key: 'a' }, { to }), [tellers(3)])
    await go(3)
    expect(answers.map((answer) => (answer as { by: string }).by)).toEqual(expected)
    await swarm.stop()
  })

  it.each([{ id: 'teller-9' }, { role: 'asker' }, { capability: 'sing' }, { tag: 'asia', id: 'teller' }])(
    'fails when none who answers it does, naming those who do: %o',
    async (to) => {
      const { swarm, go, answers } = await asking(
        (context) => context.request(Look, { key: 'a' }, { to }),
        [tellers(2)],
      )
      await go()
      expect(answers).toMatchObject([
        {
          code: 'NO_RESPONDER',
          message: `nobody who answers look is what "to" asks for, ${JSON.stringify(to)}: those who answer it are teller, teller-2`,
          context: { request: 'look', to },
        },
      ])
      await swarm.stop()
    },
  )

  it('never goes to another when the one that is meant is paused, restarting or slow', async () => {
    const { swarm, clock, go, answers } = await asking(
      (context) => context.request(Look, { key: 'a' }, { to: { id: 'teller' }, timeoutMs: 2_000 }),
      [tellers(2, ({ by }) => (by === 'teller' ? hang() : undefined))],
    )
    await go()
    await clock.advance(2_000)
    await swarm.agent('teller').pause()
    await go()
    expect(answers).toMatchObject([{ code: 'REQUEST_TIMED_OUT' }, { code: 'NO_RESPONDER' }])
    await swarm.agent('teller').kill()
    await swarm.stop()
  })

  it('finds its responder in virtual time too', async () => {
    const answers: unknown[] = []
    const ask: Ask = (context) => context.request(Look, { key: 'a' }, { to: { id: 'teller-2' } })
    const { swarm, dispatcher } = virtualSwarm({ agents: [{ agent: Asker, config: { ask, answers } }, tellers(3)] })
    await swarm.start()
    await swarm.publish(Go, { n: 1 })
    await dispatcher.step()
    expect(answers).toEqual([{ by: 'teller-2' }])
  })
})

describe('when a replica fails, a request', () => {
  it('goes on to the next when it dies in the middle, at once', async () => {
    const { swarm, clock, go, answers } = await asking(
      (context) => context.request(Look, { key: 'a' }),
      [tellers(2, ({ by }) => (by === 'teller' ? hang() : undefined))],
    )
    await go()
    expect(answers).toEqual([])
    const before = clock.now()
    await swarm.agent('teller').kill()
    await settle()
    expect([answers, clock.now()]).toEqual([[{ by: 'teller-2' }], before])
    await swarm.stop()
  })

  it('goes on to the next within a second when it freezes, and later ones leave it alone', async () => {
    const { swarm, clock, go, answers, countOf } = await asking(
      (context) => context.request(Look, { key: 'a' }),
      [tellers(2, ({ by }) => (by === 'teller' ? hang() : undefined))],
    )
    for (let round = 0; round < 20; round += 1) {
      await go()
      await clock.advance(50)
    }
    await clock.advance(500)
    expect([answers.length, countOf('teller-2')]).toEqual([20, 20])
    await swarm.agent('teller').kill()
    await swarm.stop()
  })

  it('goes to the others while it is paused, and to it again afterwards', async () => {
    const { swarm, go, countOf } = await asking((context) => context.request(Look, { key: 'a' }), [tellers(2)])
    await swarm.agent('teller').pause()
    await go(4)
    expect(countOf('teller')).toBe(0)
    await swarm.agent('teller').resume()
    await go(4)
    expect(countOf('teller')).toBe(2)
    await swarm.stop()
  })

  it('goes to the others while it is overloaded, and waits when all are', async () => {
    const gate = createGate()
    const { swarm, clock, go, answers } = await asking(
      async (context) => {
        const asked = Array.from({ length: 2_001 }, (_, n) =>
          context.request(Look, { key: String(n) }, { timeoutMs: 400 }),
        )
        return (await Promise.allSettled(asked)).map((each) =>
          each.status === 'fulfilled' ? each.value.by : (each.reason as { code: string; message: string }),
        )
      },
      [tellers(2, () => gate.passed)],
    )
    await go()
    await clock.advance(50)
    gate.open()
    await clock.advance(350)
    const by = answers[0] as string[]
    expect(new Set(by)).toEqual(new Set(['teller', 'teller-2']))
    expect(by).toHaveLength(2_001)
    await swarm.stop()
  })

  it('that nobody was asked says that the responder is unavailable, not that its outcome is unknown', async () => {
    const gate = createGate()
    const { swarm, clock, go, answers } = await asking(
      async (context, n) =>
        n === 1
          ? Promise.allSettled(Array.from({ length: 1_000 }, () => context.request(Spend, { key: 'a' })))
          : context.request(Spend, { key: 'b' }, { timeoutMs: 300 }),
      [tellers(1, () => gate.passed)],
    )
    await go(2)
    await clock.advance(300)
    expect(answers).toMatchObject([
      {
        code: 'RESPONDER_UNAVAILABLE',
        retryability: 'retryable',
        message: 'teller answers spend, but 1000 calls of it are under way: add replicas or ask less',
      },
    ])
    gate.open()
    await swarm.stop()
  })

  it('that must not be asked twice is asked once, whatever becomes of it', async () => {
    let asked = 0
    const { swarm, clock, go, answers } = await asking(
      (context) => context.request(Spend, { key: 'a' }, { timeoutMs: 3_000 }),
      [
        tellers(2, () => {
          asked += 1
          return hang()
        }),
      ],
    )
    await go()
    await swarm.agent('teller').kill()
    await clock.advance(10_000)
    await go()
    await clock.advance(10_000)
    expect(asked).toBe(2)
    expect(answers).toMatchObject([
      { code: 'AGENT_RESTARTED', retryability: 'unknown-outcome' },
      { code: 'REQUEST_TIMED_OUT', retryability: 'unknown-outcome' },
    ])
    await swarm.agent('teller-2').kill()
    await swarm.stop()
  })

  it('that must not be asked twice is not, either, when whoever answers it finds nobody to ask', async () => {
    let asked = 0
    const { swarm, clock, go, answers } = await asking(
      (context) => context.request(Spend, { key: 'a' }),
      [
        tellers(2, async (_asked, context) => {
          asked += 1
          await context.request(DeepSpend, { key: 'a' }, { timeoutMs: 200 })
        }),
        { agent: Diver, config: { answer: hang } },
      ],
      { restartIntensity: { restarts: 20, perMs: 60_000 } },
    )
    // Down, and waiting to be restarted: the nested request finds it unavailable.
    await swarm.agent('diver').kill()
    await settle()
    for (let round = 0; round < 4; round += 1) {
      await swarm.agent('diver').kill()
      await clock.advance(200)
    }
    await swarm.agent('diver').kill()
    await go()
    await clock.advance(250)
    expect([answers, asked]).toMatchObject([[{ code: 'RESPONDER_UNAVAILABLE' }], 1])
    await swarm.stop()
  })

  it('waits for the only one while it is restarted, and is then answered', async () => {
    const { swarm, clock, go, answers } = await asking((context) => context.request(Spend, { key: 'a' }), [tellers(1)])
    await swarm.agent('teller').kill()
    await settle()
    await swarm.agent('teller').kill()
    await go()
    expect(answers).toEqual([])
    await clock.advance(1_000)
    expect(answers).toEqual([{ by: 'teller' }])
    await swarm.stop()
  })

  it('finds nobody when the only one is in quarantine, or nobody answers at all', async () => {
    const { swarm, go, answers } = await asking((context) => context.request(Look, { key: 'a' }), [tellers(1)], {
      restartIntensity: { restarts: 0, perMs: 1_000 },
    })
    await swarm.agent('teller').kill()
    await settle()
    await go()
    expect(answers).toMatchObject([{ code: 'NO_RESPONDER', message: expect.stringContaining('nobody answers look') }])
    await swarm.agent('teller').release()
    await go()
    expect(answers[1]).toEqual({ by: 'teller' })
    await swarm.stop()
  })
})

describe('the circuit of a replica', () => {
  const frozen = async () => {
    let isFrozen = true
    let asked = 0
    const parts = await asking(
      (context) => context.request(Look, { key: 'a' }, { timeoutMs: 100 }),
      [
        tellers(1, () => {
          asked += 1
          return isFrozen ? hang() : undefined
        }),
      ],
      { handlerTimeoutMs: 600_000 },
    )
    for (let call = 0; call < 30; call += 1) {
      await parts.go()
      await parts.clock.advance(100)
    }
    const thaw = (): void => {
      isFrozen = false
    }
    return { ...parts, thaw, asked: () => asked }
  }

  it('opens after calls in vain: then a call fails at once and is not made', async () => {
    const { swarm, go, answers, asked } = await frozen()
    expect(answers.slice(0, 5)).toMatchObject(Array(5).fill({ code: 'REQUEST_TIMED_OUT' }))
    const before = asked()
    await go()
    expect(answers).toHaveLength(31)
    expect(answers.at(-1)).toMatchObject({
      code: 'RESPONDER_UNAVAILABLE',
      retryability: 'retryable',
      message: expect.stringContaining('its last calls failed or were too slow'),
    })
    expect(asked()).toBe(before)
    await swarm.agent('teller').kill()
    await swarm.stop()
  })

  it('lets one call through on trial, and closes when that is answered', async () => {
    const { swarm, clock, go, answers, asked, thaw } = await frozen()
    await clock.advance(10_000)
    const before = asked()
    await go(5)
    expect(asked()).toBe(before + 1)
    await clock.advance(100)
    thaw()
    await clock.advance(10_000)
    answers.length = 0
    await go(3)
    expect(answers).toEqual([{ by: 'teller' }, { by: 'teller' }, { by: 'teller' }])
    await swarm.agent('teller').kill()
    await swarm.stop()
  })

  it('is closed again when the replica was restarted', async () => {
    const { swarm, go, answers, thaw } = await frozen()
    thaw()
    await swarm.agent('teller').kill()
    await settle()
    await go()
    expect(answers.at(-1)).toEqual({ by: 'teller' })
    await swarm.stop()
  })

  it('stays closed when whoever it asked in turn was at fault', async () => {
    const { swarm, clock, go, answers } = await asking(
      (context) => context.request(Spend, { key: 'a' }),
      [
        tellers(1, ({ key }, context) => (key === 'a' ? context.request(DeepSpend, { key }) : undefined)),
        { agent: Diver, config: { answer: hang } },
      ],
      { restartIntensity: { restarts: 1_000, perMs: 1 } },
    )
    for (let round = 0; round < 30; round += 1) {
      await go()
      await swarm.agent('diver').kill()
      await clock.advance(200)
    }
    expect(answers.filter((answer) => (answer as { code: string }).code === 'RESPONDER_UNAVAILABLE')).toEqual([])
    expect(answers).toHaveLength(30)
    await swarm.stop()
  })
})

describe('what a caller gives up', () => {
  const signals: AbortSignal[] = []
  const deep = (ask: Ask) => {
    signals.length = 0
    return asking(
      ask,
      [
        tellers(1, async (_asked, context) => {
          signals.push(context.signal)
          await context.request(Deep, { key: 'a' })
        }),
        {
          agent: Diver,
          config: {
            answer: (context: HandlerContext) => {
              signals.push(context.signal)
              return new Promise((resolve) => context.signal.addEventListener('abort', resolve))
            },
          },
        },
      ],
      { handlerTimeoutMs: 60_000 },
    )
  }
  const aborted = () => signals.map((signal) => signal.aborted)

  it('by its own signal is given up by whoever answers, and by whoever that one asks', async () => {
    const caller = new AbortController()
    const { swarm, go, answers } = await deep((context) =>
      context.request(Look, { key: 'a' }, { signal: caller.signal }),
    )
    await go()
    expect(aborted()).toEqual([false, false])
    caller.abort(new Error('never mind'))
    await settle()
    expect([aborted(), answers]).toMatchObject([[true, true], [{ message: 'never mind' }]])
    await swarm.stop()
  })

  it('before it began is not asked at all', async () => {
    const { swarm, go, answers } = await deep((context) =>
      context.request(Look, { key: 'a' }, { signal: AbortSignal.abort(new Error('too late')) }),
    )
    await go()
    expect([signals, answers]).toMatchObject([[], [{ message: 'too late' }]])
    await swarm.stop()
  })

  it('because its own handler is gone is given up too', async () => {
    const { swarm, clock, go } = await deep((context) => context.request(Look, { key: 'a' }))
    await go()
    await swarm.agent('asker').kill()
    await settle()
    expect(aborted()).toEqual([true, true])
    await swarm.agent('asker').pause()
    await clock.advance(1_000)
    await swarm.stop()
  })

  it('after its time is given up at the same moment by all below: deadlines go with the request', async () => {
    const deadlines: (number | undefined)[] = []
    const { swarm, clock, go, answers } = await asking(
      (context) => context.request(Look, { key: 'a' }, { timeoutMs: 300 }),
      [
        tellers(1, async (_asked, context) => {
          deadlines.push(context.deadlineAt)
          await context.request(Deep, { key: 'a' }, { timeoutMs: 5_000 }).catch((error: unknown) => {
            deadlines.push(clock.now())
            throw error
          })
        }),
        {
          agent: Diver,
          config: {
            answer: (context: HandlerContext) => {
              deadlines.push(context.deadlineAt)
              return hang()
            },
          },
        },
      ],
    )
    await go()
    await clock.advance(300)
    expect([answers, deadlines]).toMatchObject([[{ code: 'REQUEST_TIMED_OUT' }], [300, 300, 300]])
    await swarm.agent('diver').kill()
    await swarm.stop()
  })
})
