import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type DocumentDeclarations, defineDocument, documentRules } from './define-document.js'

describe('defineDocument', () => {
  it.each([
    [{ merge: 'sum' }, 'merge: sum is not one of counter, set, maximum, last-writer or a function'],
    [{ history: 0 }, 'history: 0 is not a whole number from 1 to 1000'],
    [{ history: 1_001 }, 'history: 1001'],
    [{ history: 1.5 }, 'history: 1.5'],
    [{ conflicts: Number.NaN }, 'conflicts: NaN'],
    [{ schema: {} }, 'schema'],
  ])('refuses %o', (options, message) => {
    expect(() => defineDocument(options as never)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    expect(() => defineDocument(options as never)).toThrow(message)
  })

  it('gives a custom merge the type of its schema', () => {
    const declared = defineDocument({
      schema: z.object({ n: z.number() }),
      merge: ({ theirs, mine }) => ({ n: Math.max(theirs?.n ?? 0, mine?.n ?? 0) }),
    })
    expect(declared).toMatchObject({ history: 10, conflicts: 16 })
    expect(Object.isFrozen(declared)).toBe(true)
  })
})

describe('the declaration of a key', () => {
  it('is its own, or that of the longest beginning that fits', () => {
    const [exact, all, counts, days] = [defineDocument(), defineDocument(), defineDocument(), defineDocument()]
    const rules = documentRules({ '*': all, 'counts/*': counts, 'counts/day/*': days, 'counts/day/1': exact })
    expect(rules?.find('counts/day/1')).toBe(exact)
    expect(rules?.find('counts/day/2')).toBe(days)
    expect(rules?.find('counts/week')).toBe(counts)
    expect(rules?.find('count')).toBe(all)
    expect(documentRules({ a: exact })?.find('b')).toBeUndefined()
    expect([documentRules({}), documentRules(undefined)]).toEqual([undefined, undefined])
  })

  it.each<[string, DocumentDeclarations]>([
    ['an empty key', { '': defineDocument() }],
    ['an asterisk within', { 'a*b': defineDocument() }],
    ['two asterisks', { 'a**': defineDocument() }],
    ['what defineDocument did not make', { a: { merge: 'set' } as never }],
  ])('is refused for %s', (_name, declarations) => {
    expect(() => documentRules(declarations)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})
