import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSilentLogger } from '../logging/silent-logger.js'
import { createSeededRandom } from '../random/seeded-random.js'
import { createFakeClock } from '../testing-support/fake-clock.test-support.js'
import {
  createSupervisedChildren,
  type SupervisedChildren,
} from '../testing-support/supervised-children.test-support.js'
import type { RestartStrategy } from './define-supervisor.js'
import type { ResolvedNode, ResolvedSupervisor } from './resolve-supervisor.js'
import { createSupervision, type Supervision } from './supervision.js'
import type { SupervisorStatus } from './supervision-status.js'

const perMs = 1_000
const longestWaitMs = 40
const strategies: readonly RestartStrategy[] = ['one-for-one', 'rest-for-one', 'all-for-one']

/** A supervisor before its children have ids. */
type Shape = {
  readonly strategy: RestartStrategy
  readonly restarts: number
  readonly onExceeded: 'quarantine' | 'escalate' | undefined
  readonly children: readonly (Shape | 'child')[]
}

const { tree } = fc.letrec<{ tree: Shape; node: Shape | 'child' }>((tie) => ({
  tree: fc.record({
    strategy: fc.constantFrom(...strategies),
    restarts: fc.integer({ min: 0, max: 3 }),
    onExceeded: fc.constantFrom('quarantine', 'escalate', undefined),
    children: fc.array(tie('node'), { minLength: 1, maxLength: 4 }),
  }),
  node: fc.oneof({ maxDepth: 2, withCrossShrink: true }, fc.constant('child' as const), tie('tree')),
}))

/** Children get the ids 0, 1, 2 … in order. */
function resolve(shape: Shape, jitterFraction: number): { root: ResolvedSupervisor; ids: readonly string[] } {
  const ids: string[] = []
  let supervisors = 0
  const grow = ({ strategy, restarts, onExceeded, children }: Shape): ResolvedSupervisor => ({
    kind: 'supervisor',
    name: `s${supervisors++}`,
    strategy,
    intensity: { restarts, perMs },
    backoff: { firstMs: 10, maximumMs: longestWaitMs, jitterFraction },
    onExceeded,
    children: children.map((child): ResolvedNode => {
      if (child !== 'child') return grow(child)
      ids.push(String(ids.length))
      return String(ids.length - 1)
    }),
  })
  const root = grow(shape)
  return { root, ids }
}

function statesOf(status: SupervisorStatus, into = new Map<string, string>()): Map<string, string> {
  for (const child of status.children) {
    if (child.kind === 'child') into.set(child.id, child.state)
    else statesOf(child, into)
  }
  return into
}

/** The supervisors above each child, the nearest first. */
function supervisorsOf(
  root: ResolvedSupervisor,
  above: readonly ResolvedSupervisor[] = [],
  into = new Map<string, readonly ResolvedSupervisor[]>(),
): Map<string, readonly ResolvedSupervisor[]> {
  for (const child of root.children) {
    if (typeof child === 'string') into.set(child, [root, ...above])
    else supervisorsOf(child, [root, ...above], into)
  }
  return into
}

/** A child stops after, and starts before, those of its own supervisor that come after it, where they are restarted together. */
function assertOrder(act: 'stop' | 'start', id: string, supervisor: ResolvedSupervisor, world: World): void {
  if (supervisor.strategy === 'one-for-one') return
  const states = statesOf(world.supervision.status())
  // One that goes to quarantine is stopped alone.
  if (states.get(id) === 'quarantined') return
  const place = supervisor.children.indexOf(id)
  for (const [index, other] of supervisor.children.entries()) {
    if (typeof other !== 'string' || other === id || states.get(other) === 'quarantined') continue
    if (index > place) expect(`${other} ${world.children.standOf(other)}`).toBe(`${other} down`)
    if (index < place && act === 'start') expect(`${other} ${world.children.standOf(other)}`).toBe(`${other} up`)
  }
}

type World = { readonly children: SupervisedChildren; readonly supervision: Supervision }

function assertSettled(world: World, ids: readonly string[]): void {
  const states = statesOf(world.supervision.status())
  for (const id of ids) {
    const stand = `${id} ${states.get(id)} ${world.children.standOf(id)}`
    expect([`${id} running up`, `${id} quarantined down`]).toContain(stand)
  }
}

/** No span of the window's length holds more than so many of the times. */
function mostWithin(times: readonly number[]): number {
  return times.reduce(
    (most, end) => Math.max(most, times.filter((time) => time > end - perMs && time <= end).length),
    0,
  )
}

