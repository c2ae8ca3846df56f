import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ForgottenFill } from './book-record.js'
import { ForgottenFills } from './forgotten-fills.js'

test('fills are found by their keys, listed as they were forgotten, and dropped by their times, in whatever order these are', () => {
  const add = fc.record({ key: fc.nat(30), time: fc.nat(9) })
  const act = fc.oneof(
    { weight: 5, arbitrary: add },
    { weight: 2, arbitrary: add.map(({ key, time }) => ({ key, time, isLatest: true })) },
    { weight: 2, arbitrary: fc.record({ before: fc.nat(40) }) },
  )
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const fills = new ForgottenFills()
      const plain = new Map<string, ForgottenFill>()
      let now = 0
      for (const each of acts) {
        if ('before' in each) {
          fills.dropBefore(each.before)
          for (const [key, { time }] of plain) if (time < each.before) plain.delete(key)
        } else {
          now += 1
          const fill = { entryId: `ledger-${now}`, time: 'isLatest' in each ? now : each.time }
          fills.add(`trade-${each.key}`, fill)
          plain.set(`trade-${each.key}`, fill)
        }
        expect(fills.list()).toEqual([...plain])
        expect(fills.size).toBe(plain.size)
        for (let key = 0; key <= 30; key += 1) {
          expect(fills.get(`trade-${key}`)).toBe(plain.get(`trade-${key}`))
          expect(fills.has(`trade-${key}`)).toBe(plain.has(`trade-${key}`))
        }
      }
    }),
  )
})
