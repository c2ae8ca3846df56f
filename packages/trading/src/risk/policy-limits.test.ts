import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimal } from '../money/decimal.js'
import { Share } from './policy-limits.js'

const cents = fc.integer({ min: -2_000_000, max: 2_000_000 }).map((units) => decimal((units / 100).toFixed(2)))
const share = fc.integer({ min: 0, max: 120 }).map((percent) => decimal((percent / 100).toFixed(2)))

test('a loss is far from its limit where what was lost is, of starts above and below 0', () => {
  const level = fc.tuple(cents, fc.integer({ min: -3, max: 3 }), fc.constantFrom('most', 'warning', 'any'))
  let far = 0
  fc.assert(
    fc.property(share, share, cents, fc.array(level, { minLength: 1, maxLength: 4 }), (most, warnAt, start, levels) => {
      const asked = new Share(most, warnAt)
      for (const [any, off, at] of levels) {
        const limit = at === 'most' ? asked.limitOf(start) : asked.warningOf(start)
        const now = at === 'any' ? any : start.minus(limit).plus(decimal((off / 10_000).toFixed(4)))
        const isFar = new Share(most, warnAt).isFar(start.minus(now), start)
        expect(asked.isLossFar(now, start)).toBe(isFar)
        if (isFar) far += 1
      }
    }),
    { numRuns: 2_000 },
  )
  expect(far).toBeGreaterThan(100)
})
