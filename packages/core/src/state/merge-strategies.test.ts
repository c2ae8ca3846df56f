import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type DocumentOptions, defineDocument } from './define-document.js'
import { acceptValue, joinValue, resolveCollision } from './document-value.js'
import { mergeConflict } from './merge-conflict.js'

const name = { agent: 'a', key: 'k' }
const stamps = { theirs: '1', mine: '2' }
const resolved = (options: DocumentOptions, base: unknown, theirs: unknown, mine: unknown) =>
  resolveCollision(defineDocument(options), name, { base, theirs, mine }, stamps)
const accept = (options: DocumentOptions, value: unknown) => acceptValue(defineDocument(options), name, value)
const conflict = (reason: string) => ({ kind: 'conflict', reason: expect.stringContaining(reason) })

describe('a counter', () => {
  it.each([
    [5, 7, 6, 8],
    [undefined, 2, 3, 5],
    [0.5, 1, 0.25, 0.75],
    [{ a: 1 }, { a: 2, b: 1 }, { a: 3, c: 4 }, { a: 4, b: 1, c: 4 }],
    [{ a: 1, b: 1 }, { a: 1, b: 1 }, { b: 2 }, { b: 2 }],
    [{ a: 1 }, {}, { a: 1 }, {}],
    [{ a: 1 }, {}, { a: 3 }, { a: 2 }],
    [{ a: 1 }, { a: 3 }, {}, { a: 2 }],
    [undefined, { a: 1 }, { a: 1 }, { a: 2 }],
  ])('of %o that became %o and %o is %o', (base, theirs, mine, value) => {
    expect(resolved({ merge: 'counter' }, base, theirs, mine)).toEqual({ kind: 'merged', value })
  })

  it.each([
    [2 ** 53 - 2, 2 ** 53 - 1, 2 ** 53 - 1, 'too large to be exact'],
    [0, 1.7e308, 1.7e308, 'too large for a number'],
    [1, { a: 1 }, 2, 'one counter is a number'],
    [{ a: 1 }, 1, 2, 'one counter is a number'],
    ['1.5', 1, 2, 'began with is no counter'],
    [1, undefined, 2, 'was deleted'],
    [1, 2, undefined, 'to be deleted'],
  ])('of %o that became %o and %o is a conflict', (base, theirs, mine, reason) => {
    expect(resolved({ merge: 'counter' }, base, theirs, mine)).toEqual(conflict(reason))
  })

  it('refuses exact decimals, rather than adding them as floats', () => {
    expect(() => accept({ merge: 'counter' }, '10.05')).toThrow(/counter is a number.*decimal library/)
    expect(() => accept({ merge: 'counter' }, { cash: '10.05' })).toThrow(/"cash".*decimal library/)
    expect(() => accept({ merge: 'counter' }, { deep: { n: 1 } })).toThrow(
      expect.objectContaining({ code: 'STATE_VALUE_REFUSED' }),
    )
    expect(() => accept({ merge: 'counter' }, Number.NaN)).toThrow(expect.objectContaining({ code: 'STATE_NOT_JSON' }))
  })
})

describe('a set', () => {
  it('holds every addition and removal once, in order of canonical JSON', () => {
    expect(accept({ merge: 'set' }, ['b', 10, 'a', 9, { y: 1, x: 2 }, { x: 2, y: 1 }, 'b'])).toEqual([
      'a',
      'b',
      10,
      9,
      { y: 1, x: 2 },
    ])
    expect(resolved({ merge: 'set' }, ['a', 'b'], ['a', 'b', 'c'], ['b', 'd'])).toEqual({
      kind: 'merged',
      value: ['b', 'c', 'd'],
    })
    expect(resolved({ merge: 'set' }, ['a', 'b'], ['b'], ['a', 'b', 'c'])).toMatchObject({ value: ['b', 'c'] })
    expect(resolved({ merge: 'set' }, undefined, ['a'], ['a', 'b'])).toMatchObject({ value: ['a', 'b'] })
    expect(resolved({ merge: 'set' }, ['a'], undefined, ['b'])).toEqual(conflict('was deleted'))
    expect(resolved({ merge: 'set' }, ['a'], undefined, undefined)).toEqual({ kind: 'merged', value: undefined })
    expect(() => accept({ merge: 'set' }, { a: 1 })).toThrow('a set is an array')
  })
})

describe('a maximum', () => {
  it('is the larger number or text, and does not fall without a collision either', () => {
    expect(resolved({ merge: 'maximum' }, 1, 5, 3)).toMatchObject({ value: 5 })
    expect(resolved({ merge: 'maximum' }, '1', '2026-01-02', '2026-02-01')).toMatchObject({ value: '2026-02-01' })
    expect(resolved({ merge: 'maximum' }, 1, 5, '9')).toEqual(conflict('no maximum'))
    expect(joinValue(defineDocument({ merge: 'maximum' }), 5, 3)).toBe(5)
    expect(joinValue(defineDocument({ merge: 'maximum' }), undefined, 3)).toBe(3)
    expect(() => accept({ merge: 'maximum' }, [1])).toThrow('a number or a text')
  })
})

describe('the last writer', () => {
  it('is found by stamps, and what has none is earliest', () => {
    const rule = defineDocument({ merge: 'last-writer' })
    const values = { base: 1, theirs: 2, mine: 3 }
    expect(resolveCollision(rule, name, values, { theirs: '1', mine: '2' })).toEqual({ kind: 'merged', value: 3 })
    expect(resolveCollision(rule, name, values, { theirs: '3', mine: '2' })).toEqual({ kind: 'superseded' })
    expect(resolveCollision(rule, name, values, { theirs: undefined, mine: '2' })).toEqual({ kind: 'merged', value: 3 })
  })
})

describe('a custom merge', () => {
  const schema = z.number().max(10)
  it.each([
    ['says so', () => mergeConflict('cannot tell'), 'cannot tell'],
    [
      'throws',
      () => {
        throw new Error('broken')
      },
      'broken',
    ],
    ['makes what the schema refuses', () => 11, 'does not take'],
    ['makes no JSON', () => Promise.resolve(1) as never, 'does not take'],
  ])('that %s is a conflict', (_name, merge, reason) => {
    expect(resolved({ merge, schema } as DocumentOptions, 1, 2, 3)).toEqual(conflict(reason))
  })

  it('may delete, and its value is parsed', () => {
    expect(resolved({ merge: () => undefined }, 1, 2, 3)).toEqual({ kind: 'merged', value: undefined })
    const rounding = z.number().transform((value) => Math.round(value))
    expect(resolved({ merge: () => 1.6, schema: rounding }, 1, 2, 3)).toEqual({ kind: 'merged', value: 2 })
  })

  it('is needed for any merging at all', () => {
    expect(resolved({}, 1, 2, 3)).toEqual({ kind: 'unresolved' })
  })
})
