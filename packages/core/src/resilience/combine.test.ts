import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SwarmError } from '../errors/swarm-error.js'
import { createSeededRandom } from '../random/seeded-random.js'
import { createCountedSignal } from '../testing-support/counted-signal.test-support.js'
import { createFakeClock, type FakeClock } from '../testing-support/fake-clock.test-support.js'
import { createBulkhead } from './bulkhead-policy.js'
import { createCircuitBreaker } from './circuit-breaker-policy.js'
import { combine } from './combine.js'
import { createFallback } from './fallback.js'
import { createHedge } from './hedge.js'
import { createOutboundLimiter } from './outbound-limiter.js'
import type { Policy, PolicyContext } from './policy.js'
import { createRateLimiter } from './rate-limiter-policy.js'
import { createRetry } from './retry.js'
import { createTimeout } from './timeout.js'

const random = createSeededRandom(1)
const busy = new SwarmError({ code: 'BUSY', message: 'busy', retryability: 'retryable' })

/** A policy as somebody else might write one: it only knows `execute`. */
function noting(name: string, log: string[]): Policy {
  return {
    async execute(fn, signal) {
      log.push(`${name} in`)
      try {
        return await fn({ signal: signal ?? new AbortController().signal })
      } finally {
        log.push(`${name} out`)
      }
    },
  }
}

const ours: Readonly<Record<string, (clock: FakeClock) => Policy>> = {
  retry: (clock) => createRetry({ clock, random }),
  timeout: (clock) => createTimeout({ clock, timeoutMs: 500 }),
  breaker: (clock) => createCircuitBreaker({ clock, minimumCalls: 1_000 }),
  slowBreaker: (clock) => createCircuitBreaker({ clock, minimumCalls: 1_000, slowCallMs: 200 }),
  bulkhead: (clock) => createBulkhead({ clock, concurrency: 2, maximumWaiting: 5 }),
  limiter: (clock) => createRateLimiter({ clock, calls: 2, perMs: 100, maximumWaiting: 5 }),
  hedge: (clock) => createHedge({ clock, delayMs: 50 }),
  fallback: () => createFallback<never>({ fallback: (error) => Promise.reject(error as Error) }),
  outbound: () => createOutboundLimiter({ concurrency: 2 }),
  foreign: () => noting('foreign', []),
}

function policyOf(name: string, clock: FakeClock): Policy {
  const make = ours[name]
  if (make === undefined) throw new Error(`there is no policy ${name} in this test`)
  return make(clock)
}

