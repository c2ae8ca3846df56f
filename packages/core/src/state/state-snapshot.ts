import { SwarmError } from '../errors/swarm-error.js'
import { isJsonObject } from './plain-json.js'

/** A document in a {@link StateSnapshot}. */
export type SnapshotDocument = { readonly key: string; readonly version: number; readonly value: unknown }

/** All documents of an agent at one moment, sorted by key. Plain data. */
export type StateSnapshot = { readonly documents: readonly SnapshotDocument[] }

/** The documents of a snapshot that may come from anywhere. Throws `INVALID_SNAPSHOT`. */
export function parseSnapshot(snapshot: unknown): readonly SnapshotDocument[] {
  const documents = isJsonObject(snapshot) ? snapshot['documents'] : undefined
  if (!Array.isArray(documents)) throw invalid('it has no array of documents')
  const keys = new Set<unknown>()
  documents.forEach((document: unknown, index) => {
    if (!isJsonObject(document) || typeof document['key'] !== 'string' || document['value'] === undefined)
      throw invalid(`documents[${index}] has no key or no value`)
    if (keys.has(document['key']))
      throw invalid(`documents[${index}] has the key "${document['key']}" for a second time`)
    keys.add(document['key'])
  })
  return documents as readonly SnapshotDocument[]
}

function invalid(why: string): SwarmError {
  return new SwarmError({
    code: 'INVALID_SNAPSHOT',
    message: `the snapshot cannot be restored: ${why}; pass what snapshot() returned`,
  })
}
