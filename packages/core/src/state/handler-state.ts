import type { DocumentDeclaration, DocumentRules } from './define-document.js'
import { acceptValue, joinValue, type Resolution, resolveCollision } from './document-value.js'
import type { StateConflict, StateVersion } from './document-versions.js'
import { freezeJson, sameJson } from './plain-json.js'
import { diffState, type StateChange } from './state-diff.js'
import { type StateDocument, stateText } from './state-document.js'
import { noConflict, notDeclared, stateConflict, versionGone } from './state-errors.js'
import { parseSnapshot, type StateSnapshot } from './state-snapshot.js'
import type { StateStore } from './state-store.js'
import type { StateTransaction } from './transaction.js'

type Unmerged = Omit<StateConflict, 'number' | 'at'>

/** What is known of a write beside its value. */
type WriteMark = {
  /** Undefined when the document is not declared. */
  readonly rule: DocumentDeclaration | undefined
  /** It says what the document is to be, whatever it was: never merged. */
  exact: boolean
  /** When it was last written here; empty when the document is not declared. */
  stamp: string
  /** The number of the last conflict that it resolves. */
  resolves: number
  resolution: Resolution | undefined
}

/** What a handler sees and writes of its agent's documents. A class, so that a handler which uses none of it costs one object. */
export class HandlerState implements StateTransaction {
  readonly #store: StateStore
  readonly #agent: string
  readonly #assertLive: () => void
  readonly #rules: DocumentRules | undefined
  // Made when first needed: most handlers neither read nor write.
  #written: Map<string, unknown> | undefined
  /**
   * The documents as they were when first read. They are compared by identity: a document that was deleted and written again
   * is another, whatever its version.
   */
  #read: Map<string, StateDocument | undefined> | undefined
  /** Of declared documents and exact writes. */
  #marks: Map<string, WriteMark> | undefined
  /** All documents were restored, so that none may have been written since. */
  #restoresAll = false

  constructor(store: StateStore, agent: string, assertLive: () => void, rules: DocumentRules | undefined) {
    this.#store = store
    this.#agent = agent
    this.#assertLive = assertLive
    this.#rules = rules
  }

