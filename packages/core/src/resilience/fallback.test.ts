import { describe, expect, expectTypeOf, it } from 'vitest'
import { SwarmError } from '../errors/swarm-error.js'
import { combine } from './combine.js'
import { createFallback, type FallbackEvent } from './fallback.js'

const error = new Error('no')

describe('fallback', () => {
  it('answers instead of what fails, at once or later, and tells its observer', async () => {
    const events: FallbackEvent[] = []
    const policy = createFallback({ fallback: () => 'other' as const, onEvent: (event) => events.push(event) })
    const throws = (): number => {
      throw error
    }
    const answer = await policy.execute(throws)
    expectTypeOf(answer).toEqualTypeOf<number | 'other'>()
    expectTypeOf(await combine(policy).execute(throws)).toEqualTypeOf<number | 'other'>()
    expect(answer).toBe('other')
    expect(await policy.execute(() => Promise.reject(error))).toBe('other')
    expect(await policy.execute(async () => 1)).toBe(1)
    expect(await policy.execute(() => 2)).toBe(2)
    expect(events).toHaveLength(3)
    expect(events[0]).toEqual({ type: 'fell-back', error })
  })

  it.each([
    ['of unknown outcome', new SwarmError({ code: 'TIMED_OUT', message: '?', retryability: 'unknown-outcome' })],
    ['aborted', new SwarmError({ code: 'ABORTED', message: 'enough' })],
  ])('throws on what is %s', async (_, thrown) => {
    await expect(createFallback({ fallback: () => 0 }).execute(() => Promise.reject(thrown))).rejects.toBe(thrown)
  })

  it('throws on what it does not handle, and what the fallback itself throws', async () => {
    const other = new Error('nor this')
    const picky = createFallback({ fallback: () => Promise.reject(other), handles: (thrown) => thrown === error })
    await expect(picky.execute(() => Promise.reject(other))).rejects.toBe(other)
    await expect(picky.execute(() => Promise.reject(error))).rejects.toBe(other)
  })

  it('does nothing for a caller that has given up', async () => {
    const controller = new AbortController()
    const answer = createFallback({ fallback: () => 0 }).execute(() => {
      controller.abort()
      throw error
    }, controller.signal)
    await expect(answer).rejects.toBe(error)
  })
})
