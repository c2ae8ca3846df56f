import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { canonicalJson } from '../encoding/canonical-json.js'
import { isFlatSchema } from './is-flat-schema.js'

describe('isFlatSchema', () => {
  it('knows what makes one canonical object of scalars', () => {
    const schema = z.strictObject({
      count: z.int().min(0),
      email: z.email().max(50),
      isOpen: z.boolean().nullable(),
      kind: z.literal(['order', 1, true, null]),
      left: z.null(),
      price: z.number().multipleOf(0.5).optional(),
      side: z.enum({ Buy: 'buy', Sell: 2 }),
      text: z.string().regex(/a/).length(1),
    })
    expect(isFlatSchema(schema)).toBe(true)
    const value = {
      text: 'a',
      side: 2,
      left: null,
      kind: 1,
      price: undefined,
      isOpen: null,
      email: 'a@b.cd',
      count: -0,
    }
    const made = schema.parse(value)
    expect(JSON.stringify(made)).toBe(canonicalJson(made))
  })

  it.each([
    ['keys out of order', z.object({ b: z.string(), a: z.string() })],
    ['a key that is a number', z.object({ 9: z.string(), a: z.string() })],
    ['a key of no object', z.object(JSON.parse('{"__proto__":1}')).extend({ a: z.string() }).catchall(z.string())],
    ['a key that is a symbol', z.object({ [Symbol('a')]: z.string() })],
    ['whatever else comes', z.looseObject({ a: z.string() })],
    ['an object within', z.object({ a: z.object({ b: z.string() }) })],
    ['a list', z.object({ a: z.array(z.string()) })],
    ['anything', z.object({ a: z.unknown() })],
    ['what is made of a text', z.object({ a: z.string().transform((text) => ({ text })) })],
    ['a default that nobody has looked at', z.object({ a: z.number().default(Number.NaN) })],
    ['a refinement, which could write', z.object({ a: z.number() }).superRefine(() => undefined)],
    ['a field that is written over', z.object({ a: z.number().overwrite(() => Number.NaN) })],
    ['a literal without JSON', z.object({ a: z.literal([undefined, 1n]) })],
    ['no object at all', z.string()],
  ])('says no for %s', (_, schema) => {
    expect(isFlatSchema(schema)).toBe(false)
  })
})
