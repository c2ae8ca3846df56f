import { createSeededRandom, createSilentLogger } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import { assertContext } from './assert-context.js'

const [random, logger] = [createSeededRandom(1), createSilentLogger()]

test.each([
  [undefined, 'random: it is not given; open it with { random, logger }: use createSystemRandom()'],
  [null, 'random: it is not given'],
  [5, 'random: it is not given'],
  [{ random }, 'logger: it is not given; open it with { random, logger }: use a logger of your own, or createSilent'],
  [{ random, logger: () => undefined }, 'logger: a function has no debug(), info(), warn(), error()'],
  [{ random: () => 0.5, logger }, 'random: a function has no next(), fork()'],
  [{ random: null, logger }, 'random: null has no next(), fork()'],
])('what it is to be opened with is refused where a part is missing: %o', (context, message) => {
  expect(() => assertContext('a feed', context, ['random', 'logger'])).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(`a feed: ${message}`) }),
  )
})

test('parts that are there will do, and others are nobody’s business', () => {
  expect(() => assertContext('a feed', { random, logger, more: 1 }, ['random', 'logger'])).not.toThrow()
  expect(() => assertContext('history', { random }, ['random'])).not.toThrow()
})
