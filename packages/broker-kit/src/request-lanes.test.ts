import { type ClockAndTimers, createSeededRandom, SwarmError } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import { RateBuckets } from './rate-buckets.js'
import { type RequestClass, RequestLanes } from './request-lanes.js'
import { connectionLost, VenueErrors } from './venue-error.js'

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

test('what policies give up is said of the request', async () => {
  const hand = createHandClock()
  const lanes = new RequestLanes({
    clock: hand,
    random: createSeededRandom(1),
    requestTimeoutMs: 1_000,
    buckets: new RateBuckets(hand),
    paused,
  })
  const ask = (as: RequestClass, name: string): Promise<string> =>
    lanes
      .send('account', { calls: 1_000, perMs: 1_000 }, as, name, () => new Promise<string>(() => undefined))
      .catch((thrown: unknown) => String(thrown))
  const asked = [ask('read', 'GET account'), ask('order', 'POST order')]
  for (let count = 0; count < 10; count += 1) void ask('order', 'POST order')
  await hand.advance(1_000)
  asked.push(ask('order', 'POST order'))
  await hand.advance(60_000)
  const [read, order, kept] = await Promise.all(asked)
  expect(read).toMatch(/no answer to GET account within 1000 ms; nothing was changed by it: .*, and ask again/)
  expect(order).toMatch(/no answer to POST order within 1000 ms; whether it took effect is not known/)
  expect(kept).toMatch(/POST order was not sent, since too many requests .*; ask again in 5 s/)
})

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

test('a definite no closes the breaker after an outage: what waits is not let through one by one', async () => {
  const clock = createHandClock()
  const lanes = new RequestLanes({
    clock,
    random: createSeededRandom(1),
    requestTimeoutMs: 1_000,
    buckets: new RateBuckets(clock),
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

test('what cannot be read keeps no order back, and orders without an answer no read', async () => {
  const clock = createHandClock()
  const random = createSeededRandom(1)
  const lanes = new RequestLanes({ clock, random, requestTimeoutMs: 1_000, buckets: new RateBuckets(clock), paused })
  const ask = (as: RequestClass, isDown: boolean): Promise<unknown> =>
    lanes
      .send('account', { calls: 1_000, perMs: 1_000 }, as, as, async () => {
        if (isDown) throw connectionLost(as, 'reset')
        return 'answer'
      })
      .catch((thrown: unknown) => thrown)
  for (const [down, other] of [
    ['read', 'order'],
    ['order', 'read'],
  ] as const) {
    const lost = Array.from({ length: 20 }, () => ask(down, true))
    await clock.advance(10)
    const kept = ask('order', false)
    expect(await ask(other, false)).toBe('answer')
    if (down === 'order') expect(await kept).toMatchObject({ code: 'CIRCUIT_OPEN' })
    await clock.advance(60_000)
    await Promise.all(lost)
  }
})

test('a read without an answer may be asked again; of an order, and of what a cancel waits for, nobody knows', async () => {
  const clock = createHandClock()
  const random = createSeededRandom(1)
  const lanes = new RequestLanes({ clock, random, requestTimeoutMs: 1_000, buckets: new RateBuckets(clock), paused })
  const ask = (as: RequestClass, name: string, fails: () => Promise<never>): Promise<unknown> =>
    lanes.send('account', { calls: 1_000, perMs: 1_000 }, as, name, fails).catch((thrown: unknown) => thrown)
  const lost = async (): Promise<never> => {
    throw connectionLost('request', 'reset')
  }
  const silent = (): Promise<never> => new Promise(() => undefined)
  const asked = [
    ask('read', 'GET order', lost),
    ask('read', 'GET order', silent),
    ask('cancel', 'GET order', lost),
    ask('order', 'POST order', lost),
  ]
  await clock.advance(60_000)
  const told = (await Promise.all(asked)) as readonly SwarmError[]
  expect(told.map(({ code, retryability }) => [code, retryability])).toEqual([
    ['BROKER_CONNECTION_LOST', 'retryable'],
    ['TIMED_OUT', 'retryable'],
    ['BROKER_CONNECTION_LOST', 'unknown-outcome'],
    ['BROKER_CONNECTION_LOST', 'unknown-outcome'],
  ])
})
