import { describe, expect, it } from 'vitest'
import type { LogFields, Logger } from '../logging/logger.js'
import { createSeededRandom } from '../random/seeded-random.js'
import { createFakeClock } from '../testing-support/fake-clock.test-support.js'
import { createSupervisedChildren } from '../testing-support/supervised-children.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { defineSupervisor, type SupervisorDefinition, type SupervisorOptions } from './define-supervisor.js'
import { resolveSupervisor } from './resolve-supervisor.js'
import { createSupervision } from './supervision.js'
import type { SupervisorStatus } from './supervision-status.js'

/** Waits of 100, 200, 400 … ms, and two restarts in ten seconds. */
const plain = {
  backoff: { firstMs: 100, jitterFraction: 0 },
  intensity: { restarts: 2, perMs: 10_000 },
} satisfies Partial<SupervisorOptions>

type Element = string | SupervisorDefinition<string>

function supervisor(
  name: string,
  strategy: SupervisorOptions['strategy'],
  children: readonly Element[],
  more: Partial<SupervisorOptions> = {},
): SupervisorDefinition<string> {
  return defineSupervisor<Element>({ name, strategy, ...plain, ...more, children })
}

function supervise(root: SupervisorDefinition<string>, latencyMs?: (id: string) => number) {
  const clock = createFakeClock(1_000_000)
  const children = createSupervisedChildren({ clock, ...(latencyMs && { latencyMs }) })
  const alerts: LogFields[] = []
  const logger: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (message, fields) => void alerts.push({ message, ...fields }),
    child: () => logger,
  }
  const supervision = createSupervision({
    root: resolveSupervisor(root, (id) => [id]),
    host: children.host,
    timers: clock,
    random: createSeededRandom(1),
    logger,
  })
  const fail = async (...ids: readonly string[]): Promise<string> => {
    for (const id of ids) {
      children.crash(id)
      supervision.failed(id, new Error(`${id} broke`))
    }
    await settle()
    return children.takeLog()
  }
  const states = (): string => flatten(supervision.status()).join(' ')
  return { clock, children, supervision, alerts, fail, states }
}

function flatten(status: SupervisorStatus): string[] {
  return status.children.flatMap((child) =>
    child.kind === 'child' ? [`${child.id}:${child.state}`] : [`${child.name}:${child.state}`, ...flatten(child)],
  )
}

