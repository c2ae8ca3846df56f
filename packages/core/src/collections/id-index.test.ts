import fc from 'fast-check'
import { expect, test } from 'vitest'
import { IdIndex } from './id-index.js'

const act = fc.oneof(
  fc.record({ do: fc.constant('set' as const), id: fc.nat(400), value: fc.string() }),
  fc.record({ do: fc.constant('delete' as const), id: fc.nat(400) }),
  fc.record({ do: fc.constant('get' as const), id: fc.nat(400) }),
)

test.each([
  ['ids that count up', (id: number) => `intent-${id}`],
  ['ids of any kind', (id: number) => '\u00e9😀'.repeat(id % 3) + String.fromCharCode(id) + (id % 5)],
])('it holds what a map would, of %s', (_, nameOf) => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 1_500, size: 'max' }), (acts) => {
      const index = new IdIndex()
      const map = new Map<string, string>()
      for (const each of acts) {
        const id = nameOf(each.id)
        if (each.do === 'set') {
          index.set(id, each.value)
          map.set(id, each.value)
        } else if (each.do === 'delete') {
          index.delete(id)
          map.delete(id)
        } else {
          expect(index.get(id)).toBe(map.get(id))
          expect(index.has(id)).toBe(map.has(id))
        }
      }
      expect(index.size).toBe(map.size)
      for (let id = 0; id <= 400; id += 1) expect(index.get(nameOf(id))).toBe(map.get(nameOf(id)))
    }),
    { numRuns: 50 },
  )
})

test('it stays what it is while thousands come and go', () => {
  const index = new IdIndex()
  for (let id = 0; id < 20_000; id += 1) {
    index.set(`order-${id}`, String(id))
    if (id >= 1_000) index.delete(`order-${id - 1_000}`)
  }
  expect(index.size).toBe(1_000)
  expect(index.get('order-18999')).toBeUndefined()
  for (let id = 19_000; id < 20_000; id += 1) expect(index.get(`order-${id}`)).toBe(String(id))
})
