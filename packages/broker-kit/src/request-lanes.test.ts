import { createSeededRandom } from '@tradeswarm/core'
import { expect, it } from 'vitest'
import { createFakeClock } from '../../core/src/testing-support/fake-clock.test-support.js'
import { RequestLanes } from './request-lanes.js'
import { connectionLost, VenueErrors } from './venue-error.js'

const errors = new VenueErrors('the venue')

it('a definite no closes the breaker after an outage: what waits is not let through one by one', async () => {
  const clock = createFakeClock()
  const lanes = new RequestLanes({
    clock,
    random: createSeededRandom(1),
    requestTimeoutMs: 1_000,
    paused: (name, pauseMs) => errors.rateLimited(name, pauseMs),
  })
  const asked: number[] = []
  let isDown = true
  const look = (): Promise<unknown> =>
    lanes
      .send('account', { calls: 1_000, perMs: 1_000 }, 'read', 'GET order', async () => {
        asked.push(clock.now())
        await new Promise<void>((answered) => void clock.at(clock.now() + 100, answered))
        if (isDown) throw connectionLost('GET order', 'reset')
        throw errors.refused({ status: 404, venueCode: 0, message: 'order not found', details: {} }, 'GET order')
      })
      .catch((thrown: unknown) => thrown)
  const lost = Array.from({ length: 10 }, look)
  await clock.advance(20_000)
  await Promise.all(lost)
  isDown = false
  asked.length = 0
  const begun = clock.now()
  const found = [look(), look(), look(), look()]
  await clock.advance(20_000)
  for (const one of await Promise.all(found)) expect(one).toMatchObject({ code: 'BROKER_REFUSED' })
  // One on trial, the others when the breaker says that they may come again.
  expect(asked).toHaveLength(4)
  expect(new Set(asked.slice(1)).size).toBe(1)
  expect((asked.at(-1) as number) - begun).toBeLessThanOrEqual(5_000)
})
