import { canonicalJson } from '../encoding/canonical-json.js'
import type { EntryDraft } from '../storage/journal.js'
import type { EpochMs } from '../time/clock.js'

/** A journal entry before it has its number and hash. The payload is plain JSON. */
export type JournalDraft = {
  readonly id: string
  readonly kind: string
  readonly time: EpochMs
  readonly payload: unknown
  /**
   * The payload has a canonical form and nothing of it ever changes again: it is written down when it is written, rather than at once. Where that
   * does not hold, nothing of the commit that it would be in is ever written.
   */
  readonly isFinal?: boolean
}

/** An entry whose text is made when it is asked for. */
export class LateDraft implements EntryDraft {
  readonly id: string
  readonly kind: string
  readonly time: EpochMs
  readonly #payload: unknown
  #text: string | undefined

  constructor({ id, kind, time, payload }: JournalDraft) {
    this.id = id
    this.kind = kind
    this.time = time
    this.#payload = payload
  }

  get text(): string {
    this.#text ??= canonicalJson(this.#payload)
    return this.#text
  }
}
