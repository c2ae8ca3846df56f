import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { HandlerRun } from './handler-run.js'
import { WaitingRuns } from './waiting-runs.js'

it('holds what a set would hold, in its order, and leaves no links behind', () => {
  const acts = fc.array(fc.tuple(fc.constantFrom('add', 'add', 'remove'), fc.nat(5)), { maxLength: 40 })
  fc.assert(
    fc.property(acts, (steps) => {
      const runs = Array.from({ length: 6 }, () => ({ isWaiting: false }) as HandlerRun)
      const waiting = new WaitingRuns()
      const set = new Set<HandlerRun>()
      for (const [act, index] of steps) {
        const run = runs[index] as HandlerRun
        if (act === 'add') set.add(run)
        else set.delete(run)
        waiting[act](run)
        expect(waiting.all()).toEqual([...set])
        expect(waiting.size).toBe(set.size)
      }
      for (const run of runs) waiting.remove(run)
      expect(waiting.all()).toEqual([])
      for (const run of runs) expect([run.previousWaiting, run.nextWaiting]).toEqual([undefined, undefined])
    }),
  )
})
