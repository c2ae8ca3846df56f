import { expect, test } from 'vitest'
import { createWarnings } from './warnings.js'

test('each kind of warning is told once, with its count and whom it is about', () => {
  const { logger, lines } = createWarnings()
  for (let index = 0; index < 3; index += 1) {
    logger.child({ service: 'intake' }).warn('a source could not be polled', { source: 'my-feed', error: 'no\nanswer' })
  }
  logger.info('nothing to see')
  logger.error('a message was given up', { agent: 'analyst', message: 'message-7' })
  expect(lines()).toEqual([
    'warning: a source could not be polled (source my-feed, service intake): no answer, 3 times',
    'warning: a message was given up (agent analyst)',
  ])
})

test('the sessions that a warning is of are named', () => {
  const { logger, lines } = createWarnings()
  const warn = (day: number): void =>
    logger.warn('no bar', { symbol: 'SPX', sessionDate: `2014-03-${String(day).padStart(2, '0')}` })
  warn(4)
  warn(3)
  expect(lines()).toEqual(['warning: no bar (symbol SPX), 2 times: 2014-03-03, 2014-03-04'])
  for (let day = 5; day <= 15; day += 1) warn(day)
  expect(lines()[0]).toMatch(/, 13 times: 2014-03-03, 2014-03-04, .*2014-03-12 and 3 more$/)
})

test('there is an end to the kinds', () => {
  const { logger, lines } = createWarnings()
  for (let index = 0; index < 50; index += 1) logger.warn(`kind ${index}`)
  expect(lines().length).toBe(21)
  expect(lines().at(-1)).toBe('warning: 30 more of other kinds')
})
