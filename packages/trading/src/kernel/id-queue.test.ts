import fc from 'fast-check'
import { expect, test } from 'vitest'
import { IdQueue } from './id-queue.js'

test('it is what a set of the language is, and knows its oldest', () => {
  const act = fc.tuple(fc.constantFrom('add', 'delete', 'drop', 'clear'), fc.nat(60))
  const weighted = fc.oneof(
    { weight: 60, arbitrary: act.filter(([what]) => what !== 'clear') },
    { weight: 1, arbitrary: act },
  )
  fc.assert(
    fc.property(fc.array(weighted, { maxLength: 800, size: 'max' }), (acts) => {
      const queue = new IdQueue()
      const set = new Set<string>()
      for (const [what, number] of acts) {
        const id = `order-${number}`
        if (what === 'add') {
          queue.add(id)
          set.add(id)
        } else if (what === 'delete') {
          queue.delete(id)
          set.delete(id)
        } else if (what === 'clear') {
          queue.clear()
          set.clear()
        } else {
          const [oldest] = set
          expect(queue.oldest()).toBe(oldest)
          if (oldest === undefined) continue
          queue.delete(oldest)
          set.delete(oldest)
        }
        expect(queue.has(id)).toBe(set.has(id))
        expect(queue.size).toBe(set.size)
      }
      expect(queue.toArray()).toEqual([...set])
    }),
    { numRuns: 200 },
  )
})

test('what was taken out long ago is not kept', () => {
  const queue = new IdQueue()
  for (let count = 0; count < 50_000; count += 1) {
    queue.add(`order-${count}`)
    if (count >= 1_000) queue.delete(queue.oldest() as string)
  }
  expect(queue.oldest()).toBe('order-49000')
  expect(queue.toArray()).toHaveLength(1_000)
})
