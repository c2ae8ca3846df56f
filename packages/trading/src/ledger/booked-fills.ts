import { type EpochMs, IdIndex } from '@tradeswarm/core'
import type { FillRecord, ForgottenFill } from './book-record.js'

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** The key of a fill that can no longer be busted, and by what key that is. */
type ForgottenKey = ForgottenFill & { readonly key: string }

/** So many keys that were dropped are taken out of the list at once. */
const droppedAtOnce = 64

/**
 * The fills of a symbol by their keys: those that may yet be busted or corrected, and those that were folded, of which the key alone is left.
 * One look tells of both: nearly every fill that comes is new.
 */
export class BookedFills {
  readonly #byKey = new IdIndex<Mutable<FillRecord> | ForgottenKey>()
  /** Those that were folded, in the order in which they were; what lies before `#first` was dropped. */
  #forgotten: ForgottenKey[] = []
  #first = 0
  /** Whether the time of none of them is before that of the one ahead of it. */
  #isInOrder = true

  /** A fill that may yet change, or what is left of one that was folded. */
  find(key: string): Mutable<FillRecord> | ForgottenFill | undefined {
    return this.#byKey.get(key)
  }

  /** A fill that may yet be busted or corrected. */
  get(key: string): Mutable<FillRecord> | undefined {
    const found = this.#byKey.get(key)
    return found === undefined || isForgotten(found) ? undefined : found
  }

  forgotten(key: string): ForgottenFill | undefined {
    const found = this.#byKey.get(key)
    return found === undefined || !isForgotten(found) ? undefined : found
  }

  set(key: string, record: Mutable<FillRecord>): void {
    this.#byKey.set(key, record)
  }

  delete(key: string): void {
    this.#byKey.delete(key)
  }

  /** Remembers that a fill was booked, and no more of it. */
  forget(key: string, { entryId, time, bustEntryId }: ForgottenFill): void {
    const last = this.#forgotten.at(-1)
    if (last !== undefined && this.forgottenCount > 0 && time < last.time) this.#isInOrder = false
    const left: ForgottenKey = bustEntryId === undefined ? { key, entryId, time } : { key, entryId, time, bustEntryId }
    this.#byKey.set(key, left)
    this.#forgotten.push(left)
  }

  get forgottenCount(): number {
    return this.#forgotten.length - this.#first
  }

  /** The fills that were folded and are remembered by their keys, in the order in which they were. */
  allForgotten(): readonly (readonly [key: string, fill: ForgottenFill])[] {
    return this.#forgotten.slice(this.#first).map((fill) => [fill.key, fill])
  }

  /** Drops the keys of folded fills of before a time. Where they lie in the order of their times, as nearly always, it looks at no others. */
  dropKeys(before: EpochMs): void {
    if (!this.#isInOrder) {
      const kept: ForgottenKey[] = []
      for (const fill of this.#forgotten.slice(this.#first)) {
        if (fill.time < before) this.#byKey.delete(fill.key)
        else kept.push(fill)
      }
      this.#forgotten = kept
      this.#first = 0
      return
    }
    for (; this.#first < this.#forgotten.length; this.#first += 1) {
      const fill = this.#forgotten[this.#first] as ForgottenKey
      if (fill.time >= before) break
      this.#byKey.delete(fill.key)
    }
    if (this.#first < droppedAtOnce || this.#first * 2 < this.#forgotten.length) return
    this.#forgotten = this.#forgotten.slice(this.#first)
    this.#first = 0
  }
}

function isForgotten(found: Mutable<FillRecord> | ForgottenKey): found is ForgottenKey {
  return !('type' in found)
}
