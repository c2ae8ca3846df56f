import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  collide,
  conflicting,
  createStateBench,
  reloaded,
  type StateBench,
} from '../testing-support/state-bench.test-support.js'
import { maximumDeletedDocuments } from './agent-versions.js'
import { beginStateTransaction } from './transaction.js'

const live = (): void => undefined

describe('compare and set', () => {
  it('writes at the expected version only, of which 0 is none', () => {
    const { begin, end, commit } = createStateBench()
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
    const { begin, commit } = createStateBench()
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
      const { begin, commit } = createStateBench()
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
    const { store } = createStateBench()
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
        const { begin, end, ...made } = createStateBench()
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
    const { store, begin, commit } = createStateBench()
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
  const deleteMany = ({ commit }: StateBench): void => {
    for (let index = 0; index <= maximumDeletedDocuments; index += 1) {
      commit((state) => state.set(`count/${index}`, 1))
      commit((state) => state.delete(`count/${index}`))
    }
  }

  it('is nothing of one that is there again', () => {
    const made = createStateBench()
    for (const value of [1, undefined, 2]) made.commit((state) => state.set('doc', value))
    deleteMany(made)
    expect(made.begin().history('doc')).toHaveLength(3)
    expect(made.begin().history('count/0')).toEqual([])
  })

  it('is nothing of one with a conflict that waits', () => {
    const made = createStateBench()
    made.commit((state) => state.set('torn', 1))
    collide(made, undefined, 2)
    deleteMany(made)
    expect(made.begin().conflicts()).toHaveLength(1)
    expect(made.begin().history('torn')).toHaveLength(2)
  })
})
