import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../testing-support/fake-clock.test-support.js'
import { createDeadlines } from './deadlines.js'

describe('deadlines', () => {
  it('call back at their time, in order, unless cleared', async () => {
    const clock = createFakeClock()
    const deadlines = createDeadlines(clock)
    const due: string[] = []
    deadlines.set(10, () => due.push(`a ${clock.now()}`))
    const cleared = deadlines.set(10, () => due.push('never'))
    deadlines.set(5, () => due.push(`b ${clock.now()}`))
    await clock.advance(3)
    deadlines.set(10, () => due.push(`c ${clock.now()}`))
    cleared.clear()
    cleared.clear()
    await clock.advance(20)
    expect(due).toEqual(['b 5', 'a 10', 'c 13'])
  })

  it('share a timer for each duration, which is kept while deadlines come and go', async () => {
    const clock = createFakeClock()
    const deadlines = createDeadlines(clock)
    for (let round = 0; round < 100; round += 1) deadlines.set(50, () => undefined).clear()
    expect(clock.pending()).toBe(1)
    await clock.advance(50)
    expect(clock.pending()).toBe(0)
  })

  it('are not late because one that fell due before set another', async () => {
    const clock = createFakeClock()
    const deadlines = createDeadlines(clock)
    const due: number[] = []
    const note = (): void => void due.push(clock.now())
    deadlines.set(100, () => {
      note()
      deadlines.set(100, note)
    })
    await clock.advance(10)
    deadlines.set(100, note)
    await clock.advance(300)
    expect([due, clock.pending()]).toEqual([[100, 110, 200], 0])
  })

  it('may set another from within one', async () => {
    const clock = createFakeClock()
    const deadlines = createDeadlines(clock)
    const due: number[] = []
    const again = (): void => {
      due.push(clock.now())
      if (due.length < 3) deadlines.set(10, again)
    }
    deadlines.set(10, again)
    await clock.advance(100)
    expect(due).toEqual([10, 20, 30])
  })

  it('keep those that wait when one of them sets another', async () => {
    const clock = createFakeClock()
    const deadlines = createDeadlines(clock)
    const due: string[] = []
    deadlines.set(10, () => {
      due.push(`a ${clock.now()}`)
      deadlines.set(10, () => due.push(`c ${clock.now()}`))
    })
    await clock.advance(4)
    deadlines.set(10, () => due.push(`b ${clock.now()}`))
    await clock.advance(100)
    expect(due).toEqual(['a 10', 'b 14', 'c 20'])
  })

  it('leave nothing behind when closed', async () => {
    const clock = createFakeClock()
    const deadlines = createDeadlines(clock)
    let called = 0
    deadlines.set(10, () => called++)
    deadlines.close()
    deadlines.set(10, () => called++).clear()
    await clock.advance(100)
    expect([called, clock.pending()]).toEqual([0, 0])
  })

  it('forget durations that nobody uses any more', async () => {
    const clock = createFakeClock()
    const deadlines = createDeadlines(clock)
    for (let afterMs = 1; afterMs <= 1_000; afterMs += 1) deadlines.set(afterMs * 1_000, () => undefined).clear()
    expect(clock.pending()).toBeLessThan(100)
    deadlines.close()
    expect(clock.pending()).toBe(0)
  })

  it.each([-300_000, 300_000])(
    'fall due after as long as ever when the clock is set by %i ms meanwhile',
    async (step) => {
      const real = createFakeClock(1_000_000)
      let skew = 0
      // As on a machine: what was set waits for so long, whatever the clock is set to.
      const deadlines = createDeadlines({
        now: () => real.now() + skew,
        elapsed: () => real.now() - 1_000_000 + 0.25,
        at: (time, callback) => real.at(time - skew, callback),
      })
      const due: string[] = []
      const note = (name: string) => (): void => void due.push(`${name} ${real.now() - 1_000_000}`)
      deadlines.set(100, note('a'))
      await real.advance(40)
      deadlines.set(100, note('b'))
      skew = step
      await real.advance(20)
      deadlines.set(100, note('c'))
      await real.advance(500)
      expect([due, real.pending()]).toEqual([['a 100', 'b 140', 'c 160'], 0])
    },
  )

  it('fall due exactly like timers of the clock, whatever is set and cleared when', async () => {
    const step = fc.record({
      waitMs: fc.integer({ min: 0, max: 7 }),
      afterMs: fc.integer({ min: 0, max: 12 }),
      clear: fc.option(fc.nat(20), { nil: undefined }),
      again: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const clock = createFakeClock()
        const deadlines = createDeadlines(clock)
        const due: string[] = []
        const expected: string[] = []
        const set: (() => void)[] = []
        for (const [index, { waitMs, afterMs, clear, again }] of steps.entries()) {
          await clock.advance(waitMs)
          const deadline = deadlines.set(afterMs, () => {
            due.push(`${index} ${clock.now()}`)
            if (again) deadlines.set(afterMs, () => due.push(`${index} again ${clock.now()}`))
          })
          const cancel = clock.at(clock.now() + afterMs, () => {
            expected.push(`${index} ${clock.now()}`)
            if (again) clock.at(clock.now() + afterMs, () => void expected.push(`${index} again ${clock.now()}`))
          })
          set.push(() => {
            deadline.clear()
            cancel()
          })
          if (clear !== undefined) set[clear]?.()
        }
        await clock.advance(100)
        expect(due.toSorted()).toEqual(expected.toSorted())
      }),
      { numRuns: 200 },
    )
  })
})
