import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFakeClock, createGate, type Gate } from '../testing-support/fake-clock.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import type { Priority } from '../time/clock.js'
import { createConcurrentDispatcher } from './concurrent-dispatcher.js'
import { type DispatchTask, Lane, maximumMailboxDepth, maximumParallelTasks } from './dispatcher.js'

function started() {
  const dispatcher = createConcurrentDispatcher(createFakeClock())
  const begun: string[] = []
  const ended: string[] = []
  const gates = new Map<string, Gate>()
  const lanes = new Map<string, Lane>()
  const enqueue = (
    name: string,
    key: string,
    options: { owner?: string; priority?: Priority; again?: boolean } = {},
  ): DispatchTask => {
    const gate = createGate()
    gates.set(name, gate)
    const run = async (): Promise<void> => {
      begun.push(name)
      await gate.passed
      ended.push(name)
    }
    const place = `${options.owner ?? 'a'} ${key}`
    const lane = lanes.get(place) ?? new Lane()
    lanes.set(place, lane)
    const task = { owner: 'a', lane, priority: 'normal', run, ...options } as const
    dispatcher.enqueue(task)
    return task
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
    expect([begun.length, begun[0], dispatcher.depth('a')]).toEqual([maximumParallelTasks + 1, 'halt', 2])
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
    const lane = new Lane()
    const enqueue = (): void => dispatcher.enqueue({ owner: 'a', lane, priority: 'normal', run })
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

  it('drops what waits for a discarded owner, and gives it back in order', async () => {
    const { dispatcher, enqueue, finish, begun } = started()
    const [, second] = ['x1', 'x2'].map((name) => enqueue(name, 'x'))
    await settle()
    const third = enqueue('y1', 'y')
    const fourth = enqueue('y2', 'y')
    expect(dispatcher.discard('a')).toEqual([third, fourth, second])
    await finish('x1')
    expect([begun, dispatcher.depth('a')]).toEqual([['x1'], 0])
    await dispatcher.idle()
    enqueue('x3', 'x')
    enqueue('y3', 'y')
    await settle()
    expect(begun).toEqual(['x1', 'x3', 'y3'])
  })

  it('forgets a task that was dropped, whether it is the first of its lane or waits behind another', async () => {
    const { dispatcher, enqueue, begun } = started()
    dispatcher.pause('a')
    const [first, second] = ['x1', 'x2', 'x3'].map((name) => enqueue(name, 'x'))
    enqueue('y1', 'y')
    if (first !== undefined) dispatcher.drop(first)
    if (second !== undefined) dispatcher.drop(second)
    expect(dispatcher.depth('a')).toBe(2)
    dispatcher.resume('a')
    await settle()
    expect([begun.toSorted(), dispatcher.depth('a')]).toEqual([['x3', 'y1'], 0])
  })

  it('lets timers have their turn under load', async () => {
    const turns: (() => void)[] = []
    const dispatcher = createConcurrentDispatcher({
      ...createFakeClock(),
      soon: (callback) => void turns.push(callback),
    })
    const ran: number[] = []
    for (let index = 0; index < 1_000; index += 1)
      dispatcher.enqueue({ owner: 'a', lane: new Lane(), priority: 'normal', run: () => void ran.push(index) })
    await settle()
    expect([ran.length, turns.length]).toEqual([256, 1])
    for (let turn = turns.shift(); turn !== undefined; turn = turns.shift()) turn()
    expect([ran.length, dispatcher.depth('a')]).toEqual([1_000, 0])
  })

  it.each([2, 3_000])(
    'lets the platform take its turn while %i owners set off one another without end',
    async (owners) => {
      const turns: (() => void)[] = []
      const dispatcher = createConcurrentDispatcher({
        ...createFakeClock(),
        soon: (callback) => void turns.push(callback),
      })
      const lanes = Array.from({ length: owners }, () => new Lane())
      const ran = lanes.map(() => 0)
      let total = 0
      const pass = (to: number): void => {
        total += 1
        ran[to] = (ran[to] ?? 0) + 1
        // Bounded, so that this fails and does not hang.
        if (total < 20_000) enqueue((to + 1) % owners)
      }
      const enqueue = (to: number): void =>
        dispatcher.enqueue({
          owner: `o${to}`,
          lane: lanes[to] as Lane,
          priority: 'normal',
          run: () => pass(to),
        })
      enqueue(0)
      await settle()
      expect([total, turns.length]).toEqual([4_096, 1])
      turns.shift()?.()
      await settle()
      expect([total, turns.length]).toEqual([8_192, 1])
      while (turns.length > 0) {
        turns.shift()?.()
        await settle()
      }
      expect([total, Math.max(...ran) - Math.min(...ran)]).toEqual([20_000, owners === 2 ? 0 : 1])
    },
  )

  it('does so sooner where their tasks take long', async () => {
    const turns: (() => void)[] = []
    let elapsed = 0
    const dispatcher = createConcurrentDispatcher({
      ...createFakeClock(),
      elapsed: () => elapsed,
      soon: (callback) => void turns.push(callback),
    })
    const lanes = [new Lane(), new Lane()] as const
    let total = 0
    const enqueue = (to: 0 | 1): void =>
      dispatcher.enqueue({
        owner: `o${to}`,
        lane: lanes[to],
        priority: 'normal',
        run: () => {
          total += 1
          elapsed += 0.015
          if (total < 5_000) enqueue(to === 0 ? 1 : 0)
        },
      })
    enqueue(0)
    await settle()
    expect([total, turns.length]).toEqual([512, 1])
    turns.shift()?.()
    await settle()
    expect([total, turns.length]).toEqual([1_024, 1])
  })

  it('serves all who have much to do by turns', async () => {
    const turns: (() => void)[] = []
    const dispatcher = createConcurrentDispatcher({
      ...createFakeClock(),
      soon: (callback) => void turns.push(callback),
    })
    const order: string[] = []
    for (const owner of ['a', 'b', 'c']) {
      const lane = new Lane()
      for (let n = 0; n < 600; n += 1)
        dispatcher.enqueue({ owner, lane, priority: 'normal', run: () => void order.push(owner) })
    }
    await settle()
    while (turns.length > 0) {
      turns.shift()?.()
      await settle()
    }
    expect(order).toHaveLength(1_800)
    const firsts = order.filter((owner, index) => owner !== order[index - 1])
    expect(firsts.slice(0, 6)).toEqual(['a', 'b', 'c', 'a', 'b', 'c'])
  })
})
