import { createSystemClock, SwarmError } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import { outcomeOf } from './outcome.js'

const lost = (): SwarmError =>
  new SwarmError({ code: 'TIMED_OUT', message: 'there was no answer', retryability: 'unknown-outcome' })

test.each([
  ['none is found', [true, true, true], /it was looked up 3 times without being found: look it up before/],
  ['none is answered', [false, false, false], /it was looked up 3 times, without an answer: /],
  ['some are answered', [false, true, true], /looked up 3 times: 2 without being found, 1 without an answer: /],
  ['there are none', [], /it was not looked up: /],
])('what is said of look-ups where %s', async (_, answers, said) => {
  const left = [...answers]
  const find = async (): Promise<undefined> => {
    if (left.shift() === false) throw lost()
  }
  const waitsMs = answers.map(() => 0)
  const looked = outcomeOf(Promise.reject(lost()), 'mine', { venue: 'OKX', waitsMs, clock: createSystemClock(), find })
  await expect(looked).rejects.toMatchObject({ code: 'ORDER_OUTCOME_UNKNOWN', message: expect.stringMatching(said) })
})
