import { describe, expect, it, vi } from 'vitest'
import { collide, conflicting, createStateBench, reloaded } from '../testing-support/state-bench.test-support.js'
import { maximumOpenConflicts } from './agent-versions.js'

const coded = (code: string): unknown => expect.objectContaining({ code })

describe('a write that cannot be merged', () => {
  it('is kept as a conflict, saved, reported and counted; the document stays', async () => {
    const onConflict = vi.fn()
    const made = createStateBench({ onConflict })
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
    const made = createStateBench()
    collide(made, 1, 'first')
    const { keyValues } = await reloaded(made.store)
    made.commit((state) => state.resolveConflict('torn', 2))
    collide(made, 3, 'second')
    const { loaded } = await reloaded(made.store, keyValues)
    expect(loaded.conflicts('a')).toMatchObject([{ number: 1, value: 'second' }])
  })

  it('is run anew once as many are kept as may be, and is not lost', () => {
    const made = createStateBench()
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
    const made = createStateBench()
    for (let index = 0; index < maximumOpenConflicts; index += 1) collide(made, 1, 2, `torn/${index}`)
    expect(() => collide(made, 1, 2)).toThrow(conflicting)
    made.commit((state) => state.resolveConflict('torn/0', 3))
    collide(made, 1, 2)
  })

  it('may be a deletion, or a write to what was deleted', () => {
    const made = createStateBench()
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
    const made = createStateBench()
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
    const { begin, commit, store } = createStateBench()
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
