import { decimal } from '@tradeswarm/trading'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { followedLevel, type Trail } from './trailing-level.js'

const cents = (amount: number) => decimal((amount / 100).toFixed(2))
const price = fc.integer({ min: 1_000, max: 20_000 }).map(cents)
const trail: fc.Arbitrary<Trail> = fc.oneof(
  fc.integer({ min: 1, max: 900 }).map((amount) => ({ amount: cents(amount) })),
  fc.integer({ min: 1, max: 99 }).map((percent) => ({ fraction: cents(percent) })),
)

test('a trailing level never loosens, is on the tick, and never nearer to a price than was asked', () => {
  const tick = decimal('0.05')
  fc.assert(
    fc.property(
      trail,
      fc.constantFrom('buy' as const, 'sell' as const),
      fc.array(price, { minLength: 1 }),
      (by, side, prices) => {
        let level = undefined as ReturnType<typeof decimal> | undefined
        for (const seen of prices) {
          const before = level
          level = followedLevel(level, by, side, seen, tick)
          expect(level.mod(tick).eq(decimal('0'))).toBe(true)
          if (before !== undefined) expect(side === 'sell' ? level.gte(before) : level.lte(before)).toBe(true)
          if (before?.eq(level)) continue
          const asked = 'amount' in by ? by.amount : seen.times(by.fraction)
          expect((side === 'sell' ? seen.minus(level) : level.minus(seen)).gte(asked)).toBe(true)
        }
      },
    ),
  )
})
