import { type ClockAndTimers, createSeededRandom } from '@tradeswarm/core'
import { expect, it } from 'vitest'
import { RequestLanes } from './request-lanes.js'
import { connectionLost, VenueErrors } from './venue-error.js'

const errors = new VenueErrors('the venue')

/** Time that is moved on by hand; after each timer all that follows from it happens. */
function createHandClock(): ClockAndTimers & { advance(ms: number): Promise<void> } {
  let now = 0
  const timers = new Set<{ readonly time: number; readonly callback: () => void | Promise<void> }>()
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 200; turn += 1) await Promise.resolve()
  }
  return {
    now: () => now,
    at(time, callback) {
      const timer = { time, callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    async advance(ms) {
      const until = now + ms
      await settle()
      for (;;) {
        const [due] = [...timers].filter(({ time }) => time <= until).sort((a, b) => a.time - b.time)
        if (due === undefined) break
        timers.delete(due)
        now = Math.max(now, due.time)
        void due.callback()
        await settle()
      }
      now = until
    },
  }
}

it('a definite no closes the breaker after an outage: what waits is not let through one by one', async () => {
  const clock = createHandClock()
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