describe('a supervisor', () => {
  it('restarts the failed child only, when it is one for one', async () => {
    const { fail, states } = supervise(supervisor('root', 'one-for-one', ['a', 'b', 'c']))
    expect(await fail('b')).toBe('stop b, start b')
    expect(states()).toBe('a:running b:running c:running')
  })

  it('restarts the failed child and those after it, when it is rest for one', async () => {
    const { fail } = supervise(
      supervisor('root', 'rest-for-one', ['a', 'b', supervisor('inner', 'one-for-one', ['c', 'd']), 'e']),
    )
    expect(await fail('b')).toBe('stop e, stop d, stop c, stop b, start b, start c, start d, start e')
  })

  it('restarts all, when it is all for one', async () => {
    const { fail } = supervise(
      supervisor('root', 'all-for-one', ['a', supervisor('inner', 'one-for-one', ['b', 'c']), 'd']),
    )
    expect(await fail('d')).toBe('stop d, stop c, stop b, stop a, start a, start b, start c, start d')
  })

  it('leaves what a nested supervisor can mend to that one', async () => {
    const { fail } = supervise(
      supervisor('root', 'all-for-one', ['a', supervisor('inner', 'rest-for-one', ['b', 'c']), 'd']),
    )
    expect(await fail('c')).toBe('stop c, start c')
  })

  it('restarts at once at first, then after waits that grow, and counts within its window only', async () => {
    const { clock, children, fail, supervision } = supervise(
      supervisor('root', 'one-for-one', ['a'], { intensity: { restarts: 3, perMs: 10_000 } }),
    )
    expect(await fail('a')).toBe('stop a, start a')
    expect(await fail('a')).toBe('stop a')
    await clock.advance(99)
    expect(children.takeLog()).toBe('')
    await clock.advance(1)
    expect(children.takeLog()).toBe('start a')
    await fail('a')
    await clock.advance(199)
    expect(supervision.status()).toMatchObject({
      restarts: 3,
      children: [{ id: 'a', state: 'restarting', restarts: 3 }],
    })
    await clock.advance(1)
    expect(children.takeLog()).toBe('start a')
    await clock.advance(10_000)
    expect(supervision.status()).toMatchObject({ restarts: 0, children: [{ id: 'a', state: 'running', restarts: 0 }] })
    expect(await fail('a')).toBe('stop a, start a')
  })

  it('spreads the waits by chance, within the share that is left to it', async () => {
    const { clock, children, fail } = supervise(
      supervisor('root', 'one-for-one', ['a'], { backoff: { firstMs: 1_000, jitterFraction: 0.5 } }),
    )
    await fail('a')
    await fail('a')
    await clock.advance(499)
    expect(children.takeLog()).toBe('')
    await clock.advance(501)
    expect(children.takeLog()).toBe('start a')
  })

  it('counts a failed start as a failure, and tries it again', async () => {
    const { clock, children, fail, states } = supervise(supervisor('root', 'one-for-one', ['a', 'b']))
    children.failStarts('a', 1)
    expect(await fail('a')).toBe('stop a, start a, stop a')
    expect(states()).toBe('a:restarting b:running')
    await clock.advance(100)
    expect(children.takeLog()).toBe('start a')
    expect(states()).toBe('a:running b:running')
  })

  it('stops again what it had started, when a later one of all for one does not start', async () => {
    const { clock, children, fail, states } = supervise(supervisor('root', 'all-for-one', ['a', 'b', 'c']))
    children.failStarts('b', 1)
    expect(await fail('a')).toBe('stop c, stop b, stop a, start a, start b, stop b, stop a')
    await clock.advance(100)
    expect(children.takeLog()).toBe('start a, start b, start c')
    expect(states()).toBe('a:running b:running c:running')
  })

  it('goes on if a child cannot be stopped, and says so', async () => {
    const { children, supervision, alerts, clock } = supervise(supervisor('root', 'one-for-one', ['a']))
    const { stop } = children.host
    children.host.stop = async (id) => {
      await stop(id)
      throw new Error('stuck')
    }
    children.crash('a')
    supervision.failed('a', 'broke')
    await clock.advance(0)
    expect(children.takeLog()).toBe('stop a, start a')
    expect(alerts).toEqual([{ message: 'an agent that failed could not be stopped', agent: 'a', error: 'stuck' }])
  })
})

describe('a host that throws where it ought to reject', () => {
  it('counts as one that rejects', async () => {
    const { clock, children, supervision, states } = supervise(supervisor('root', 'all-for-one', ['a', 'b']))
    const { start, stop } = children.host
    let throws = 2
    const unlessThrown = (act: (id: string) => Promise<void>) => (id: string) => {
      throws -= 1
      if (throws >= 0) throw new Error('not now')
      return act(id)
    }
    children.crash('a')
    children.host.start = unlessThrown(start)
    supervision.failed('a', 'broke')
    await clock.advance(1_000)
    expect(states()).toBe('a:quarantined b:running')
    throws = 1
    children.host.stop = unlessThrown(stop)
    children.host.start = () => Promise.resolve()
    await supervision.release('a')
    supervision.failed('b', 'broke')
    await clock.advance(1_000)
    expect(states()).toBe('a:running b:running')
  })
})

