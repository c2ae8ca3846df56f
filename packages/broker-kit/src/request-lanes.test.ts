import { type ClockAndTimers, createSeededRandom, SwarmError } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import { RateBuckets } from './rate-buckets.js'
import { type RequestClass, RequestLanes } from './request-lanes.js'

/** Time stands still: whoever has to wait waits. */
function stillClock(): ClockAndTimers & { now(): number; time: number } {
  return { time: 1_000, now: () => clock.time, at: () => () => undefined }
}
let clock = stillClock()

const paused = (name: string, pauseMs: number): SwarmError =>
  new SwarmError({ code: 'PAUSED', message: `${name} waits ${pauseMs} ms`, retryability: 'retryable' })
const rate = { calls: 40, perMs: 60_000 }

function clients() {
  clock = stillClock()
  const buckets = new RateBuckets(clock)
  const client = () => {
    const lanes = new RequestLanes({ clock, random: createSeededRandom(1), requestTimeoutMs: 1_000, buckets, paused })
    const sent: RequestClass[] = []
    const ask = (as: RequestClass) => lanes.send('account', rate, as, as, async () => void sent.push(as))
    return { lanes, sent, ask }
  }
  return [client(), client()] as const
}

test('two clients of an account keep its rate together, with what is kept for orders and cancels', async () => {
  const [one, other] = clients()
  for (let count = 0; count < 10; count += 1) for (const { ask } of [one, other]) void ask('read')
  await Promise.resolve()
  // A quarter of the rate goes at once: 10, of which 3 are kept for orders and 2 for cancels.
  expect(one.sent.length + other.sent.length).toBe(5)
  for (let count = 0; count < 10; count += 1) for (const { ask } of [one, other]) void ask('order')
  await Promise.resolve()
  expect([...one.sent, ...other.sent].filter((as) => as === 'order')).toHaveLength(3)
  for (let count = 0; count < 10; count += 1) for (const { ask } of [one, other]) void ask('cancel')
  await Promise.resolve()
  expect([...one.sent, ...other.sent].filter((as) => as === 'cancel')).toHaveLength(2)
})

test('what the venue told one client to wait, the other waits too, but for cancels', async () => {
  const [one, other] = clients()
  one.lanes.pause('account', 500)
  await expect(other.ask('order')).rejects.toMatchObject({ code: 'PAUSED', message: 'order waits 500 ms' })
  await other.ask('cancel')
  expect(other.sent).toEqual(['cancel'])
  clock.time += 500
  await one.ask('order')
  expect(one.sent).toEqual(['order'])
})
