/** A document with its key and revision. */
export type KeyValueEntry = {
  readonly key: string
  readonly value: string
  /** Grows by one with each write of the key, from 1; starts again at 1 after a delete or an expiry. */
  readonly revision: number
}

/** Which keys to list. */
export type KeyValueListOptions = {
  readonly prefix: string
  /** Only keys that sort after this one (UTF-8 order), for paging. */
  readonly after?: string
  /** At most so many; default 1,000. */
  readonly limit?: number
}

/** Small documents by key. Writes go through `Storage.commit`. Expired entries are never returned. */
export type KeyValueStore = {
  get(key: string): Promise<KeyValueEntry | undefined>
  /** Entries in UTF-8 order of their keys. */
  list(options: KeyValueListOptions): Promise<readonly KeyValueEntry[]>
}
