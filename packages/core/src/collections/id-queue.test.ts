import fc from 'fast-check'
import { expect, test } from 'vitest'
import { IdQueue } from './id-queue.js'

test('ids come and go as in a set, oldest first', () => {
  const amount = fc.oneof(fc.nat(20), fc.nat(3_000))
  const act = fc.oneof(
    { weight: 8, arbitrary: amount.map((count) => ({ add: count })) },
    { weight: 8, arbitrary: amount.map((count) => ({ shift: count })) },
    { weight: 8, arbitrary: amount.map((place) => ({ delete: place })) },
    { weight: 1, arbitrary: fc.constant({ clear: true }) },
  )
  fc.assert(
    fc.property(fc.array(act, { maxLength: 12 }), (acts) => {
      const queue = new IdQueue()
      const plain = new Set<string>()
      let made = 0
      for (const each of acts) {
        if ('add' in each) {
          for (let count = 0; count < each.add; count += 1) {
            made += 1
            queue.add(`order-${made}`)
            plain.add(`order-${made}`)
          }
        } else if ('shift' in each) {
          for (let count = 0; count < each.shift; count += 1) {
            const [oldest] = plain
            expect(queue.shift()).toBe(oldest)
            if (oldest !== undefined) plain.delete(oldest)
          }
        } else if ('delete' in each) {
          queue.delete(`order-${each.delete}`)
          plain.delete(`order-${each.delete}`)
        } else {
          queue.clear()
          plain.clear()
        }
        expect(queue.list()).toEqual([...plain])
        expect(queue.oldest).toBe([...plain][0])
        expect(queue.size).toBe(plain.size)
      }
    }),
    { numRuns: 60 },
  )
})
