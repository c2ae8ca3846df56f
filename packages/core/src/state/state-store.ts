import type { KeyValueStore } from '../storage/key-value-store.js'
import type { KeyValueWrite } from '../storage/storage.js'
import type { Clock } from '../time/clock.js'
import { AgentVersions, maximumOpenConflicts } from './agent-versions.js'
import type { DocumentDeclaration } from './define-document.js'
import type { StateConflict, StateVersion } from './document-versions.js'
import { createHybridLogicalClock, encodeStamp } from './hybrid-logical-clock.js'
import { restoreVersions, splitPath, takeUnsavedVersions, versionsPrefix } from './saved-versions.js'
import { parseSaved, type StateDocument, stateText } from './state-document.js'

/** What a state store is made of. */
export type StateStoreOptions = {
  /** What declared documents are timed and stamped by. Default: one that stands still, so that stamps only count. */
  readonly clock?: Clock
  /** Whose stamps they are; default `local`. */
  readonly node?: string
  /** Told of each conflict, after the commit that met it. Must not throw. */
  readonly onConflict?: (agent: string, conflict: StateConflict) => void
}

/** What became of colliding writes to declared documents since the store was made. */
export type CollisionCounts = { merged: number; superseded: number; conflicts: number }

/** A version to be written of a declared document. */
export type VersionWrite = {
  /** Accepted already; undefined deletes. */
  readonly value: unknown
  readonly stamp: string
  readonly rule: DocumentDeclaration
}

/** The documents of all agents of a swarm: in memory, written behind to the key-value store. They outlive their agents. */
export type StateStore = {
  readonly counts: Readonly<CollisionCounts>
  /** Throws `STATE_UNREADABLE` for what nobody could have saved. */
  load(keyValue: KeyValueStore): Promise<void>
  read(agent: string, key: string): StateDocument | undefined
  /** The same, but of a declared document that was deleted it is the version that says so, with an undefined value. */
  head(agent: string, key: string): StateDocument | undefined
  keys(agent: string, prefix: string): readonly string[]
  /** Replaces (or with `undefined` deletes) a document and raises its version by one. */
  write(agent: string, key: string, value: unknown): void
  /** The same for a declared document, whose version is kept. Deleting what does not exist does nothing, unless the last writer counts. */
  writeVersion(agent: string, key: string, write: VersionWrite): void
  /** The version that the next write of the document will have. */
  nextVersion(agent: string, key: string): number
  /** Somebody has been told a version of this agent's: from now on none is used for another value of the same document. */
  noteVersionShown(agent: string): void
  /** The kept versions of a declared document, from the newest on. */
  history(agent: string, key: string): readonly StateVersion[]
  /** Open conflicts of one document or of all, sorted by key and number. */
  conflicts(agent: string, key?: string): readonly StateConflict[]
  /** Whether one more conflict of this document would be kept. */
  takesConflict(agent: string, key: string, rule: DocumentDeclaration): boolean
  addConflict(agent: string, conflict: Omit<StateConflict, 'number' | 'at'>): void
  /** Drops the conflicts of a document up to this number. */
  dropConflicts(agent: string, key: string, upTo: number): void
  count(what: Exclude<keyof CollisionCounts, 'conflicts'>): void
  /** A stamp that is later than all before. */
  stamp(): string
  /** The writes that the key-value store has not seen yet, by key. Throws `STATE_NOT_JSON` for a value that has no JSON. */
  takeUnsaved(): readonly KeyValueWrite[]
}

type AgentDocuments = {
  readonly documents: Map<string, StateDocument>
  /** Made for agents that declare documents or ask for versions; others bear no cost of it. */
  versions: AgentVersions | undefined
}

const prefix = 'state/'

