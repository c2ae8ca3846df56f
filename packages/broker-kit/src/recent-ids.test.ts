import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RecentIds } from './recent-ids.js'

test('an id is new once, as long as no more than the least number of others came between', () => {
  const ids = fc.array(fc.integer({ min: 0, max: 12 }).map(String), { maxLength: 60 })
  fc.assert(
    fc.property(ids, fc.integer({ min: 1, max: 8 }), (all, least) => {
      const recent = new RecentIds(least)
      const noted: string[] = []
      for (const id of all) {
        const isNew = recent.isNew(id)
        if (noted.slice(-least).includes(id)) expect(isNew).toBe(false)
        if (!noted.includes(id)) expect(isNew).toBe(true)
        if (isNew) noted.push(id)
      }
    }),
  )
})

test('what is long past is forgotten', () => {
  const recent = new RecentIds(2)
  for (const id of ['a', 'b', 'c', 'd']) recent.isNew(id)
  expect(recent.isNew('a')).toBe(true)
})
