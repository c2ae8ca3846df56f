import { type EpochMs, SwarmError } from '@tradeswarm/core'
import { type KernelRuntime, openOrdersOf } from './kernel-runtime.js'
import { raiseHalt } from './raise-halt.js'

/** When the kernel sets `reducing` by itself, besides the policy's loss limits; `false` for never. */
export type AutomaticHaltOptions = {
  /** So many orders in a row that the venue rejects; default 5. */
  readonly rejectionStreak?: number | false
  /** More entries than these within a minute; default 300. Exits are not counted. */
  readonly entriesPerMinute?: number | false
  /** The venue's clock is further off than this; default 1,000. Asked of brokers that tell their time, twice a minute. */
  readonly clockSkewMs?: number | false
  /**
   * While a market is open: no price for so long of a symbol that is held or has open orders. Default: 30,000 or the policy's
   * `maximumQuoteAgeMs`, whichever is more; never where the policy sets none, which is for daily data.
   */
  readonly staleFeedMs?: number | false
}

export type AutomaticHaltLimits = {
  readonly rejectionStreak: number | false
  readonly entriesPerMinute: number | false
  readonly clockSkewMs: number | false
  readonly staleFeedMs: number | false | undefined
}

export const automaticHaltDefaults = {
  rejectionStreak: 5,
  entriesPerMinute: 300,
  clockSkewMs: 1_000,
  staleFeedMs: undefined,
} as const satisfies AutomaticHaltLimits

const rateWindowMs = 60_000
const leastStaleFeedMs = 30_000

/** The times of the last entries, as many as may be sent in a minute. */
export type EntryTimes = { readonly times: EpochMs[]; next: number }

/** The entries that were sent within the last minute before a restart, so that a restart is no way round the limit. */
export function recentEntries({ state, clock, limits }: Pick<KernelRuntime, 'state' | 'clock' | 'limits'>): EntryTimes {
  const since = clock.now() - rateWindowMs
  const times: EpochMs[] = []
  for (const { header, permit, state: order } of state.orders.values()) {
    if (header.execution !== undefined) continue
    // Of the permit, since an order may have waited, or been amended, long after it was made. Amendments count as if they were all as late.
    const sentAt = permit?.issuedAt ?? header.createdAt
    if (sentAt <= since || order.words.submitted !== true || header.request.reduceOnly) continue
    for (let sent = Object.keys(order.revisions ?? {}).length; sent >= 0; sent -= 1) times.push(sentAt)
  }
  times.sort((a, b) => a - b)
  const kept = limits.entriesPerMinute === false ? [] : times.slice(-limits.entriesPerMinute)
  return { times: kept, next: 0 }
}

/** Counts an entry that is about to be sent; the one that is too many voids its own permit with all others. */
export function countEntry(runtime: KernelRuntime): void {
  const { entriesPerMinute } = runtime.limits
  if (entriesPerMinute === false) return
  const { entryTimes } = runtime
  const now = runtime.clock.now()
  if (entryTimes.times.length < entriesPerMinute) {
    entryTimes.times.push(now)
    return
  }
  const oldest = entryTimes.times[entryTimes.next] ?? 0
  entryTimes.times[entryTimes.next] = now
  entryTimes.next = (entryTimes.next + 1) % entriesPerMinute
  if (now - oldest >= rateWindowMs) return
  raiseHalt(runtime, 'order-rate', `more than ${entriesPerMinute} entries were to be sent within a minute`)
}

/** Looks at the streak of rejections after one more. */
export function checkRejections(runtime: KernelRuntime): void {
  const { rejectionStreak: limit } = runtime.limits
  const streak = runtime.state.risk.rejectionStreak ?? 0
  if (limit === false || streak < limit) return
  raiseHalt(runtime, 'rejections', `the venue rejected ${streak} orders in a row`)
}

/** Looks for symbols with something at stake and no price of late. */
export function checkFeed(runtime: KernelRuntime): void {
  const limitMs = staleFeedMs(runtime)
  const now = runtime.clock.now()
  const session = limitMs === undefined ? undefined : runtime.calendar.openSession(now)
  if (limitMs === undefined || session === undefined) return
  for (const symbol of symbolsAtStake(runtime)) {
    const said = runtime.market.last(symbol)?.time ?? 0
    // A time that has not come yet tells nothing of when it was heard, nor of when the kernel was started.
    const come = [said, runtime.startedAt].filter((time) => time - now <= limitMs)
    const heard = Math.max(session.open, ...come)
    if (now - heard <= limitMs) continue
    raiseHalt(runtime, 'stale-feed', `no price of ${symbol} for ${now - heard} ms, with a position or an order in it`)
    return
  }
}

function staleFeedMs({ limits, state }: KernelRuntime): number | undefined {
  if (limits.staleFeedMs === false) return undefined
  const { maximumQuoteAgeMs } = state.risk.policy
  if (limits.staleFeedMs !== undefined || maximumQuoteAgeMs === undefined) return limits.staleFeedMs
  return Math.max(leastStaleFeedMs, maximumQuoteAgeMs)
}

function symbolsAtStake(runtime: KernelRuntime): ReadonlySet<string> {
  const symbols = new Set<string>()
  for (const [symbol, trip] of runtime.state.trips) if (trip.status === 'open') symbols.add(symbol)
  for (const symbol of runtime.state.index.openOrders.symbols())
    if (openOrdersOf(runtime, symbol).some(({ state }) => state.status !== 'permitted')) symbols.add(symbol)
  return symbols
}

/**
 * How far the venue's clock is surely off ours, in milliseconds: what the round trip of the question leaves in doubt is taken off.
 * `no-clock` where the venue does not tell its time. Rejects when it cannot be asked.
 */
export async function measureSkew({ broker, clock }: KernelRuntime): Promise<number | 'no-clock'> {
  if (broker?.time === undefined) return 'no-clock'
  const before = clock.now()
  const venue = await broker.time()
  const off = Math.max(before - venue, venue - clock.now(), 0)
  if (Number.isFinite(off)) return off
  throw new SwarmError({ code: 'VENUE_TIME_INVALID', message: `the venue says that its time is ${venue}` })
}

/** Judges the skew that was measured last. A venue that could not be asked has none. */
export function checkSkew(runtime: KernelRuntime): void {
  const { clockSkewMs: limit } = runtime.limits
  const { clockSkewMs: skewMs } = runtime
  if (limit === false || skewMs === undefined || skewMs === 'no-clock' || skewMs <= limit) return
  raiseHalt(
    runtime,
    'clock-skew',
    `the venue's clock is at least ${skewMs} ms off ours, above the limit of ${limit} ms`,
  )
}
