import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { createStorageDouble } from '../testing-support/storage-double.test-support.js'
import { maximumDeletedDocuments, maximumOpenConflicts } from './agent-versions.js'
import { type DocumentDeclarations, defineDocument, documentRules } from './define-document.js'
import { mergeConflict } from './merge-conflict.js'
import { applyStateDiff } from './state-diff.js'
import { createStateStore, type StateStore, type StateStoreOptions } from './state-store.js'
import { beginStateTransaction, type StateTransaction } from './transaction.js'

const live = (): void => undefined
const conflicting = expect.objectContaining({ code: 'STATE_CONFLICT' })
const coded = (code: string) => expect.objectContaining({ code })

const documents = {
  doc: defineDocument({ history: 3 }),
  'count/*': defineDocument({ merge: 'counter' }),
  last: defineDocument({ merge: 'last-writer' }),
  torn: defineDocument({ merge: () => mergeConflict('cannot tell'), conflicts: 2 }),
  'torn/*': defineDocument({ merge: () => mergeConflict('cannot tell') }),
  small: defineDocument({ schema: z.number().max(9) }),
} satisfies DocumentDeclarations

function bench(options: StateStoreOptions = {}) {
  let now = 0
  const clock = { now: () => now }
  const store = createStateStore({ clock, ...options })
  const rules = documentRules(documents)
  const begin = (of: StateStore = store): StateTransaction => beginStateTransaction(of, 'a', live, rules)
  const end = (state: StateTransaction): void => {
    state.assertUnchanged()
    state.assertJson()
    state.commit()
  }
  const commit = (work: (state: StateTransaction) => void): void => {
    const state = begin()
    work(state)
    end(state)
  }
  return {
    store,
    begin,
    end,
    commit,
    at(time: number) {
      now = time
    },
  }
}

/** Two handlers of which `mine` ends second. */
function collide({ begin, end, commit }: ReturnType<typeof bench>, theirs: unknown, mine: unknown, key = 'torn'): void {
  const state = begin()
  state.get(key)
  state.set(key, mine)
  commit((other) => other.set(key, theirs))
  end(state)
}

async function reloaded(store: StateStore, keyValues = new Map<string, string>()) {
  const storage = createStorageDouble()
  for (const [key, value] of keyValues) storage.keyValues.set(key, value)
  const opened = await storage.open({ clock: { now: () => 0 } })
  await opened.commit({ keyValue: store.takeUnsaved() })
  const loaded = createStateStore()
  await loaded.load(opened.keyValue)
  return { loaded, keyValues: storage.keyValues }
}

