import type { Duration, EpochMs } from '@tradeswarm/core'

/** One post or article as a source gives it. Its text is untrusted. */
export type SourceItem = {
  /** Unique within the source, together with the symbol. */
  readonly id: string
  readonly symbol: string
  readonly text: string
  /** When it was published, epoch milliseconds. */
  readonly at: EpochMs
  readonly author?: string
  readonly followers?: number
  readonly url?: string
}

/** What a source is given at each poll. */
export type PollContext = {
  /** The time of the last successful poll; undefined at the first. */
  readonly since: EpochMs | undefined
  readonly now: EpochMs
  readonly signal: AbortSignal
  readonly fetch: typeof fetch
}

/** What `defineSignalSource` takes. */
export type SignalSourceOptions = {
  readonly name: string
  /** How often it is polled. */
  readonly every: Duration
  /** At most so many polls in so many milliseconds. */
  readonly quota?: { readonly requests: number; readonly perMs: number }
  /** How much its word counts, 0 to 1; default 0.5. */
  readonly weight?: number
  /** True marks all that comes from it as made up, in every output. */
  readonly synthetic?: boolean
  poll(context: PollContext): Promise<readonly SourceItem[]>
  /**
   * The first time after `after` at which there will be something to poll; undefined when never again.
   * A source that knows it is polled only then, at the next multiple of `every`.
   */
  nextDue?(after: EpochMs): EpochMs | undefined
}

/** An inert description of a source of posts or news. */
export type SignalSource = Required<Pick<SignalSourceOptions, 'name' | 'poll' | 'weight' | 'synthetic'>> &
  Pick<SignalSourceOptions, 'quota' | 'nextDue'> & { readonly everyMs: number }
