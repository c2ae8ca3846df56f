import type { KeyValueWrite } from '../storage/storage.js'
import type { AgentVersions } from './agent-versions.js'
import type { StateConflict, StateVersion } from './document-versions.js'
import { type HybridStamp, isStamp, parseStamp } from './hybrid-logical-clock.js'
import { plainJson } from './plain-json.js'
import { parseSaved, type StateDocument, unreadable } from './state-document.js'

/** What is saved beside the documents begins with this, so that one listing finds it all. */
export const versionsPrefix = 'state-'
const historyPrefix = 'state-history/'
const conflictsPrefix = 'state-conflicts/'
const floorPrefix = 'state-floor/'
const numberDigits = 16

/** Adds the writes that the key-value store has not seen yet of what is kept beside an agent's documents. */
export function takeUnsavedVersions(agent: string, versions: AgentVersions, writes: KeyValueWrite[]): void {
  const put = (key: string, text: string | undefined): void =>
    void writes.push(text === undefined ? { key } : { key, value: text })
  versions.drainUnsaved((key, document) => {
    const unsaved = document.takeUnsaved()
    for (const { number, text } of unsaved.versions) put(numberedPath(historyPrefix, agent, key, number), text)
    for (const { number, text } of unsaved.conflicts) put(numberedPath(conflictsPrefix, agent, key, number), text)
  })
  const floor = versions.takeUnsavedFloor()
  if (floor !== undefined) put(`${floorPrefix}${agent}`, JSON.stringify({ version: floor }))
}

function numberedPath(pathPrefix: string, agent: string, key: string, number: number): string {
  return `${pathPrefix}${agent}/${key}/${String(number).padStart(numberDigits, '0')}`
}

/** Restores one entry of those beside the documents, and returns the stamp that it bears. Throws `STATE_UNREADABLE`. */
export function restoreVersions(
  path: string,
  text: string,
  of: (agent: string) => { readonly documents: Map<string, StateDocument>; readonly versions: AgentVersions },
): HybridStamp | undefined {
  if (path.startsWith(floorPrefix)) {
    const { version } = parseSaved(path, text, ['version'])
    of(path.slice(floorPrefix.length)).versions.restoreFloor(version as number)
    return undefined
  }
  const pathPrefix = [historyPrefix, conflictsPrefix].find((known) => path.startsWith(known))
  if (pathPrefix === undefined) return undefined
  const [agent, numbered] = splitPath(path, pathPrefix)
  const key = numbered.slice(0, -numberDigits - 1)
  const { documents, versions } = of(agent)
  const numbers = pathPrefix === historyPrefix ? ['version'] : ['number', 'baseVersion', 'theirsVersion']
  const saved = plainJson(parseSaved(path, text, numbers), path)
  const { stamp } = saved as { stamp: unknown }
  if (typeof stamp !== 'string' || !isStamp(stamp)) throw unreadable(path, 'has no stamp')
  if (pathPrefix === conflictsPrefix) versions.restoreConflict(saved as StateConflict)
  else {
    const version = asVersion(saved)
    versions.restoreVersion(key, version)
    // The current version is one object with its document, as it was when it was written.
    if (documents.get(key)?.version === version.version) documents.set(key, version)
  }
  return parseStamp(stamp)
}

/** JSON leaves out the undefined value of a deletion. */
function asVersion(saved: unknown): StateVersion {
  const version = saved as StateVersion
  return 'value' in version ? version : Object.freeze({ ...(version as object), value: undefined } as StateVersion)
}

/** Ids of agents hold no slash, so the first one ends the id. */
export function splitPath(path: string, pathPrefix: string): readonly [agent: string, key: string] {
  const slash = path.indexOf('/', pathPrefix.length)
  return [path.slice(pathPrefix.length, slash), path.slice(slash + 1)]
}
