import { performanceStatistics } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { wholePeriod } from './whole-period.js'

const dates = Array.from({ length: 126 }, (_, index) =>
  new Date(Date.UTC(2014, 0, 2 + index)).toISOString().slice(0, 10),
)
const closeOf = (sessionDate: string, equity: number, exposure = 0.5) => ({ sessionDate, time: 0, equity, exposure })
const [first = '', second = '', third = '', fourth = ''] = dates

test('a run that heard every close has them as they are, the last as it is left', () => {
  const heard = [closeOf(second, 101), closeOf(first, 100)]
  const { sessions, labels } = wholePeriod({ heard, dates: [first, second], isOver: true, equity: 102 })
  expect(sessions).toEqual([closeOf(first, 100), closeOf(second, 102)])
  expect(labels).toEqual([])
})

test('sessions that went by without a swarm have the equity of the one before, and are told of', () => {
  const heard = [closeOf(first, 100), closeOf(fourth, 104)]
  const { sessions, labels } = wholePeriod({ heard, dates, isOver: false, equity: 104 })
  expect(sessions).toEqual([closeOf(first, 100), closeOf(second, 100), closeOf(third, 100), closeOf(fourth, 104)])
  expect(labels).toEqual([
    'No swarm heard the close of 2 of 4 sessions: figures give each the equity of the one before.',
  ])
})

test('figures by the year go by the time that has passed', () => {
  const heard = [closeOf(first, 100), closeOf(dates.at(-1) ?? '', 106)]
  const { sessions } = wholePeriod({ heard, dates, isOver: true, equity: 106 })
  const equity = [
    { date: 'start', equity: 100 },
    ...sessions.map(({ sessionDate, equity }) => ({ date: sessionDate, equity: equity ?? 0 })),
  ]
  const { totalReturn, annualReturn } = performanceStatistics({ equity, trades: [], periodsPerYear: 252 })
  // Half a year of sessions: twice as much in a whole one, and interest on it.
  expect([totalReturn, annualReturn]).toEqual([0.06, 0.1236])
})

test('a tape that ran out while the swarm was dead is counted to its end, which is said', () => {
  const { sessions, labels } = wholePeriod({
    heard: [closeOf(first, 100)],
    dates: [first, second, third],
    isOver: true,
    equity: 99,
  })
  expect(sessions).toEqual([closeOf(first, 100), closeOf(second, 100), closeOf(third, 99)])
  expect(labels[1]).toBe(
    'The tape ran out on 2014-01-04, and no swarm heard a close after 2014-01-02: nothing was traded in between, and what is open now ends with the double.',
  )
})

test('a run that heard no close has none', () => {
  expect(wholePeriod({ heard: [], dates, isOver: true, equity: 1 })).toEqual({ sessions: [], labels: [] })
})