const step = fc.record({
  waitMs: fc.constantFrom(0, 0, 1, 7, 30, 200, 600),
  child: fc.nat(11),
  failedStarts: fc.constantFrom(0, 0, 0, 1, 2, 5),
})

describe('supervision, whatever fails when', () => {
  const run = async (
    shape: Shape,
    steps: readonly { waitMs: number; child: number; failedStarts: number }[],
    latencySeed: number,
    during?: (world: World, index: number) => void,
  ): Promise<World & { readonly root: ResolvedSupervisor; readonly ids: readonly string[] }> => {
    const clock = createFakeClock(5_000)
    const { root, ids } = resolve(shape, 0.5)
    const above = supervisorsOf(root)
    const latencies = createSeededRandom(latencySeed)
    const violations: unknown[] = []
    const children = createSupervisedChildren({
      clock,
      latencyMs: () => (latencySeed === 0 ? 0 : Math.floor(latencies.next() * 12)),
      before: (act, id) => {
        try {
          assertOrder(act, id, above.get(id)?.[0] as ResolvedSupervisor, world)
        } catch (error) {
          violations.push(error)
        }
      },
    })
    // What the host complains of would count as one more failure.
    const guarded = {
      ...children.host,
      stop: (id: string) => children.host.stop(id).catch((error: unknown) => void violations.push(error)),
      start: (id: string) =>
        children.host.start(id).catch((error: Error) => {
          if (!error.message.includes('will not start')) violations.push(error)
          throw error
        }),
    }
    const supervision = createSupervision({
      root,
      host: guarded,
      timers: clock,
      random: createSeededRandom(3),
      logger: createSilentLogger(),
    })
    const world = { children, supervision, root, ids }
    for (const [index, { waitMs, child, failedStarts }] of steps.entries()) {
      if (waitMs > 0) await clock.advance(waitMs)
      const id = ids[child % ids.length] as string
      if (children.crash(id)) {
        children.failStarts(id, failedStarts)
        supervision.failed(id, 'broke')
      } else supervision.failed(id, 'reported once more')
      during?.(world, index)
    }
    await clock.advance(100_000)
    expect(violations).toEqual([])
    return world
  }

  const cases = [tree, fc.array(step, { minLength: 1, maxLength: 25 }), fc.nat(50)] as const

  it('ends with every child running or in quarantine, and stops and starts them in order', async () => {
    await fc.assert(
      fc.asyncProperty(...cases, async (shape, steps, latencySeed) => {
        const world = await run(shape, steps, latencySeed)
        assertSettled(world, world.ids)
      }),
      { numRuns: 400 },
    )
  })

  it('restarts nothing more often within the window than the intensities above it allow', async () => {
    await fc.assert(
      fc.asyncProperty(cases[0], cases[1], async (shape, steps) => {
        const { children, root } = await run(shape, steps, 0)
        for (const [id, above] of supervisorsOf(root)) {
          const times = children.log.filter((entry) => entry.act === 'start' && entry.id === id)
          // Each restart of a supervisor begins its own count anew.
          const most = above.reduce((product, { intensity }) => product * (intensity.restarts + 1), 1) - 1
          expect(mostWithin(times.map(({ timeMs }) => timeMs))).toBeLessThanOrEqual(most)
        }
      }),
      { numRuns: 400 },
    )
  })

  it('stops and starts nothing after it was stopped', async () => {
    await fc.assert(
      fc.asyncProperty(...cases, fc.nat(24), async (shape, steps, latencySeed, stopAt) => {
        let before: number | undefined
        const { children } = await run(shape, steps, latencySeed, ({ supervision, children: now }, index) => {
          if (index !== Math.min(stopAt, steps.length - 1)) return
          supervision.stop()
          before = now.log.length
        })
        expect(children.log.length).toBe(before)
      }),
      { numRuns: 200 },
    )
  })

  it('ends with every child running or gone, when children are added, removed and released meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(...cases, fc.array(fc.nat(3), { maxLength: 25 }), async (shape, steps, latencySeed, acts) => {
        const removed = new Set<string>()
        const added: string[] = []
        const clock = createFakeClock(5_000)
        const { root, ids } = resolve(shape, 0.5)
        const latencies = createSeededRandom(latencySeed)
        const children = createSupervisedChildren({ clock, latencyMs: () => Math.floor(latencies.next() * 12) })
        const options = { root, host: children.host, timers: clock, random: latencies, logger: createSilentLogger() }
        const supervision = createSupervision(options)
        for (const [index, { waitMs, child, failedStarts }] of steps.entries()) {
          await clock.advance(waitMs)
          const all = [...ids, ...added]
          const id = all[child % all.length] as string
          if (acts[index] === 1) {
            supervision.add(`added-${index}`, 's0')
            added.push(`added-${index}`)
          } else if (acts[index] === 2) {
            supervision.remove(id)
            removed.add(id)
          } else if (acts[index] === 3) void supervision.release(id).catch(() => undefined)
          else if (children.crash(id)) {
            children.failStarts(id, failedStarts)
            supervision.failed(id, 'broke')
          }
        }
        await clock.advance(100_000)
        const left = [...ids, ...added].filter((id) => !removed.has(id))
        expect([...statesOf(supervision.status()).keys()].toSorted()).toEqual(left.toSorted())
        assertSettled({ children, supervision }, left)
      }),
      { numRuns: 200 },
    )
  })
})

