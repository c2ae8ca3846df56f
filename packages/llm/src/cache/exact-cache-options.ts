import {
  assertKnownOptions,
  type Clock,
  createSystemClock,
  createSystemIds,
  type Duration,
  durationMs,
  type Ids,
} from '@tradeswarm/core'
import { invalidOption } from '../invalid-option.js'
import type { AnswerStore } from './answer-store.js'
import type { StoringRules } from './why-not-stored.js'

/** How answers are kept, and for how long. */
export type ExactCacheOptions = {
  /** Answers are found within their namespace only; default `default`. Give each tenant one of its own. */
  readonly namespace?: string
  /** How long an answer may be given again; default one hour. */
  readonly lifetime?: Duration
  /**
   * What market data a prompt rests on, such as the close of the last bar: asked at each call, and part of the key, so that no answer
   * outlives its data. A call may name its own (`callContext`). Default none.
   */
  readonly epoch?: () => string
  /** Memory for answers, in characters of their text; default 64 million. */
  readonly maximumCharacters?: number
  /** Calls that are shared while they are under way, at most; default 1,000. */
  readonly maximumShared?: number
  /** Answers beyond this process. They are written before the caller goes on; where that fails the answer is given all the same. */
  readonly store?: AnswerStore
  /** Where the model is reached, for one that does not tell (see `docs/guides`): without it answers are kept in memory for that one object only. */
  readonly baseUrl?: string
  /** Tools that always answer alike and change nothing; an answer that calls others is never stored. */
  readonly pureTools?: readonly string[]
  /** Store answers that were drawn at a temperature above 0; default false. */
  readonly storeSampled?: boolean
  /** Default true. Where false, nothing is shared between calls that are under way. */
  readonly singleFlight?: boolean
  readonly clock?: Clock
  readonly ids?: Ids
}

/** {@link ExactCacheOptions} with every default in place. */
export type ResolvedCacheOptions = StoringRules & {
  readonly namespace: string
  readonly lifetimeMs: number
  readonly epoch: () => string
  readonly maximumCharacters: number
  readonly maximumShared: number
  readonly store: AnswerStore | undefined
  readonly baseUrl: string | undefined
  readonly singleFlight: boolean
  readonly clock: Clock
  readonly ids: Ids
}

const names: readonly (keyof ExactCacheOptions)[] = [
  'namespace',
  'lifetime',
  'epoch',
  'maximumCharacters',
  'maximumShared',
  'store',
  'baseUrl',
  'pureTools',
  'storeSampled',
  'singleFlight',
  'clock',
  'ids',
]

/** Throws `INVALID_OPTION` and `INVALID_DURATION`. */
export function resolveCacheOptions(options: ExactCacheOptions): ResolvedCacheOptions {
  assertKnownOptions('createExactCache', options, names)
  const { namespace = 'default', maximumCharacters = 64_000_000, maximumShared = 1_000 } = options
  if (typeof namespace !== 'string' || namespace === '')
    throw invalidOption(
      'createExactCache',
      'namespace',
      `is ${JSON.stringify(namespace)}; give a text that is not empty`,
    )
  if (!isCount(maximumCharacters))
    throw invalidOption(
      'createExactCache',
      'maximumCharacters',
      `is ${JSON.stringify(maximumCharacters)}; give a whole number from 1 on`,
    )
  if (!isCount(maximumShared))
    throw invalidOption(
      'createExactCache',
      'maximumShared',
      `is ${JSON.stringify(maximumShared)}; give a whole number from 1 on`,
    )
  return {
    namespace,
    lifetimeMs: durationMs(options.lifetime ?? '1h'),
    epoch: options.epoch ?? (() => ''),
    maximumCharacters,
    maximumShared,
    store: options.store,
    baseUrl: options.baseUrl,
    pureTools: new Set(options.pureTools),
    storeSampled: options.storeSampled ?? false,
    singleFlight: options.singleFlight ?? true,
    clock: options.clock ?? createSystemClock(),
    ids: options.ids ?? createSystemIds(),
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1
}
