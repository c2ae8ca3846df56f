import type { EpochMs } from '@tradeswarm/core'
import type { Decimal } from '../money/decimal.js'
import type { Side } from '../orders/order-request.js'

/** Events of a kind that are remembered: of each symbol, or of the account. No policy may count more. */
export const rememberedEvents = 100

/** How full a token bucket is of what was taken: `level / intervalMs` tokens at `at`, which come back one every `intervalMs`. */
export type RateLevel = { readonly level: number; readonly at: EpochMs; readonly intervalMs: number }

/** An entry that was permitted. */
export type RecentEntry = { readonly time: EpochMs; readonly side: Side; readonly quantity: string }

/** An execution of an entry. */
export type RecentExecution = { readonly time: EpochMs; readonly side: Side; readonly strategy: string }

/** What came of a closed position, fees and income included. */
export type RecentResult = { readonly time: EpochMs; readonly result: Decimal }

/** Events of a kind, oldest first. */
export type RecentList<T> = Iterable<T> & {
  readonly length: number
  at(index: number): T | undefined
  /** None is of an earlier time than the one before it; false or absent where nobody knows, as after a clock was put back. */
  readonly isInOrder?: boolean
}

/** What happened in a symbol lately, so many of each as the rules look back on. */
export type SymbolActivity = {
  readonly entries: RecentList<RecentEntry>
  readonly executions: RecentList<RecentExecution>
  readonly results: RecentList<RecentResult>
}

/** What an agent in a strategy has used of the account, in its currency. */
export type PrincipalUse = {
  readonly agent: string
  readonly strategy: string
  /** What its open entries set aside. */
  readonly outstanding: Decimal
  /** What its open positions have cost, fees apart. */
  readonly openCost: Decimal
  /** What its closed parts have made, all its fees taken off. */
  readonly realised: Decimal
  /** The highest that `realised` has been, at least 0. */
  readonly peak: Decimal
  /** `openCost` and `outstanding` together. */
  readonly committed: Decimal
  /** How far `realised` is below its peak. */
  readonly fallen: Decimal
}

/** A part of a position, by whose entry it was opened. */
export type PrincipalHolding = {
  readonly use: PrincipalUse
  readonly isLong: boolean
  readonly units: Decimal
  readonly cost: Decimal
}

/** What the account did lately and who did it: kept by the journal's records alone. */
export type ActivityView = {
  symbol(symbol: string): SymbolActivity | undefined
  /** The bucket of the account (`''`) or of a principal, by its name; undefined where nothing was taken from it yet. */
  rate(key: string): RateLevel | undefined
  /** Positions closed at a loss since the last that was not. */
  readonly lossStreak: number
  readonly lastLossAt: EpochMs | undefined
  /** When positions were stopped out at a loss, oldest first. */
  readonly stopOuts: readonly EpochMs[]
  /** Orders that the venue refused since it last took one. */
  readonly rejectionStreak: number
  readonly lastRejectionAt: EpochMs | undefined
  /** Day trades of the last sessions, the one of today included. */
  dayTrades(sessions: number): number
  readonly principals: Iterable<PrincipalUse>
  /** Whose the position in a symbol is. */
  holdings(symbol: string): readonly PrincipalHolding[]
}

/**
 * Whether fewer events than `count` of a list can be of after a moment: the one that would be the last of so many is not. False says nothing.
 * It saves a look at each of them.
 */
export function isFewSince(
  list: RecentList<{ readonly time: EpochMs }> | undefined,
  count: number,
  since: EpochMs,
): boolean {
  if (list === undefined || list.length < count) return true
  const last = list.isInOrder === true ? list.at(list.length - count) : undefined
  return last !== undefined && last.time <= since
}

/** Under which key the bucket of a principal is kept. */
export function rateKey(principal: {
  readonly agent?: string | undefined
  readonly strategy?: string | undefined
}): string {
  return JSON.stringify([principal.agent ?? null, principal.strategy ?? null])
}

/** Whether a principal of the policy speaks of an agent in a strategy. */
export function isPrincipal(
  principal: { readonly agent?: string | undefined; readonly strategy?: string | undefined },
  agent: string,
  strategy: string,
): boolean {
  return (
    (principal.agent === undefined || principal.agent === agent) &&
    (principal.strategy === undefined || principal.strategy === strategy)
  )
}

/** A bucket after one more token was taken at `time`. Whole numbers only, so that it is the same everywhere. */
export function takenFrom(bucket: RateLevel | undefined, time: EpochMs, intervalMs: number): RateLevel {
  if (bucket === undefined) return { level: intervalMs, at: time, intervalMs }
  const level =
    bucket.intervalMs === intervalMs ? bucket.level : Math.ceil((bucket.level * intervalMs) / bucket.intervalMs)
  const left = Math.max(0, level - Math.max(0, time - bucket.at))
  return { level: Math.min(left, largestLevel) + intervalMs, at: Math.max(time, bucket.at), intervalMs }
}

/** 10,000 tokens of at most a minute. */
const largestLevel = 10_000 * 60_000

/**
 * Whether a bucket of `burst` tokens has none left at `time`. The level is in the units in which it was written; products of whole
 * numbers alone decide, so that a smaller burst or a longer interval never finds a token that was not there.
 */
export function isEmptied(
  bucket: RateLevel | undefined,
  time: EpochMs,
  { burst, intervalMs }: { readonly burst: number; readonly intervalMs: number },
): boolean {
  if (bucket === undefined) return false
  const elapsedMs = Math.min(Math.max(0, time - bucket.at), 2 * largestLevel)
  return intervalMs * (bucket.level - (burst - 1) * bucket.intervalMs) > elapsedMs * bucket.intervalMs
}

/** Whether so many tokens, or more, are taken from a bucket at `time`. */
export function isUsedUp(bucket: RateLevel | undefined, time: EpochMs, tokens: number, intervalMs: number): boolean {
  if (bucket === undefined) return false
  const elapsedMs = Math.min(Math.max(0, time - bucket.at), 2 * largestLevel)
  return intervalMs * (bucket.level - tokens * bucket.intervalMs) >= elapsedMs * bucket.intervalMs
}

/** How many tokens are taken from a bucket at `time`, one that comes back in part included. */
export function usedTokens(bucket: RateLevel | undefined, time: EpochMs, intervalMs: number): number {
  if (bucket === undefined) return 0
  const elapsedMs = Math.min(Math.max(0, time - bucket.at), 2 * largestLevel)
  const left = intervalMs * bucket.level - elapsedMs * bucket.intervalMs
  return Math.max(0, Math.ceil(left / (bucket.intervalMs * intervalMs)))
}