/** One failure after the other, each mended before the next: what is done then, written down as plainly as can be. */
class Model {
  readonly down = new Set<string>()
  readonly acts: string[] = []
  #windows = new Map<string, number[]>()
  #above: Map<string, readonly ResolvedSupervisor[]>

  constructor(root: ResolvedSupervisor) {
    this.#above = supervisorsOf(root)
  }

  fail(id: string, now: number): void {
    if (!this.down.has(id)) this.#fail(id, this.#above.get(id) ?? [], now)
  }

  #fail(failed: ResolvedNode, [supervisor, ...above]: readonly ResolvedSupervisor[], now: number): void {
    if (supervisor === undefined) return
    const { strategy, intensity, children, onExceeded } = supervisor
    const counter = strategy === 'one-for-one' ? `${supervisor.name}/${nameOf(failed)}` : `${supervisor.name}/`
    const earlier = (this.#windows.get(counter) ?? []).filter((time) => time > now - perMs)
    if (earlier.length >= intensity.restarts) {
      if (above.length > 0 && onExceeded !== 'quarantine') this.#fail(supervisor, above, now)
      else for (const id of this.#active([failed]).reverse()) this.#quarantine(id)
      return
    }
    const delay = earlier.length === 0 ? 0 : Math.min(longestWaitMs, 10 * 2 ** (earlier.length - 1))
    const place = children.indexOf(failed)
    const affected =
      strategy === 'one-for-one' ? [failed] : strategy === 'all-for-one' ? children : children.slice(place)
    for (const node of affected) this.#forget(node)
    this.#windows.set(counter, [...earlier, now + delay])
    const active = this.#active(affected)
    this.acts.push(...active.toReversed().map((id) => `stop ${id}`), ...active.map((id) => `start ${id}`))
  }

  #quarantine(id: string): void {
    this.down.add(id)
    this.acts.push(`stop ${id}`, `quarantine ${id}`)
  }

  #active(nodes: readonly ResolvedNode[]): string[] {
    return nodes.flatMap((node) =>
      typeof node === 'string' ? (this.down.has(node) ? [] : [node]) : this.#active(node.children),
    )
  }

  #forget(node: ResolvedNode): void {
    if (typeof node === 'string') return
    for (const counter of this.#windows.keys()) {
      if (counter.startsWith(`${node.name}/`)) this.#windows.delete(counter)
    }
    for (const child of node.children) this.#forget(child)
  }
}

function nameOf(node: ResolvedNode): string {
  return typeof node === 'string' ? node : node.name
}

describe('supervision of one failure after the other', () => {
  it('does what the model does, act by act', async () => {
    const failures = fc.array(fc.record({ waitMs: fc.integer({ min: 41, max: 600 }), child: fc.nat(11) }), {
      minLength: 1,
      maxLength: 30,
    })
    await fc.assert(
      fc.asyncProperty(tree, failures, async (shape, steps) => {
        const clock = createFakeClock(5_000)
        const { root, ids } = resolve(shape, 0)
        const children = createSupervisedChildren({ clock })
        const { host } = children
        const parts = { timers: clock, random: createSeededRandom(1), logger: createSilentLogger() }
        const supervision = createSupervision({ root, host, ...parts })
        const model = new Model(root)
        for (const { waitMs, child } of steps) {
          await clock.advance(waitMs)
          const id = ids[child % ids.length] as string
          children.crash(id)
          supervision.failed(id, 'broke')
          model.fail(id, clock.now())
        }
        await clock.advance(longestWaitMs)
        expect(children.takeLog()).toBe(model.acts.join(', '))
      }),
      { numRuns: 400 },
    )
  })
})