describe('combine', () => {
  it('keeps the type of the answer, and adds that of a fallback', async () => {
    const clock = createFakeClock()
    const nested = combine(
      createRetry({ clock, random }),
      createCircuitBreaker({ clock }),
      createBulkhead({ clock, concurrency: 1 }),
    )
    const answer: number = await nested.execute(() => 1)
    const withFallback = combine(
      createFallback({ fallback: () => 'none' }),
      nested,
      createTimeout({ clock, timeoutMs: 5 }),
    )
    const either: number | string = await withFallback.execute(() => 2)
    // @ts-expect-error it may be the fallback's text
    const wrong: number = await withFallback.execute(() => 3)
    expect([answer, either, wrong]).toEqual([1, 2, 3])
  })

  it('puts the first outermost', async () => {
    const log: string[] = []
    const policy = combine(noting('a', log), noting('b', log), noting('c', log))
    expect(await policy.execute(() => log.push('fn'))).toBe(4)
    expect(log).toEqual(['a in', 'b in', 'c in', 'fn', 'c out', 'b out', 'a out'])
  })

  it('only calls when it has no policies, and nests in itself', async () => {
    expect(await combine().execute(() => 1)).toBe(1)
    const log: string[] = []
    await combine(combine(noting('a', log)), combine(), combine(noting('b', log))).execute(() => undefined)
    expect(log).toEqual(['a in', 'b in', 'b out', 'a out'])
  })

  it('gives each attempt its own time-out, and the breaker a verdict on each', async () => {
    const clock = createFakeClock()
    const breaker = createCircuitBreaker({ clock })
    const policy = combine(
      createRetry({ clock, random, isRetryable: () => true }),
      breaker,
      createBulkhead({ clock, concurrency: 1 }),
      createTimeout({ clock, timeoutMs: 100 }),
    )
    let calls = 0
    const answer = policy.execute(({ signal }) => {
      calls += 1
      if (calls < 3) return new Promise<string>(() => undefined)
      return signal.aborted ? 'an old signal' : 'done'
    })
    await clock.advance(1_000)
    expect(await answer).toBe('done')
    expect(breaker.counters).toMatchObject({ succeeded: 1, failed: 2 })
  })

  it('makes no signal that nobody asks for, and never listens to one while nothing waits', async () => {
    const clock = createFakeClock()
    const counted = createCountedSignal()
    const policy = combine(...['retry', 'breaker', 'bulkhead', 'timeout', 'hedge'].map((name) => policyOf(name, clock)))
    for (let call = 0; call < 1_000; call += 1) await policy.execute(async () => call, counted.signal)
    expect(counted.added()).toBe(0)
  })

  it('leaves no listener on a signal that outlives ten thousand calls that did ask for theirs', async () => {
    const clock = createFakeClock()
    const counted = createCountedSignal()
    const policy = combine(...['retry', 'breaker', 'bulkhead', 'timeout', 'hedge'].map((name) => policyOf(name, clock)))
    let aborted = 0
    const fn = async ({ signal }: PolicyContext): Promise<void> => {
      if (signal.aborted) aborted += 1
    }
    for (let call = 0; call < 10_000; call += 1) await policy.execute(fn, counted.signal)
    expect([aborted, counted.added(), counted.listening()]).toEqual([0, 10_000, 0])
  })

  it('hands a time-out of the outermost policy to the innermost function', async () => {
    const clock = createFakeClock()
    const policy = combine(
      createTimeout({ clock, timeoutMs: 30 }),
      ...['retry', 'breaker', 'foreign', 'bulkhead', 'hedge'].map((name) => policyOf(name, clock)),
    )
    let reason: unknown
    const answer = policy.execute(async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      reason = signal.reason
    })
    answer.catch(() => undefined)
    await clock.advance(30)
    await expect(answer).rejects.toMatchObject({ code: 'TIMED_OUT' })
    expect(reason).toMatchObject({ code: 'TIMED_OUT' })
  })

  it('settles every call, leaves no listener, no place and no queue, however policies nest and whenever calls are aborted', async () => {
    const names = fc.array(fc.constantFrom(...Object.keys(ours)), { minLength: 1, maxLength: 5 })
    const call = fc.record({
      takesMs: fc.integer({ min: 0, max: 300 }),
      outcome: fc.constantFrom('answers', 'fails', 'is busy', 'hangs'),
      abortAfterMs: fc.option(fc.integer({ min: 0, max: 400 }), { nil: undefined }),
    })
    await fc.assert(
      fc.asyncProperty(names, fc.array(call, { minLength: 1, maxLength: 5 }), async (chain, calls) => {
        const clock = createFakeClock()
        const policies = chain.map((name) => policyOf(name, clock))
        const policy = combine(...policies)
        let settled = 0
        const signals = calls.map(({ takesMs, outcome, abortAfterMs }) => {
          const counted = createCountedSignal()
          const end = (): void => {
            settled += 1
          }
          policy.execute((context) => work(clock, context, takesMs, outcome), counted.signal).then(end, end)
          // What hangs ends by its caller's word at the latest.
          const abortMs = abortAfterMs ?? (outcome === 'hangs' ? 600 : undefined)
          if (abortMs !== undefined) clock.at(abortMs, () => counted.abort())
          return counted
        })
        await clock.advance(5_000)
        expect(settled).toBe(calls.length)
        expect(signals.map((counted) => counted.listening())).toEqual(calls.map(() => 0))
        for (const part of policies) {
          if ('running' in part) expect(part.running).toBe(0)
          if ('waiting' in part) expect(typeof part.waiting === 'function' ? part.waiting() : part.waiting).toBe(0)
        }
      }),
      { numRuns: 150 },
    )
  })
})

/** A call as good code makes one: it ends when its signal says so, and then no longer listens. */
function work(clock: FakeClock, { signal }: PolicyContext, takesMs: number, outcome: string): Promise<string> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error)
    const end = (settle: () => void): void => {
      signal.removeEventListener('abort', onAbort)
      settle()
    }
    const onAbort = (): void => end(() => reject(signal.reason as Error))
    signal.addEventListener('abort', onAbort)
    if (outcome === 'hangs') return
    clock.at(clock.now() + takesMs, () =>
      end(() => {
        if (outcome === 'answers') resolve('done')
        else reject(outcome === 'fails' ? new Error('no') : busy)
      }),
    )
  })
}
