import { messageOf, SwarmError } from '../errors/swarm-error.js'
import type { KeyValueStore } from '../storage/key-value-store.js'
import type { KeyValueWrite } from '../storage/storage.js'

/** One document of an agent. */
export type StateDocument = { readonly version: number; readonly value: unknown }

/** The documents of all agents of a swarm: in memory, written behind to the key-value store. They outlive their agents. */
export type StateStore = {
  /** Throws `STATE_UNREADABLE` for a document that is no JSON. */
  load(keyValue: KeyValueStore): Promise<void>
  read(agent: string, key: string): StateDocument | undefined
  keys(agent: string, prefix: string): readonly string[]
  /** Replaces (or with `undefined` deletes) a document and raises its version by one. */
  write(agent: string, key: string, value: unknown): void
  /** The writes that the key-value store has not seen yet. Throws `STATE_NOT_JSON` for a value that has no JSON. */
  takeUnsaved(): readonly KeyValueWrite[]
}

const prefix = 'state/'

/** Ids of agents hold no slash, so the first one ends the id. */
export function createStateStore(): StateStore {
  const agents = new Map<string, Map<string, StateDocument>>()
  const unsaved = new Map<string, { readonly agent: string; readonly key: string }>()

  const documentsOf = (agent: string): Map<string, StateDocument> => {
    let documents = agents.get(agent)
    if (!documents) {
      documents = new Map()
      agents.set(agent, documents)
    }
    return documents
  }

  return {
    async load(keyValue) {
      let after: string | undefined
      do {
        const page = await keyValue.list(after === undefined ? { prefix } : { prefix, after })
        for (const entry of page) {
          const slash = entry.key.indexOf('/', prefix.length)
          documentsOf(entry.key.slice(prefix.length, slash)).set(
            entry.key.slice(slash + 1),
            parseDocument(entry.key, entry.value),
          )
        }
        after = page.at(-1)?.key
      } while (after !== undefined)
    },
    read: (agent, key) => agents.get(agent)?.get(key),
    keys: (agent, keyPrefix) =>
      [...(agents.get(agent)?.keys() ?? [])].filter((key) => key.startsWith(keyPrefix)).sort(),
    write(agent, key, value) {
      const documents = documentsOf(agent)
      if (value === undefined) documents.delete(key)
      else documents.set(key, { version: (documents.get(key)?.version ?? 0) + 1, value })
      unsaved.set(`${prefix}${agent}/${key}`, { agent, key })
    },
    takeUnsaved() {
      const writes = [...unsaved].map(([path, { agent, key }]): KeyValueWrite => {
        const document = agents.get(agent)?.get(key)
        return document === undefined ? { key: path } : { key: path, value: stateText(agent, key, document) }
      })
      unsaved.clear()
      return writes.sort((a, b) => (a.key < b.key ? -1 : 1))
    },
  }
}

function parseDocument(path: string, text: string): StateDocument {
  try {
    return JSON.parse(text) as StateDocument
  } catch (error) {
    throw new SwarmError({
      code: 'STATE_UNREADABLE',
      message: `key "${path}" of the storage is no JSON: ${messageOf(error)}`,
      cause: error,
      context: { path },
    })
  }
}

/** The JSON of a value. Throws `STATE_NOT_JSON`, naming agent and key. */
export function stateText(agent: string, key: string, value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    throw new SwarmError({
      code: 'STATE_NOT_JSON',
      message: `document "${key}" of agent ${agent} cannot be saved: ${messageOf(error)}; keep plain data in an agent's state`,
      cause: error,
      context: { agent, key },
    })
  }
}