describe('a supervisor that gives up', () => {
  it('keeps the failed child down at the root, with an alert, while its siblings run on', async () => {
    const { clock, children, fail, states, alerts } = supervise(supervisor('root', 'all-for-one', ['a', 'b']))
    await fail('a')
    await fail('a')
    await clock.advance(100)
    expect(children.takeLog()).toBe('start a, start b')
    expect(alerts).toEqual([])
    expect(await fail('a')).toBe('stop a, quarantine a')
    expect(states()).toBe('a:quarantined b:running')
    expect(alerts).toEqual([
      {
        message: 'an agent is in quarantine: mend it, then release it',
        agent: 'a',
        supervisor: 'root',
        restarts: 2,
        perMs: 10_000,
        reason: 'a failed again after 2 restarts within 10000 ms: a broke',
      },
    ])
    await clock.advance(60_000)
    expect(children.takeLog()).toBe('')
    expect(await fail('a')).toBe('')
    expect(await fail('b')).toBe('stop b, start b')
  })

  it('starts the others of a common restart, when the one that does not start goes to quarantine', async () => {
    const { clock, children, fail, states } = supervise(supervisor('root', 'all-for-one', ['a', 'b', 'c']))
    children.failStarts('b', 9)
    await fail('a')
    await clock.advance(100)
    expect(children.takeLog()).toBe('start a, start b, stop b, start c, quarantine b')
    expect(states()).toBe('a:running b:quarantined c:running')
  })

  it('counts for each child by itself when it is one for one, else for all together', async () => {
    const each = supervise(supervisor('root', 'one-for-one', ['a', 'b', 'c']))
    for (const id of ['a', 'b', 'c']) expect(await each.fail(id)).toBe(`stop ${id}, start ${id}`)
    const together = supervise(supervisor('root', 'rest-for-one', ['a', 'b', 'c']))
    await together.fail('c')
    await together.fail('b')
    await together.clock.advance(100)
    together.children.takeLog()
    expect(await together.fail('c')).toBe('stop c, quarantine c')
  })

  it('is restarted whole by its own supervisor, with nothing counted any more', async () => {
    const inner = supervisor('inner', 'one-for-one', ['b', 'c'])
    const { clock, children, fail, states } = supervise(supervisor('root', 'rest-for-one', ['a', inner, 'd']))
    await fail('b')
    await fail('b')
    await clock.advance(100)
    children.takeLog()
    expect(await fail('b')).toBe('stop d, stop c, stop b, start b, start c, start d')
    expect(await fail('b')).toBe('stop b, start b')
    expect(states()).toBe('a:running inner:running b:running c:running d:running')
  })

  it('goes to quarantine whole, when its own supervisor gives up as well', async () => {
    const none = { intensity: { restarts: 0, perMs: 1_000 } }
    const inner = supervisor('inner', 'one-for-one', ['b', 'c'], none)
    const { fail, states, alerts } = supervise(supervisor('root', 'one-for-one', ['a', inner], none))
    expect(await fail('b')).toBe('stop c, quarantine c, stop b, quarantine b')
    expect(states()).toBe('a:running inner:quarantined b:quarantined c:quarantined')
    expect(alerts.map(({ agent, supervisor: by }) => [agent, by])).toEqual([
      ['c', 'root'],
      ['b', 'root'],
    ])
  })

  it('keeps to quarantine where it is told to, and at the root always', async () => {
    const none = { intensity: { restarts: 0, perMs: 1_000 } }
    const inner = supervisor('inner', 'one-for-one', ['b', 'c'], { ...none, onExceeded: 'quarantine' })
    const { fail } = supervise(supervisor('root', 'one-for-one', ['a', inner], { ...none, onExceeded: 'escalate' }))
    expect(await fail('b')).toBe('stop b, quarantine b')
    expect(await fail('a')).toBe('stop a, quarantine a')
  })
})

