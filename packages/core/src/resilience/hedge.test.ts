import { describe, expect, it } from 'vitest'
import { SwarmError } from '../errors/swarm-error.js'
import { createCountedSignal } from '../testing-support/counted-signal.test-support.js'
import { createFakeClock } from '../testing-support/fake-clock.test-support.js'
import { createHedge, type HedgeEvent, type HedgeOptions } from './hedge.js'

type Attempt = {
  readonly signal: AbortSignal
  readonly resolve: (value: string) => void
  readonly reject: (error: unknown) => void
}

function hedged(options: Partial<HedgeOptions> = {}) {
  const clock = createFakeClock()
  const events: HedgeEvent[] = []
  const attempts: Attempt[] = []
  const hedge = createHedge({ clock, delayMs: 100, onEvent: (event) => events.push(event), ...options })
  const call = (signal?: AbortSignal): Promise<string> => {
    const answer = hedge.execute<string>(
      (context) => new Promise((resolve, reject) => attempts.push({ signal: context.signal, resolve, reject })),
      signal,
    )
    answer.catch(() => undefined)
    return answer
  }
  return { clock, events, attempts, hedge, call }
}

const aborted = (attempts: readonly Attempt[]): readonly boolean[] => attempts.map(({ signal }) => signal.aborted)

describe('hedge', () => {
  it('makes no second attempt when the first answers in time', async () => {
    const { clock, events, attempts, hedge, call } = hedged()
    const answer = call()
    await clock.advance(99)
    attempts[0]?.resolve('first')
    expect(await answer).toBe('first')
    expect(await hedge.execute(() => 'at once')).toBe('at once')
    await clock.advance(1_000)
    expect([attempts.length, events]).toEqual([1, []])
  })

  it.each([
    ['the first', 0, [false, true]],
    ['the second', 1, [true, false]],
  ])('answers with whichever attempt succeeds first, %s, and aborts the other', async (_, winner, abortedThen) => {
    const { clock, events, attempts, call } = hedged()
    const answer = call()
    await clock.advance(100)
    expect(attempts.length).toBe(2)
    attempts[winner]?.resolve('won')
    expect(await answer).toBe('won')
    expect(aborted(attempts)).toEqual(abortedThen)
    attempts[1 - winner]?.reject(new Error('a loser that nobody hears'))
    expect(events).toEqual([
      { type: 'hedged', attempt: 2 },
      { type: 'won', attempt: winner + 1 },
    ])
  })

  it('makes as many attempts as it may, one delay after the other', async () => {
    const { clock, attempts, call } = hedged({ maximumAttempts: 3 })
    const answer = call()
    await clock.advance(199)
    expect(attempts.length).toBe(2)
    await clock.advance(1_000)
    expect(attempts.length).toBe(3)
    attempts[2]?.resolve('third')
    expect(await answer).toBe('third')
    expect(aborted(attempts)).toEqual([true, true, false])
  })

  it('waits for the other when one attempt fails, and fails with the last error', async () => {
    const { clock, attempts, call } = hedged()
    const answer = call()
    await clock.advance(100)
    attempts[0]?.reject(new Error('first'))
    await clock.advance(1)
    attempts[1]?.reject(new Error('second'))
    await expect(answer).rejects.toThrow('second')
  })

  it('fails at once when its only attempt does, at once or later: trying again is for a retry', async () => {
    const { clock, attempts, hedge, call } = hedged()
    const answer = call()
    attempts[0]?.reject(new Error('first'))
    await expect(answer).rejects.toThrow('first')
    const throws = (): never => {
      throw new Error('at once')
    }
    await expect(hedge.execute(throws)).rejects.toThrow('at once')
    await clock.advance(1_000)
    expect(attempts.length).toBe(1)
  })

  it('fails with the error of unknown outcome, whatever came after it', async () => {
    const { clock, attempts, call } = hedged()
    const unknown = new SwarmError({ code: 'TIMED_OUT', message: '?', retryability: 'unknown-outcome' })
    const answer = call()
    await clock.advance(100)
    attempts[0]?.reject(unknown)
    await clock.advance(1)
    attempts[1]?.reject(new Error('second'))
    await expect(answer).rejects.toBe(unknown)
  })

  it('hands an abort of the caller on to all attempts, makes no more, and stops listening', async () => {
    const { clock, attempts, call } = hedged({ maximumAttempts: 3 })
    const counted = createCountedSignal()
    const answer = call(counted.signal)
    await clock.advance(100)
    expect(counted.listening()).toBe(2)
    counted.abort('enough')
    expect(aborted(attempts)).toEqual([true, true])
    await clock.advance(1_000)
    expect([attempts.length, counted.listening()]).toEqual([2, 0])
    for (const { reject, signal } of attempts) reject(signal.reason)
    await expect(answer).rejects.toBe('enough')
  })

  it.each([
    ['delayMs', 0],
    ['maximumAttempts', 1],
  ])('refuses %s = %d', (option, value) => {
    expect(() => hedged({ [option]: value })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})
