import {
  type EpochMs,
  type KeyValueEntry,
  type KeyValueWrite,
  type ResolvedList,
  revisionConflict,
  wellFormed,
} from '@tradeswarm/core'
import { SortedList } from './sorted-list.js'
import { compareUtf8 } from './utf8-order.js'

type Stored = { readonly entry: KeyValueEntry; readonly expiresAt: EpochMs | undefined }

const fewestForSweep = 1_024

/** Documents by key, with the keys in UTF-8 order beside them for listings. */
export class MemoryKeyValue {
  readonly #stored = new Map<string, Stored>()
  readonly #keys = new SortedList<string>(compareUtf8)
  readonly #expiring = new Set<string>()
  #sweepAtSize = fewestForSweep

  get(key: string, now: EpochMs): KeyValueEntry | undefined {
    return this.#live(wellFormed(key), now)
  }

  list({ prefix, after, limit }: ResolvedList, now: EpochMs): KeyValueEntry[] {
    const found: KeyValueEntry[] = []
    const start = wellFormed(prefix)
    const beyond = after === undefined ? undefined : wellFormed(after)
    const first = this.#keys.firstNot(
      (key) => compareUtf8(key, start) < 0 || (beyond !== undefined && compareUtf8(key, beyond) <= 0),
    )
    for (let place = first; place < this.#keys.items.length && found.length < limit; place += 1) {
      const key = this.#keys.items[place] as string
      if (!key.startsWith(start)) break
      const entry = this.#live(key, now)
      if (entry !== undefined) found.push(entry)
    }
    return found
  }

  /** Throws `REVISION_CONFLICT` when a write would meet another revision, the earlier writes of the batch counted in. */
  check(writes: readonly KeyValueWrite[], now: EpochMs, place: string): void {
    const planned = new Map<string, number>()
    for (const { key, value, ifRevision } of writes) {
      const name = wellFormed(key)
      const revision = planned.get(name) ?? this.#live(name, now)?.revision ?? 0
      if (ifRevision !== undefined && ifRevision !== revision) throw revisionConflict(place, key, ifRevision, revision)
      planned.set(name, value === undefined ? 0 : revision + 1)
    }
  }

  /** Makes writes that {@link check} has passed. */
  apply(writes: readonly KeyValueWrite[], now: EpochMs): void {
    for (const write of writes) {
      const key = wellFormed(write.key)
      const revision = this.#live(key, now)?.revision ?? 0
      if (write.value === undefined) this.#remove(key)
      else
        this.#put(
          { key, value: wellFormed(write.value), revision: revision + 1 },
          write.ttlMs === undefined ? undefined : now + write.ttlMs,
        )
    }
    this.#sweep(now)
  }

  #live(key: string, now: EpochMs): KeyValueEntry | undefined {
    const stored = this.#stored.get(key)
    if (stored === undefined || (stored.expiresAt !== undefined && stored.expiresAt <= now)) return undefined
    return stored.entry
  }

  #put(entry: KeyValueEntry, expiresAt: EpochMs | undefined): void {
    if (!this.#stored.has(entry.key)) this.#keys.insert(entry.key)
    this.#stored.set(entry.key, { entry: Object.freeze(entry), expiresAt })
    if (expiresAt === undefined) this.#expiring.delete(entry.key)
    else this.#expiring.add(entry.key)
  }

  #remove(key: string): void {
    if (!this.#stored.delete(key)) return
    this.#keys.remove(key)
    this.#expiring.delete(key)
  }

  /** Drops what has expired whenever the entries with a time to live have doubled, so that a sweep costs O(1) a write. */
  #sweep(now: EpochMs): void {
    if (this.#expiring.size < this.#sweepAtSize) return
    for (const key of this.#expiring) if (this.#live(key, now) === undefined) this.#remove(key)
    this.#sweepAtSize = Math.max(fewestForSweep, this.#expiring.size * 2)
  }
}
