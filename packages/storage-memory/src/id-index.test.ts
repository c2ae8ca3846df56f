import fc from 'fast-check'
import { expect, test } from 'vitest'
import { IdIndex } from './id-index.js'

const ids = fc.oneof(
  fc
    .tuple(fc.constantFrom('', 'a-', 'b-', 'a-1-', '7'), fc.oneof(fc.nat(30), fc.nat(9_000)))
    .map(([beginning, count]) => `${beginning}${count}`),
  fc.constantFrom('a-01', 'a-00', '', 'a-', '1234567890123', 'x-999999999', 'x-1000000000', 'a-１'),
  fc.string({ maxLength: 3 }),
)

test('any mix of additions and deletions finds what a map finds', () => {
  const acts = fc.array(fc.tuple(fc.constantFrom('add', 'add', 'add', 'delete'), ids), { maxLength: 200 })
  fc.assert(
    fc.property(acts, (steps) => {
      const index = new IdIndex()
      const map = new Map<string, number>()
      steps.forEach(([act, id], step) => {
        if (act === 'delete') {
          if (map.has(id)) index.delete(id)
          map.delete(id)
          return
        }
        expect(index.add(id, step + 1)).toBe(!map.has(id))
        if (!map.has(id)) map.set(id, step + 1)
      })
      for (const [, id] of steps) expect(index.get(id)).toBe(map.get(id))
    }),
  )
})
