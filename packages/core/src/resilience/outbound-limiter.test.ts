import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createCountedSignal } from '../testing-support/counted-signal.test-support.js'
import { createGate } from '../testing-support/fake-clock.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import type { Priority } from '../time/clock.js'
import { createOutboundLimiter, type OutboundLimiterOptions } from './outbound-limiter.js'

describe('outbound limiter', () => {
  it('runs as many as it may, those of higher priority first, and refuses the rest', async () => {
    const limiter = createOutboundLimiter({ concurrency: 1, maximumWaiting: 5 })
    const gate = createGate()
    const went: string[] = []
    const first = limiter.execute(() => gate.passed)
    const call = (priority: Priority, name: string = priority): Promise<unknown> =>
      limiter.priority(priority).execute(async () => went.push(name))
    const waiting = [
      call('low'),
      limiter.execute(() => went.push('normal')),
      call('critical'),
      call('high'),
      call('critical', 'critical too'),
    ]
    await settle()
    expect([limiter.running, limiter.waiting]).toEqual([1, 5])
    await expect(limiter.execute(() => 0)).rejects.toMatchObject({ code: 'OUTBOUND_FULL', retryability: 'retryable' })
    gate.open()
    await Promise.all([first, ...waiting])
    expect(went).toEqual(['critical', 'critical too', 'high', 'normal', 'low'])
    expect([limiter.running, limiter.waiting]).toEqual([0, 0])
  })

  it('passes results and errors on', async () => {
    const limiter = createOutboundLimiter({ concurrency: 2 })
    expect(await limiter.execute(() => 1)).toBe(1)
    const throws = (): never => {
      throw new Error('at once')
    }
    await expect(limiter.execute(throws)).rejects.toThrow('at once')
    await expect(limiter.execute(() => Promise.reject(new Error('later')))).rejects.toThrow('later')
  })

  it('lets whoever is aborted out of its queue, never calls it, and stops listening', async () => {
    const limiter = createOutboundLimiter({ concurrency: 1 })
    const counted = createCountedSignal()
    const gate = createGate()
    const first = limiter.execute(() => gate.passed)
    let called = false
    const aborted = limiter.execute(() => {
      called = true
    }, counted.signal)
    counted.abort('enough')
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' })
    expect([limiter.waiting, counted.listening()]).toEqual([0, 0])
    gate.open()
    await first
    await settle()
    expect(called).toBe(false)
  })

  it('keeps the place of a call that was aborted until it has ended', async () => {
    const limiter = createOutboundLimiter({ concurrency: 1 })
    const counted = createCountedSignal()
    const gate = createGate()
    const first = limiter.execute(async ({ signal }) => {
      await gate.passed
      return signal.aborted
    }, counted.signal)
    await settle()
    counted.abort()
    let called = false
    const second = limiter.execute(() => {
      called = true
    })
    await settle()
    expect([called, limiter.running, counted.listening()]).toEqual([false, 1, 0])
    gate.open()
    expect(await first).toBe(true)
    await second
  })

  describe('with an interval, on the machine’s clock', () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
    })
    afterEach(() => {
      vi.useRealTimers()
    })

    it('begins no more calls than it may in any interval', async () => {
      const limiter = createOutboundLimiter({ concurrency: 10, intervalCap: 2, intervalMs: 1_000 })
      let begun = 0
      const begin = (): void => {
        begun += 1
      }
      const calls = Array.from({ length: 5 }, () => limiter.execute(begin))
      await vi.advanceTimersByTimeAsync(999)
      expect(begun).toBe(2)
      await vi.advanceTimersByTimeAsync(1)
      expect(begun).toBe(4)
      await vi.advanceTimersByTimeAsync(1_000)
      await Promise.all(calls)
      expect(begun).toBe(5)
      await vi.advanceTimersByTimeAsync(999)
      const more = [limiter.execute(begin), limiter.execute(begin), limiter.execute(begin)]
      await vi.advanceTimersByTimeAsync(0)
      // One began 999 ms ago: the interval slides.
      expect(begun).toBe(6)
      await vi.advanceTimersByTimeAsync(1)
      expect(begun).toBe(7)
      await vi.advanceTimersByTimeAsync(1_000)
      await Promise.all(more)
    })
  })

  it.each<[string, Partial<OutboundLimiterOptions>]>([
    ['concurrency', { concurrency: 0 }],
    ['concurrency', { concurrency: Number.POSITIVE_INFINITY }],
    ['maximumWaiting', { maximumWaiting: 0 }],
    ['intervalCap', { intervalCap: 0, intervalMs: 1_000 }],
    ['intervalMs', { intervalCap: 1, intervalMs: 0 }],
    ['intervalMs', { intervalCap: 1 }],
    ['intervalMs', { intervalMs: 1_000 }],
  ])('refuses a bad %s', (option, options) => {
    expect(() => createOutboundLimiter({ concurrency: 1, ...options })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', context: expect.objectContaining({ option }) }),
    )
  })
})
