import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createStateBench, reloaded } from '../testing-support/state-bench.test-support.js'
import { applyStateDiff } from './state-diff.js'
import { createStateStore } from './state-store.js'

const coded = (code: string): unknown => expect.objectContaining({ code })

describe('the history of a declared document', () => {
  it('goes on with later stamps after a restart on a clock that was set back', async () => {
    const { store, begin, commit, at } = createStateBench()
    at(1_000)
    commit((state) => state.set('doc', 1))
    const { loaded } = await reloaded(store)
    const state = begin(loaded)
    state.set('doc', 2)
    state.commit()
    expect(loaded.history('a', 'doc')).toMatchObject([
      { version: 2, at: 0, stamp: '0000000000001000-00001-local' },
      { version: 1, at: 1_000, stamp: '0000000000001000-00000-local' },
    ])
  })

  it('has the last versions with time and stamp, is saved beside it, and is pruned there too', async () => {
    const { store, begin, commit, at } = createStateBench()
    let saved = new Map<string, string>()
    for (const [index, value] of ['a', 'b', undefined, 'd'].entries()) {
      at(100 + index)
      commit((state) => state.set('doc', value))
      saved = (await reloaded(store, saved)).keyValues
    }
    expect(begin().history('doc')).toEqual([
      { version: 4, value: 'd', at: 103, stamp: '0000000000000103-00000-local' },
      { version: 3, value: undefined, deleted: true, at: 102, stamp: '0000000000000102-00000-local' },
      { version: 2, value: 'b', at: 101, stamp: '0000000000000101-00000-local' },
    ])
    expect(Object.fromEntries(saved)).toEqual({
      'state/a/doc': '{"version":4,"value":"d"}',
      'state-floor/a': '{"version":0}',
      'state-history/a/doc/0000000000000002':
        '{"version":2,"value":"b","at":101,"stamp":"0000000000000101-00000-local"}',
      'state-history/a/doc/0000000000000003':
        '{"version":3,"deleted":true,"at":102,"stamp":"0000000000000102-00000-local"}',
      'state-history/a/doc/0000000000000004':
        '{"version":4,"value":"d","at":103,"stamp":"0000000000000103-00000-local"}',
    })
  })

  it('saves nothing of versions that came and went between two commits', () => {
    const { store, commit } = createStateBench()
    for (let value = 0; value < 50; value += 1) commit((state) => state.set('doc', value))
    expect(store.takeUnsaved().map(({ key }) => key)).toEqual([
      'state-floor/a',
      'state-history/a/doc/0000000000000048',
      'state-history/a/doc/0000000000000049',
      'state-history/a/doc/0000000000000050',
      'state/a/doc',
    ])
    expect(store.takeUnsaved()).toEqual([])
  })

  it('is what the handler sees, not what others wrote since it first looked', () => {
    const { begin, commit } = createStateBench()
    commit((state) => state.set('count/x', 1))
    const state = begin()
    expect(state.get('count/x')).toBe(1)
    commit((other) => other.set('count/x', 5))
    expect([state.get('count/x'), state.version('count/x'), state.history('count/x').length]).toEqual([1, 1, 1])
    // Once more what it saw, plus two: what the other added stays.
    state.set('count/x', (state.get<number>('count/x') ?? 0) + 2)
    state.assertUnchanged()
    state.commit()
    expect(begin().get('count/x')).toBe(7)
  })

  it('rolls back and diffs between any of its versions', () => {
    const values = fc.array(fc.option(fc.jsonValue({ maxDepth: 2 }), { nil: undefined }), {
      minLength: 1,
      maxLength: 6,
    })
    fc.assert(
      fc.property(values, fc.nat(), fc.nat(), (written, from, to) => {
        const { begin, commit } = createStateBench()
        for (const value of written) commit((state) => state.set('doc', value))
        const kept = begin().history('doc')
        const [one, other] = [kept[from % Math.max(1, kept.length)], kept[to % Math.max(1, kept.length)]]
        if (one === undefined || other === undefined) return
        const changes = begin().diff('doc', one.version, other.version)
        expect(applyStateDiff(one.value, changes)).toEqual(other.value)
        commit((state) => state.rollback('doc', one.version))
        expect(begin().get('doc')).toEqual(one.value)
        const last = kept[0]
        const unchanged = one.deleted && last?.deleted
        expect(begin().history('doc')[0]?.version).toBe((last?.version ?? 0) + (unchanged ? 0 : 1))
      }),
    )
  })

  it('names what is not kept, and documents without one', () => {
    const { begin, commit } = createStateBench()
    for (const value of [1, 2, 3, 4]) commit((state) => state.set('doc', value))
    expect(() => begin().rollback('doc', 1)).toThrow(/version 1 .*kept are 2 to 4/)
    expect(() => begin().diff('doc', 4, 5)).toThrow(coded('STATE_VERSION_GONE'))
    expect(begin().diff('doc', 0, 4)).toEqual([{ path: [], after: 4 }])
    expect(() => begin().history('other')).toThrow(coded('STATE_NOT_DECLARED'))
    expect(() => begin().rollback('other', 1)).toThrow(coded('STATE_NOT_DECLARED'))
  })

  it('begins with the declaration, and holds versions that are no longer declared', async () => {
    const { store, begin, commit } = createStateBench()
    store.write('a', 'count/x', { n: 1 })
    const seen = begin().get<{ n: number }>('count/x')
    expect(Object.isFrozen(seen)).toBe(true)
    commit((state) => state.set('count/x', { n: 2 }))
    expect(begin().history('count/x')).toMatchObject([{ version: 2 }])
    store.write('a', 'count/x', { n: 3 })
    store.write('a', 'count/x', undefined)
    const { loaded } = await reloaded(store)
    expect([store.nextVersion('a', 'count/x'), loaded.nextVersion('a', 'count/x')]).toEqual([4, 4])
  })
})

describe('a declared value', () => {
  it('is checked when it is written, and is a copy of its own', () => {
    const { begin, commit } = createStateBench()
    expect(() => begin().set('small', 10)).toThrow(/"small" of agent a .*<=9/)
    expect(() => begin().set('doc', { at: new Date(0) })).toThrow(/"doc" of agent a\.at .*class Date/)
    const value = { list: [1] }
    commit((state) => {
      state.set('doc', value)
      value.list.push(2)
      expect(() => state.get<{ list: number[] }>('doc')?.list.push(3)).toThrow(TypeError)
    })
    expect(begin().get('doc')).toEqual({ list: [1] })
  })
})

describe('what a storage gives back', () => {
  it.each([
    ['state/a/doc', '7'],
    ['state/a/doc', '{"version":"1"}'],
    ['state-history/a/doc/0000000000000001', '{"version":1,"at":0,"stamp":"now"}'],
    ['state-history/a/doc/0000000000000001', '{"version":1'],
    ['state-conflicts/a/doc/0000000000000001', '{"number":1}'],
    ['state-floor/a', 'null'],
  ])('is named when nobody could have saved it: %s %s', async (key, text) => {
    await expect(reloaded(createStateStore(), new Map([[key, text]]))).rejects.toMatchObject({
      code: 'STATE_UNREADABLE',
      message: expect.stringContaining(key),
    })
  })
})
