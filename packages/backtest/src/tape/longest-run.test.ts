import fc from 'fast-check'
import { expect, test } from 'vitest'
import { longestRun } from './longest-run.js'

type Item = { readonly value: number }
const items = (values: readonly number[]): readonly Item[] => values.map((value) => ({ value }))
const ascending = (before: Item, now: Item): boolean => before.value < now.value
const run = (values: readonly number[]): readonly number[] => {
  const all = items(values)
  const kept = longestRun(all, ascending)
  return all.filter((item) => kept.has(item)).map(({ value }) => value)
}

test('what stands out of line is left out, whichever way and wherever it stands', () => {
  expect(run([1, 2, 99, 3, 4, 5])).toEqual([1, 2, 3, 4, 5])
  expect(run([3, 4, 1, 5, 6])).toEqual([3, 4, 5, 6])
  expect(run([99, 1, 2, 3])).toEqual([1, 2, 3])
  expect(run([1, 2, 98, 99, 3, 4, 5])).toEqual([1, 2, 3, 4, 5])
  expect(run([])).toEqual([])
})

test('of two that are as good the first is kept', () => {
  const [first, second, third] = items([1, 1, 2])
  const kept = longestRun([first, second, third] as readonly Item[], ascending)
  expect([kept.has(first as Item), kept.has(second as Item), kept.has(third as Item)]).toEqual([true, false, true])
  expect(run([1, 2, 4, 3])).toEqual([1, 2, 4])
})

test('the run ascends, and no other is longer', () => {
  const longest = (values: readonly number[]): number => {
    const lengths: number[] = []
    for (const [index, value] of values.entries()) {
      const before = lengths.filter((_, earlier) => (values[earlier] as number) < value && earlier < index)
      lengths.push(1 + Math.max(0, ...before))
    }
    return Math.max(0, ...lengths)
  }
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 40 }), (values) => {
      const kept = run(values)
      expect(kept).toEqual([...new Set(kept)].sort((left, right) => left - right))
      expect(kept.length).toBe(longest(values))
    }),
  )
})
