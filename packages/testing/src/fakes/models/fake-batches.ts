import type { FakeUsage } from './fake-model.js'

/** What becomes of one request of a batch; `answered` is the default. The last four are what a provider must not do, and may. */
export type FakeBatchFate =
  | 'answered'
  /** Refused with a status of 400. */
  | 'failed'
  | 'expired'
  | 'cancelled'
  | 'missing'
  | 'twice'
  /** Answered under an id that nobody gave. */
  | 'wrong-id'
  /** A line that is no JSON. */
  | 'garbage'

/** A batch as the provider has it. */
export type FakeBatch = {
  readonly id: string
  /** Seconds since 1970. */
  readonly created: number
  readonly requests: readonly FakeBatchRequest[]
  /** `refused`: it was taken in, and found to be senseless. */
  readonly state: 'open' | 'cancelling' | 'ended' | 'expired' | 'cancelled' | 'refused'
  readonly lines: readonly FakeBatchLine[]
}

export type FakeBatchRequest = { readonly customId: string; readonly body: Readonly<Record<string, unknown>> }

/** One line of results. */
export type FakeBatchLine = {
  readonly customId: string
  readonly fate: FakeBatchFate
  /** The provider's answer, of `answered` and its like, or its error, of `failed`. */
  readonly body?: unknown
}

/** The batches of a fake provider, and what a test may do to them. */
export type FakeBatchDesk = {
  readonly all: readonly FakeBatch[]
  /** Ends all that are open, each request with its fate by its place in its batch; what is not named is answered. */
  process(fates?: Readonly<Record<number, FakeBatchFate>>): Promise<void>
  /** The day is over: what is open ends with nothing answered. */
  expire(): void
  /** Tokens of all that was answered in batches. */
  billed(): FakeUsage
}

export type FakeBatchReply = { readonly body: unknown; readonly usage: FakeUsage } | { readonly error: unknown }

type Open = { -readonly [Field in keyof FakeBatch]: FakeBatch[Field] }

/** What the routes of a wire do with batches. */
export class FakeBatches {
  readonly #all: Open[] = []
  readonly #usages: FakeUsage[] = []
  readonly #files = new Map<string, string>()
  readonly #reply: (body: FakeBatchRequest['body']) => Promise<FakeBatchReply>
  readonly #now: () => number

  constructor(reply: (body: FakeBatchRequest['body']) => Promise<FakeBatchReply>, now: () => number) {
    this.#reply = reply
    this.#now = now
  }

  get all(): readonly FakeBatch[] {
    return this.#all
  }

  get usages(): readonly FakeUsage[] {
    return this.#usages
  }

  find(id: string): FakeBatch | undefined {
    return this.#all.find((batch) => batch.id === id)
  }

  putFile(text: string): string {
    const id = `file-${this.#files.size + 1}`
    this.#files.set(id, text)
    return id
  }

  file(id: string): string | undefined {
    return this.#files.get(id)
  }

  add(requests: readonly FakeBatchRequest[]): FakeBatch {
    const isSenseless = new Set(requests.map(({ customId }) => customId)).size < requests.length
    const batch: Open = {
      id: `batch_${this.#all.length + 1}`,
      created: this.#now(),
      requests,
      state: isSenseless ? 'refused' : 'open',
      lines: [],
    }
    this.#all.push(batch)
    return batch
  }

  cancel(id: string): void {
    for (const batch of this.#all) if (batch.id === id && batch.state === 'open') batch.state = 'cancelling'
  }

  async process(fates: Readonly<Record<number, FakeBatchFate>> = {}): Promise<void> {
    for (const batch of this.#all) {
      if (batch.state === 'open') {
        batch.lines = await this.#linesOf(batch, fates)
        batch.state = 'ended'
      } else if (batch.state === 'cancelling') {
        batch.lines = batch.requests.map(({ customId }) => ({ customId, fate: 'cancelled' }))
        batch.state = 'cancelled'
      }
    }
  }

  expire(): void {
    for (const batch of this.#all) {
      if (batch.state !== 'open') continue
      batch.lines = batch.requests.map(({ customId }) => ({ customId, fate: 'expired' }))
      batch.state = 'expired'
    }
  }

  async #linesOf(batch: FakeBatch, fates: Readonly<Record<number, FakeBatchFate>>): Promise<FakeBatchLine[]> {
    const lines: FakeBatchLine[] = []
    for (const [index, { customId, body }] of batch.requests.entries()) {
      const fate = fates[index] ?? 'answered'
      if (fate === 'missing') continue
      if (fate === 'expired' || fate === 'cancelled') {
        lines.push({ customId, fate })
        continue
      }
      const reply: FakeBatchReply = fate === 'failed' ? { error: undefined } : await this.#reply(body)
      if ('error' in reply) {
        lines.push({ customId, fate: 'failed' })
        continue
      }
      this.#usages.push(reply.usage)
      const line = { customId: fate === 'wrong-id' ? `${customId}x` : customId, fate, body: reply.body }
      lines.push(line)
      if (fate === 'twice') lines.push(line)
    }
    // The order of results is no provider's promise.
    return lines.reverse()
  }
}
