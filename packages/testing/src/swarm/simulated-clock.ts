import { type Cancel, type ClockAndTimers, type Duration, durationMs, type EpochMs, SwarmError } from '@tradeswarm/core'
import { settle } from './system-settle.js'

/** Real time that a test drives by hand: it stands still but for `advance` and `jump`. */
export type SimulatedClock = ClockAndTimers & {
  /** Moves the time on. Each timer fires at its own time, and all promises that follow from it settle before the next one. Throws `INVALID_DURATION`. */
  advance(duration: Duration): Promise<void>
  /** Moves the time on at once, as a machine does that slept: what fell due meanwhile fires now, late. Throws `INVALID_DURATION`. */
  jump(duration: Duration): Promise<void>
  /** How many timers are set. */
  pending(): number
}

/** 2026-01-01T00:00:00Z. */
const defaultStart: EpochMs = 1_767_225_600_000

type SimulatedTimer = { readonly time: EpochMs; readonly callback: () => void | Promise<void> }

/** A clock for tests, at 2026-01-01T00:00:00Z unless told otherwise. Runs wherever promises do, on Node and on workerd. Throws `INVALID_OPTION`. */
export function createSimulatedClock({ start = defaultStart }: { readonly start?: EpochMs } = {}): SimulatedClock {
  assertTime('start of a simulated clock', start)
  /** In order of time, then of setting. */
  const timers: SimulatedTimer[] = []
  let now = start
  let moving: Promise<void> = Promise.resolve()

  const runDue = async (until: EpochMs, each: (time: EpochMs) => void): Promise<void> => {
    await settle()
    for (let next = timers[0]; next !== undefined && next.time <= until; next = timers[0]) {
      timers.shift()
      each(next.time)
      void next.callback()
      await settle()
    }
    now = Math.max(now, until)
  }

  /** One after the other: a test that forgets an `await` still sees time go forwards only. */
  const inTurn = (move: () => Promise<void>): Promise<void> => {
    const moved = moving.then(move)
    moving = moved.catch(() => undefined)
    return moved
  }

  return {
    now: () => now,
    at(time, callback): Cancel {
      const timer: SimulatedTimer = { time: assertTime('the time of a timer', time), callback }
      timers.splice(placeOf(timers, time), 0, timer)
      return () => {
        const place = timers.indexOf(timer)
        if (place >= 0) timers.splice(place, 1)
      }
    },
    async advance(duration) {
      const ms = durationMs(duration)
      await inTurn(() =>
        runDue(now + ms, (time) => {
          now = Math.max(now, time)
        }),
      )
    },
    async jump(duration) {
      const ms = durationMs(duration)
      await inTurn(() => {
        now += ms
        return runDue(now, () => undefined)
      })
    },
    pending: () => timers.length,
  }
}

/** Behind all timers that are due at the same time or before. */
function placeOf(timers: readonly SimulatedTimer[], time: EpochMs): number {
  let low = 0
  let high = timers.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((timers[middle] as SimulatedTimer).time <= time) low = middle + 1
    else high = middle
  }
  return low
}

function assertTime(option: string, value: EpochMs): EpochMs {
  if (Number.isFinite(value)) return value
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `${option} is ${value}; it must be a finite number of milliseconds since 1970`,
    context: { option, value },
  })
}
