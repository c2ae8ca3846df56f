import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Priority } from '../time/clock.js'
import { Lane, maximumMailboxDepth } from './dispatcher.js'
import { createVirtualDispatcher } from './virtual-dispatcher.js'

const ranks: readonly Priority[] = ['critical', 'high', 'normal', 'low']

function task(owner: string, run: () => void, priority: Priority = 'normal') {
  return { owner, lane: new Lane(), priority, run: async () => run() }
}

describe('the virtual dispatcher', () => {
  it('runs whatever is due in order of time, priority and setting, whatever the order of setting', async () => {
    const timer = fc.record({ time: fc.integer({ min: 0, max: 5 }), priority: fc.constantFrom(...ranks) })
    await fc.assert(
      fc.asyncProperty(fc.array(timer, { maxLength: 40 }), async (timers) => {
        const dispatcher = createVirtualDispatcher({ start: 0 })
        const ran: number[] = []
        for (const [index, { time, priority }] of timers.entries())
          dispatcher.at(time, () => void ran.push(index), priority)
        while (await dispatcher.step());
        const expected = timers
          .map((_, index) => index)
          .sort((a, b) => {
            const [left, right] = [timers[a], timers[b]]
            if (left === undefined || right === undefined) throw new Error('out of range')
            return left.time - right.time || ranks.indexOf(left.priority) - ranks.indexOf(right.priority) || a - b
          })
        expect(ran).toEqual(expected)
      }),
    )
  })

  it('awaits each callback before the next, and what one sets for now runs in the same instant', async () => {
    const dispatcher = createVirtualDispatcher({ start: 0 })
    const ran: string[] = []
    dispatcher.onInstantEnd(async (time) => void ran.push(`end ${time}`))
    dispatcher.at(10, async () => {
      ran.push('first begins')
      dispatcher.at(5, () => void ran.push('set for the past'))
      await Promise.resolve()
      await Promise.resolve()
      ran.push('first ends')
    })
    dispatcher.at(10, () => void ran.push('second'))
    dispatcher.at(11, () => void ran.push('third'))
    expect(dispatcher.nextTime()).toBe(10)
    await dispatcher.step()
    expect(ran).toEqual(['first begins', 'first ends', 'second', 'set for the past', 'end 10'])
    expect(dispatcher.now()).toBe(10)
    expect([await dispatcher.step(), await dispatcher.step(), dispatcher.nextTime()]).toEqual([true, false, undefined])
  })

  it('forgets a timer that was cancelled', async () => {
    const dispatcher = createVirtualDispatcher({ start: 0 })
    dispatcher.at(10, () => expect.unreachable())()
    expect([dispatcher.nextTime(), await dispatcher.step(), dispatcher.now()]).toEqual([undefined, false, 0])
  })

  it('holds the tasks of a paused owner in their order, while others run', async () => {
    const dispatcher = createVirtualDispatcher({ start: 0 })
    const ran: string[] = []
    dispatcher.pause('a')
    for (const name of ['1', '2']) dispatcher.enqueue(task('a', () => void ran.push(`a${name}`)))
    dispatcher.enqueue(task('b', () => void ran.push('b')))
    await dispatcher.step()
    expect([ran, dispatcher.depth('a'), dispatcher.depth('b')]).toEqual([['b'], 2, 0])
    dispatcher.enqueue(task('a', () => void ran.push('a3')))
    dispatcher.enqueue({ ...task('a', () => void ran.push('a0')), again: true })
    dispatcher.resume('a')
    await dispatcher.idle()
    expect([ran, dispatcher.depth('a')]).toEqual([['b', 'a0', 'a1', 'a2', 'a3'], 0])
  })

  it('drops what waits for a discarded owner, held or not', async () => {
    const dispatcher = createVirtualDispatcher({ start: 0 })
    const ran: string[] = []
    dispatcher.pause('a')
    dispatcher.enqueue(task('a', () => void ran.push('held')))
    await dispatcher.step()
    dispatcher.enqueue(task('a', () => void ran.push('queued')))
    dispatcher.enqueue(task('b', () => void ran.push('b')))
    dispatcher.discard('a')
    dispatcher.resume('a')
    await dispatcher.idle()
    expect([ran, dispatcher.depth('a')]).toEqual([['b'], 0])
  })

  it('I37 refuses more than the maximum of waiting tasks, but never one that was begun', () => {
    const dispatcher = createVirtualDispatcher({ start: 0 })
    for (let index = 0; index < maximumMailboxDepth; index += 1) dispatcher.enqueue(task('a', () => undefined))
    expect(() => dispatcher.enqueue(task('a', () => undefined))).toThrow(
      expect.objectContaining({ code: 'MAILBOX_FULL', retryability: 'retryable' }),
    )
    dispatcher.enqueue({ ...task('a', () => undefined), again: true })
    dispatcher.enqueue(task('b', () => undefined))
    expect([dispatcher.depth('a'), dispatcher.depth('b')]).toEqual([maximumMailboxDepth + 1, 1])
  })

  it('refuses times that are no time, and a step within a step', async () => {
    const dispatcher = createVirtualDispatcher({ start: 0 })
    for (const time of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => dispatcher.at(time, () => undefined)).toThrow(expect.objectContaining({ code: 'INVALID_TIME' }))
    dispatcher.at(1, () => expect(dispatcher.step()).rejects.toMatchObject({ code: 'STEP_RUNNING' }))
    await dispatcher.step()
    expect.assertions(3)
  })

  it('ends an instant in which messages cause each other without end', async () => {
    const dispatcher = createVirtualDispatcher({ start: 0 })
    const again = (): void => dispatcher.enqueue(task('echo', again))
    again()
    await expect(dispatcher.step()).rejects.toMatchObject({
      code: 'ENDLESS_INSTANT',
      message: expect.stringContaining('echo'),
    })
  })
})
