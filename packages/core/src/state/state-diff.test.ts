import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainJson, sameJson } from './plain-json.js'
import { applyStateDiff, diffState } from './state-diff.js'

const json = fc
  .oneof(fc.jsonValue({ maxDepth: 4 }), fc.record({ a: fc.jsonValue(), b: fc.array(fc.nat({ max: 2 })) }))
  .map((value) => plainJson(value, 'value'))
const documents = fc.option(json, { nil: undefined })

describe('a diff', () => {
  it('lists what was changed, added and removed, by field and index', () => {
    const before = { b: { x: 1, y: [1, 2, 3] }, a: 'old', gone: true }
    const after = { b: { x: 1, y: [1, 5] }, a: ['new'], more: null }
    expect(diffState(before, after)).toEqual([
      { path: ['a'], before: 'old', after: ['new'] },
      { path: ['b', 'y', 1], before: 2, after: 5 },
      { path: ['b', 'y', 2], before: 3 },
      { path: ['gone'], before: true },
      { path: ['more'], after: null },
    ])
    expect(diffState(undefined, 1)).toEqual([{ path: [], after: 1 }])
    expect(diffState(1, undefined)).toEqual([{ path: [], before: 1 }])
  })

  it('applied to the one makes the other, and undoes nothing else', () => {
    fc.assert(
      fc.property(documents, documents, (a, b) => {
        const changes = diffState(a, b)
        const applied = applyStateDiff(a, changes)
        expect(applied).toEqual(b)
        expect(sameJson(applied, b)).toBe(true)
        expect(changes.length === 0).toBe(sameJson(a, b))
      }),
    )
  })

  it('does not depend on the order of fields', () => {
    expect(diffState({ a: 1, b: 2 }, { c: 3, b: 2 })).toEqual(diffState({ b: 2, a: 1 }, { b: 2, c: 3 }))
  })

  it('takes a field of any name for a field', () => {
    const [one, other] = [JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":{"a":2},"constructor":1}')]
    expect(JSON.stringify(applyStateDiff(one, diffState(one, other)))).toBe('{"__proto__":{"a":2},"constructor":1}')
    expect(diffState({}, one)).toEqual([{ path: ['__proto__'], after: 1 }])
  })
})

describe('plain JSON', () => {
  it('is a frozen copy that equals what comes back from its text', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain = plainJson(value, 'value')
        expect(JSON.parse(JSON.stringify(plain))).toEqual(plain)
        expect(plain).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
    const inner = { list: [1] }
    const plain = plainJson({ inner, left: undefined, zero: -0 }, 'value') as { inner: { list: number[] } }
    expect(Object.keys(plain)).toEqual(['inner', 'zero'])
    expect(Object.is((plain as unknown as { zero: number }).zero, 0)).toBe(true)
    inner.list.push(2)
    expect(plain.inner.list).toEqual([1])
    expect(() => plain.inner.list.push(2)).toThrow(TypeError)
  })

  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  it.each([
    ['a.b', { b: Number.NaN }, 'NaN'],
    ['a', Number.POSITIVE_INFINITY, 'Infinity'],
    ['a[1]', [0, undefined], 'undefined'],
    ['a.b[0]', { b: [1n] }, 'bigint'],
    ['a.d', { d: new Map() }, 'class Map'],
    ['a', () => 0, 'function'],
    ['a.self.self', cycle, '64 levels'],
  ])('names %s where JSON would lose something', (place, value, why) => {
    expect(() => plainJson(value, 'a')).toThrow(expect.objectContaining({ code: 'STATE_NOT_JSON' }))
    expect(() => plainJson(value, 'a')).toThrow(place)
    expect(() => plainJson(value, 'a')).toThrow(why)
  })
})
