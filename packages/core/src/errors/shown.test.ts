import fc from 'fast-check'
import { expect, it } from 'vitest'
import { shown } from './shown.js'

const throwing = {
  get price(): never {
    throw new Error('no')
  },
}
const circular: { own?: unknown } = {}
circular.own = circular

it.each<[string, unknown]>([
  ['"AAPL"', 'AAPL'],
  ['"two\\nlines"', 'two\nlines'],
  [`"${'x'.repeat(60)}…"`, 'x'.repeat(70)],
  ['1.5', 1.5],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['12n', 12n],
  ['true', true],
  ['null', null],
  ['undefined', undefined],
  ['Symbol(mine)', Symbol('mine')],
  ['a function', () => 1],
  ['[]', []],
  ['[1,"a",[…],{…},…]', [1, 'a', [2], { b: 1 }, 5]],
  ['{}', {}],
  ['{"USD":NaN,"deep":{…},"list":[…]}', { USD: Number.NaN, deep: { secret: 's' }, list: [1] }],
  ['{"a":1,"b":2,"c":3,"d":4,…}', { a: 1, b: 2, c: 3, d: 4, e: 5 }],
  ['an instance of Date', new Date(0)],
  ['an instance of Map', new Map()],
  ['an object', Object.create({ constructor: undefined })],
  ['an object', throwing],
  ['{"own":{…}}', circular],
])('shows %s', (text, value) => {
  expect(shown(value)).toBe(text)
})

it('is one line and short, whatever is shown', () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }), (value) => {
      const text = shown(value)
      expect(text).not.toMatch(/[\n\r]/)
      expect(text.length).toBeLessThan(1_000)
    }),
  )
})
