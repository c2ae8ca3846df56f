import type { KernelBench } from './kernel-bench.test-support.js'
import type { KernelJournalEntry } from './kernel-record.js'
import type { RememberingVenue } from './remembering-venue.test-support.js'

/** Steps that a kernel takes until it dies. */
export type CrashingRun<Step> = {
  readonly steps: readonly Step[]
  /** The process dies at so many-th point at which it may: before and after each request, and whenever the journal has become durable. */
  readonly crashAt: number
  readonly carryOut: (step: Step) => Promise<unknown>
  /** Asked after each step that it has survived. */
  readonly check: () => void
}

/** Carries out steps until the process dies or they are over, and gives the journal that survives. The venue lives on. */
export async function runUntilCrash<Step>(
  bench: KernelBench,
  venue: RememberingVenue,
  { steps, crashAt, carryOut, check }: CrashingRun<Step>,
): Promise<readonly KernelJournalEntry[]> {
  let durable = bench.journal.length
  let survived = bench.journal.slice()
  let left = crashAt
  const point = (): void => {
    left -= 1
    if (left !== 0) return
    venue.dead = true
    survived = bench.journal.slice(0, durable)
  }
  venue.onStep = point
  bench.onDurable = () => {
    if (venue.dead) throw new Error('crashed')
    durable = bench.journal.length
    point()
  }
  for (const step of steps) {
    if (venue.dead) break
    await carryOut(step).catch((thrown: unknown) => {
      if (!venue.dead) throw thrown
    })
    await bench.kernel.settled()
    if (!venue.dead) check()
  }
  if (!venue.dead) survived = bench.journal.slice()
  venue.dead = false
  venue.onStep = () => undefined
  return survived
}
