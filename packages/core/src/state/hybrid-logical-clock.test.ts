import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compareStamps,
  createHybridLogicalClock,
  encodeStamp,
  type HybridStamp,
  isStamp,
  parseStamp,
} from './hybrid-logical-clock.js'

const stamps: fc.Arbitrary<HybridStamp> = fc.record({
  wallMs: fc.oneof(fc.nat({ max: 3 }), fc.maxSafeNat()),
  counter: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 99_999 })),
  node: fc.stringMatching(/^[a-c0-1][a-c0-1-]{0,2}$/),
})

describe('a hybrid logical clock', () => {
  it('follows the clock, counts while it stands still or goes back, and goes on from there', () => {
    let now = 5
    const hybrid = createHybridLogicalClock({ clock: { now: () => now }, node: 'n' })
    const next = (): string => encodeStamp(hybrid.next())
    expect(next()).toBe('0000000000000005-00000-n')
    expect(next()).toBe('0000000000000005-00001-n')
    now = 2
    expect(next()).toBe('0000000000000005-00002-n')
    now = 6
    expect(next()).toBe('0000000000000006-00000-n')
  })

  it('grows strictly, stays at most the drift ahead of all clocks, and is later than what it has witnessed', () => {
    const acts = fc.oneof(
      fc.record({ kind: fc.constant('jump' as const), by: fc.integer({ min: -2_000, max: 2_000 }) }),
      fc.record({ kind: fc.constant('next' as const), by: fc.constant(0) }),
      fc.record({ kind: fc.constant('witness' as const), by: fc.integer({ min: -2_000, max: 2_000 }) }),
    )
    fc.assert(
      fc.property(fc.array(acts, { maxLength: 50 }), (sequence) => {
        let now = 100_000
        let latest = now
        const hybrid = createHybridLogicalClock({ clock: { now: () => now }, node: 'b', maximumDriftMs: 1_000 })
        let last = hybrid.next()
        for (const { kind, by } of sequence) {
          if (kind === 'jump') now += by
          latest = Math.max(latest, now)
          if (kind === 'witness') {
            const stamp = { wallMs: now + by, counter: 7, node: 'a' }
            if (by > 1_000)
              expect(() => hybrid.witness(stamp)).toThrow(expect.objectContaining({ code: 'CLOCK_DRIFT' }))
            else {
              hybrid.witness(stamp)
              if (compareStamps(stamp, last) > 0) last = stamp
            }
          }
          const next = hybrid.next()
          expect(compareStamps(next, last)).toBeGreaterThan(0)
          expect(next.wallMs).toBeLessThanOrEqual(latest + 1_000)
          last = next
        }
      }),
    )
  })

  it('goes on after its own earlier stamps, however far the clock was set back', () => {
    const hybrid = createHybridLogicalClock({ clock: { now: () => 0 }, node: 'n' })
    hybrid.restore({ wallMs: 1e12, counter: 99_999, node: 'n' })
    hybrid.restore({ wallMs: 1e12, counter: 3, node: 'n' })
    expect(hybrid.next()).toEqual({ wallMs: 1e12 + 1, counter: 0, node: 'n' })
  })

  it('has an order that is total, and that of the texts', () => {
    fc.assert(
      fc.property(stamps, stamps, (a, b) => {
        const [one, other] = [encodeStamp(a), encodeStamp(b)]
        expect(Math.sign(compareStamps(a, b))).toBe(one < other ? -1 : one > other ? 1 : 0)
        expect(Math.sign(compareStamps(b, a))).toBe(Math.sign(-compareStamps(a, b)) + 0)
        expect(parseStamp(one)).toEqual(a)
        expect(isStamp(one)).toBe(true)
      }),
    )
  })

  it.each(['', '1-2-n', '0000000000000005-00001-', '9999999999999999-00001-n', '0000000000000005-00001-N'])(
    'reads no stamp in "%s"',
    (text) => expect(() => parseStamp(text)).toThrow(expect.objectContaining({ code: 'INVALID_STAMP' })),
  )

  it.each([{ node: '' }, { node: 'A' }, { node: 'n', maximumDriftMs: -1 }, { node: 'n', maximumDriftMs: Number.NaN }])(
    'refuses %o',
    (options) => {
      expect(() => createHybridLogicalClock({ clock: { now: () => 0 }, ...options })).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION' }),
      )
    },
  )
})
