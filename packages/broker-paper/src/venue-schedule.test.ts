import { expect, test } from 'vitest'
import { VenueSchedule } from './venue-schedule.js'

/** A clock whose timers a test fires. */
function handClock() {
  const timers: { time: number; fire: () => void }[] = []
  return {
    timers,
    now: () => 0,
    at(time: number, fire: () => void) {
      const timer = { time, fire }
      timers.push(timer)
      return () => void timers.splice(timers.indexOf(timer), 1)
    },
  }
}

test('what is due is settled in the order of time, arrivals before what expires at their instant', () => {
  const settled: string[] = []
  const schedule = new VenueSchedule({ now: () => 0 }, () => undefined)
  const note = (what: string) => (time: number) => void settled.push(`${what}@${time}`)
  schedule.addExpiry(30, note('expiry'))
  schedule.addExpiry(20, note('expiry'))
  schedule.addArrival(20, note('arrival'))
  schedule.addArrival(25, note('arrival'))
  schedule.settle(20, 'before')
  expect(settled).toEqual(['arrival@20'])
  schedule.settle(30, 'before')
  expect(settled).toEqual(['arrival@20', 'expiry@20', 'arrival@25'])
  schedule.settle(30, 'inclusive')
  expect(settled.at(-1)).toBe('expiry@30')
})

test('one timer stands for what is due next, and none when nothing is', () => {
  const clock = handClock()
  let woken = 0
  const schedule = new VenueSchedule(clock, () => {
    woken += 1
  })
  schedule.addExpiry(50, () => undefined)
  schedule.addArrival(20, () => undefined)
  expect(clock.timers.map(({ time }) => time)).toEqual([20])
  clock.timers[0]?.fire()
  expect(woken).toBe(1)
  schedule.settle(20, 'inclusive')
  expect(clock.timers.map(({ time }) => time)).toContain(50)
  schedule.settle(50, 'inclusive')
  schedule.addArrival(70, () => undefined)
  schedule.close()
  expect(clock.timers.filter(({ time }) => time > 20)).toEqual([])
})
