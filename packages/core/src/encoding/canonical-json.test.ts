import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from './canonical-json.js'

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

/** With `__proto__` as a name like any other. */
function objectOf(entries: readonly (readonly [string, unknown])[]): unknown {
  const value = {}
  for (const [key, field] of entries)
    Object.defineProperty(value, key, { value: field, enumerable: true, writable: true, configurable: true })
  return value
}

/** Canonical JSON by the book, without any of the ways in which it is made quick. */
function sortedText(value: unknown): string {
  if (Array.isArray(value))
    return `[${value.map((item) => (item === undefined ? 'null' : sortedText(item))).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
  return `{${entries.map(([key, field]) => `${JSON.stringify(key)}:${sortedText(field)}`).join(',')}}`
}

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

  it('is what sorting every object gives, in whatever order the keys come and whatever was written before', () => {
    const keys = fc.constantFrom('a', 'b', 'c', 'B', '', '1', '10', '2', '__proto__', 'é', '\ud83d\ude00')
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom(null, true, 0, 1.5, 'x', 'é', undefined),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.uniqueArray(fc.tuple(keys, tie('tree')), { selector: ([key]) => key, maxLength: 5 }).map(objectOf),
      ),
    }))
    fc.assert(
      fc.property(tree, (value) => {
        fc.pre(value !== undefined)
        expect(canonicalJson(value)).toBe(sortedText(value))
      }),
      { numRuns: 2_000 },
    )
  })

  it('forgets shapes when they are too many, and writes on', () => {
    for (let first = 0; first < 1_500; first += 1)
      for (let second = 0; second < 3; second += 1)
        expect(canonicalJson({ [`z${first}`]: 1, [`a${second}`]: 2 })).toBe(`{"a${second}":2,"z${first}":1}`)
    for (let second = 0; second < 40; second += 1) expect(canonicalJson({ z: 1, [`a${second}`]: 2 })).toContain('"z":1')
  })

  it.each([
    ['numbers among the names', { b: 1, 10: 2, 2: 3, a: { 1: 0 } }, '{"10":2,"2":3,"a":{"1":0},"b":1}'],
    ['a name that is no name for an object', JSON.parse('{"b":1,"__proto__":2}'), '{"__proto__":2,"b":1}'],
    ['such in a list', [{ 9: 1, 10: 2 }], '[{"10":2,"9":1}]'],
    ['undefined among the fields', { b: undefined, c: 1, a: [{ z: 1, y: undefined }] }, '{"a":[{"z":1}],"c":1}'],
  ])('orders %s', (_name, value, text) => {
    expect(canonicalJson(value)).toBe(text)
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
