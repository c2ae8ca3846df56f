import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCountedSignal } from '../testing-support/counted-signal.test-support.js'
import { createFakeClock } from '../testing-support/fake-clock.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { RateLimiter, type RateLimiterEvent, type RateLimiterOptions } from './rate-limiter.js'
import { createRateLimiter } from './rate-limiter-policy.js'

/** Ten calls a second. */
const tenPerSecond = { calls: 10, perMs: 1_000 }

function limiterOf(options: Partial<RateLimiterOptions> = {}) {
  const clock = createFakeClock(5_000)
  const limiter = new RateLimiter({ clock, ...tenPerSecond, ...options })
  const takeAll = (lane?: string): number => {
    let taken = 0
    while (limiter.tryTake(lane)) taken += 1
    return taken
  }
  return { clock, limiter, takeAll }
}

describe('rate limiter', () => {
  it('lets a burst go, and after that one call at a time', async () => {
    const { clock, limiter, takeAll } = limiterOf({ burst: 4 })
    expect(limiter.available()).toBe(4)
    expect(takeAll()).toBe(4)
    await clock.advance(99)
    expect(takeAll()).toBe(0)
    await clock.advance(1)
    expect(takeAll()).toBe(1)
    await clock.advance(60_000)
    expect(takeAll()).toBe(4)
  })

  it('keeps its part for a lane, which may also take what is shared', () => {
    const first = limiterOf({ reserved: { cancel: 0.2 } })
    expect(first.takeAll()).toBe(8)
    expect(first.takeAll('cancel')).toBe(2)
    const second = limiterOf({ reserved: { cancel: 0.2 } })
    expect(second.takeAll('cancel')).toBe(10)
  })

  it('gives all of the rate to the others while the reserve is full', async () => {
    const { clock, takeAll } = limiterOf({ reserved: { cancel: 0.2 } })
    takeAll()
    await clock.advance(500)
    expect([takeAll(), takeAll('cancel')]).toEqual([5, 2])
  })

  it('lets calls wait in order of arrival, a reserved lane first', async () => {
    const clock = createFakeClock()
    const limiter = createRateLimiter({
      clock,
      ...tenPerSecond,
      burst: 2,
      reserved: { cancel: 0.5 },
      maximumWaiting: 9,
    })
    const cancels = limiter.lane('cancel')
    const went: string[] = []
    const go = (name: string) => (): void => void went.push(`${name} ${clock.now()}`)
    await limiter.execute(go('a'))
    await cancels.execute(go('x'))
    const waiting = [limiter.execute(go('b')), limiter.execute(go('c')), cancels.execute(go('y'))]
    expect([limiter.waiting(), limiter.waiting('cancel'), limiter.available('cancel')]).toEqual([3, 1, 0])
    await clock.advance(1_000)
    await Promise.all(waiting)
    expect(went).toEqual(['a 0', 'x 0', 'y 200', 'b 200', 'c 400'])
    expect(limiter.waiting()).toBe(0)
  })

  it('lets whoever waits go at the very millisecond, also where a reserve gets full meanwhile and hands its inflow on', async () => {
    const { clock, limiter, takeAll } = limiterOf({ burst: 5, reserved: { cancel: 0.2 }, maximumWaiting: 1 })
    const start = clock.now()
    limiter.tryTake('cancel')
    await clock.advance(60)
    expect(takeAll()).toBe(4)
    await clock.advance(375)
    expect(takeAll()).toBe(3)
    let went = 0
    const taken = limiter.take().then(() => {
      went = clock.now() - start
    })
    await clock.advance(1_000)
    await taken
    // 8 tokens a second until the reserve is full at 500, then 10: 0.52 + 0.48.
    expect(went).toBe(548)
  })

  it('lets nobody overtake who waits, though the timer be late', async () => {
    let now = 0
    const clock = { ...createFakeClock(), now: () => now }
    const limiter = createRateLimiter({ clock, ...tenPerSecond, burst: 1, maximumWaiting: 2 })
    const went: string[] = []
    await limiter.execute(() => undefined)
    const first = limiter.execute(() => went.push('first'))
    now = 100
    void limiter.execute(() => went.push('second'))
    await first
    expect([went, limiter.waiting()]).toEqual([['first'], 1])
  })

  it('does not call who is aborted between being let go and being called', async () => {
    let now = 0
    const clock = { ...createFakeClock(), now: () => now }
    const limiter = createRateLimiter({ clock, ...tenPerSecond, burst: 1, maximumWaiting: 2 })
    await limiter.execute(() => undefined)
    const controller = new AbortController()
    let called = false
    const answer = limiter.execute(() => {
      called = true
    }, controller.signal)
    now = 100
    void limiter.execute(() => undefined)
    expect(limiter.counters.admitted).toBe(2)
    controller.abort()
    await expect(answer).rejects.toMatchObject({ code: 'ABORTED' })
    expect(called).toBe(false)
  })

  it('refuses whoever finds its lane full, and says when to come again', async () => {
    const events: RateLimiterEvent[] = []
    const clock = createFakeClock()
    const limiter = createRateLimiter({ clock, ...tenPerSecond, burst: 1, onEvent: (event) => events.push(event) })
    await limiter.execute(() => undefined)
    await clock.advance(30)
    await expect(limiter.execute(() => undefined)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryability: 'retryable',
      context: { lane: 'shared', retryAfterMs: 70 },
    })
    expect(events).toEqual([{ type: 'refused', lane: 'shared', waiting: 0 }])
    expect(limiter.counters).toEqual({ admitted: 1, refused: 1 })
  })

  it('refuses whoever has waited too long', async () => {
    const { clock, limiter, takeAll } = limiterOf({ perMs: 100_000, burst: 1, maximumWaiting: 1, maximumWaitMs: 200 })
    takeAll()
    const refused = expect(limiter.take()).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      message: expect.stringContaining('waited 200 ms'),
    })
    await clock.advance(200)
    await refused
    expect([limiter.waiting(), clock.pending()]).toEqual([0, 0])
  })

  it('lets whoever is aborted out of its queue, without timer or listener, and never calls it', async () => {
    const clock = createFakeClock()
    const limiter = createRateLimiter({ clock, ...tenPerSecond, burst: 1, maximumWaiting: 2 })
    await limiter.execute(() => undefined)
    const counted = createCountedSignal()
    let called = false
    const call = (): void => {
      called = true
    }
    const aborted = limiter.execute(call, counted.signal)
    const timers = clock.pending()
    counted.abort()
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' })
    expect([limiter.waiting(), counted.listening(), timers - clock.pending()]).toEqual([0, 0, 1])
    await clock.advance(1_000)
    expect(called).toBe(false)
  })

  it('neither gives nor takes anything when the clock goes back', async () => {
    let now = 1_000
    const clock = { ...createFakeClock(), now: () => now }
    const limiter = new RateLimiter({ clock, ...tenPerSecond, burst: 2 })
    limiter.tryTake()
    now = 0
    expect(limiter.available()).toBe(1)
    now = 100
    expect(limiter.available()).toBe(2)
  })

  it('knows its lanes', async () => {
    const { limiter } = limiterOf({ reserved: { cancel: 0.2 } })
    expect(() => limiter.tryTake('cancle')).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_LANE', message: expect.stringContaining('cancel, shared') }),
    )
    await expect(limiter.take('cancle')).rejects.toMatchObject({ code: 'UNKNOWN_LANE' })
    const policy = createRateLimiter({ clock: createFakeClock(), ...tenPerSecond })
    expect(() => policy.lane('cancel')).toThrow(expect.objectContaining({ code: 'UNKNOWN_LANE' }))
  })

  const load = fc.array(
    fc.record({
      waitMs: fc.integer({ min: 0, max: 300 }),
      lane: fc.constantFrom('cancel', 'amend', 'shared'),
      calls: fc.integer({ min: 1, max: 15 }),
    }),
    { maxLength: 40, size: 'max' },
  )
  const rates = fc.record({
    calls: fc.integer({ min: 1, max: 30 }),
    perMs: fc.integer({ min: 50, max: 2_000 }),
    burst: fc.integer({ min: 10, max: 40 }),
  })
  const reserved = { cancel: 0.2, amend: 0.1 }

  it('never lets more go than burst and rate allow, over any time', () => {
    fc.assert(
      fc.property(rates, load, (rate, steps) => {
        let now = 0
        const limiter = new RateLimiter({ clock: { ...createFakeClock(), now: () => now }, ...rate, reserved })
        const went: number[] = []
        for (const { waitMs, lane, calls } of steps) {
          now += waitMs
          for (let call = 0; call < calls; call += 1) if (limiter.tryTake(lane)) went.push(now)
        }
        let most = 0
        for (const [from, start] of went.entries()) {
          for (let to = from; to < went.length; to += 1) {
            const allowed = rate.burst + (((went[to] ?? 0) - start) * rate.calls) / rate.perMs
            most = Math.max(most, to - from + 1 - allowed)
          }
        }
        expect(most).toBeLessThanOrEqual(1e-6)
      }),
      { numRuns: 300 },
    )
  })

  it('never starves a reserved lane, whatever the others ask for', () => {
    fc.assert(
      fc.property(rates, load, (rate, steps) => {
        let now = 0
        const limiter = new RateLimiter({ clock: { ...createFakeClock(), now: () => now }, ...rate, reserved })
        const capacity = rate.burst * reserved.cancel
        let reserve = capacity
        for (const { waitMs, calls } of steps) {
          now += waitMs
          reserve = Math.min(capacity, reserve + (waitMs * rate.calls * reserved.cancel) / rate.perMs)
          for (let call = 0; call < calls * 3; call += 1) {
            limiter.tryTake()
            limiter.tryTake('amend')
          }
          const owed = Math.floor(reserve + 1e-6)
          reserve -= owed
          let cancels = 0
          while (limiter.tryTake('cancel')) cancels += 1
          expect(cancels).toBeGreaterThanOrEqual(owed)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('lets whoever waits go as soon as there is a token, in order of arrival in each lane', async () => {
    await fc.assert(
      fc.asyncProperty(rates, load, async (rate, steps) => {
        const clock = createFakeClock()
        const limiter = new RateLimiter({ clock, ...rate, reserved, maximumWaiting: 1_000, maximumWaitMs: 86_400_000 })
        const went = new Map<string, number[]>()
        let asked = 0
        let gone = 0
        for (const { waitMs, lane, calls } of steps) {
          await clock.advance(waitMs)
          for (let call = 0; call < calls; call += 1) {
            const index = asked++
            void limiter.take(lane).then(() => {
              gone += 1
              went.set(lane, [...(went.get(lane) ?? []), index])
            })
          }
          await settle()
          // A moment is a millisecond: what has become due within it goes at its end.
          for (const name of ['cancel', 'amend', 'shared'])
            if (limiter.waiting(name) > 0) expect(limiter.available(name)).toBe(0)
        }
        await clock.advance(((asked + 1) * rate.perMs) / rate.calls + asked)
        expect(gone).toBe(asked)
        for (const order of went.values()) expect(order).toEqual(order.toSorted((a, b) => a - b))
      }),
      { numRuns: 40 },
    )
  })

  it.each([
    ['calls', 0],
    ['perMs', 0],
    ['burst', 0.5],
    ['maximumWaiting', -1],
    ['maximumWaitMs', 0],
  ])('refuses %s = %d', (option, value) => {
    expect(() => limiterOf({ [option]: value })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', context: { option, value } }),
    )
  })

  it.each([
    ['less than one call', { cancel: 0.05 }],
    ['no fraction', { cancel: Number.NaN }],
    ['nothing left for the others', { cancel: 0.5, amend: 0.5 }],
    ['the name of what is shared', { shared: 0.5 }],
  ])('refuses a reserve of %s', (_, reserves) => {
    expect(() => limiterOf({ reserved: reserves })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})
