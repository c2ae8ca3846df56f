/** An entry and when its lease lapses. */
export type RegistryRecord<Entry> = {
  readonly entry: Entry
  expiresMs: number
}

/** The records that share a role, a capability or a tag, in order of registration. */
export class RegistryBucket<Entry> {
  readonly #records = new Set<RegistryRecord<Entry>>()
  #live: readonly Entry[] | undefined = undefined
  /** No lease of a live one lapses before: heartbeats only prolong, so that they need not be looked at. */
  #liveUntilMs = 0

  get size(): number {
    return this.#records.size
  }

  add(record: RegistryRecord<Entry>): void {
    this.#records.add(record)
    this.#live = undefined
  }

  delete(record: RegistryRecord<Entry>): void {
    this.#records.delete(record)
    this.#live = undefined
  }

  /** The entries whose lease has not lapsed: the same array while nobody comes or goes. */
  live(nowMs: number): readonly Entry[] {
    if (this.#live === undefined || nowMs >= this.#liveUntilMs) this.#live = this.#collect(nowMs)
    return this.#live
  }

  #collect(nowMs: number): readonly Entry[] {
    const live: Entry[] = []
    this.#liveUntilMs = Number.POSITIVE_INFINITY
    for (const { entry, expiresMs } of this.#records) {
      if (expiresMs <= nowMs) continue
      live.push(entry)
      if (expiresMs < this.#liveUntilMs) this.#liveUntilMs = expiresMs
    }
    return live
  }
}

/** The buckets of one kind of condition by its value; none is kept empty. */
export class RegistryIndex<Entry> {
  readonly #buckets = new Map<string, RegistryBucket<Entry>>()

  get(value: string): RegistryBucket<Entry> | undefined {
    return this.#buckets.get(value)
  }

  add(value: string, record: RegistryRecord<Entry>): void {
    let bucket = this.#buckets.get(value)
    if (bucket === undefined) {
      bucket = new RegistryBucket()
      this.#buckets.set(value, bucket)
    }
    bucket.add(record)
  }

  delete(value: string, record: RegistryRecord<Entry>): void {
    const bucket = this.#buckets.get(value)
    bucket?.delete(record)
    if (bucket?.size === 0) this.#buckets.delete(value)
  }
}
