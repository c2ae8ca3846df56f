import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RecentMap } from './recent-map.js'

/** Some that differ at their end, and some that share the place of another. */
const keys = fc.constantFrom('', 'a', 'b', '1-12345678', '2-12345678', '3-12345678', '1-12345679')
const steps = fc.oneof(
  fc.record({ do: fc.constant('set' as const), key: keys }),
  fc.record({ do: fc.constant('delete' as const), key: keys }),
  fc.record({ do: fc.constant('turn' as const), key: keys }),
)

test('what was put in is found until the turn after the next, under its own key', () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 40 }), (all) => {
      const map = new RecentMap<number>()
      let [latest, before] = [new Map<string, number>(), new Map<string, number>()]
      for (const [index, step] of all.entries()) {
        if (step.do === 'set') {
          map.set(step.key, index)
          latest.set(step.key, index)
        }
        if (step.do === 'delete') {
          map.delete(step.key)
          for (const one of [latest, before]) one.delete(step.key)
        }
        if (step.do === 'turn') {
          expect(new Map(map.turn())).toEqual(before)
          ;[before, latest] = [latest, new Map()]
        }
        for (const key of ['', 'a', 'b', '1-12345678', '2-12345678', '3-12345678', '1-12345679'])
          expect(map.get(key)).toBe(latest.get(key) ?? before.get(key))
      }
    }),
  )
})
