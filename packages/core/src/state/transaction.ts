import type { DocumentRules } from './define-document.js'
import type { StateConflict, StateVersion } from './document-versions.js'
import { HandlerState } from './handler-state.js'
import type { StateChange } from './state-diff.js'
import type { StateSnapshot } from './state-snapshot.js'
import type { StateStore } from './state-store.js'

/** An agent's documents as one handler sees them: its own writes at once, everybody's after the handler has succeeded. */
export type AgentState = {
  /** The value last written, or undefined. Treat it as read-only: write a new value to change it. Of a declared document it is frozen. */
  get<Value>(key: string): Value | undefined
  /** Of a declared document it throws `STATE_VALUE_REFUSED` or `STATE_NOT_JSON` at once, and keeps a copy. */
  set(key: string, value: unknown): void
  delete(key: string): void
  /** Keys that start with the prefix, sorted. */
  keys(prefix?: string): readonly string[]
  /** Grows with each write of the document, also over its deletion; 0 when it does not exist. */
  version(key: string): number
  /**
   * Writes if the document is at this version (0: does not exist), else returns false. Such a write is never merged: true holds
   * to the commit, or the handler runs anew.
   */
  compareAndSet(key: string, expectedVersion: number, value: unknown): boolean
  /** The last versions of a declared document that have been committed, from the newest on. Throws `STATE_NOT_DECLARED`. */
  history(key: string): readonly StateVersion[]
  /** What changed between two kept versions, of which 0 is the document before its first. Throws `STATE_NOT_DECLARED` or `STATE_VERSION_GONE`. */
  diff(key: string, fromVersion: number, toVersion: number): readonly StateChange[]
  /** Writes the value of a kept version as a new one, which is never merged. Throws `STATE_NOT_DECLARED` or `STATE_VERSION_GONE`. */
  rollback(key: string, version: number): void
  /** All documents as they are at this moment: plain data, which may be published or kept as a blob. */
  snapshot(): StateSnapshot
  /**
   * Makes all documents what they were: those that differ are written, those that were not there are deleted. The handler runs
   * anew if any document is written meanwhile. Throws `INVALID_SNAPSHOT`, `STATE_VALUE_REFUSED` or `STATE_NOT_JSON`; then nothing is written.
   */
  restore(snapshot: StateSnapshot): void
  /** Writes to a declared document, or to any, that could not be merged; by key, from the oldest on. */
  conflicts(key?: string): readonly StateConflict[]
  /** Writes the document (undefined deletes), which is never merged, and drops its conflicts. Throws `STATE_NO_CONFLICT` when it has none. */
  resolveConflict(key: string, value: unknown): void
}

export type StateTransaction = AgentState & {
  hasWrites(): boolean
  /**
   * Resolves collisions with what other handlers have written since. Throws `STATE_CONFLICT` when one of a document that was
   * read here and is to be written can be neither merged nor kept as a conflict. Nothing may be awaited from here to the commit.
   */
  assertUnchanged(): void
  /** Throws `STATE_NOT_JSON` when a value that is to be written has no JSON. */
  assertJson(): void
  commit(): void
}

/** A handler's view of an agent's documents. Without rules none is declared. */
export function beginStateTransaction(
  store: StateStore,
  agent: string,
  assertLive: () => void,
  rules?: DocumentRules,
): StateTransaction {
  return new HandlerState(store, agent, assertLive, rules)
}
