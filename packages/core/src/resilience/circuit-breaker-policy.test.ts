import { describe, expect, it } from 'vitest'
import { createFakeClock, createGate } from '../testing-support/fake-clock.test-support.js'
import { createCircuitBreaker } from './circuit-breaker-policy.js'
import { combine } from './combine.js'
import { createTimeout } from './timeout.js'

const small = { minimumCalls: 2, openMs: 1_000 }

describe('circuit breaker policy', () => {
  it('counts results and errors, at once or later, and refuses when open', async () => {
    const clock = createFakeClock()
    const breaker = createCircuitBreaker({ clock, ...small, minimumCalls: 4 })
    const error = new Error('no')
    expect(await breaker.execute(() => 1)).toBe(1)
    expect(await breaker.execute(async () => 2)).toBe(2)
    const throws = (): never => {
      throw error
    }
    await expect(breaker.execute(throws)).rejects.toBe(error)
    expect(breaker.state).toBe('closed')
    await expect(breaker.execute(() => Promise.reject(error))).rejects.toBe(error)
    expect(breaker.state).toBe('open')
    let called = false
    const refused = breaker.execute(() => {
      called = true
    })
    await expect(refused).rejects.toMatchObject({ code: 'CIRCUIT_OPEN', context: { retryAfterMs: 1_000 } })
    expect(called).toBe(false)
    expect(breaker.counters).toEqual({ succeeded: 2, failed: 2, slow: 0, refused: 1, ignored: 0 })
    breaker.reset()
    expect(await breaker.execute(() => 3)).toBe(3)
  })

  it('opens outside a time-out on calls that hang', async () => {
    const clock = createFakeClock()
    const breaker = createCircuitBreaker({ clock, ...small })
    const guarded = combine(breaker, createTimeout({ clock, timeoutMs: 100 }))
    for (let call = 0; call < 2; call += 1) {
      guarded.execute(() => new Promise(() => undefined)).catch(() => undefined)
    }
    await clock.advance(100)
    expect(breaker.state).toBe('open')
  })

  it('opens on calls that are slow while they still hang, and counts each once', async () => {
    const clock = createFakeClock()
    const breaker = createCircuitBreaker({ clock, ...small, failureFraction: 0.6, slowCallMs: 50 })
    const gate = createGate()
    const hanging = [breaker.execute(() => gate.passed), breaker.execute(() => gate.passed)]
    await breaker.execute(async () => undefined)
    await clock.advance(49)
    expect(breaker.state).toBe('closed')
    await clock.advance(1)
    expect(breaker.state).toBe('open')
    gate.open()
    await Promise.all(hanging)
    expect(breaker.counters).toEqual({ succeeded: 1, failed: 2, slow: 2, refused: 0, ignored: 0 })
  })

  it('counts what fails before it is slow as one failure', async () => {
    const clock = createFakeClock()
    const breaker = createCircuitBreaker({ clock, ...small, minimumCalls: 10, slowCallMs: 50 })
    await expect(breaker.execute(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await clock.advance(100)
    expect(breaker.counters).toMatchObject({ failed: 1, slow: 0 })
  })
})
