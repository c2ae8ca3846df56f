import type { EpochMs } from '@tradeswarm/core'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
/** Bars of six hours and more begin by the clock of Hong Kong, unless their name ends in `utc`. */
const hongKong = 8 * hour

/** When a bar begins and ends that an instant lies in. */
export type CandleSpan = { readonly start: EpochMs; readonly end: EpochMs }

const fixed: Readonly<Record<string, number>> = {
  '1s': 1_000,
  '1m': minute,
  '3m': 3 * minute,
  '5m': 5 * minute,
  '15m': 15 * minute,
  '30m': 30 * minute,
  '1H': hour,
  '2H': 2 * hour,
  '4H': 4 * hour,
  '6H': 6 * hour,
  '12H': 12 * hour,
  '1D': day,
  '2D': 2 * day,
  '3D': 3 * day,
  '1W': 7 * day,
}
const months: Readonly<Record<string, number>> = { '1M': 1, '3M': 3 }
const largest: ReadonlySet<string> = new Set(['6H', '12H', '1D', '2D', '3D', '1W', '1M', '3M'])

/** True for a bar that the API knows, such as `1m`, `4H` and `1Dutc`. */
export function isCandleBar(bar: string): boolean {
  const name = bar.endsWith('utc') ? bar.slice(0, -3) : bar
  return (name in fixed || name in months) && (name === bar || largest.has(name))
}

/** The span of a bar around an instant. Throws for a bar that is none. */
export function candleSpan(bar: string, time: EpochMs): CandleSpan {
  const isUtc = bar.endsWith('utc')
  const name = isUtc ? bar.slice(0, -3) : bar
  const offset = isUtc || !largest.has(name) ? 0 : hongKong
  const count = months[name]
  if (count !== undefined) return monthSpan(count, time, offset)
  const length = fixed[name]
  if (length === undefined) throw new Error(`no bar ${bar}`)
  // Weeks begin on a Monday; 1970 began on a Thursday.
  const shift = offset + (name === '1W' ? 3 * day : 0)
  const start = Math.floor((time + shift) / length) * length - shift
  return { start, end: start + length }
}

function monthSpan(count: number, time: EpochMs, offset: number): CandleSpan {
  const local = new Date(time + offset)
  const year = local.getUTCFullYear()
  const first = Math.floor(local.getUTCMonth() / count) * count
  return { start: Date.UTC(year, first) - offset, end: Date.UTC(year, first + count) - offset }
}
