import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LatestItems } from './latest-items.js'

test('the oldest falls out, one for each that comes when it is full', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(40), (most, count) => {
      const out: number[] = []
      const latest = new LatestItems<number>(most, (item) => out.push(item))
      for (let item = 0; item < count; item += 1) latest.add(item)
      expect(out).toEqual(Array.from({ length: Math.max(0, count - most) }, (_, item) => item))
    }),
  )
})
