import { describe, expect, it } from 'vitest'
import { conflicting, createStateBench } from '../testing-support/state-bench.test-support.js'

const coded = (code: string): unknown => expect.objectContaining({ code })

describe('a snapshot', () => {
  it('brings back all documents, writing only what differs', () => {
    const { store, begin, commit } = createStateBench()
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
      const { begin, commit } = createStateBench()
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
    const { begin } = createStateBench()
    const state = begin()
    state.set('b', 1)
    expect(() => state.restore(snapshot as never)).toThrow(coded('INVALID_SNAPSHOT'))
    expect(state.keys()).toEqual(['b'])
  })
})
