import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { inKeyOrder } from './in-key-order.js'

describe('inKeyOrder', () => {
  it('makes the same with all keys in order, whatever else the schema does', () => {
    const schema = z.object({
      b: z.number().default(2),
      a: z.object({ d: z.string(), c: z.string().optional() }),
      10: z.string().transform((text) => text.length),
      9: z.boolean().optional(),
    })
    const ordered = inKeyOrder(schema)
    const value = { b: 1, a: { d: 'd', c: 'c' }, 10: 'ten', extra: true }
    expect(ordered.parse(value)).toEqual(schema.parse(value))
    expect(Object.keys(ordered.parse(value)).filter((key) => !/^\d/.test(key))).toEqual(['a', 'b'])
    expect(Object.keys(ordered.parse(value).a)).toEqual(['c', 'd'])
    expect(ordered.parse({ a: { d: 'd' }, 10: '' })).toEqual({ b: 2, a: { d: 'd' }, 10: 0 })
    expect(ordered.safeParse({ ...value, b: 'no number' }).success).toBe(false)
  })

  it('keeps what holds for the object as a whole', () => {
    const shape = { b: z.number(), a: z.number() }
    const refined = inKeyOrder(z.object(shape).refine(({ a, b }) => a < b, 'a must be less'))
    expect(refined.safeParse({ a: 2, b: 1 }).error?.issues[0]?.message).toBe('a must be less')
    expect(Object.keys(refined.parse({ b: 2, a: 1 }))).toEqual(['a', 'b'])
    expect(inKeyOrder(z.strictObject(shape)).safeParse({ a: 1, b: 2, c: 3 }).success).toBe(false)
    expect(inKeyOrder(z.looseObject(shape)).parse({ c: 3, b: 2, a: 1 })).toEqual({ a: 1, b: 2, c: 3 })
  })

  it('is the schema itself where nothing is out of order, and of what is no object', () => {
    for (const schema of [
      z.string(),
      z.object({ a: z.string(), b: z.string() }),
      z.object({ b: z.string() }).readonly(),
    ])
      expect(inKeyOrder(schema)).toBe(schema)
  })
})
