import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rememberedEvents } from '../risk/activity-view.js'
import { RecentEvents } from './recent-events.js'

test('the last events come oldest first, however many there were and wherever they were kept on the way', () => {
  const few = fc.array(fc.integer(), { maxLength: 250 })
  fc.assert(
    fc.property(few, few, (first, then) => {
      const before = new RecentEvents<number>()
      for (const event of first) before.push(event)
      const after = new RecentEvents(before.toArray())
      for (const event of then) after.push(event)
      const expected = [...first, ...then].slice(-rememberedEvents)
      expect(after.toArray()).toEqual(expected)
      expect([...after]).toEqual(expected)
      expect(Array.from({ length: after.length }, (_, index) => after.at(index))).toEqual(expected)
      expect(after.at(after.length)).toBeUndefined()
    }),
  )
})
