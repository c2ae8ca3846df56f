import type { BusDesk } from './bus/bus-desk.js'
import { type JudgeBench, ofSubject, type Violation } from './judge-bench.js'
import type { KernelLife } from './kernel-life.js'
import { sessionPeriodMs, simulationStart } from './session-calendar.js'

/** Who has made calls that may never settle, who is to be told of it, and the time. */
export type CallsToJudge = {
  readonly lives: readonly KernelLife[]
  readonly bus: BusDesk | undefined
  readonly bench: JudgeBench
  readonly now: () => number
}

/**
 * A call of an adapter that has not settled after so long, a simulated day, never will: the network gives every request up after a second or two.
 * One that speaks the protocol of a broker may wait until it may ask again: those of this project took 47 s at most, after a storm of 429s.
 */
const settlesWithinMs = { ownVenue: sessionPeriodMs, broker: 3 * sessionPeriodMs } as const

/** As that, of calls to a kernel, which may wait for several of an adapter, and to a storage, which may be a real one. */
const restSettlesWithinMs = 10 * sessionPeriodMs

/**
 * Where an invariant breaks while a call has taken so long, which is longer than the network takes, the run goes on until the call has settled or
 * is known never to: it is then the cause, and the invariant what followed.
 */
const slowMs = 3_000

const waitedFor =
  'nothing but promises and the timers of its context and session is waited for, neither the network, the disk nor the timers of the machine'

/** What a run has come to so far: a call of an adapter that will never settle, or else the first thing that a checker found. */
export type RunJudge = {
  /** Looks for such a call. */
  look(): void
  violation(): Violation | undefined
  isOver(): boolean
}

export function createRunJudge(
  worlds: readonly CallsToJudge[],
  venue: keyof typeof settlesWithinMs,
  note: ((line: string) => void) | undefined,
): RunJudge {
  const withinMs = settlesWithinMs[venue]
  let hung: Violation | undefined
  const found = (): Violation | undefined =>
    worlds.map(({ bench }) => bench.violation()).find((violation) => violation !== undefined)
  return {
    look() {
      const [call] = worlds.flatMap((world) => oldest(world, 'adapter', withinMs))
      if (call === undefined || hung !== undefined) return
      const atMs = (worlds[0]?.now() ?? simulationStart) - simulationStart
      const advice = `let each call resolve, or reject once a time of its own is over (${waitedFor})`
      hung = { invariant: ofSubject, message: `${unsettled(call, atMs)}: ${advice}`, atMs }
      const before = found()
      if (before !== undefined)
        note?.(`since ${before.atMs} ms ${before.invariant} does not hold either: ${before.message}`)
    },
    violation: () => hung ?? found(),
    isOver() {
      if (hung !== undefined) return true
      if (found() === undefined) return false
      const isKnown = worlds.some((world) => oldest(world, 'adapter', withinMs).length > 0)
      return isKnown || worlds.every((world) => oldest(world, 'adapter', slowMs).length === 0)
    },
  }
}

/** Reports, when all is over, a call to a kernel that the subject has made, or to its storage, that will never settle. */
export function judgeOtherCalls(calls: CallsToJudge, makesKernel: boolean): void {
  const { bus } = calls
  const [call] = makesKernel ? oldest(calls, 'kernel', restSettlesWithinMs) : []
  report(calls, call, 'let what createKernel puts before the ports of the kernel resolve or reject')
  report(calls, bus?.unsettled.oldest(restSettlesWithinMs), 'let what swarmStorage makes resolve or reject')
}

/** So many things never fall due at one instant, unless each is set off by the one before. */
const maximumAtOneInstant = 100_000

/** Reports time that does not go on. To be called after each thing that happens. */
export function createInstantJudge({ bench, now }: CallsToJudge): () => void {
  let instant = now()
  let count = 0
  return () => {
    count = now() === instant ? count + 1 : 0
    instant = now()
    if (count < maximumAtOneInstant) return
    const at = `${count} things were due at ${instant - simulationStart} ms, each set off by the one before`
    bench.report(ofSubject, `${at}: code under test has itself called back after 0 ms without an end`)
  }
}

function report({ bench, now }: CallsToJudge, call: string | undefined, advice: string): void {
  if (call === undefined) return
  bench.report(ofSubject, `${unsettled(call, now() - simulationStart)}: ${advice}`)
}

function unsettled(call: string, atMs: number): string {
  return `${call} had not settled at ${atMs} ms, and never will`
}

function oldest({ lives }: CallsToJudge, on: 'adapter' | 'kernel', forMs: number): readonly string[] {
  return lives.filter(({ ended }) => !ended).flatMap(({ unsettled }) => unsettled[on].oldest(forMs) ?? [])
}
