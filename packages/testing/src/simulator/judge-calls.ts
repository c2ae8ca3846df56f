import type { BusDesk } from './bus/bus-desk.js'
import { type JudgeBench, ofSubject } from './judge-bench.js'
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
 * A call of an adapter that has not settled after so long, a simulated day, never will: the network gives every request up after a second or two,
 * and the slowest call of the adapters of this project, over all that befalls them, took 14 s.
 */
const adapterSettlesWithinMs = sessionPeriodMs

/** As that, of calls to a kernel, which may wait for several of an adapter, and to a storage, which may be a real one. */
const restSettlesWithinMs = 10 * sessionPeriodMs

/** A call that takes longer than so is worth a line where an invariant breaks meanwhile. */
const worthALineMs = 5_000

const waitedFor =
  'nothing but promises and the timers of its context and session is waited for, neither the network, the disk nor the timers of the machine'

/** Reports a call of the adapter that will never settle. */
export function judgeAdapterCalls(calls: CallsToJudge): void {
  const [call] = oldest(calls, 'adapter', adapterSettlesWithinMs)
  report(calls, call, `let each call resolve, or reject once a time of its own is over (${waitedFor})`)
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

/** What is still waited for, a line each. */
export function tellCalls(calls: CallsToJudge): readonly string[] {
  return [...oldest(calls, 'adapter', worthALineMs), ...oldest(calls, 'kernel', worthALineMs)].map(
    (call) => `${call} has not settled`,
  )
}

function report({ bench, now }: CallsToJudge, call: string | undefined, advice: string): void {
  if (call === undefined) return
  bench.report(ofSubject, `${call} had not settled at ${now() - simulationStart} ms, and never will: ${advice}`)
}

function oldest({ lives }: CallsToJudge, on: 'adapter' | 'kernel', forMs: number): readonly string[] {
  return lives.filter(({ ended }) => !ended).flatMap(({ unsettled }) => unsettled[on].oldest(forMs) ?? [])
}
