import type { ClockAndTimers, EpochMs } from '../time/clock.js'
import { settle } from './system-settle.test-support.js'

export type FakeClock = ClockAndTimers & {
  /** Moves the time on, running what falls due in order of time, and lets all that follows from it happen. */
  advance(ms: number): Promise<void>
  /** Moves the time on at once, as a machine does that slept: what fell due meanwhile runs now. */
  jump(ms: number): Promise<void>
  /** How many timers are set. */
  pending(): number
}

/** Real time that a test drives by hand. */
export function createFakeClock(start: EpochMs = 0): FakeClock {
  let now = start
  let sequence = 0
  let timers: { time: EpochMs; sequence: number; callback: () => void | Promise<void> }[] = []

  const runDue = async (until: EpochMs, moves: boolean): Promise<void> => {
    await settle()
    for (;;) {
      const due = timers
        .filter((timer) => timer.time <= until)
        .sort((a, b) => a.time - b.time || a.sequence - b.sequence)[0]
      if (due === undefined) break
      timers = timers.filter((timer) => timer !== due)
      if (moves) now = Math.max(now, due.time)
      void due.callback()
      await settle()
    }
    now = until
  }

  return {
    now: () => now,
    at(time, callback) {
      const timer = { time, sequence: sequence++, callback }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    advance: (ms) => runDue(now + ms, true),
    jump(ms) {
      now += ms
      return runDue(now, false)
    },
    pending: () => timers.length,
  }
}

export type Gate = { readonly passed: Promise<void>; open(): void }

/** A promise that a test resolves by hand. */
export function createGate(): Gate {
  let open = (): void => undefined
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open: () => open() }
}
