/** A record that can be found by its tags. */
export type QueryRecord = {
  readonly id: string
  /** Epoch milliseconds; results come in order of (time, id). */
  readonly time: number
  /** Indexed fields, matched by equality. */
  readonly tags: Readonly<Record<string, string>>
  /** JSON. */
  readonly text: string
}

/** Which records to find, and in which order. */
export type QueryOptions = {
  /** Every tag named must equal the value. */
  readonly where?: Readonly<Record<string, string>>
  /** Inclusive bounds of `time`. */
  readonly fromTime?: number
  readonly toTime?: number
  readonly order?: 'ascending' | 'descending'
  /** Only records after this one in the chosen order, for paging. */
  readonly after?: { readonly time: number; readonly id: string }
  /** At most so many; default 1,000. */
  readonly limit?: number
}

/** Indexed records by collection: orders, fills, decisions, outcomes. Writes go through `Storage.commit`. */
export type QueryStore = {
  get(collection: string, id: string): Promise<QueryRecord | undefined>
  query(collection: string, options?: QueryOptions): Promise<readonly QueryRecord[]>
  count(collection: string, where?: Readonly<Record<string, string>>): Promise<number>
}