/** Throws `INVALID_OPTION` for a node that cannot be part of a stamp. */
export function createStateStore(options: StateStoreOptions = {}): StateStore {
  const { clock = { now: () => 0 }, node = 'local', onConflict } = options
  const hybrid = createHybridLogicalClock({ clock, node })
  const agents = new Map<string, AgentDocuments>()
  const unsaved = new Map<string, { readonly agent: string; readonly key: string }>()
  const unsavedVersions = new Map<string, AgentVersions>()
  const counts: CollisionCounts = { merged: 0, superseded: 0, conflicts: 0 }

  const of = (agent: string): AgentDocuments => {
    let own = agents.get(agent)
    if (!own) {
      own = { documents: new Map(), versions: undefined }
      agents.set(agent, own)
    }
    return own
  }
  const versionsOf = (agent: string): AgentVersions => {
    const own = of(agent)
    own.versions ??= new AgentVersions()
    return own.versions
  }
  /** For changing what is kept: it is to be saved. */
  const changedVersionsOf = (agent: string): AgentVersions => {
    const versions = versionsOf(agent)
    unsavedVersions.set(agent, versions)
    return versions
  }
  const markUnsaved = (agent: string, key: string): void => void unsaved.set(`${prefix}${agent}/${key}`, { agent, key })

  return {
    counts,
    async load(keyValue) {
      for await (const { key: path, value } of entries(keyValue, prefix)) {
        const [agent, key] = splitPath(path, prefix)
        of(agent).documents.set(key, parseSaved(path, value, ['version']) as StateDocument)
      }
      for await (const { key: path, value } of entries(keyValue, versionsPrefix)) {
        const stamp = restoreVersions(path, value, (agent) => ({ ...of(agent), versions: versionsOf(agent) }))
        if (stamp !== undefined) hybrid.restore(stamp)
      }
      for (const { versions } of agents.values()) versions?.restoreDeleted()
    },
    read: (agent, key) => agents.get(agent)?.documents.get(key),
    head(agent, key) {
      const own = agents.get(agent)
      return own?.documents.get(key) ?? own?.versions?.tombstone(key)
    },
    keys: (agent, keyPrefix) =>
      [...(agents.get(agent)?.documents.keys() ?? [])].filter((key) => key.startsWith(keyPrefix)).sort(),
    write(agent, key, value) {
      const own = of(agent)
      const { documents, versions } = own
      if (value === undefined) {
        if (versions !== undefined) changedVersionsOf(agent).raiseFloor(documents.get(key)?.version ?? 0)
        documents.delete(key)
      } else documents.set(key, { version: nextVersion(own, key), value })
      markUnsaved(agent, key)
    },
    writeVersion(agent, key, { value, stamp, rule }) {
      const own = of(agent)
      // Where the last word counts, a delete is one even when there is nothing to delete.
      if (value === undefined && rule.merge !== 'last-writer' && !own.documents.has(key)) return
      const version = nextVersion(own, key)
      const at = clock.now()
      const written: StateVersion = Object.freeze(
        value === undefined ? { version, value, deleted: true as const, at, stamp } : { version, value, at, stamp },
      )
      if (value === undefined) own.documents.delete(key)
      else own.documents.set(key, written)
      changedVersionsOf(agent).append(key, written, rule.history)
      markUnsaved(agent, key)
    },
    nextVersion: (agent, key) => nextVersion(agents.get(agent), key),
    noteVersionShown(agent) {
      if (agents.get(agent)?.versions === undefined) changedVersionsOf(agent)
    },
    history: (agent, key) => agents.get(agent)?.versions?.document(key)?.list() ?? [],
    conflicts(agent, key) {
      const versions = agents.get(agent)?.versions
      return (key === undefined ? versions?.conflicts() : versions?.document(key)?.conflicts) ?? []
    },
    takesConflict(agent, key, rule) {
      const versions = agents.get(agent)?.versions
      if (versions === undefined) return true
      return (
        versions.openConflicts < maximumOpenConflicts &&
        (versions.document(key)?.conflicts.length ?? 0) < rule.conflicts
      )
    },
    addConflict(agent, conflict) {
      const added = changedVersionsOf(agent).addConflict({ ...conflict, at: clock.now() })
      counts.conflicts += 1
      onConflict?.(agent, added)
    },
    dropConflicts: (agent, key, upTo) => changedVersionsOf(agent).dropConflicts(key, upTo),
    count(what) {
      counts[what] += 1
    },
    stamp: () => encodeStamp(hybrid.next()),
    takeUnsaved() {
      const writes = [...unsaved].map(([path, { agent, key }]): KeyValueWrite => {
        const document = agents.get(agent)?.documents.get(key)
        return document === undefined ? { key: path } : { key: path, value: documentText(agent, key, document) }
      })
      unsaved.clear()
      for (const [agent, versions] of unsavedVersions) takeUnsavedVersions(agent, versions, writes)
      unsavedVersions.clear()
      return writes.sort((a, b) => (a.key < b.key ? -1 : 1))
    },
  }
}

function nextVersion(own: AgentDocuments | undefined, key: string): number {
  const document = own?.documents.get(key)
  if (document !== undefined) return document.version + 1
  return (own?.versions?.lastVersion(key) ?? 0) + 1
}

/** What a declared document has beside its value is saved with its history. */
function documentText(agent: string, key: string, document: StateDocument): string {
  const { version, value } = document
  return stateText(agent, key, 'stamp' in document ? { version, value } : document)
}

async function* entries(keyValue: KeyValueStore, keyPrefix: string): AsyncGenerator<{ key: string; value: string }> {
  let after: string | undefined
  do {
    const page = await keyValue.list(after === undefined ? { prefix: keyPrefix } : { prefix: keyPrefix, after })
    yield* page
    after = page.at(-1)?.key
  } while (after !== undefined)
}
