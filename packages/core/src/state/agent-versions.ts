import { DocumentVersions, type StateConflict, type StateVersion } from './document-versions.js'

/** So many deleted documents of an agent are remembered one by one. */
export const maximumDeletedDocuments = 1_000
/** So many conflicts of an agent may be open, over all its documents. */
export const maximumOpenConflicts = 1_000

/** What is kept of the documents of one agent beside their values, once it declares documents or asks for a version. */
export class AgentVersions {
  readonly #documents = new Map<string, DocumentVersions>()
  /** Keys of deleted documents, in the order of their deletion. */
  readonly #deleted = new Set<string>()
  readonly #unsaved = new Set<string>()
  #floor = 0
  /** Saved even when it is 0: it says that versions of this agent's have been shown. */
  #savedFloor: number | undefined
  #openConflicts = 0

  /**
   * No document begins at this version or below. It stands for all deleted documents that are no longer remembered, so that
   * none comes back under a version that it has had.
   */
  get floor(): number {
    return this.#floor
  }

  get openConflicts(): number {
    return this.#openConflicts
  }

  raiseFloor(version: number): void {
    this.#floor = Math.max(this.#floor, version)
  }

  document(key: string): DocumentVersions | undefined {
    return this.#documents.get(key)
  }

  /** The last version that the document is known to have had. */
  lastVersion(key: string): number {
    return Math.max(this.#floor, this.#documents.get(key)?.newest?.version ?? 0)
  }

  tombstone(key: string): StateVersion | undefined {
    const newest = this.#documents.get(key)?.newest
    return newest?.deleted ? newest : undefined
  }

  append(key: string, version: StateVersion, keep: number): void {
    this.#documentAt(key).append(version, keep)
    this.#unsaved.add(key)
    this.#deleted.delete(key)
    if (version.deleted) this.#remember(key)
  }

  addConflict(conflict: Omit<StateConflict, 'number'>): StateConflict {
    this.#openConflicts += 1
    this.#unsaved.add(conflict.key)
    return this.#documentAt(conflict.key).addConflict(conflict)
  }

  dropConflicts(key: string, upTo: number): void {
    this.#openConflicts -= this.#documents.get(key)?.dropConflicts(upTo) ?? 0
    this.#unsaved.add(key)
  }

  /** Sorted by key and number. */
  conflicts(): readonly StateConflict[] {
    return [...this.#documents.keys()].sort().flatMap((key) => this.#documents.get(key)?.conflicts ?? [])
  }

  restoreVersion(key: string, version: StateVersion): void {
    this.#documentAt(key).restoreVersion(version)
  }

  restoreConflict(conflict: StateConflict): void {
    this.#openConflicts += 1
    this.#documentAt(conflict.key).restoreConflict(conflict)
  }

  restoreFloor(floor: number): void {
    this.#floor = floor
    this.#savedFloor = floor
  }

  /** After all else has been restored: stamps tell the order of the deletions. */
  restoreDeleted(): void {
    const tombstones = [...this.#documents].filter(([, { newest }]) => newest?.deleted)
    const stampOf = ([, { newest }]: [string, DocumentVersions]): string => newest?.stamp ?? ''
    for (const [key] of tombstones.sort((a, b) => (stampOf(a) < stampOf(b) ? -1 : 1))) this.#deleted.add(key)
  }

  /** The floor, if it is to be saved. From now on it counts as saved. */
  takeUnsavedFloor(): number | undefined {
    if (this.#floor === this.#savedFloor) return undefined
    this.#savedFloor = this.#floor
    return this.#floor
  }

  /** Calls back for each document with something to be saved, which must then be taken. */
  drainUnsaved(take: (key: string, document: DocumentVersions) => void): void {
    for (const key of this.#unsaved) {
      const document = this.#documents.get(key)
      if (document === undefined) continue
      take(key, document)
      if (document.isGone) this.#documents.delete(key)
    }
    this.#unsaved.clear()
  }

  #documentAt(key: string): DocumentVersions {
    let document = this.#documents.get(key)
    if (document === undefined) {
      document = new DocumentVersions()
      this.#documents.set(key, document)
    }
    return document
  }

  #remember(key: string): void {
    this.#deleted.add(key)
    if (this.#deleted.size <= maximumDeletedDocuments) return
    for (const oldest of this.#deleted) {
      const document = this.#documents.get(oldest)
      // Somebody is to look at it still; there are never more of these than open conflicts.
      if (document !== undefined && document.conflicts.length > 0) continue
      this.#deleted.delete(oldest)
      this.raiseFloor(document?.newest?.version ?? 0)
      document?.forget()
      if (document?.isGone) this.#documents.delete(oldest)
      else this.#unsaved.add(oldest)
      return
    }
  }
}
