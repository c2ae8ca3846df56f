import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../testing-support/fake-clock.test-support.js'
import { createTimerDeadlines } from './timer-deadlines.js'

describe('deadlines with a timer each', () => {
  it('fall due at their time, by function or by target', async () => {
    const clock = createFakeClock()
    const deadlines = createTimerDeadlines(clock)
    const due: string[] = []
    deadlines.set(100, () => due.push('function'))
    deadlines.set(200, { expire: () => due.push('target') })
    await clock.advance(100)
    expect(due).toEqual(['function'])
    await clock.advance(100)
    expect(due).toEqual(['function', 'target'])
    expect(clock.pending()).toBe(0)
  })

  it('leave no timer behind when they are cleared, or all are closed', () => {
    const clock = createFakeClock()
    const deadlines = createTimerDeadlines(clock)
    const first = deadlines.set(100, () => undefined)
    deadlines.set(200, () => undefined)
    expect(clock.pending()).toBe(2)
    first.clear()
    expect(clock.pending()).toBe(1)
    deadlines.close()
    expect(clock.pending()).toBe(0)
  })
})