  get<Value>(key: string): Value | undefined {
    return (this.#written?.has(key) ? this.#written.get(key) : this.#readDocument(key)?.value) as Value | undefined
  }

  set(key: string, value: unknown): void {
    this.#assertLive()
    const rule = this.#rules?.find(key)
    if (rule === undefined) {
      this.#written ??= new Map()
      this.#written.set(key, value)
      return
    }
    const seen = this.get(key)
    const accepted = value === undefined ? undefined : acceptValue(rule, { agent: this.#agent, key }, value)
    this.#writeMarked(key, joinValue(rule, seen, accepted), rule)
  }

  delete(key: string): void {
    this.set(key, undefined)
  }

  keys(prefix = ''): readonly string[] {
    const keys = new Set(this.#store.keys(this.#agent, prefix))
    for (const [key, value] of this.#written ?? []) {
      if (!key.startsWith(prefix)) continue
      if (value === undefined) keys.delete(key)
      else keys.add(key)
    }
    return [...keys].sort()
  }

  version(key: string): number {
    this.#store.noteVersionShown(this.#agent)
    const document = this.#readDocument(key)
    const stored = document === undefined || isDeleted(document) ? 0 : document.version
    if (!this.#written?.has(key)) return stored
    if (this.#written.get(key) === undefined) return 0
    return stored > 0 ? stored + 1 : this.#store.nextVersion(this.#agent, key)
  }

  compareAndSet(key: string, expectedVersion: number, value: unknown): boolean {
    this.#assertLive()
    if (this.version(key) !== expectedVersion) return false
    this.#writeExactly(key, value)
    return true
  }

  history(key: string): readonly StateVersion[] {
    if (this.#rules?.find(key) === undefined) throw notDeclared(this.#agent, key)
    // What others have written since this handler first read it is not part of what it sees.
    const last = this.#readDocument(key)?.version ?? 0
    return this.#store.history(this.#agent, key).filter(({ version }) => version <= last)
  }

  diff(key: string, fromVersion: number, toVersion: number): readonly StateChange[] {
    const versions = this.history(key)
    return diffState(this.#valueAt(key, versions, fromVersion), this.#valueAt(key, versions, toVersion))
  }

  rollback(key: string, version: number): void {
    this.#assertLive()
    this.#writeExactly(key, this.#valueAt(key, this.history(key), version))
  }

  snapshot(): StateSnapshot {
    const documents = this.keys().map((key) => ({ key, version: this.version(key), value: this.get<unknown>(key) }))
    return { documents }
  }

  restore(snapshot: StateSnapshot): void {
    this.#assertLive()
    const values = new Map<string, unknown>()
    for (const { key, value } of parseSnapshot(snapshot)) values.set(key, this.#accepted(key, value))
    this.#restoresAll = true
    for (const key of this.keys()) {
      this.#readDocument(key)
      if (!values.has(key)) this.#writeExactly(key, undefined)
    }
    for (const [key, value] of values) {
      if (!sameJson(this.get(key), value)) this.#writeExactly(key, value)
    }
  }

  conflicts(key?: string): readonly StateConflict[] {
    const conflicts = this.#store.conflicts(this.#agent, key)
    if (this.#marks === undefined) return conflicts
    return conflicts.filter((conflict) => conflict.number > (this.#marks?.get(conflict.key)?.resolves ?? 0))
  }

  resolveConflict(key: string, value: unknown): void {
    this.#assertLive()
    const last = this.conflicts(key).at(-1)
    if (last === undefined) throw noConflict(this.#agent, key)
    this.#writeExactly(key, value).resolves = last.number
  }

  hasWrites(): boolean {
    return this.#written !== undefined
  }

  assertUnchanged(): void {
    for (const key of this.#written?.keys() ?? []) {
      const current = this.#store.head(this.#agent, key)
      const base = this.#read?.get(key)
      if (base === current || (base === undefined && !this.#read?.has(key))) continue
      this.#resolve(key, base, current)
    }
    if (this.#restoresAll) this.#assertNothingWritten()
  }

  assertJson(): void {
    for (const [key, value] of this.#written ?? []) stateText(this.#agent, key, value)
  }

  commit(): void {
    let conflicts: Unmerged[] | undefined
    for (const [key, value] of this.#written ?? []) {
      const mark = this.#marks?.get(key)
      if (mark === undefined) {
        this.#store.write(this.#agent, key, value)
        continue
      }
      const conflict = this.#commitMarked(key, value, mark)
      if (conflict === undefined) continue
      conflicts ??= []
      conflicts.push(conflict)
    }
    this.#written = undefined
    this.#marks = undefined
    for (const conflict of conflicts ?? []) this.#store.addConflict(this.#agent, conflict)
  }

  /** The document as it is or, if it is declared, as it was when this handler first read it: whatever it writes then is a change from that. */
  #readDocument(key: string): StateDocument | undefined {
    const document = this.#store.head(this.#agent, key)
    this.#read ??= new Map()
    if (this.#read.has(key)) return this.#rules?.find(key) === undefined ? document : this.#read.get(key)
    // Written before it was declared: whoever changes that value in place would hide the change from a merge.
    if (document !== undefined && !('stamp' in document) && this.#rules?.find(key)) freezeJson(document.value)
    this.#read.set(key, document)
    return document
  }

  #accepted(key: string, value: unknown): unknown {
    const rule = this.#rules?.find(key)
    return rule === undefined || value === undefined ? value : acceptValue(rule, { agent: this.#agent, key }, value)
  }

  #writeExactly(key: string, value: unknown): WriteMark {
    const mark = this.#writeMarked(key, this.#accepted(key, value), this.#rules?.find(key))
    mark.exact = true
    return mark
  }

  #writeMarked(key: string, value: unknown, rule: DocumentDeclaration | undefined): WriteMark {
    this.#readDocument(key)
    this.#written ??= new Map()
    this.#written.set(key, value)
    this.#marks ??= new Map()
    let mark = this.#marks.get(key)
    if (mark === undefined) {
      mark = { rule, exact: false, stamp: '', resolves: 0, resolution: undefined }
      this.#marks.set(key, mark)
    }
    if (rule !== undefined) mark.stamp = this.#store.stamp()
    return mark
  }

  #valueAt(key: string, versions: readonly StateVersion[], version: number): unknown {
    if (version === 0) return undefined
    const found = versions.find((known) => known.version === version)
    if (found === undefined) throw versionGone(this.#agent, key, version, versions)
    return found.value
  }

  #resolve(key: string, base: StateDocument | undefined, current: StateDocument | undefined): void {
    const mark = this.#marks?.get(key)
    if (mark?.rule === undefined || mark.exact) throw stateConflict(this.#agent, key)
    const values = { base: base?.value, theirs: current?.value, mine: this.#written?.get(key) }
    const stamps = { theirs: current === undefined ? undefined : stampOf(current), mine: mark.stamp }
    const resolution = resolveCollision(mark.rule, { agent: this.#agent, key }, values, stamps)
    const { kind } = resolution
    // Where no more conflicts are kept, none is lost either: the handler finds out what the document has become.
    if (kind === 'unresolved' || (kind === 'conflict' && !this.#store.takesConflict(this.#agent, key, mark.rule)))
      throw stateConflict(this.#agent, key)
    mark.resolution = resolution
  }

  #assertNothingWritten(): void {
    for (const [key, document] of this.#read ?? []) {
      if (this.#store.head(this.#agent, key) !== document) throw stateConflict(this.#agent, key)
    }
    for (const key of this.#store.keys(this.#agent, '')) {
      if (!this.#read?.has(key)) throw stateConflict(this.#agent, key)
    }
  }

  /** Returns what could not be written. */
  #commitMarked(key: string, value: unknown, mark: WriteMark): Unmerged | undefined {
    const { rule, resolution, stamp } = mark
    if (mark.resolves > 0) this.#store.dropConflicts(this.#agent, key, mark.resolves)
    if (rule === undefined) this.#store.write(this.#agent, key, value)
    else if (resolution === undefined) this.#store.writeVersion(this.#agent, key, { value, stamp, rule })
    else if (resolution.kind === 'merged') {
      // What is made of two writes is later than both.
      const mergedStamp = rule.merge === 'last-writer' ? stamp : this.#store.stamp()
      this.#store.writeVersion(this.#agent, key, { value: resolution.value, stamp: mergedStamp, rule })
      this.#store.count('merged')
    } else if (resolution.kind === 'superseded') this.#store.count('superseded')
    else if (resolution.kind === 'conflict') {
      const versions = {
        baseVersion: this.#read?.get(key)?.version ?? 0,
        theirsVersion: this.#store.head(this.#agent, key)?.version ?? 0,
      }
      const mine = value === undefined ? {} : { value }
      return { key, ...versions, ...mine, reason: resolution.reason, stamp }
    }
    return undefined
  }
}

function isDeleted(document: StateDocument): boolean {
  return 'deleted' in document
}

function stampOf(document: StateDocument): string | undefined {
  return 'stamp' in document ? (document as StateVersion).stamp : undefined
}
