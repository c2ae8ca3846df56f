import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TapePost } from './tape.js'
import { createTapeSource } from './tape-source.js'

const post = (id: string, at: number): TapePost => ({ id, symbol: 'AAA', text: 'text', at })
const sourceOf = (posts: readonly TapePost[]) =>
  createTapeSource({ source: { name: 'tape-posts', weight: 0.4, synthetic: true }, posts })
const context = (since: number | undefined, now: number) => ({
  since,
  now,
  signal: new AbortController().signal,
  fetch,
})

test('a poll gives what came after the last poll and up to now', async () => {
  const source = sourceOf([post('a', 10), post('b', 20), post('c', 20), post('d', 30)])
  expect([source.name, source.weight, source.synthetic, source.everyMs]).toEqual(['tape-posts', 0.4, true, 300_000])
  const idsOf = async (since: number | undefined, now: number) =>
    (await source.poll(context(since, now))).map(({ id }) => id)
  expect(await idsOf(undefined, 9)).toEqual([])
  expect(await idsOf(undefined, 10)).toEqual(['a'])
  expect(await idsOf(10, 20)).toEqual(['b', 'c'])
  expect(await idsOf(20, 99)).toEqual(['d'])
  expect(await idsOf(30, 99)).toEqual([])
  expect([undefined, 10, 20, 30].map((after) => source.nextDue?.(after ?? 0))).toEqual([10, 20, 30, undefined])
})

const times = fc
  .array(fc.integer({ min: 0, max: 50 }), { maxLength: 30 })
  .map((list) => list.sort((left, right) => left - right))

test('I31 posts changed or dropped after t change no poll up to t; polls in a row give each post once', async () => {
  await fc.assert(
    fc.asyncProperty(times, fc.integer({ min: 0, max: 50 }), async (list, now) => {
      const posts = list.map((at, index) => post(String(index), at))
      const known = posts.filter((item) => item.at <= now)
      expect(await sourceOf(posts).poll(context(undefined, now))).toEqual(known)
      const changed = posts.flatMap((item, index) =>
        item.at <= now ? [item] : index % 2 === 0 ? [] : [{ ...item, text: 'other' }],
      )
      expect(await sourceOf(changed).poll(context(undefined, now))).toEqual(known)
      const later = await sourceOf(posts).poll(context(now, 50))
      expect([...known, ...later]).toEqual(posts)
    }),
  )
})
