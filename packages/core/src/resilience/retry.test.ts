import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SwarmError } from '../errors/swarm-error.js'
import { createSeededRandom } from '../random/seeded-random.js'
import { createCountedSignal } from '../testing-support/counted-signal.test-support.js'
import { createFakeClock, type FakeClock } from '../testing-support/fake-clock.test-support.js'
import { createBackoff } from './backoff.js'
import { createRetry, type RetryEvent, type RetryOptions } from './retry.js'

const random = createSeededRandom(1)

function failure(code: string, retryability: 'retryable' | 'fatal' | 'unknown-outcome', context = {}): SwarmError {
  return new SwarmError({ code, message: code, retryability, context })
}

const busy = failure('BUSY', 'retryable')

/** Waits of 100, 200, 400 … ms. */
const evenly = createBackoff({ firstMs: 100, jitterFraction: 0 })

function retryOn(clock: FakeClock, options: Partial<RetryOptions> = {}) {
  return createRetry({ clock, random, backoff: evenly, ...options })
}

/** A function that fails with these errors, one after the other, and then answers. */
function failing(errors: readonly Error[]) {
  const work = {
    calls: 0,
    run: async () => {
      const error = errors[work.calls]
      work.calls += 1
      if (error !== undefined) throw error
      return 'done'
    },
  }
  return work
}

describe('retry', () => {
  it('tries again after growing waits, and answers with the first success', async () => {
    const clock = createFakeClock()
    const events: RetryEvent[] = []
    const work = failing([busy, busy])
    const answer = retryOn(clock, { onEvent: (event) => events.push(event) }).execute(work.run)
    await clock.advance(99)
    expect(work.calls).toBe(1)
    await clock.advance(1)
    expect(work.calls).toBe(2)
    await clock.advance(200)
    expect(await answer).toBe('done')
    expect(events).toEqual([
      { type: 'retrying', attempts: 1, waitMs: 100, error: busy },
      { type: 'retrying', attempts: 2, waitMs: 200, error: busy },
    ])
  })

  it('throws the last error as it was when its attempts are used up', async () => {
    const clock = createFakeClock()
    const last = failure('LAST', 'retryable')
    const events: RetryEvent[] = []
    const work = failing([busy, busy, last])
    const answer = retryOn(clock, { onEvent: (event) => events.push(event) }).execute(work.run)
    answer.catch(() => undefined)
    await clock.advance(1_000)
    await expect(answer).rejects.toBe(last)
    expect(events.at(-1)).toEqual({ type: 'gave-up', attempts: 3, error: last })
  })

  it.each([
    ['is fatal', failure('BAD', 'fatal')],
    ['has an unknown outcome', failure('TIMED_OUT', 'unknown-outcome')],
    ['is no error of ours', new TypeError('no')],
  ])('does not try again what %s', async (_, error) => {
    const work = failing([error])
    await expect(retryOn(createFakeClock()).execute(work.run)).rejects.toBe(error)
    expect(work.calls).toBe(1)
  })

  it('tries again what throws at once, and answers at once what needs no second try', async () => {
    const clock = createFakeClock()
    let calls = 0
    const answer = retryOn(clock).execute(() => {
      calls += 1
      if (calls === 1) throw busy
      return calls
    })
    await clock.advance(100)
    expect(await answer).toBe(2)
  })

  it('throws the error of unknown outcome, whatever came after it', async () => {
    const clock = createFakeClock()
    const unknown = failure('TIMED_OUT', 'unknown-outcome')
    const work = failing([unknown, busy, failure('REFUSED', 'fatal')])
    const isRetryable = (error: unknown): boolean => SwarmError.isInstance(error) && error.retryability !== 'fatal'
    const answer = retryOn(clock, { isRetryable }).execute(work.run)
    answer.catch(() => undefined)
    await clock.advance(1_000)
    expect(work.calls).toBe(3)
    await expect(answer).rejects.toBe(unknown)
  })

  it('waits at least as long as whoever failed asks for, but tries no more when that is too long', async () => {
    const clock = createFakeClock()
    const work = failing([failure('RATE_LIMITED', 'retryable', { retryAfterMs: 1_500.2 })])
    const answer = retryOn(clock).execute(work.run)
    await clock.advance(1_500)
    expect(work.calls).toBe(1)
    await clock.advance(1)
    expect(await answer).toBe('done')
    const tooLong = failure('RATE_LIMITED', 'retryable', { retryAfterMs: 60_001 })
    await expect(retryOn(clock).execute(failing([tooLong]).run)).rejects.toBe(tooLong)
  })

  it('stops waiting when aborted, and leaves neither timer nor listener', async () => {
    const clock = createFakeClock()
    const counted = createCountedSignal()
    const work = failing([busy])
    const answer = retryOn(clock).execute(work.run, counted.signal)
    answer.catch(() => undefined)
    await clock.advance(50)
    expect(counted.listening()).toBe(1)
    counted.abort('enough')
    await expect(answer).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' })
    expect([work.calls, clock.pending(), counted.listening()]).toEqual([1, 0, 0])
  })

  it('does not call a function whose signal is aborted already, nor again one that was aborted while it ran', async () => {
    const clock = createFakeClock()
    const counted = createCountedSignal()
    const retry = retryOn(clock, { isRetryable: () => true })
    const answer = retry.execute(async () => {
      counted.abort()
      throw busy
    }, counted.signal)
    await expect(answer).rejects.toBe(busy)
    const work = failing([])
    await expect(retry.execute(work.run, counted.signal)).rejects.toMatchObject({ code: 'ABORTED' })
    expect([work.calls, clock.pending()]).toEqual([0, 0])
  })

  it('goes on when its observer throws', async () => {
    const clock = createFakeClock()
    const onEvent = (): never => {
      throw new Error('a fault of the observer')
    }
    const answer = retryOn(clock, { onEvent }).execute(failing([busy]).run)
    await clock.advance(100)
    expect(await answer).toBe('done')
  })

  it('makes one attempt for each failure and one more, up to its maximum, and waits between them only', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: 10 }), async (maximum, failures) => {
        const clock = createFakeClock()
        const work = failing(Array.from({ length: failures }, () => busy))
        const waits: number[] = []
        const onEvent = (event: RetryEvent): void => void (event.type === 'retrying' && waits.push(event.waitMs))
        const answer = createRetry({ clock, random, maximumAttempts: maximum, onEvent }).execute(work.run)
        const outcome = answer.then(
          () => 'done',
          () => 'failed',
        )
        await clock.advance(100_000)
        expect(await outcome).toBe(failures < maximum ? 'done' : 'failed')
        expect(work.calls).toBe(Math.min(failures + 1, maximum))
        expect(waits.length).toBe(work.calls - 1)
        expect(clock.pending()).toBe(0)
      }),
      { numRuns: 50 },
    )
  })

  it.each([
    ['maximumAttempts', 0],
    ['maximumAttempts', 2.5],
    ['maximumAttempts', Number.NaN],
    ['maximumRetryAfterMs', -1],
  ])('refuses %s = %d', (option, value) => {
    expect(() => retryOn(createFakeClock(), { [option]: value })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', context: { option, value } }),
    )
  })
})
