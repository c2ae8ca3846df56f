import type { KernelRecord } from '@tradeswarm/trading'
import { checkers } from './checkers/checkers.js'
import { createJournalFold, type JournalFold } from './checkers/journal-fold.js'
import { contractsOf } from './contract-terms.js'
import { exact } from './exact.js'
import type { Observation } from './observation.js'
import type { Scenario } from './scenario.js'
import { simulationStart } from './session-calendar.js'
import type { SimulatedVenue } from './venue-port.js'

/** Stands for an invariant where nothing of the kernel is at fault: the subject itself has thrown. */
export const ofSubject = 'subject'

/** An invariant that did not hold, or `subject` where the subject threw, when (milliseconds after the start), and what was seen. */
export type Violation = { readonly invariant: string; readonly message: string; readonly atMs: number }

/** All checkers of a run, and the first thing that one of them found. */
export type JudgeBench = {
  observe(observation: Observation): void
  report(invariant: string, message: string): void
  violation(): Violation | undefined
  /** Lets the checkers look at the venue's own books. To be called before anything happens. */
  seat(venue: SimulatedVenue): void
}

/** The judges of one run; the journal of each life is folded once for all of them. */
export function createJudgeBench(
  scenario: Scenario,
  now: () => number,
  reachableSince: () => number | undefined,
): JudgeBench {
  const folds = new Map<number, JournalFold>()
  const lots = new Map(scenario.instruments.map(({ symbol, lotSize }) => [symbol, exact(lotSize)]))
  const contracts = contractsOf(scenario.instruments)
  const foldOf = (life: number): JournalFold => folds.get(life) ?? createJournalFold(lots, contracts)
  let violation: Violation | undefined
  let judges: readonly ((observation: Observation) => void)[] = []
  const report = (invariant: string, message: string): void => {
    violation ??= { invariant, message, atMs: now() - simulationStart }
  }
  return {
    report,
    violation: () => violation,
    seat(venue) {
      judges = checkers.map((create) => create({ scenario, venue, now, foldOf, reachableSince }, report))
    },
    observe(observation) {
      if (observation.type === 'life begun') {
        const fold = createJournalFold(lots, contracts)
        for (const { payload } of observation.history) fold.apply(payload as KernelRecord)
        folds.set(observation.life.number, fold)
      }
      for (const check of judges) check(observation)
      // The judges of an admission look at the books as they were before it.
      if (observation.type === 'appended')
        folds.get(observation.life.number)?.apply(observation.entry.payload as KernelRecord)
    },
  }
}
