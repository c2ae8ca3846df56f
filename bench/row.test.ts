import { describe, expect, it } from 'vitest'
import { atLeast, atMost, besidePeer, figure, median } from './row.mjs'

describe('benchmark rows', () => {
  it('pass a bound from above when the value is not over it', () => {
    expect(atMost({ name: 'run', value: 20, unit: 's', bound: 30 })).toEqual({
      name: 'run (at most 30 s)',
      value: 20,
      unit: 's',
      peer: null,
      peerValue: null,
      ratio: 1.5,
      atLeast: 1,
      pass: true,
    })
    expect(atMost({ name: 'run', value: 30, unit: 's', bound: 30 }).pass).toBe(true)
    expect(atMost({ name: 'run', value: 30.0001, unit: 's', bound: 30 })).toMatchObject({ ratio: 1, pass: false })
  })

  it('pass a bound from below when the value is not under it', () => {
    expect(atLeast({ name: 'rate', value: 60, unit: 'k/s', bound: 50 })).toEqual({
      name: 'rate (at least 50 k/s)',
      value: 60,
      unit: 'k/s',
      peer: null,
      peerValue: null,
      ratio: 1.2,
      atLeast: 1,
      pass: true,
    })
    expect(atLeast({ name: 'rate', value: 50, unit: 'k/s', bound: 50 }).pass).toBe(true)
    expect(atLeast({ name: 'rate', value: 49.9999, unit: 'k/s', bound: 50 })).toMatchObject({ ratio: 1, pass: false })
  })

  it('pass nothing but 0 where at most 0 is allowed', () => {
    expect(atMost({ name: 'failed', value: 0, unit: 'calls', bound: 0 }).pass).toBe(true)
    expect(atMost({ name: 'failed', value: 1, unit: 'calls', bound: 0 })).toMatchObject({ ratio: 0, pass: false })
  })

  it('give a peer a ratio above 1 where we are better, whichever figure is the better one', () => {
    const both = { name: 'x', value: 2, unit: 's', peer: 'other', peerValue: 6 }
    expect(besidePeer({ ...both, better: 'lower' })).toMatchObject({ ratio: 3, atLeast: null, pass: true })
    expect(besidePeer({ ...both, better: 'higher', atLeast: 1 })).toMatchObject({ ratio: 0.3333, pass: false })
  })

  it('ask nothing of a figure by itself', () => {
    expect(figure({ name: 'x', value: 123456, unit: '1/s' })).toMatchObject({ value: 123500, ratio: null, pass: true })
  })

  it('take the median of an odd and an even number of values', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })
})
