import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SwarmError } from '../errors/swarm-error.js'
import { createFakeClock } from '../testing-support/fake-clock.test-support.js'
import { CircuitBreaker, type CircuitBreakerOptions, type CircuitEvent, type CircuitState } from './circuit-breaker.js'

const error = new Error('no')

const small = { minimumCalls: 4, failureFraction: 0.5, windowMs: 100, windowBuckets: 10, openMs: 50 }

function breakerOf(options: Partial<CircuitBreakerOptions> = {}) {
  const clock = createFakeClock()
  const events: string[] = []
  const breaker = new CircuitBreaker({ clock, ...small, onEvent: (event) => events.push(event.type), ...options })
  const succeed = (): void => breaker.onSuccess(breaker.tryAcquire())
  const fail = (thrown: unknown = error): void => breaker.onFailure(breaker.tryAcquire(), thrown)
  const open = (): void => {
    for (let call = 0; call < 4; call += 1) fail()
  }
  return { clock, breaker, events, succeed, fail, open }
}

describe('circuit breaker', () => {
  it('opens at its fraction of failures, once it has seen enough calls', () => {
    const { breaker, succeed, fail } = breakerOf()
    fail()
    succeed()
    fail()
    expect(breaker.state).toBe('closed')
    fail()
    expect(breaker.state).toBe('open')
    expect(breaker.tryAcquire()).toBe(0)
    expect(breaker.counters).toEqual({ succeeded: 1, failed: 3, slow: 0, refused: 1, ignored: 0 })
  })

  it('does not open at a success: who was away for a while has just come back', () => {
    const { breaker, succeed, fail } = breakerOf()
    fail()
    fail()
    fail()
    succeed()
    expect(breaker.state).toBe('closed')
    succeed()
    fail()
    expect(breaker.state).toBe('open')
  })

  it('forgets failures bucket by bucket', async () => {
    const { clock, breaker, fail } = breakerOf()
    fail()
    await clock.advance(50)
    fail()
    fail()
    await clock.advance(50)
    fail()
    expect(breaker.state).toBe('closed')
    await clock.advance(49)
    fail()
    expect(breaker.state).toBe('open')
  })

  it('lets one call through when its time is up, and closes when that succeeds', async () => {
    const { clock, breaker, events, open, fail } = breakerOf()
    open()
    await clock.advance(49)
    expect([breaker.state, breaker.tryAcquire(), breaker.retryAfterMs()]).toEqual(['open', 0, 1])
    await clock.advance(1)
    expect(breaker.state).toBe('half-open')
    const pass = breaker.tryAcquire()
    expect(breaker.tryAcquire()).toBe(0)
    breaker.onSuccess(pass)
    fail()
    expect(breaker.state).toBe('closed')
    expect(events).toEqual(['opened', 'half-opened', 'closed'])
  })

  it('opens again for as long when a call on trial fails', async () => {
    const { clock, breaker, open, fail } = breakerOf()
    open()
    await clock.advance(50)
    fail()
    await clock.advance(49)
    expect(breaker.state).toBe('open')
    await clock.advance(1)
    expect(breaker.state).toBe('half-open')
  })

  it('closes only when as many trials as asked for have succeeded', async () => {
    const { clock, breaker, open } = breakerOf({ halfOpenTrials: 2 })
    open()
    await clock.advance(50)
    const passes = [breaker.tryAcquire(), breaker.tryAcquire(), breaker.tryAcquire()]
    expect(passes[2]).toBe(0)
    breaker.onSuccess(passes[0] ?? 0)
    expect(breaker.state).toBe('half-open')
    breaker.onSuccess(passes[1] ?? 0)
    expect(breaker.state).toBe('closed')
  })

  it('takes no notice of how calls of an earlier state end', async () => {
    const { clock, breaker, open } = breakerOf()
    const early = [breaker.tryAcquire(), breaker.tryAcquire()]
    open()
    await clock.advance(50)
    const trial = breaker.tryAcquire()
    breaker.onSuccess(early[0] ?? 0)
    breaker.onFailure(early[1] ?? 0, error)
    expect(breaker.state).toBe('half-open')
    breaker.onSuccess(trial)
    expect(breaker.state).toBe('closed')
    expect(breaker.counters.ignored).toBe(2)
  })

  it('puts another call on trial when one gives no verdict, or no answer', async () => {
    const { clock, breaker, events, open } = breakerOf()
    open()
    await clock.advance(50)
    breaker.onFailure(breaker.tryAcquire(), new SwarmError({ code: 'BULKHEAD_FULL', message: 'full' }))
    const hangs = breaker.tryAcquire()
    expect(hangs).toBeGreaterThan(0)
    await clock.advance(49)
    expect(breaker.tryAcquire()).toBe(0)
    await clock.advance(1)
    const next = breaker.tryAcquire()
    breaker.onFailure(hangs, error)
    expect(breaker.state).toBe('half-open')
    breaker.onSuccess(next)
    expect(breaker.state).toBe('closed')
    expect(events).toEqual(['opened', 'half-opened', 'closed'])
  })

  it.each(['ABORTED', 'BULKHEAD_FULL', 'CIRCUIT_OPEN', 'OUTBOUND_FULL', 'RATE_LIMITED'])(
    'does not count %s as a failure',
    (code) => {
      const { breaker, fail } = breakerOf()
      for (let call = 0; call < 10; call += 1) fail(new SwarmError({ code, message: code }))
      expect(breaker.state).toBe('closed')
      expect(breaker.counters).toMatchObject({ failed: 0, ignored: 10 })
    },
  )

  it('counts a slow success as a failure', () => {
    const { breaker } = breakerOf({ slowCallMs: 30 })
    for (let call = 0; call < 3; call += 1) breaker.onSuccess(breaker.tryAcquire(), 29)
    for (let call = 0; call < 3; call += 1) breaker.onSuccess(breaker.tryAcquire(), 30)
    expect(breaker.state).toBe('open')
    expect(breaker.counters).toMatchObject({ succeeded: 3, failed: 3, slow: 3 })
  })

  it('closes on reset, and forgets', async () => {
    const { clock, breaker, events, open, fail } = breakerOf()
    open()
    breaker.reset()
    fail()
    fail()
    fail()
    expect(breaker.state).toBe('closed')
    breaker.reset()
    fail()
    expect(breaker.state).toBe('closed')
    await clock.advance(100)
    expect(events).toEqual(['opened', 'closed'])
  })

  it('says how long to wait', async () => {
    const { clock, breaker, open } = breakerOf()
    open()
    await clock.advance(20)
    expect(breaker.refusal()).toMatchObject({
      code: 'CIRCUIT_OPEN',
      retryability: 'retryable',
      context: { retryAfterMs: 30 },
    })
  })

  it('tells what made it open', () => {
    const events: CircuitEvent[] = []
    const { open } = breakerOf({ onEvent: (event) => events.push(event) })
    open()
    expect(events).toEqual([{ type: 'opened', calls: 4, failures: 4, error }])
  })

  it.each([
    ['failureFraction', 0],
    ['failureFraction', 1.1],
    ['failureFraction', Number.NaN],
    ['minimumCalls', 0],
    ['windowMs', 0],
    ['windowBuckets', 1.5],
    ['openMs', 0],
    ['halfOpenTrials', 0],
    ['slowCallMs', 0],
    ['slowCallMs', Number.NaN],
  ])('refuses %s = %d', (option, value) => {
    expect(() => breakerOf({ [option]: value })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', context: { option, value } }),
    )
  })
})

