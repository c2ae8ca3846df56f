import { SwarmError } from '@tradeswarm/core'
import type { KernelJournal, KernelJournalEntry } from '@tradeswarm/trading'

/** What survives every crash: entries as text, in order. */
export type DurableJournal = { readonly lines: string[] }

/** What the storage does at present. */
export type StorageConditions = {
  full: boolean
  failing: boolean
  slowMs: number
  /** One row cannot be read at the next start. */
  corrupt: boolean
}

export type SimulatedJournalOptions = {
  readonly durable: DurableJournal
  readonly conditions: StorageConditions
  readonly flushMs: () => number
  readonly wait: (ms: number) => Promise<void>
  /** Whether another owner has taken over: what is appended is never written. */
  readonly isFenced: () => boolean
  readonly isDead: () => boolean
  /** Counts the points at which the process may die; true when it died at this one. */
  readonly dies: (point: string) => boolean
  readonly onAppend: (entry: KernelJournalEntry) => void
  readonly onDurable: (entries: readonly KernelJournalEntry[]) => void
}

/** A journal, and what its owner's death leaves of it. */
export type SimulatedJournal = KernelJournal & {
  /** Writes a share of what was not durable yet: what a storage without transactions may leave behind. */
  tear(share: number): void
  /** What was durable when its owner began and what that has appended since, as a rebuild would read it. */
  all(): readonly KernelJournalEntry[]
}

/** Entries are durable when, and not before, `durable` resolves; what was asked for together is written together. */
export function createSimulatedJournal(options: SimulatedJournalOptions): SimulatedJournal {
  const { durable, conditions } = options
  const own = [...durable.lines]
  let pending: { readonly text: string; readonly entry: KernelJournalEntry }[] = []

  const write = (count: number): void => {
    const batch = pending.slice(0, count)
    pending = pending.slice(count)
    for (const { text } of batch) durable.lines.push(text)
    if (batch.length > 0) options.onDurable(batch.map(({ entry }) => entry))
  }
  const never = (): Promise<never> => new Promise(() => undefined)

  return {
    append(entry) {
      if (options.isDead() || options.dies('append')) throw fenced('this owner of the journal is dead')
      if (conditions.full) throw new SwarmError({ code: 'STORAGE_FULL', message: 'the disk is full' })
      const text = JSON.stringify(entry)
      own.push(text)
      pending.push({ text, entry })
      options.onAppend(entry)
    },
    async durable() {
      if (options.isDead() || options.dies('durable, before')) return never()
      const asked = pending.at(-1)
      const ms = options.flushMs() + conditions.slowMs
      if (ms > 0) await options.wait(ms)
      if (options.isDead()) return never()
      if (options.isFenced()) throw fenced('another writer has appended to this journal')
      if (conditions.failing) {
        throw new SwarmError({ code: 'STORAGE_BUSY', message: 'the database is locked', retryability: 'retryable' })
      }
      write(asked === undefined ? 0 : pending.indexOf(asked) + 1)
      if (options.dies('durable, after')) return never()
    },
    tear(share) {
      write(Math.floor(pending.length * share))
    },
    all: () => own.map(entryOf),
  }
}

/** Reads a line back. */
export function entryOf(text: string): KernelJournalEntry {
  return JSON.parse(text) as KernelJournalEntry
}

function fenced(message: string): SwarmError {
  return new SwarmError({ code: 'JOURNAL_CONFLICT', message: `fenced: ${message}` })
}
