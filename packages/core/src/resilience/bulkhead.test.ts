import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCountedSignal } from '../testing-support/counted-signal.test-support.js'
import { createFakeClock, createGate, type Gate } from '../testing-support/fake-clock.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Bulkhead, type BulkheadEvent } from './bulkhead.js'
import { createBulkhead } from './bulkhead-policy.js'

describe('bulkhead', () => {
  it('lets in as many as it may, the others in order of arrival, and refuses the rest', async () => {
    const events: BulkheadEvent[] = []
    const clock = createFakeClock()
    const bulkhead = createBulkhead({
      clock,
      concurrency: 1,
      maximumWaiting: 2,
      onEvent: (event) => events.push(event),
    })
    const began: number[] = []
    const gates = [createGate(), createGate(), createGate()]
    const answers = gates.map((gate, index) =>
      bulkhead.execute(async () => {
        began.push(index)
        await gate.passed
        return index
      }),
    )
    await expect(bulkhead.execute(() => 3)).rejects.toMatchObject({
      code: 'BULKHEAD_FULL',
      retryability: 'retryable',
      context: { concurrency: 1, running: 1, waiting: 2 },
    })
    expect(events).toEqual([{ type: 'refused', running: 1, waiting: 2 }])
    expect(began).toEqual([0])
    gates[0]?.open()
    await settle()
    expect([began, bulkhead.running, bulkhead.waiting]).toEqual([[0, 1], 1, 1])
    for (const gate of gates) gate.open()
    expect(await Promise.all(answers)).toEqual([0, 1, 2])
    expect([bulkhead.running, bulkhead.waiting]).toEqual([0, 0])
    expect(bulkhead.counters).toEqual({ entered: 3, refused: 1 })
  })

  it('is left by whoever fails, at once or later', async () => {
    const bulkhead = createBulkhead({ clock: createFakeClock(), concurrency: 1 })
    const throws = (): never => {
      throw new Error('at once')
    }
    await expect(bulkhead.execute(throws)).rejects.toThrow('at once')
    await expect(bulkhead.execute(() => Promise.reject(new Error('later')))).rejects.toThrow('later')
    expect(await bulkhead.execute(() => 'in')).toBe('in')
    expect(bulkhead.running).toBe(0)
  })

  it('lets whoever is aborted out of its queue, and never calls it', async () => {
    const clock = createFakeClock()
    const bulkhead = createBulkhead({ clock, concurrency: 1, maximumWaiting: 2 })
    const counted = createCountedSignal()
    const gate = createGate()
    const first = bulkhead.execute(() => gate.passed)
    let called = false
    const call = (): void => {
      called = true
    }
    const aborted = bulkhead.execute(call, counted.signal)
    const last = bulkhead.execute(() => 'last')
    expect(counted.listening()).toBe(1)
    counted.abort('enough')
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' })
    expect([bulkhead.waiting, counted.listening()]).toEqual([1, 0])
    gate.open()
    await first
    expect(await last).toBe('last')
    expect([called, bulkhead.running]).toEqual([false, 0])
  })

  it('gives its place back when aborted between being let in and being called', async () => {
    const bulkhead = createBulkhead({ clock: createFakeClock(), concurrency: 1, maximumWaiting: 1 })
    const controller = new AbortController()
    const gate = createGate()
    let called = false
    const first = bulkhead.execute(() => gate.passed)
    const second = bulkhead.execute(() => {
      called = true
    }, controller.signal)
    // The bulkhead hears of the gate first: it has let the second in by then, but not called it.
    const abort = gate.passed.then(() => controller.abort())
    gate.open()
    await expect(second).rejects.toMatchObject({ code: 'ABORTED' })
    await Promise.all([first, abort])
    expect([called, bulkhead.running, bulkhead.counters.entered]).toEqual([false, 0, 2])
  })

  it('refuses whoever has waited too long', async () => {
    const clock = createFakeClock()
    const bulkhead = createBulkhead({ clock, concurrency: 1, maximumWaiting: 1, maximumWaitMs: 100 })
    const gate = createGate()
    const first = bulkhead.execute(() => gate.passed)
    let error: unknown
    bulkhead
      .execute(() => undefined)
      .catch((thrown: unknown) => {
        error = thrown
      })
    await clock.advance(99)
    expect(error).toBeUndefined()
    await clock.advance(1)
    expect(error).toMatchObject({ code: 'BULKHEAD_FULL', message: expect.stringContaining('waited 100 ms') })
    gate.open()
    await first
    expect([bulkhead.running, bulkhead.waiting]).toEqual([0, 0])
  })

  it('refuses to be left by more than have entered', () => {
    const bulkhead = new Bulkhead({ clock: createFakeClock(), concurrency: 1 })
    expect(bulkhead.tryEnter()).toBe(true)
    bulkhead.leave()
    expect(() => bulkhead.leave()).toThrow(expect.objectContaining({ code: 'BULKHEAD_NOT_ENTERED' }))
  })

  it('never runs more than it may, leaves no place empty while somebody waits, and keeps the order of arrival', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.constant('call' as const) },
      { weight: 3, arbitrary: fc.record({ finish: fc.nat(9) }) },
      { weight: 2, arbitrary: fc.record({ abort: fc.nat(30) }) },
      { weight: 1, arbitrary: fc.constant('settle' as const) },
      { weight: 1, arbitrary: fc.record({ wait: fc.integer({ min: 1, max: 60 }) }) },
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60, size: 'max' }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 5 }),
        async (steps, concurrency, maximumWaiting) => {
          const clock = createFakeClock()
          const bulkhead = createBulkhead({ clock, concurrency, maximumWaiting, maximumWaitMs: 50 })
          const running: Gate[] = []
          const aborts: AbortController[] = []
          const began: number[] = []
          let ended = 0
          const call = (): void => {
            const index = aborts.length
            const controller = new AbortController()
            aborts.push(controller)
            const work = async (): Promise<void> => {
              began.push(index)
              const gate = createGate()
              running.push(gate)
              expect(running.length).toBeLessThanOrEqual(concurrency)
              await gate.passed
            }
            const end = (): void => {
              ended += 1
            }
            bulkhead.execute(work, controller.signal).then(end, end)
          }
          for (const each of steps) {
            if (each === 'call') call()
            else if (each === 'settle') await settle()
            else if ('wait' in each) await clock.advance(each.wait)
            else if ('abort' in each) aborts[each.abort]?.abort()
            else running.splice(each.finish % Math.max(1, running.length), 1)[0]?.open()
            expect(bulkhead.running).toBeLessThanOrEqual(concurrency)
            expect(bulkhead.waiting).toBeLessThanOrEqual(maximumWaiting)
            if (bulkhead.waiting > 0) expect(bulkhead.running).toBe(concurrency)
          }
          for (;;) {
            await settle()
            const gate = running.shift()
            if (gate === undefined) break
            gate.open()
          }
          expect(began).toEqual(began.toSorted((a, b) => a - b))
          expect([bulkhead.running, bulkhead.waiting, ended]).toEqual([0, 0, aborts.length])
        },
      ),
      { numRuns: 200 },
    )
  })

  it.each([
    ['concurrency', 0],
    ['concurrency', Number.POSITIVE_INFINITY],
    ['maximumWaiting', -1],
    ['maximumWaitMs', 0],
  ])('refuses %s = %d', (option, value) => {
    expect(() => createBulkhead({ clock: createFakeClock(), concurrency: 1, [option]: value })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', context: { option, value } }),
    )
  })
})
