import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SymbolMarks } from './symbol-marks.js'

test('symbols are marked as a set holds them, be they few or many', () => {
  const act = fc.oneof({ weight: 20, arbitrary: fc.nat(14).map((each) => `S${each}`) }, fc.constant(undefined))
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const marks = new SymbolMarks()
      const plain = new Set<string>()
      for (const symbol of acts) {
        if (symbol === undefined) {
          marks.clear()
          plain.clear()
        } else {
          marks.add(symbol)
          plain.add(symbol)
        }
        const visited: string[] = []
        marks.forEach((each) => {
          visited.push(each)
        })
        expect(visited).toEqual([...plain])
        expect(marks.size).toBe(plain.size)
      }
    }),
  )
})