type Call = { readonly pass: number; readonly era: number }

/** The same rules, written down naively: every outcome is kept with its bucket, and counted anew each time. */
class Model {
  state: CircuitState = 'closed'
  era = 0
  since = 0
  trials = { started: 0, succeeded: 0, lastAt: 0 }
  outcomes: { bucket: number; failed: boolean }[] = []

  constructor(readonly trialsWanted: number) {}

  admits(now: number): boolean {
    if (this.state === 'closed') return true
    const unanswered = this.trials.started >= this.trialsWanted && now - this.trials.lastAt >= small.openMs
    if (this.state === 'open' ? now - this.since >= small.openMs : unanswered) this.enter('half-open', now)
    if (this.state === 'open' || this.trials.started >= this.trialsWanted) return false
    this.trials = { ...this.trials, started: this.trials.started + 1, lastAt: now }
    return true
  }

  ends(call: Call, outcome: 'success' | 'failure' | 'ignored', now: number): void {
    if (call.era !== this.era) return
    if (outcome === 'ignored') {
      if (this.state === 'half-open') this.trials.started -= 1
    } else if (this.state === 'half-open') {
      if (outcome === 'failure') this.enter('open', now)
      else if (++this.trials.succeeded >= this.trialsWanted) this.enter('closed', now)
    } else {
      this.outcomes.push({ bucket: Math.floor(now / 10), failed: outcome === 'failure' })
      const recent = this.outcomes.filter(({ bucket }) => bucket > Math.floor(now / 10) - small.windowBuckets)
      const failures = recent.filter(({ failed }) => failed).length
      const isEnough = recent.length >= small.minimumCalls && failures / recent.length >= small.failureFraction
      if (outcome === 'failure' && isEnough) this.enter('open', now)
    }
  }

  enter(state: CircuitState, now: number): void {
    this.state = state
    this.era += 1
    this.since = now
    this.outcomes = []
    this.trials = { started: 0, succeeded: 0, lastAt: 0 }
  }
}

describe('circuit breaker against a naive model', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.constant({ do: 'call' as const }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('end' as const),
        which: fc.nat(5),
        outcome: fc.constantFrom('success' as const, 'failure' as const, 'failure' as const, 'ignored' as const),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 60 }) }) },
  )

  it('is in the same state and admits the same calls, whatever is called, ends and waits when', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 120, size: 'max' }),
        fc.integer({ min: 1, max: 3 }),
        (steps, halfOpenTrials) => {
          let now = 1_000
          const breaker = new CircuitBreaker({ clock: { now: () => now }, ...small, halfOpenTrials })
          const model = new Model(halfOpenTrials)
          const calls: Call[] = []
          for (const each of steps) {
            if (each.do === 'wait') now += each.ms
            if (each.do === 'call') {
              const admitted = model.admits(now)
              const pass = breaker.tryAcquire()
              expect(pass > 0).toBe(admitted)
              if (admitted) calls.push({ pass, era: model.era })
            }
            if (each.do === 'end') {
              const call = calls.splice(each.which % Math.max(1, calls.length), 1)[0]
              if (call === undefined) continue
              model.ends(call, each.outcome, now)
              if (each.outcome === 'success') breaker.onSuccess(call.pass)
              if (each.outcome === 'failure') breaker.onFailure(call.pass, error)
              if (each.outcome === 'ignored') breaker.onIgnored(call.pass)
            }
            const shown = model.state === 'open' && now - model.since >= small.openMs ? 'half-open' : model.state
            expect(breaker.state).toBe(shown)
            seen.add(shown)
          }
        },
      ),
      { numRuns: 500 },
    )
    expect([...seen].sort()).toEqual(['closed', 'half-open', 'open'])
  })
})
