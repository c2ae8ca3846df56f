import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SequenceIndex } from './sequence-index.js'

const ids = fc.oneof(
  fc
    .tuple(fc.constantFrom('', 'a-', 'b-', 'a-1-', '7'), fc.oneof(fc.nat(30), fc.nat(9_000)))
    .map(([beginning, count]) => `${beginning}${count}`),
  fc.constantFrom('a-01', 'a-00', '', 'a-', '1234567890123', 'x-999999999', 'x-1000000000', 'a-１'),
  fc
    .tuple(fc.constantFrom('a:order-', 'b-4716-'), fc.nat(5), fc.constantFrom(':', ':told:x-'), fc.nat(40))
    .map(([beginning, before, between, count]) => `${beginning}${before}${between}${count}`),
  fc
    .tuple(fc.constantFrom('a:order-', 'order-c29-'), fc.nat(40), fc.constantFrom(':assessed', ':sent', '-x', '7'))
    .map(([beginning, count, end]) => `${beginning}${count}${end}`),
  fc.constantFrom('a:1', 'a:1:2', 'a:12', 'a:1:02', 'a\0:1', '1', '1:1', '1::1', ':1', '1:'),
  fc.string({ maxLength: 3 }),
)

test('any mix of additions and deletions finds what a map finds', () => {
  const acts = fc.array(fc.tuple(fc.constantFrom('add', 'add', 'add', 'delete'), ids), { maxLength: 200 })
  fc.assert(
    fc.property(acts, (steps) => {
      const index = new SequenceIndex()
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

test('ids that count two things, or end in a word, take no more than those that count one', () => {
  const index = new SequenceIndex()
  const run = '6843dfeb-4716-4eda-a50f-d5ea6033cc29'
  for (let order = 1; order <= 20_000; order += 1) {
    expect(index.add(`paper:order-${run}-${order}:assessed`, 3 * order)).toBe(true)
    expect(index.add(`paper:order-${run}-${order}:filled:event-${run}-${order + 7}`, 3 * order + 1)).toBe(true)
    expect(index.add(`x-${order}-once`, 3 * order + 2)).toBe(true)
  }
  expect(index.add(`paper:order-${run}-1:assessed`, 1)).toBe(false)
  expect(index.add(`paper:order-${run}-1:filled:event-${run}-8`, 1)).toBe(false)
  expect(index.get(`paper:order-${run}-20000:filled:event-${run}-20007`)).toBe(60_001)
  expect(index.get(`paper:order-${run}-20000:filled:event-${run}-20006`)).toBeUndefined()
})
