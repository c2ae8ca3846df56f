import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isFewSince, rememberedEvents } from '../risk/activity-view.js'
import { RecentEvents } from './recent-events.js'

test('the last events come oldest first, however many there were and wherever they were kept on the way', () => {
  const few = fc.array(fc.record({ time: fc.integer() }), { maxLength: 250 })
  fc.assert(
    fc.property(few, few, (first, then) => {
      const before = new RecentEvents<{ readonly time: number }>()
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

test('whether they are in order, and that few are of late, is known without a look at each', () => {
  const time = fc.integer({ min: 0, max: 20 })
  const times = fc.array(time, { maxLength: 250 })
  const mostlySorted = fc.oneof(
    times,
    times.map((all) => all.sort((a, b) => a - b)),
  )
  let few = 0
  fc.assert(
    fc.property(mostlySorted, mostlySorted, time, fc.integer({ min: 0, max: 105 }), (before, then, since, count) => {
      const events = new RecentEvents(before.map((at) => ({ time: at })))
      for (const at of then) events.push({ time: at })
      const kept = events.toArray().map((event) => event.time)
      expect(events.isInOrder).toBe(kept.every((at, index) => index === 0 || at >= (kept[index - 1] as number)))
      if (!isFewSince(events, count, since)) return
      few += 1
      expect(kept.filter((at) => at > since).length).toBeLessThan(count)
    }),
  )
  expect(few).toBeGreaterThan(10)
})
