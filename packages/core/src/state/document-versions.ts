import type { EpochMs } from '../time/clock.js'
import type { StateDocument } from './state-document.js'

/** One version of a declared document. Frozen; `value` is undefined and `deleted` true where it was deleted. */
export type StateVersion = StateDocument & {
  readonly deleted?: true
  readonly at: EpochMs
  /** When its writer wrote, by hybrid logical clock: later versions have greater stamps (compared as texts). */
  readonly stamp: string
}

/** A write that could not be merged. The document stayed as the other writer had made it. */
export type StateConflict = {
  readonly key: string
  /** Counts the conflicts of the document. */
  readonly number: number
  /** The version that the write began with, 0 when there was none, and the one that came first. */
  readonly baseVersion: number
  readonly theirsVersion: number
  /** What could not be written; absent when it was a delete. */
  readonly value?: unknown
  readonly reason: string
  readonly at: EpochMs
  readonly stamp: string
}

/** What is put under a number, for the store to save. */
export type NumberedWrite = { readonly number: number; readonly text: string | undefined }

/** The kept versions and open conflicts of one document, and which of them are saved. */
export class DocumentVersions {
  /** From the oldest to the newest. */
  #versions: StateVersion[] = []
  #conflicts: StateConflict[] = []
  #lastConflict = 0
  readonly #saved = { versions: new Map<number, StateVersion>(), conflicts: new Map<number, StateConflict>() }

  get newest(): StateVersion | undefined {
    return this.#versions.at(-1)
  }

  get conflicts(): readonly StateConflict[] {
    return this.#conflicts
  }

  /** Nothing is kept, and nothing saved. */
  get isGone(): boolean {
    const { versions, conflicts } = this.#saved
    return this.#versions.length + this.#conflicts.length + versions.size + conflicts.size === 0
  }

  /** From the newest to the oldest. */
  list(): readonly StateVersion[] {
    return this.#versions.toReversed()
  }

  find(version: number): StateVersion | undefined {
    return this.#versions.find((known) => known.version === version)
  }

  /** Adds the next version and forgets what is older than the last so many. */
  append(version: StateVersion, keep: number): void {
    this.#versions.push(version)
    const oldest = version.version - keep + 1
    let gone = 0
    while ((this.#versions[gone]?.version ?? oldest) < oldest) gone += 1
    if (gone > 0) this.#versions.splice(0, gone)
  }

  addConflict(conflict: Omit<StateConflict, 'number'>): StateConflict {
    this.#lastConflict += 1
    const added = Object.freeze({ ...conflict, number: this.#lastConflict })
    this.#conflicts.push(added)
    return added
  }

  /** Drops the conflicts up to this number, and says how many those were. */
  dropConflicts(upTo: number): number {
    const before = this.#conflicts.length
    this.#conflicts = this.#conflicts.filter((conflict) => conflict.number > upTo)
    // As it would be after a restart, which knows of no conflict that is gone.
    if (this.#conflicts.length === 0) this.#lastConflict = 0
    return before - this.#conflicts.length
  }

  forget(): void {
    this.#versions = []
    this.#conflicts = []
  }

  restoreVersion(version: StateVersion): void {
    this.#versions.push(version)
    this.#saved.versions.set(version.version, version)
  }

  restoreConflict(conflict: StateConflict): void {
    this.#conflicts.push(conflict)
    this.#lastConflict = Math.max(this.#lastConflict, conflict.number)
    this.#saved.conflicts.set(conflict.number, conflict)
  }

  /** What is kept but not saved, and what is saved but no longer kept. From now on it counts as saved. */
  takeUnsaved(): { readonly versions: readonly NumberedWrite[]; readonly conflicts: readonly NumberedWrite[] } {
    return {
      versions: unsaved(this.#versions, (version) => version.version, this.#saved.versions),
      conflicts: unsaved(this.#conflicts, (conflict) => conflict.number, this.#saved.conflicts),
    }
  }
}

function unsaved<Kept>(
  kept: readonly Kept[],
  numberOf: (kept: Kept) => number,
  saved: Map<number, Kept>,
): NumberedWrite[] {
  const writes: NumberedWrite[] = []
  const numbers = new Set(kept.map(numberOf))
  for (const number of saved.keys()) {
    if (numbers.has(number)) continue
    writes.push({ number, text: undefined })
    saved.delete(number)
  }
  for (const one of kept) {
    const number = numberOf(one)
    if (saved.get(number) === one) continue
    writes.push({ number, text: JSON.stringify(one) })
    saved.set(number, one)
  }
  return writes
}
