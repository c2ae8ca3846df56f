import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, createCanonicalWriter } from './canonical-json.js'

function shuffleKeys(value: unknown, order: readonly number[]): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffleKeys(item, order))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(
    ([key, field], index) => [order[index % order.length] ?? 0, key, shuffleKeys(field, order)] as const,
  )
  return Object.fromEntries(entries.sort((a, b) => a[0] - b[0]).map(([, key, field]) => [key, field]))
}

// RFC 8785 has no -0: it is written as 0.
const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown)

describe('canonicalJson', () => {
  it('serialises the sample of RFC 8785, section 3.2.2', () => {
    const sample = {
      numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    }
    expect(canonicalJson(sample)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
  })

  it('sorts the property names of RFC 8785, section 3.2.3, by UTF-16 code units', () => {
    const sample = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    }
    expect(Object.values(JSON.parse(canonicalJson(sample)) as object).slice(1)).toEqual([
      'Carriage Return',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ])
    expect(canonicalJson(sample)).toMatch(/^{"\\r":"Carriage Return","1":"One"/)
  })

  it.each([
    [0, '0'],
    [-0, '0'],
    [5e-324, '5e-324'],
    [-5e-324, '-5e-324'],
    [Number.MAX_VALUE, '1.7976931348623157e+308'],
    [9007199254740992, '9007199254740992'],
    [295147905179352830000, '295147905179352830000'],
    [999999999999999900000, '999999999999999900000'],
    [1e21, '1e+21'],
    [9.999999999999997e22, '9.999999999999997e+22'],
    [0.000001, '0.000001'],
    [333333333.3333332, '333333333.3333332'],
    [-0.0000033333333333333333, '-0.0000033333333333333333'],
    [Number('1424953923781206.25'), '1424953923781206.2'],
  ])('writes the number %d of RFC 8785, appendix B', (value, text) => expect(canonicalJson(value)).toBe(text))

  it('leaves undefined fields out and takes undefined elements for null, as JSON does', () => {
    expect(canonicalJson({ b: undefined, a: [undefined, 1] })).toBe('{"a":[null,1]}')
  })

  it.each([
    ['NaN', { price: Number.NaN }],
    ['an infinity', [Number.POSITIVE_INFINITY]],
    ['a bigint', { n: 1n }],
    ['a function', { f: () => 1 }],
    ['a symbol', [Symbol('s')]],
    ['undefined by itself', undefined],
    ['a Date', { at: new Date(0) }],
    ['a Map', new Map([[1, 2]])],
  ])('refuses %s', (_name, value) =>
    expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ code: 'NOT_CANONICAL' })),
  )

  it('refuses a cycle and whatever nests deeper than 64', () => {
    const cycle: unknown[] = []
    cycle.push(cycle)
    expect(() => canonicalJson(cycle)).toThrow('deeper than 64')
    const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])
    expect(canonicalJson(nested(64))).toContain('1')
    expect(() => canonicalJson(nested(70))).toThrow('deeper than 64')
  })

  it('keeps a field named __proto__', () => {
    expect(canonicalJson(JSON.parse('{"__proto__":{"b":1},"a":2}'))).toBe('{"__proto__":{"b":1},"a":2}')
  })

  it('is read back as the same value, whatever the value', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(value)
      }),
      { numRuns: 500 },
    )
  })

  it('is the same from a writer that remembers the order of keys, whatever it wrote before', () => {
    const writer = createCanonicalWriter()
    fc.assert(
      fc.property(json, fc.array(fc.integer(), { minLength: 1, maxLength: 8 }), (value, order) => {
        const shuffled = shuffleKeys(value, order)
        expect(writer(shuffled)).toBe(canonicalJson(value))
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['numbers among the names', { b: 1, 10: 2, 2: 3, a: { 1: 0 } }, '{"10":2,"2":3,"a":{"1":0},"b":1}'],
    ['a name that is no name for an object', JSON.parse('{"b":1,"__proto__":2}'), '{"__proto__":2,"b":1}'],
    ['such in a list', [{ 9: 1, 10: 2 }], '[{"10":2,"9":1}]'],
    ['undefined among the fields', { b: undefined, c: 1, a: [{ z: 1, y: undefined }] }, '{"a":[{"z":1}],"c":1}'],
  ])('orders %s', (_name, value, text) => {
    expect(canonicalJson(value)).toBe(text)
    expect(createCanonicalWriter()(value)).toBe(text)
  })

  it('does not change what it writes', () => {
    const value = { b: { d: 1, c: 2 }, a: [{ f: 1, e: 2 }] }
    canonicalJson(value)
    expect(JSON.stringify(value)).toBe('{"b":{"d":1,"c":2},"a":[{"f":1,"e":2}]}')
  })

  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(
        json,
        fc.array(fc.integer(), { minLength: 1, maxLength: 8 }),
        (value, order) => canonicalJson(shuffleKeys(value, order)) === canonicalJson(value),
      ),
      { numRuns: 500 },
    )
  })

  it('is a fixed point: the canonical text of what was read is the same text', () => {
    fc.assert(fc.property(json, (value) => canonicalJson(JSON.parse(canonicalJson(value))) === canonicalJson(value)))
  })
})
