import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { PayloadParser } from './payload-parser.js'

const schema = z.object({
  text: z.string().min(2).max(5),
  price: z.number().min(-1).max(1).nullable(),
  count: z.int().optional(),
  side: z.enum(['buy', 'sell']),
  legs: z.array(z.object({ symbol: z.string().regex(/^[A-Z]+$/), isOpen: z.boolean().default(false) })),
  kind: z.literal('order'),
})

const scalar = fc.oneof(
  fc.constantFrom('', 'a', 'abc', 'ABC', 'abcdef', 'buy', 'order', '😀😀', '😀', undefined, null, true, Number.NaN),
  fc.constantFrom(0, -0, 1, -1, 1.5, 2 ** 53, Number.POSITIVE_INFINITY),
)
const leg = fc.oneof(
  scalar,
  fc.record({ symbol: fc.oneof(fc.constant('ABC'), scalar), isOpen: scalar }, { requiredKeys: [] }),
)
const fields = {
  text: fc.oneof(fc.constant('abc'), scalar),
  price: fc.oneof(fc.constant(0.5), scalar),
  count: fc.oneof(fc.constant(3), scalar),
  side: fc.oneof(fc.constant('sell'), scalar),
  legs: fc.oneof(fc.array(fc.constant({ symbol: 'AB' }), { maxLength: 2 }), fc.array(leg, { maxLength: 2 }), scalar),
  kind: fc.oneof(fc.constant('order'), scalar),
  extra: scalar,
}
const payload = fc.oneof(
  { weight: 9, arbitrary: fc.record(fields, { requiredKeys: ['text', 'price', 'side', 'legs', 'kind'] }) },
  { weight: 1, arbitrary: fc.oneof(scalar, fc.record(fields, { requiredKeys: [] })) },
)

function outcomeOf(parser: PayloadParser, value: unknown): unknown {
  try {
    return parser.parse(value, 'topic order.placed')
  } catch (error) {
    return (error as Error).message
  }
}

describe('PayloadParser', () => {
  it('makes the same and refuses with the same words, compiled or not, in whatever order the keys come', () => {
    const before = new PayloadParser(schema)
    for (const inKeyOrder of [false, true]) {
      const compiled = new PayloadParser(schema, { inKeyOrder, payloadsBeforeCompiling: 1 })
      fc.assert(
        fc.property(payload, (value) => {
          expect(outcomeOf(compiled, value)).toStrictEqual(outcomeOf(before, value))
        }),
        { numRuns: 500 },
      )
    }
  })

  it('puts the keys of what it makes in order where that is asked for', () => {
    const value = { text: 'abc', side: 'buy', price: 1, legs: [{ symbol: 'A', isOpen: true }], kind: 'order' }
    for (const payloadsBeforeCompiling of [1, 10]) {
      const made = new PayloadParser(schema, { inKeyOrder: true, payloadsBeforeCompiling }).parse(value, 'topic a')
      expect(Object.keys(made)).toEqual(['kind', 'legs', 'price', 'side', 'text'])
    }
  })

  it('compiles what is used often: then a refinement sees a second time what it refuses', () => {
    let calls = 0
    const refused = z.object({ a: z.string() }).refine(() => {
      calls += 1
      return false
    }, 'never')
    const parser = new PayloadParser(refused, { payloadsBeforeCompiling: 3 })
    const counts = Array.from({ length: 4 }, () => {
      calls = 0
      expect(outcomeOf(parser, { a: '' })).toBe('topic order.placed: (the whole value): never')
      return calls
    })
    expect(counts).toEqual([1, 1, 2, 2])
  })
})
