import { messageOf, SwarmError } from '@tradeswarm/core'
import type { LedgerEntry } from '../ledger/ledger-entry.js'
import type { KernelJournalEntry } from './kernel-record.js'
import type { KernelRuntime } from './kernel-runtime.js'
import { PortfolioTold } from './portfolio-told.js'

/** Journals a line, after those that it owes. Throws `KERNEL_JOURNAL_FAILED`; entries stop for good then. */
export function appendLine(runtime: KernelRuntime, line: KernelJournalEntry): void {
  const { journal, unwritten } = runtime
  try {
    for (let late = unwritten[0]; late !== undefined; late = unwritten[0]) {
      journal.append(late)
      unwritten.shift()
    }
    journal.append(line)
  } catch (thrown) {
    runtime.failed = true
    throw new SwarmError({
      code: 'KERNEL_JOURNAL_FAILED',
      message: `the journal did not take ${line.kind} entry ${line.id}: ${messageOf(thrown)}; no more entries are sent`,
      cause: thrown,
    })
  }
}

/** Journals what is in the books already. What the journal refuses is owed to it. Throws as {@link appendLine}. */
export function appendApplied(runtime: KernelRuntime, line: KernelJournalEntry): void {
  try {
    appendLine(runtime, line)
  } catch (thrown) {
    runtime.unwritten.push(line)
    throw thrown
  }
}

/** Tells of what an entry has changed. */
export function tellEntry(runtime: KernelRuntime, entry: LedgerEntry | undefined): void {
  if (entry !== undefined && entry.postings.length > 0) runtime.outbox.push(new PortfolioTold(entry))
}
