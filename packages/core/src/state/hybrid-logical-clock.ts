import { SwarmError } from '../errors/swarm-error.js'
import type { Clock, EpochMs } from '../time/clock.js'

/** A moment that is later than all that its writer had seen: wall time, a count within it, and the node as the last tie-break. */
export type HybridStamp = {
  readonly wallMs: EpochMs
  readonly counter: number
  readonly node: string
}

/** What a {@link HybridLogicalClock} is made of. */
export type HybridLogicalClockOptions = {
  readonly clock: Clock
  /** Whose stamps they are: lower-case letters, digits and dashes. */
  readonly node: string
  /** The furthest that a witnessed stamp may lie ahead of the clock; default 60,000. */
  readonly maximumDriftMs?: number
}

/** Stamps that grow strictly, however the clock jumps, and stay as near to wall time as that allows. */
export type HybridLogicalClock = {
  next(): HybridStamp
  /** From now on stamps are later than this one of another node. Throws `CLOCK_DRIFT` when it lies too far ahead; then nothing has changed. */
  witness(stamp: HybridStamp): void
  /** The same for a stamp of our own from before a restart. It may lie ahead by any distance: the clock was set back since. */
  restore(stamp: HybridStamp): void
}

const defaultMaximumDriftMs = 60_000
// Wide enough for every safe integer, and for more stamps in a millisecond than a process can make.
const wallDigits = 16
const counterDigits = 5
const maximumCounter = 99_999
const nodePattern = /^[a-z0-9][a-z0-9-]*$/
const stampPattern = /^(\d{16})-(\d{5})-([a-z0-9][a-z0-9-]*)$/

/** A hybrid logical clock (Kulkarni and others, "Logical Physical Clocks", 2014) on an injected clock. Throws `INVALID_OPTION`. */
export function createHybridLogicalClock(options: HybridLogicalClockOptions): HybridLogicalClock {
  const { clock, node, maximumDriftMs = defaultMaximumDriftMs } = options
  if (!nodePattern.test(node))
    throw invalidOption('node', node, 'made of lower-case letters, digits and dashes, beginning with no dash')
  if (!Number.isSafeInteger(maximumDriftMs) || maximumDriftMs < 0)
    throw invalidOption('maximumDriftMs', maximumDriftMs, 'a whole number of milliseconds from 0 on')
  let wallMs = 0
  let counter = -1

  const restore = (stamp: HybridStamp): void => {
    if (stamp.wallMs < wallMs || (stamp.wallMs === wallMs && stamp.counter <= counter)) return
    wallMs = stamp.wallMs
    counter = stamp.counter
  }

  return {
    next() {
      const now = Math.floor(clock.now())
      if (now > wallMs) {
        wallMs = now
        counter = 0
      } else if (counter < maximumCounter) counter += 1
      else {
        wallMs += 1
        counter = 0
      }
      return { wallMs, counter, node }
    },
    witness(stamp) {
      const aheadMs = stamp.wallMs - clock.now()
      if (aheadMs > maximumDriftMs) {
        throw new SwarmError({
          code: 'CLOCK_DRIFT',
          message: `the stamp ${encodeStamp(stamp)} lies ${aheadMs} ms ahead of the clock, more than ${maximumDriftMs}: set the clock of ${stamp.node} or of ${node} right`,
          context: { stamp: encodeStamp(stamp), aheadMs, maximumDriftMs },
        })
      }
      restore(stamp)
    },
    restore,
  }
}

/** Negative, zero or positive, as the first stamp is earlier, the same or later. A total order: by wall time, count, node. */
export function compareStamps(a: HybridStamp, b: HybridStamp): number {
  if (a.wallMs !== b.wallMs) return a.wallMs - b.wallMs
  if (a.counter !== b.counter) return a.counter - b.counter
  return a.node < b.node ? -1 : a.node > b.node ? 1 : 0
}

/** A stamp as text. Texts sort as their stamps do. */
export function encodeStamp({ wallMs, counter, node }: HybridStamp): string {
  return `${String(wallMs).padStart(wallDigits, '0')}-${String(counter).padStart(counterDigits, '0')}-${node}`
}

/** True for a text that is a stamp. */
export function isStamp(text: string): boolean {
  return stampPattern.test(text) && Number.isSafeInteger(Number(text.slice(0, wallDigits)))
}

/** The stamp of a text that {@link encodeStamp} made. Throws `INVALID_STAMP`. */
export function parseStamp(text: string): HybridStamp {
  if (isStamp(text)) {
    const [, wall, count, node = ''] = stampPattern.exec(text) ?? []
    return { wallMs: Number(wall), counter: Number(count), node }
  }
  throw new SwarmError({
    code: 'INVALID_STAMP',
    message: `"${text}" is no stamp: it needs ${wallDigits} digits of milliseconds, ${counterDigits} of a count and a node, with dashes between`,
    context: { text },
  })
}

function invalidOption(option: string, value: unknown, range: string): SwarmError {
  return new SwarmError({
    code: 'INVALID_OPTION',
    message: `${option}: ${String(value)} is not ${range}`,
    context: { option, value },
  })
}