describe('failures at the same time', () => {
  it('are one, for a child that is reported again while it is restarted', async () => {
    const { clock, children, fail } = supervise(supervisor('root', 'one-for-one', ['a']), () => 5)
    expect(await fail('a', 'a', 'a')).toBe('stop a')
    expect(await fail('a')).toBe('')
    await clock.advance(10)
    expect(children.takeLog()).toBe('start a')
    expect(await fail('a')).toBe('stop a')
  })

  it('of children that do not depend on each other are mended side by side', async () => {
    const { clock, fail, children } = supervise(supervisor('root', 'one-for-one', ['a', 'b']), (id) =>
      id === 'a' ? 1_000 : 0,
    )
    expect(await fail('a', 'b')).toBe('stop a, stop b, start b')
    await clock.advance(2_000)
    expect(children.takeLog()).toBe('start a')
  })

  it('are covered by a common restart that has yet to start the child', async () => {
    const { clock, children, fail, states } = supervise(supervisor('root', 'all-for-one', ['a', 'b', 'c']), () => 10)
    await fail('b')
    expect(await fail('a')).toBe('')
    await clock.advance(1_000)
    expect(children.takeLog()).toBe('stop b, stop a, start a, start b, start c')
    expect(states()).toBe('a:running b:running c:running')
  })

  it('begin anew, for a child that a common restart has started already', async () => {
    const { clock, children, fail } = supervise(supervisor('root', 'all-for-one', ['a', 'b', 'c']), () => 10)
    await fail('b')
    await clock.advance(45)
    expect(children.takeLog()).toBe('stop b, stop a, start a, start b')
    expect(await fail('a')).toBe('')
    await clock.advance(1_000)
    // The start of b that was under way is waited for.
    expect(children.takeLog()).toBe('stop b, stop a, start a, start b, start c')
  })

  it('of a child that is being started are a failed start', async () => {
    const { clock, children, supervision, fail } = supervise(supervisor('root', 'one-for-one', ['a']), () => 10)
    await fail('a')
    await clock.advance(15)
    expect(children.takeLog()).toBe('start a')
    for (let report = 0; report < 3; report += 1) supervision.failed('a', 'hung in its first handler')
    await clock.advance(1_000)
    expect(children.takeLog()).toBe('stop a, start a')
  })

  it('are taken over by a supervisor further up', async () => {
    const inner = supervisor('inner', 'one-for-one', ['b', 'c'])
    const { clock, children, fail } = supervise(supervisor('root', 'all-for-one', ['a', inner]))
    await fail('b')
    expect(await fail('b')).toBe('stop b')
    expect(clock.pending()).toBe(1)
    expect(await fail('a')).toBe('stop c, stop a, start a, start b, start c')
    expect(clock.pending()).toBe(0)
    await clock.advance(1_000)
    expect(children.takeLog()).toBe('')
  })

  it('do not count for a restart that was taken over before it started anything', async () => {
    const { clock, children, supervision, fail } = supervise(
      supervisor('root', 'rest-for-one', ['a', 'b', 'c'], { intensity: { restarts: 3, perMs: 10_000 } }),
      () => 10,
    )
    await fail('b')
    await clock.advance(100)
    await fail('b')
    expect(await fail('a')).toBe('')
    await clock.advance(1_000)
    expect(children.takeLog()).toBe('stop b, stop a, start a, start b, start c')
    expect(clock.pending()).toBe(0)
    await clock.advance(9_000)
    expect(supervision.status().restarts).toBe(1)
    await clock.advance(1_000)
    expect(supervision.status().restarts).toBe(0)
  })

  it('take out of a common restart only what they concern', async () => {
    const inner = supervisor('inner', 'one-for-one', ['a', 'b'])
    const { clock, children, fail, states } = supervise(supervisor('root', 'all-for-one', [inner, 'c', 'd']), () => 10)
    await fail('d')
    await clock.advance(65)
    expect(children.takeLog()).toBe('stop c, stop b, stop a, start a, start b, start c')
    expect(await fail('a')).toBe('stop a')
    await clock.advance(10)
    expect(children.takeLog()).toBe('start d, start a')
    await clock.advance(100)
    expect(states()).toBe('inner:running a:running b:running c:running d:running')
  })
})

