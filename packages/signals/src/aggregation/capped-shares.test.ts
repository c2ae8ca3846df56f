import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cappedShares } from './capped-shares.js'

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

describe('cappedShares', () => {
  it('spreads what is cut off over the rest in proportion', () => {
    expect(cappedShares([8, 1, 1], 0.5)).toEqual([0.5, 0.25, 0.25])
    expect(cappedShares([1, 0, 1], 0.1)).toEqual([0.5, 0, 0.5])
    expect(cappedShares([0, 0], 0.1)).toEqual([0, 0])
    expect(cappedShares([], 0.1)).toEqual([])
  })

  it('adds up to 1 with nobody over the cap, or over an equal part where the cap cannot hold', () => {
    const weights = fc.array(fc.oneof(fc.double({ min: 0, max: 2, noNaN: true }), fc.constantFrom(0, 1e-300, 1e9)), {
      maxLength: 60,
    })
    fc.assert(
      fc.property(weights, fc.double({ min: 0.01, max: 1, noNaN: true }), (given, cap) => {
        const shares = cappedShares(given, cap)
        const positive = given.filter((weight) => weight > 0).length
        if (positive === 0) return
        expect(sum(shares)).toBeCloseTo(1, 9)
        for (const share of shares) expect(share).toBeLessThanOrEqual(Math.max(cap, 1 / positive) + 1e-12)
      }),
    )
  })
})
