import { SwarmError } from '../errors/swarm-error.js'
import { type StateDocument, type StateStore, stateText } from './state-store.js'

/** An agent's documents as one handler sees them: its own writes at once, everybody's after the handler has succeeded. */
export type AgentState = {
  /** The value last written, or undefined. Treat it as read-only: write a new value to change it. */
  get<Value>(key: string): Value | undefined
  set(key: string, value: unknown): void
  delete(key: string): void
  /** Keys that start with the prefix, sorted. */
  keys(prefix?: string): readonly string[]
  /** How often the document has been written; 0 when it does not exist. */
  version(key: string): number
}

export type StateTransaction = AgentState & {
  hasWrites(): boolean
  /** Throws `STATE_CONFLICT` when a document that was read here and is to be written has been written by another handler since. */
  assertUnchanged(): void
  /** Throws `STATE_NOT_JSON` when a value that is to be written has no JSON. */
  assertJson(): void
  commit(): void
}

export function beginStateTransaction(store: StateStore, agent: string, assertLive: () => void): StateTransaction {
  // Made when first needed: most handlers neither read nor write.
  let written: Map<string, unknown> | undefined
  let versionsRead: Map<string, number> | undefined
  const read = (key: string): StateDocument | undefined => {
    const document = store.read(agent, key)
    versionsRead ??= new Map()
    if (!versionsRead.has(key)) versionsRead.set(key, document?.version ?? 0)
    return document
  }
  const write = (key: string, value: unknown): void => {
    assertLive()
    written ??= new Map()
    written.set(key, value)
  }
  return {
    get: <Value>(key: string) => (written?.has(key) ? written.get(key) : read(key)?.value) as Value | undefined,
    set: write,
    delete: (key) => write(key, undefined),
    keys(prefix = '') {
      const keys = new Set(store.keys(agent, prefix))
      for (const [key, value] of written ?? []) {
        if (!key.startsWith(prefix)) continue
        if (value === undefined) keys.delete(key)
        else keys.add(key)
      }
      return [...keys].sort()
    },
    version(key) {
      const stored = read(key)?.version ?? 0
      if (!written?.has(key)) return stored
      return written.get(key) === undefined ? 0 : stored + 1
    },
    hasWrites: () => written !== undefined,
    assertUnchanged() {
      for (const key of written?.keys() ?? []) {
        const version = versionsRead?.get(key)
        if (version !== undefined && version !== (store.read(agent, key)?.version ?? 0)) throw stateConflict(agent, key)
      }
    },
    assertJson() {
      for (const [key, value] of written ?? []) stateText(agent, key, value)
    },
    commit() {
      for (const [key, value] of written ?? []) store.write(agent, key, value)
      written = undefined
    },
  }
}

function stateConflict(agent: string, key: string): SwarmError {
  return new SwarmError({
    code: 'STATE_CONFLICT',
    message: `document "${key}" of agent ${agent} was written by another handler while this one ran`,
    retryability: 'retryable',
    context: { agent, key },
  })
}
