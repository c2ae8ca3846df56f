import { type Storage, SwarmError } from '@tradeswarm/core'

/** Documents and texts in maps, which outlive whoever wrote them. */
export type MapStorage = {
  readonly keyValue: Map<string, { value: string; revision: number }>
  readonly blobs: Map<string, string>
  /** A storage over them for one process: it dies with it at its so manieth commit, before or after the commit has taken effect. */
  open(death?: { readonly atCommit: number; readonly isWritten: boolean }): Storage
}

export function createMapStorage(): MapStorage {
  const keyValue: MapStorage['keyValue'] = new Map()
  const blobs: MapStorage['blobs'] = new Map()
  return {
    keyValue,
    blobs,
    open(death) {
      let commits = 0
      let isDead = false
      const alive = <T>(work: () => T): Promise<T> =>
        isDead ? Promise.reject(new Error('the process is dead')) : Promise.resolve().then(work)
      const write: Storage['commit'] = async (batch) => {
        for (const { key, ifRevision } of batch.keyValue ?? [])
          if (ifRevision !== undefined && ifRevision !== (keyValue.get(key)?.revision ?? 0))
            throw new SwarmError({ code: 'REVISION_CONFLICT', message: `${key} is at another revision` })
        for (const { key, value } of batch.keyValue ?? []) {
          if (value === undefined) keyValue.delete(key)
          else keyValue.set(key, { value, revision: (keyValue.get(key)?.revision ?? 0) + 1 })
        }
        for (const { hash, text } of batch.blobs ?? []) blobs.set(hash, text)
      }
      const storage: Pick<Storage, 'keyValue' | 'blobs' | 'commit'> = {
        keyValue: {
          get: (key) => alive(() => entryOf(keyValue, key)),
          list: ({ prefix, after = '' }) =>
            alive(() =>
              [...keyValue.keys()]
                .filter((key) => key.startsWith(prefix) && key > after)
                .sort()
                .map((key) => entryOf(keyValue, key) as { key: string; value: string; revision: number }),
            ),
        },
        blobs: {
          get: (hash) => alive(() => blobs.get(hash)),
          delete: (hash) => alive(() => void blobs.delete(hash)),
        },
        async commit(batch) {
          if (isDead) throw new Error('the process is dead')
          commits += 1
          if (death?.atCommit !== commits) return write(batch)
          isDead = true
          if (death.isWritten) await write(batch)
          throw new Error('the process died')
        },
      }
      return storage as Storage
    },
  }
}

function entryOf(map: MapStorage['keyValue'], key: string) {
  const entry = map.get(key)
  return entry === undefined ? undefined : { key, ...entry }
}
