import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Duration, durationMs } from './duration.js'

describe('durationMs', () => {
  it.each([
    [250, 250],
    ['250ms', 250],
    ['5s', 5_000],
    ['1.5s', 1_500],
    ['1m', 60_000],
    ['4h', 14_400_000],
    ['2d', 172_800_000],
  ] as const)('reads %s as %d ms', (duration, ms) => expect(durationMs(duration)).toBe(ms))

  it.each([
    '',
    '1',
    's',
    '-1s',
    '1 s',
    '0s',
    '1w',
    '1e3ms',
    ' 1s',
    '1s ',
    'NaNs',
    0,
    -5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ])('refuses %j', (text) => {
    expect(() => durationMs(text as Duration)).toThrow(
      expect.objectContaining({ code: 'INVALID_DURATION', message: expect.stringContaining(`"${text}"`) }),
    )
  })

  it('reads every whole number of seconds', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 1e9 }), (seconds) => durationMs(`${seconds}s`) === seconds * 1_000))
  })
})
