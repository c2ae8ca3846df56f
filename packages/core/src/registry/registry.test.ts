import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../testing-support/fake-clock.test-support.js'
import { createRegistry, type Registration, type RegistryOptions, type RegistryQuery } from './registry.js'

function registration(id: string, more: Partial<Registration> = {}): Registration {
  return { id, role: 'worker', capabilities: [], tags: [], ...more }
}

function open(options: Partial<RegistryOptions<Registration>> = {}) {
  const clock = createFakeClock(1_000)
  const changes: string[] = []
  const registry = createRegistry<Registration>({
    clock,
    onChange: ({ kind, entry }) => void changes.push(`${kind} ${entry.id}`),
    ...options,
  })
  const find = (query: RegistryQuery): string =>
    registry
      .find(query)
      .map(({ id }) => id)
      .join(' ')
  return { clock, registry, changes, find }
}

describe('the registry', () => {
  it('finds by id, role, capability and tag, in order of registration; all conditions must hold', () => {
    const { registry, find } = open()
    registry.register(registration('b', { role: 'scout', capabilities: ['news'], tags: ['eu'] }))
    registry.register(registration('a', { capabilities: ['news', 'mood'], tags: ['eu'] }))
    registry.register(registration('c', { capabilities: ['mood'], tags: ['us'] }))
    expect(find({})).toBe('b a c')
    expect(find({ id: 'a' })).toBe('a')
    expect(find({ id: 'a', role: 'scout' })).toBe('')
    expect(find({ role: 'worker' })).toBe('a c')
    expect(find({ capability: 'news' })).toBe('b a')
    expect(find({ tag: 'eu', capability: 'news', role: 'worker' })).toBe('a')
    expect(find({ capability: 'mood', tag: 'us' })).toBe('c')
    expect(find({ role: 'scout', tag: 'us' })).toBe('')
    expect(find({ role: 'worker', capability: 'unknown' })).toBe('')
    expect(registry.get('a')).toBe(registry.find({ id: 'a' })[0])
    expect([registry.get('x'), find({ id: 'x' })]).toEqual([undefined, ''])
  })

  it('refuses a second live entry of one id, and takes the same entry again for a heartbeat', async () => {
    const { clock, registry, changes } = open()
    const first = registration('a')
    registry.register(first)
    await clock.advance(10_000)
    registry.register(first)
    await clock.advance(10_000)
    expect(() => registry.register(registration('a'))).toThrow(
      expect.objectContaining({
        code: 'DUPLICATE_AGENT',
        message: 'an agent with the id "a" is registered and alive: deregister it first, or choose another id',
      }),
    )
    await clock.advance(5_000)
    const second = registration('a')
    registry.register(second)
    expect(registry.get('a')).toBe(second)
    expect(changes).toEqual(['registered a', 'lapsed a', 'registered a'])
  })

  it('never returns a lapsed entry, swept or not', async () => {
    const { clock, registry, find, changes } = open()
    registry.register(registration('a', { tags: ['t'] }))
    registry.register(registration('b', { tags: ['t'] }))
    await clock.advance(14_999)
    expect(find({ tag: 't' })).toBe('a b')
    expect(registry.heartbeat('b')).toBe(true)
    await clock.advance(1)
    const everywhere = () => [find({}), find({ role: 'worker', tag: 't' }), find({ tag: 't' }), find({ id: 'a' })]
    expect(everywhere()).toEqual(['b', 'b', 'b', ''])
    expect(registry.get('a')).toBeUndefined()
    expect(registry.expire()).toEqual(['a'])
    expect(registry.expire()).toEqual([])
    expect(everywhere()).toEqual(['b', 'b', 'b', ''])
    await clock.advance(14_999)
    expect(registry.expire()).toEqual(['b'])
    expect(changes).toEqual(['registered a', 'registered b', 'lapsed a', 'lapsed b'])
  })

  it.each([true, false])(
    'registers a silent agent anew by its heartbeat, as the last in order (swept: %s)',
    async (swept) => {
      const { clock, registry, find, changes } = open()
      registry.register(registration('a'))
      await clock.advance(10_000)
      registry.register(registration('b'))
      await clock.advance(5_000)
      if (swept) registry.expire()
      expect(registry.heartbeat('a')).toBe(true)
      expect(find({ role: 'worker' })).toBe('b a')
      expect(changes).toEqual(['registered a', 'registered b', 'lapsed a', 'registered a'])
    },
  )

  it('forgets who deregisters', async () => {
    const { clock, registry, find, changes } = open()
    registry.register(registration('a'))
    registry.register(registration('b'))
    expect([registry.deregister('a'), registry.deregister('a'), registry.heartbeat('a')]).toEqual([true, false, false])
    expect(find({})).toBe('b')
    await clock.advance(20_000)
    registry.expire()
    expect([registry.deregister('b'), registry.heartbeat('b')]).toEqual([true, false])
    expect(changes).toEqual(['registered a', 'registered b', 'deregistered a', 'lapsed b'])
  })

  it.each(['heartbeat', 'register'] as const)('forgets who deregisters after it came back by %s', async (by) => {
    const { clock, registry } = open()
    registry.register(registration('a'))
    await clock.advance(15_000)
    registry.expire()
    if (by === 'heartbeat') registry.heartbeat('a')
    else registry.register(registration('a'))
    registry.deregister('a')
    expect([registry.heartbeat('a'), registry.find({})]).toEqual([false, []])
  })

  it('remembers the ten thousand that lapsed last', async () => {
    const { clock, registry } = open()
    for (let index = 0; index <= 10_000; index += 1) registry.register(registration(`a${index}`))
    await clock.advance(15_000)
    expect(registry.expire()).toHaveLength(10_001)
    expect([registry.heartbeat('a0'), registry.heartbeat('a1'), registry.heartbeat('a10000')]).toEqual([
      false,
      true,
      true,
    ])
  })

  it('keeps entries for ever where leases are infinite, and refuses lengths that make no sense', async () => {
    const { clock, registry, find } = open({ leaseMs: Number.POSITIVE_INFINITY })
    registry.register(registration('a'))
    await clock.advance(1e12)
    expect([registry.expire(), find({})]).toEqual([[], 'a'])
    for (const leaseMs of [0, -1, Number.NaN]) {
      expect(() => open({ leaseMs })).toThrow(
        `leaseMs of a registry is ${leaseMs}; it must be 1 or more milliseconds, or Infinity`,
      )
    }
  })

  it('is not misled by a clock that is set, where there is one that never goes back', () => {
    let elapsed = 0
    let now = 1_000
    const { registry, find } = open({ clock: { now: () => now, elapsed: () => elapsed } })
    registry.register(registration('a'))
    now += 300_000
    expect(find({})).toBe('a')
    elapsed += 15_000
    expect(find({})).toBe('')
  })

  it('finds what a plain search through all entries would, whatever was done before', async () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd', 'e')
    const some = (...words: readonly string[]) => fc.uniqueArray(fc.constantFrom(...words), { maxLength: 2 })
    const maybe = (...words: readonly string[]) => fc.option(fc.constantFrom(...words), { nil: undefined, freq: 1 })
    const act = fc.oneof(
      fc.record({ id, role: fc.constantFrom('r', 's'), capabilities: some('x', 'y', 'z'), tags: some('t', 'u') }),
      fc.record({ heartbeat: id }),
      fc.record({ deregister: id }),
      fc.record({ waitMs: fc.integer({ min: 0, max: 9_000 }) }),
      fc.constant('expire' as const),
    )
    const query = fc.record({ role: maybe('r', 's'), capability: maybe('x', 'y', 'z'), tag: maybe('t', 'u') })
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 30 }), fc.array(query, { maxLength: 4 }), async (acts, queries) => {
        const { clock, registry } = open()
        let plain: { entry: Registration; untilMs: number }[] = []
        const lapsed = new Map<string, Registration>()
        const sweep = () => {
          for (const { entry, untilMs } of plain) if (untilMs <= clock.now()) lapsed.set(entry.id, entry)
          plain = plain.filter(({ untilMs }) => untilMs > clock.now())
        }
        const add = (entry: Registration) => {
          lapsed.delete(entry.id)
          plain.push({ entry, untilMs: clock.now() + 15_000 })
        }
        for (const done of acts) {
          sweep()
          if (done === 'expire') registry.expire()
          else if ('waitMs' in done) await clock.advance(done.waitMs)
          else if ('deregister' in done) {
            registry.deregister(done.deregister)
            plain = plain.filter(({ entry }) => entry.id !== done.deregister)
            lapsed.delete(done.deregister)
          } else if ('heartbeat' in done) {
            const known = plain.find(({ entry }) => entry.id === done.heartbeat)
            const silent = lapsed.get(done.heartbeat)
            if (known) known.untilMs = clock.now() + 15_000
            else if (silent) add(silent)
            expect(registry.heartbeat(done.heartbeat)).toBe(known !== undefined || silent !== undefined)
          } else if (plain.some(({ entry }) => entry.id === done.id)) expect(() => registry.register(done)).toThrow()
          else {
            registry.register(done)
            add(done)
          }
          sweep()
          for (const { role, capability, tag } of queries) {
            const expected = plain.filter(
              ({ entry }) =>
                (role === undefined || entry.role === role) &&
                (capability === undefined || entry.capabilities.includes(capability)) &&
                (tag === undefined || entry.tags.includes(tag)),
            )
            const asked = { ...(role && { role }), ...(capability && { capability }), ...(tag && { tag }) }
            expect(registry.find(asked)).toEqual(expected.map(({ entry }) => entry))
          }
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('the registry of ten thousand agents', () => {
  const capabilities = ['news', 'mood']
  const tags = ['eu']
  const fill = (count: number) => {
    const { registry, ...rest } = open()
    for (let index = 0; index < count; index += 1) {
      registry.register({ id: `agent-${index}`, role: `role-${index % (count / 4)}`, capabilities, tags })
    }
    return { registry, ...rest }
  }

  it('looks at those that it returns only, however many there are', () => {
    const { registry } = open()
    let reads = 0
    for (let index = 0; index < 10_000; index += 1) {
      const role = `role-${index % 2_500}`
      registry.register({
        get id() {
          reads += 1
          return `agent-${index}`
        },
        get role() {
          reads += 1
          return role
        },
        capabilities,
        tags,
      })
    }
    reads = 0
    expect(registry.find({ role: 'role-7', capability: 'news' })).toHaveLength(4)
    expect(reads).toBeLessThanOrEqual(8)
    expect(registry.find({ role: 'role-7' })).toBe(registry.find({ role: 'role-7' }))
  })

  it('takes less than 600 bytes for each entry, the entry itself included', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    fill(100)
    collect()
    const before = process.memoryUsage().heapUsed
    const { registry } = fill(10_000)
    collect()
    const each = (process.memoryUsage().heapUsed - before) / 10_000
    expect(registry.find({ tag: 'eu' })).toHaveLength(10_000)
    expect(each).toBeLessThan(600)
  })
})
