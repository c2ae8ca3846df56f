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

test('there is an end to the kinds', () => {
  const { logger, lines } = createWarnings()
  for (let index = 0; index < 50; index += 1) logger.warn(`kind ${index}`)
  expect(lines().length).toBe(21)
  expect(lines().at(-1)).toBe('warning: 30 more of other kinds')
})