describe('compare and set', () => {
  it('writes at the expected version only, of which 0 is none', () => {
    const { begin, end, commit } = bench()
    for (const key of ['doc', 'undeclared']) {
      commit((state) => expect(state.compareAndSet(key, 1, 'a')).toBe(false))
      commit((state) => expect(state.compareAndSet(key, 0, 'a')).toBe(true))
      commit((state) => expect([state.compareAndSet(key, 0, 'b'), state.get(key)]).toEqual([false, 'a']))
      const state = begin()
      expect(state.compareAndSet(key, 1, 'b')).toBe(true)
      expect([state.get(key), state.version(key), state.compareAndSet(key, 2, 'c')]).toEqual(['b', 2, true])
      end(state)
      expect([begin().get(key), begin().version(key)]).toEqual(['c', 2])
    }
  })

  it('is never merged: true holds, or the handler runs anew', () => {
    const { begin, commit } = bench()
    commit((state) => state.set('count/x', 1))
    const state = begin()
    expect(state.compareAndSet('count/x', 1, 10)).toBe(true)
    commit((other) => other.set('count/x', 2))
    expect(() => state.assertUnchanged()).toThrow(conflicting)
    state.set('count/x', 11)
    expect(() => state.assertUnchanged()).toThrow(conflicting)
  })

  it('does not succeed with a version from before a deletion, nor does a handler that read it then', () => {
    for (const key of ['doc', 'undeclared', 'count/x']) {
      const { begin, commit } = bench()
      commit((state) => state.set(key, 1))
      const shown = begin().version(key)
      const stale = begin()
      stale.get(key)
      commit((state) => state.delete(key))
      expect(begin().version(key)).toBe(0)
      commit((state) => state.set(key, 1))
      commit((state) => expect(state.compareAndSet(key, shown, 2)).toBe(false))
      stale.compareAndSet(key, stale.version(key), 3)
      expect(() => stale.assertUnchanged()).toThrow(conflicting)
    }
  })

  it('leaves the versions of an agent that never asks for one as they always were', async () => {
    const { store } = bench()
    const commit = (value: unknown): void => {
      const state = beginStateTransaction(store, 'plain', live)
      state.set('k', value)
      state.commit()
    }
    for (const value of [1, 2, undefined, 3]) commit(value)
    expect(store.takeUnsaved()).toEqual([{ key: 'state/plain/k', value: '{"version":1,"value":3}' }])
  })

  it('shows no version for two values, whatever is deleted and restarted', async () => {
    const acts = fc.record({
      key: fc.constantFrom('x', 'y', 'doc', 'count/z', 'last'),
      act: fc.constantFrom('set', 'delete', 'look', 'save', 'restart'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(acts, { maxLength: 40 }), async (sequence) => {
        const { begin, end, ...made } = bench()
        let { store } = made
        let saved = new Map<string, string>()
        const shown = new Map<string, unknown>()
        for (const [index, { key, act }] of sequence.entries()) {
          if (act === 'save' || act === 'restart') {
            const { loaded, keyValues } = await reloaded(store, saved)
            saved = keyValues
            if (act === 'restart') store = loaded
            continue
          }
          const state = begin(store)
          if (act === 'set') state.set(key, index)
          else if (act === 'delete') state.delete(key)
          else if (state.version(key) > 0) {
            const name = `${key} ${state.version(key)}`
            expect(shown.get(name) ?? state.get(key)).toBe(state.get(key))
            shown.set(name, state.get(key))
          }
          end(state)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('remembers many deleted documents one by one, and of all others that their versions are used', async () => {
    const { store, begin, commit } = bench()
    const total = maximumDeletedDocuments + 5
    for (let index = 0; index < total; index += 1) {
      for (let version = 0; version < (index === 2 ? 7 : 1); version += 1)
        commit((s) => s.set(`count/${index}`, version))
      commit((state) => state.delete(`count/${index}`))
    }
    const { loaded, keyValues } = await reloaded(store)
    for (const from of [store, loaded]) {
      expect(begin(from).history('count/4')).toEqual([])
      expect(begin(from).history('count/5')).toMatchObject([
        { version: 2, deleted: true },
        { version: 1, value: 0 },
      ])
      expect(from.nextVersion('a', 'count/2')).toBe(9)
      expect(from.nextVersion('a', 'new')).toBe(9)
    }
    expect(keyValues.get('state-floor/a')).toBe('{"version":8}')
    // After a restart the next to be forgotten is the same, by the order of the deletions.
    const [bySelf, byLoaded] = [store, loaded].map((from) => {
      for (const value of [1, undefined]) {
        const state = begin(from)
        state.set('count/new', value)
        state.commit()
      }
      return from.takeUnsaved()
    })
    expect(byLoaded).toEqual(bySelf)
    expect(bySelf?.filter(({ value }) => value === undefined).map(({ key }) => key)).toEqual([
      'state-history/a/count/5/0000000000000001',
      'state-history/a/count/5/0000000000000002',
      'state/a/count/new',
    ])
    expect(keyValues.size).toBe(2 * maximumDeletedDocuments + 1)
  })
})

describe('what is forgotten of deleted documents', () => {
  const deleteMany = ({ commit }: ReturnType<typeof bench>): void => {
    for (let index = 0; index <= maximumDeletedDocuments; index += 1) {
      commit((state) => state.set(`count/${index}`, 1))
      commit((state) => state.delete(`count/${index}`))
    }
  }

  it('is nothing of one that is there again', () => {
    const made = bench()
    for (const value of [1, undefined, 2]) made.commit((state) => state.set('doc', value))
    deleteMany(made)
    expect(made.begin().history('doc')).toHaveLength(3)
    expect(made.begin().history('count/0')).toEqual([])
  })

  it('is nothing of one with a conflict that waits', () => {
    const made = bench()
    made.commit((state) => state.set('torn', 1))
    collide(made, undefined, 2)
    deleteMany(made)
    expect(made.begin().conflicts()).toHaveLength(1)
    expect(made.begin().history('torn')).toHaveLength(2)
  })
})

describe('the history of a declared document', () => {
  it('goes on with later stamps after a restart on a clock that was set back', async () => {
    const { store, begin, commit, at } = bench()
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
    const { store, begin, commit, at } = bench()
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
    const { store, commit } = bench()
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
    const { begin, commit } = bench()
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
        const { begin, commit } = bench()
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
    const { begin, commit } = bench()
    for (const value of [1, 2, 3, 4]) commit((state) => state.set('doc', value))
    expect(() => begin().rollback('doc', 1)).toThrow(/version 1 .*kept are 2 to 4/)
    expect(() => begin().diff('doc', 4, 5)).toThrow(coded('STATE_VERSION_GONE'))
    expect(begin().diff('doc', 0, 4)).toEqual([{ path: [], after: 4 }])
    expect(() => begin().history('other')).toThrow(coded('STATE_NOT_DECLARED'))
    expect(() => begin().rollback('other', 1)).toThrow(coded('STATE_NOT_DECLARED'))
  })

  it('begins with the declaration, and holds versions that are no longer declared', async () => {
    const { store, begin, commit } = bench()
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
    const { begin, commit } = bench()
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

describe('a snapshot', () => {
  it('brings back all documents, writing only what differs', () => {
    const { store, begin, commit } = bench()
    commit((state) => {
      state.set('doc', { n: 1 })
      state.set('same', [1])
      state.set('count/x', 2)
    })
    const snapshot = JSON.parse(JSON.stringify(begin().snapshot()))
    expect(snapshot.documents).toEqual([
      { key: 'count/x', version: 1, value: 2 },
      { key: 'doc', version: 1, value: { n: 1 } },
      { key: 'same', version: 1, value: [1] },
    ])
    commit((state) => {
      state.delete('doc')
      state.set('count/x', 5)
      state.set('new', true)
    })
    commit((state) => state.restore(snapshot))
    expect(begin().snapshot().documents).toEqual([
      { key: 'count/x', version: 3, value: 2 },
      { key: 'doc', version: 3, value: { n: 1 } },
      { key: 'same', version: 1, value: [1] },
    ])
    expect(store.keys('a', '')).toEqual(['count/x', 'doc', 'same'])
  })

  it('is not restored over what another handler has written, read or not', () => {
    for (const key of ['count/x', 'same', 'new']) {
      const { begin, commit } = bench()
      commit((state) => {
        state.set('count/x', 1)
        state.set('same', 1)
      })
      const snapshot = begin().snapshot()
      commit((state) => state.set('count/x', 2))
      const state = begin()
      state.restore(snapshot)
      commit((other) => other.set(key, 9))
      expect(() => state.assertUnchanged()).toThrow(conflicting)
    }
  })

  it.each([
    undefined,
    {},
    { documents: [{ key: 'a' }] },
    {
      documents: [
        { key: 'a', value: 1 },
        { key: 'a', value: 2 },
      ],
    },
  ])('is not taken from %o', (snapshot) => {
    const { begin } = bench()
    const state = begin()
    state.set('b', 1)
    expect(() => state.restore(snapshot as never)).toThrow(coded('INVALID_SNAPSHOT'))
    expect(state.keys()).toEqual(['b'])
  })
})

describe('a write that cannot be merged', () => {
  it('is kept as a conflict, saved, reported and counted; the document stays', async () => {
    const onConflict = vi.fn()
    const made = bench({ onConflict })
    const { store, begin, commit, at } = made
    at(7)
    collide(made, 'theirs', 'mine')
    const conflict = {
      key: 'torn',
      number: 1,
      baseVersion: 0,
      theirsVersion: 1,
      value: 'mine',
      reason: 'cannot tell',
      at: 7,
      stamp: '0000000000000007-00000-local',
    }
    expect([begin().get('torn'), begin().conflicts(), begin().conflicts('torn')]).toEqual([
      'theirs',
      [conflict],
      [conflict],
    ])
    expect(onConflict.mock.calls).toEqual([['a', conflict]])
    expect(store.counts).toEqual({ merged: 0, superseded: 0, conflicts: 1 })

    const { loaded, keyValues } = await reloaded(store)
    expect(loaded.conflicts('a')).toEqual([conflict])
    expect(keyValues.has('state-conflicts/a/torn/0000000000000001')).toBe(true)

    commit((state) => {
      state.resolveConflict('torn', 'both')
      expect(state.conflicts()).toEqual([])
      expect(begin().conflicts()).toEqual([conflict])
    })
    expect([begin().get('torn'), begin().version('torn'), begin().conflicts()]).toEqual(['both', 2, []])
    const after = await reloaded(store, keyValues)
    expect([...after.keyValues.keys()].filter((key) => key.startsWith('state-conflicts/'))).toEqual([])
    expect(() => begin().resolveConflict('torn', 1)).toThrow(coded('STATE_NO_CONFLICT'))
  })

  it('is saved under a number that another had', async () => {
    const made = bench()
    collide(made, 1, 'first')
    const { keyValues } = await reloaded(made.store)
    made.commit((state) => state.resolveConflict('torn', 2))
    collide(made, 3, 'second')
    const { loaded } = await reloaded(made.store, keyValues)
    expect(loaded.conflicts('a')).toMatchObject([{ number: 1, value: 'second' }])
  })

  it('is run anew once as many are kept as may be, and is not lost', () => {
    const made = bench()
    collide(made, 1, 2)
    collide(made, 3, 4)
    expect(() => collide(made, 5, 6)).toThrow(conflicting)
    expect(
      made
        .begin()
        .conflicts()
        .map(({ value }) => value),
    ).toEqual([2, 4])
  })

  it('is run anew once the agent has as many over all documents', () => {
    const made = bench()
    for (let index = 0; index < maximumOpenConflicts; index += 1) collide(made, 1, 2, `torn/${index}`)
    expect(() => collide(made, 1, 2)).toThrow(conflicting)
    made.commit((state) => state.resolveConflict('torn/0', 3))
    collide(made, 1, 2)
  })

  it('may be a deletion, or a write to what was deleted', () => {
    const made = bench()
    made.commit((state) => state.set('torn', 0))
    collide(made, 1, undefined)
    collide(made, undefined, 2)
    expect(made.begin().conflicts()).toMatchObject([
      { number: 1, baseVersion: 1, theirsVersion: 2 },
      { number: 2, baseVersion: 2, theirsVersion: 3, value: 2 },
    ])
    expect('value' in (made.begin().conflicts()[0] ?? {})).toBe(false)
    expect(made.begin().get('torn')).toBeUndefined()
  })

  it('leaves conflicts that came after those that were looked at', () => {
    const made = bench()
    collide(made, 1, 2)
    const state = made.begin()
    state.set('torn', 3)
    const resolving = made.begin()
    resolving.resolveConflict('torn', 4)
    made.end(resolving)
    made.end(state)
    expect(made.begin().conflicts()).toMatchObject([{ value: 3 }])
  })

  it('does not keep the other writes of its handler from taking effect, nor a conflict elsewhere from undoing it', () => {
    const { begin, commit, store } = bench()
    const state = begin()
    state.set('torn', 'mine')
    state.set('other', 1)
    commit((theirs) => theirs.set('torn', 'theirs'))
    state.get('undeclared')
    state.set('undeclared', 1)
    commit((theirs) => theirs.set('undeclared', 2))
    expect(() => state.assertUnchanged()).toThrow(conflicting)
    expect([store.conflicts('a'), store.counts.conflicts, begin().get('other')]).toEqual([[], 0, undefined])
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
