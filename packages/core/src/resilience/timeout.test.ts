import { describe, expect, it } from 'vitest'
import { createCountedSignal } from '../testing-support/counted-signal.test-support.js'
import { createFakeClock, createGate } from '../testing-support/fake-clock.test-support.js'
import { createDeadlines } from '../time/deadlines.js'
import type { PolicyContext } from './policy.js'
import { createTimeout, type TimeoutEvent } from './timeout.js'

const never = (): Promise<never> => new Promise(() => undefined)

describe('time-out', () => {
  it('rejects at its time, not before, aborts the signal with the same error and tells its observer', async () => {
    const clock = createFakeClock()
    const events: TimeoutEvent[] = []
    let signal: AbortSignal | undefined
    const timeout = createTimeout({ clock, timeoutMs: 100, onEvent: (event) => events.push(event) })
    const answer = timeout.execute((context) => {
      signal = context.signal
      return never()
    })
    let error: unknown
    answer.catch((thrown: unknown) => {
      error = thrown
    })
    await clock.advance(99)
    expect([error, signal?.aborted]).toEqual([undefined, false])
    await clock.advance(1)
    expect(error).toMatchObject({ code: 'TIMED_OUT', retryability: 'unknown-outcome', context: { timeoutMs: 100 } })
    expect(signal?.reason).toBe(error)
    expect(events).toEqual([{ type: 'timed-out', timeoutMs: 100 }])
  })

  it('rejects as timed out even where the function answers to the abort at once', async () => {
    const clock = createFakeClock()
    const answer = createTimeout({ clock, timeoutMs: 100 }).execute(
      ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve('too late'))),
    )
    answer.catch(() => undefined)
    await clock.advance(100)
    await expect(answer).rejects.toMatchObject({ code: 'TIMED_OUT' })
  })

  it('drops what comes late, a failure too', async () => {
    const clock = createFakeClock()
    const gate = createGate()
    const answer = createTimeout({ clock, timeoutMs: 100 }).execute(async () => {
      await gate.passed
      throw new Error('late')
    })
    answer.catch(() => undefined)
    await clock.advance(100)
    gate.open()
    await expect(answer).rejects.toMatchObject({ code: 'TIMED_OUT' })
  })

  it('gives a signal that is aborted already to who asks for it late', async () => {
    const clock = createFakeClock()
    const gate = createGate()
    let context: PolicyContext | undefined
    const answer = createTimeout({ clock, timeoutMs: 100 }).execute((given) => {
      context = given
      return gate.passed
    })
    answer.catch(() => undefined)
    await clock.advance(100)
    expect(context?.signal.reason).toMatchObject({ code: 'TIMED_OUT' })
  })

  it('gives the signal of a caller that has aborted meanwhile to who asks for it late', async () => {
    const gate = createGate()
    const controller = new AbortController()
    const answer = createTimeout({ clock: createFakeClock(), timeoutMs: 100 }).execute(async (context) => {
      await gate.passed
      return context.signal.reason as unknown
    }, controller.signal)
    controller.abort('enough')
    gate.open()
    expect(await answer).toBe('enough')
  })

  it('passes results and errors on, at once or later, and calls its deadline off', async () => {
    const clock = createFakeClock()
    const deadlines = createDeadlines(clock)
    const events: TimeoutEvent[] = []
    const timeout = createTimeout({ clock, deadlines, timeoutMs: 100, onEvent: (event) => events.push(event) })
    const error = new Error('no')
    expect(await timeout.execute(() => 1)).toBe(1)
    expect(await timeout.execute(async () => 2)).toBe(2)
    await expect(timeout.execute(() => Promise.reject(error))).rejects.toBe(error)
    const throws = (): never => {
      throw error
    }
    await expect(timeout.execute(throws)).rejects.toBe(error)
    await clock.advance(100)
    expect([clock.pending(), events]).toEqual([0, []])
    deadlines.close()
  })

  it('hands an abort of the caller on with its reason, and listens no longer than the call lasts', async () => {
    const clock = createFakeClock()
    const counted = createCountedSignal()
    const timeout = createTimeout({ clock, timeoutMs: 100 })
    await timeout.execute(async ({ signal }) => signal.aborted, counted.signal)
    expect([counted.added(), counted.listening()]).toEqual([1, 0])
    const answer = timeout.execute(
      ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
      counted.signal,
    )
    const reason = new Error('enough')
    counted.abort(reason)
    await expect(answer).rejects.toBe(reason)
    expect(counted.listening()).toBe(0)
  })

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses timeoutMs = %d', (timeoutMs) => {
    expect(() => createTimeout({ clock: createFakeClock(), timeoutMs })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('timeoutMs of a time-out') }),
    )
  })
})
