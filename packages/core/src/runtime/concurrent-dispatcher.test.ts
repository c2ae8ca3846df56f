import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFakeClock, createGate, type Gate } from '../testing-support/fake-clock.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import type { Priority } from '../time/clock.js'
import { createConcurrentDispatcher } from './concurrent-dispatcher.js'
import { maximumMailboxDepth, maximumParallelTasks } from './dispatcher.js'

function started() {
  const dispatcher = createConcurrentDispatcher(createFakeClock())
  const begun: string[] = []
  const ended: string[] = []
  const gates = new Map<string, Gate>()
  const enqueue = (
    name: string,
    key: string,
    options: { owner?: string; priority?: Priority; again?: boolean } = {},
  ): void => {
    const gate = createGate()
    gates.set(name, gate)
    const run = async (): Promise<void> => {
      begun.push(name)
      await gate.passed
      ended.push(name)
    }
    dispatcher.enqueue({ owner: 'a', key, priority: 'normal', run, ...options })
  }
  const finish = async (name: string): Promise<void> => {
    gates.get(name)?.open()
    await settle()
  }
  return { dispatcher, enqueue, finish, begun, ended }
}

describe('the concurrent dispatcher', () => {
  it('runs one key in order and other keys at the same time', async () => {
    const { enqueue, finish, begun } = started()
    for (const name of ['x1', 'x2', 'y1']) enqueue(name, name.slice(0, 1))
    await settle()
    expect(begun).toEqual(['x1', 'y1'])
    await finish('x1')
    expect(begun).toEqual(['x1', 'y1', 'x2'])
  })

  it('keeps the order of each key for any mix of keys and any order of finishing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 60 }),
        fc.infiniteStream(fc.nat()),
        async (keys, choices) => {
          const { dispatcher, enqueue, finish, begun, ended } = started()
          const choose = choices[Symbol.iterator]()
          for (const [index, key] of keys.entries()) enqueue(`${key}:${index}`, String(key))
          await settle()
          while (ended.length < keys.length) {
            const running = begun.filter((name) => !ended.includes(name))
            expect(new Set(running.map((name) => name.split(':')[0])).size).toBe(running.length)
            await finish(running[Number(choose.next().value) % running.length] ?? '')
          }
          for (const key of new Set(keys)) {
            const indexes = begun.filter((name) => name.startsWith(`${key}:`)).map((name) => Number(name.split(':')[1]))
            expect(indexes).toEqual([...indexes].sort((a, b) => a - b))
          }
          expect([dispatcher.depth('a'), begun.length]).toEqual([0, keys.length])
        },
      ),
      { numRuns: 40 },
    )
  })

  it('starts what waits in order of priority, and what must be done again before its equals', async () => {
    const { dispatcher, enqueue, begun } = started()
    dispatcher.pause('a')
    enqueue('low', '1', { priority: 'low' })
    enqueue('normal', '2')
    enqueue('critical', '3', { priority: 'critical' })
    enqueue('high', '4', { priority: 'high' })
    enqueue('again', '5', { again: true })
    await settle()
    expect([begun, dispatcher.depth('a')]).toEqual([[], 5])
    dispatcher.resume('a')
    await settle()
    expect(begun).toEqual(['critical', 'high', 'again', 'normal', 'low'])
  })

  it('I37 runs no more than the maximum side by side, and lets critical tasks overtake', async () => {
    const { dispatcher, enqueue, finish, begun } = started()
    for (let index = 0; index < maximumParallelTasks + 2; index += 1) enqueue(`n${index}`, `k${index}`)
    enqueue('halt', 'kill', { priority: 'critical' })
    await settle()
    expect([begun.length, begun.at(-1), dispatcher.depth('a')]).toEqual([maximumParallelTasks + 1, 'halt', 2])
    await finish('halt')
    expect(begun.length).toBe(maximumParallelTasks + 1)
    await finish('n5')
    expect(begun.at(-1)).toBe(`n${maximumParallelTasks}`)
  })

  it('I37 refuses more than the maximum of waiting tasks, and works through them in linear time', async () => {
    const { dispatcher } = started()
    let ran = 0
    const run = async (): Promise<void> => {
      ran += 1
    }
    const enqueue = (): void => dispatcher.enqueue({ owner: 'a', key: 'same', priority: 'normal', run })
    dispatcher.pause('a')
    for (let index = 0; index < maximumMailboxDepth; index += 1) enqueue()
    expect(enqueue).toThrow(expect.objectContaining({ code: 'MAILBOX_FULL' }))
    dispatcher.resume('a')
    await dispatcher.idle('a')
    expect([ran, dispatcher.depth('a')]).toEqual([maximumMailboxDepth, 0])
  })

  it('is idle when what can run has run: of one owner, or of all', async () => {
    const { dispatcher, enqueue, finish } = started()
    enqueue('a', 'x')
    enqueue('b', 'x', { owner: 'b' })
    enqueue('c', 'x', { owner: 'c' })
    dispatcher.pause('c')
    const told: string[] = []
    void dispatcher.idle('a').then(() => told.push('a'))
    void dispatcher.idle().then(() => told.push('all'))
    await dispatcher.idle('nobody')
    await settle()
    expect(told).toEqual([])
    await finish('a')
    expect(told).toEqual(['a'])
    await finish('b')
    await finish('c')
    expect(told).toEqual(['a', 'all'])
  })

  it('drops what waits for a discarded owner', async () => {
    const { dispatcher, enqueue, finish, begun } = started()
    for (const name of ['x1', 'x2']) enqueue(name, 'x')
    await settle()
    dispatcher.discard('a')
    await finish('x1')
    expect([begun, dispatcher.depth('a')]).toEqual([['x1'], 0])
    await dispatcher.idle()
  })
})
