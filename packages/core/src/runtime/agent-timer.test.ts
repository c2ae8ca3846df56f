import { describe, expect, it } from 'vitest'
import { createFakeClock, createGate } from '../testing-support/fake-clock.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { startAgentTimer } from './agent-timer.js'
import { createConcurrentDispatcher } from './concurrent-dispatcher.js'
import { Lane, maximumMailboxDepth } from './dispatcher.js'

function timed(run: () => Promise<void>) {
  const clock = createFakeClock(100)
  const dispatcher = createConcurrentDispatcher(clock)
  const cancel = startAgentTimer({ dispatcher, owner: 'a', intervalMs: 10, run })
  return { clock, dispatcher, cancel }
}

describe('an agent timer', () => {
  it('runs at each multiple of its interval until it is cancelled', async () => {
    const times: number[] = []
    const { clock, cancel } = timed(async () => void times.push(clock.now()))
    await clock.advance(35)
    cancel()
    await clock.advance(50)
    expect([times, clock.pending()]).toEqual([[110, 120, 130], 0])
  })

  it('skips what falls due while its last run works or waits', async () => {
    const gate = createGate()
    let runs = 0
    const { clock, dispatcher } = timed(async () => {
      runs += 1
      await gate.passed
    })
    await clock.advance(45)
    expect(runs).toBe(1)
    gate.open()
    await clock.advance(10)
    expect(runs).toBe(2)
    dispatcher.pause('a')
    await clock.advance(100)
    expect(dispatcher.depth('a')).toBe(1)
    dispatcher.resume('a')
    await settle()
    expect(runs).toBe(3)
  })

  it('runs once, and then on its multiples, after the machine slept through many', async () => {
    const times: number[] = []
    const { clock } = timed(async () => void times.push(clock.now()))
    await clock.jump(1_005)
    expect(times).toEqual([1_105])
    await clock.advance(10)
    expect(times).toEqual([1_105, 1_110])
  })

  it('skips a run when the mailbox is full, and drops one that waits when it is cancelled', async () => {
    let runs = 0
    const { clock, dispatcher, cancel } = timed(async () => {
      runs += 1
    })
    dispatcher.pause('a')
    for (let index = 0; index < maximumMailboxDepth; index += 1)
      dispatcher.enqueue({ owner: 'a', lane: new Lane(), priority: 'normal', run: async () => undefined })
    await clock.advance(10)
    expect(dispatcher.depth('a')).toBe(maximumMailboxDepth)
    dispatcher.discard('a')
    await clock.advance(10)
    expect(dispatcher.depth('a')).toBe(1)
    cancel()
    dispatcher.resume('a')
    await settle()
    expect(runs).toBe(0)
  })
})
