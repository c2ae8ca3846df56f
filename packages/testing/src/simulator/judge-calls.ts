import { type JudgeBench, ofSubject } from './judge-bench.js'
import type { KernelLife } from './kernel-life.js'
import { sessionPeriodMs, simulationStart } from './session-calendar.js'

/** Who has made calls that may never settle, who is to be told of it, and the time. */
export type CallsToJudge = {
  readonly lives: readonly KernelLife[]
  readonly bench: JudgeBench
  readonly now: () => number
}

/**
 * A call of an adapter that has not settled after so long, a simulated day, never will: the network gives every request up after a second or two,
 * and the slowest call of the adapters of this project, over all that befalls them, took 14 s.
 */
const adapterSettlesWithinMs = sessionPeriodMs

/** As that, of a call to a kernel, which may wait for several of an adapter, and for a storage that is out of order. */
const kernelSettlesWithinMs = 10 * sessionPeriodMs

/** A call that takes longer than so is worth a line where an invariant breaks meanwhile. */
const worthALineMs = 5_000

const waitedFor =
  'nothing but promises and the timers of its context and session is waited for, neither the network, the disk nor the timers of the machine'

/** Reports a call of the adapter that will never settle. */
export function judgeAdapterCalls(calls: CallsToJudge): void {
  judge(calls, 'adapter', adapterSettlesWithinMs, 'let each call resolve, or reject once a time of its own is over')
}

/** Reports a call to a kernel that will never settle, when all is over: one that the subject has made. */
export function judgeKernelCalls(calls: CallsToJudge): void {
  judge(calls, 'kernel', kernelSettlesWithinMs, 'let what createKernel puts before its ports settle')
}

/** What is still waited for, a line each. */
export function tellCalls({ lives }: CallsToJudge): readonly string[] {
  return oldest(lives, 'adapter', worthALineMs)
    .concat(oldest(lives, 'kernel', worthALineMs))
    .map((call) => `${call} has not settled`)
}

function judge({ lives, bench, now }: CallsToJudge, on: 'adapter' | 'kernel', withinMs: number, advice: string): void {
  const [call] = oldest(lives, on, withinMs)
  if (call === undefined) return
  const since = `had not settled at ${now() - simulationStart} ms, and never will`
  bench.report(ofSubject, `${call} ${since}: ${advice} (${waitedFor})`)
}

function oldest(lives: readonly KernelLife[], on: 'adapter' | 'kernel', forMs: number): readonly string[] {
  return lives.filter(({ ended }) => !ended).flatMap(({ unsettled }) => unsettled[on].oldest(forMs) ?? [])
}