describe('release', () => {
  const none = { intensity: { restarts: 0, perMs: 10_000 } }

  it('starts a child in quarantine, with nothing counted any more', async () => {
    const { clock, children, supervision, fail, states } = supervise(supervisor('root', 'all-for-one', ['a', 'b']))
    await fail('a')
    await fail('a')
    await clock.advance(100)
    await fail('a')
    children.takeLog()
    await supervision.release('a')
    expect(children.takeLog()).toBe('start a')
    expect(states()).toBe('a:running b:running')
    expect(supervision.status().restarts).toBe(0)
    expect(await fail('a')).toBe('stop b, stop a, start a, start b')
  })

  it('tells of a start that fails, and has it tried again', async () => {
    const { clock, children, supervision, fail, states } = supervise(supervisor('root', 'one-for-one', ['a']))
    for (let failure = 0; failure < 3; failure += 1) {
      await fail('a')
      await clock.advance(1_000)
    }
    children.takeLog()
    children.failStarts('a', 1)
    await expect(supervision.release('a')).rejects.toThrow('a will not start')
    await settle()
    expect(children.takeLog()).toBe('start a, stop a, start a')
    expect(states()).toBe('a:running')
  })

  it('waits until a child that has just failed is down, and the quarantine that never began is not reported', async () => {
    const { clock, children, supervision, fail } = supervise(supervisor('root', 'all-for-one', ['a', 'b']), () => 10)
    for (const waitMs of [1_000, 1_000, 0]) {
      await fail('a')
      await clock.advance(waitMs)
    }
    children.takeLog()
    const released = supervision.release('a')
    await clock.advance(20)
    await released
    expect(children.takeLog()).toBe('start a')
  })

  it('keeps a child up that was released before its turn in the quarantine of many had come', async () => {
    const inner = supervisor('inner', 'one-for-one', ['a', 'b'], none)
    const { clock, children, supervision, fail, states } = supervise(
      supervisor('root', 'one-for-one', [inner], none),
      (id) => (id === 'b' ? 100 : 10),
    )
    expect(await fail('a')).toBe('stop b')
    const released = supervision.release('a')
    await clock.advance(1_000)
    await released
    expect(children.takeLog()).toBe('stop a, start a, quarantine b')
    expect(states()).toBe('inner:running a:running b:quarantined')
  })

  it('starts a child only after the restart that its siblings share', async () => {
    const { clock, children, supervision, fail } = supervise(
      supervisor('root', 'all-for-one', ['a', 'b', 'c'], { intensity: { restarts: 1, perMs: 1_000 } }),
      () => 10,
    )
    await fail('a')
    await clock.advance(100)
    await fail('a')
    await clock.advance(2_000)
    children.takeLog()
    await fail('b')
    const released = supervision.release('a')
    await clock.advance(1_000)
    await released
    expect(children.takeLog()).toBe('stop b, start b, start c, start a')
  })

  it('refuses what is not in quarantine, is unknown, or comes too late', async () => {
    const { supervision, fail } = supervise(supervisor('root', 'one-for-one', ['a', 'b'], none))
    await fail('a')
    await expect(supervision.release('b')).rejects.toMatchObject({ code: 'NOT_QUARANTINED' })
    await expect(supervision.release('x')).rejects.toMatchObject({ code: 'AGENT_NOT_FOUND' })
    supervision.stop()
    await expect(supervision.release('a')).rejects.toMatchObject({ code: 'SUPERVISION_STOPPED' })
  })

  it('is refused while it waits, when supervision stops', async () => {
    const { clock, supervision, children } = supervise(supervisor('root', 'one-for-one', ['a'], none), () => 10)
    children.crash('a')
    supervision.failed('a', 'broke')
    await clock.advance(10)
    const refused = expect(supervision.release('a')).rejects.toMatchObject({ code: 'SUPERVISION_STOPPED' })
    supervision.stop()
    await clock.advance(100)
    await refused
  })
})

describe('a tree that changes', () => {
  it('restarts what was added, as the last in order, and leaves alone what was removed', async () => {
    const inner = supervisor('inner', 'all-for-one', ['b'])
    const { supervision, fail } = supervise(supervisor('root', 'one-for-one', ['a', inner]))
    supervision.add('b-2', 'inner')
    expect(await fail('b')).toBe('stop b-2, stop b, start b, start b-2')
    supervision.remove('b')
    supervision.remove('unknown')
    expect(await fail('b')).toBe('')
    expect(await fail('b-2')).toBe('stop b-2')
    expect(() => supervision.add('a', 'inner')).toThrow(expect.objectContaining({ code: 'DUPLICATE_AGENT' }))
    expect(() => supervision.add('c', 'desk')).toThrow('there is no supervisor "desk"; there are: root, inner')
  })

  it.each([
    [5, 'stop c, stop a, start a, start c'],
    [25, 'stop c, stop b, stop a, start a, start c'],
  ])('does not start what was removed %d ms into its restart', async (atMs, acts) => {
    const { clock, children, supervision } = supervise(supervisor('root', 'all-for-one', ['a', 'b', 'c']), () => 10)
    children.crash('a')
    supervision.failed('a', 'broke')
    await clock.advance(atMs)
    supervision.remove('b')
    await clock.advance(1_000)
    expect(children.takeLog()).toBe(acts)
  })
})

describe('supervision that is stopped', () => {
  it('starts nothing any more, whatever was under way or waited', async () => {
    const { clock, children, supervision, fail } = supervise(
      supervisor('root', 'one-for-one', ['a', 'b', 'c']),
      (id) => (id === 'b' ? 50 : 0),
    )
    await fail('a')
    expect(await fail('a', 'b')).toBe('stop a, stop b')
    expect(clock.pending()).toBe(2)
    supervision.stop()
    expect(clock.pending()).toBe(1)
    expect(await fail('c')).toBe('')
    await clock.advance(60_000)
    expect(children.takeLog()).toBe('')
    expect(clock.pending()).toBe(0)
  })
})
