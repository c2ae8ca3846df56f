import type { SessionDate } from '@tradeswarm/trading'
import type { Tape } from '../tape/tape.js'

/** What holding would have made: the worth of 1 unit of capital at the close of each session, the first being the start. */
export type BenchmarkCurve = {
  readonly dates: readonly SessionDate[]
  /** The symbols that the swarm trades, bought in equal parts at the first open and held, dividends kept as cash. */
  readonly buyAndHold: readonly number[]
  /** The same basket, held each day with the fraction of capital that the swarm had invested the evening before. */
  readonly sameExposure: readonly number[]
}

/**
 * Benchmarks over the sessions given, with the swarm's exposure at each close. Without fees or slippage: a flattering
 * yardstick. Symbols of the tape that the swarm does not trade are no part of it.
 */
export function benchmarkCurve(
  tape: Pick<Tape, 'bars' | 'dividends'>,
  symbols: readonly string[],
  sessions: readonly { readonly sessionDate: SessionDate; readonly exposure: number | undefined }[],
): BenchmarkCurve {
  const dates = sessions.map((session) => session.sessionDate)
  const basket = basketWorth(tape, new Set(symbols), dates)
  const sameExposure: number[] = []
  for (const [index, worth] of basket.entries()) {
    const before = sameExposure[index - 1]
    if (before === undefined) {
      sameExposure.push(1)
      continue
    }
    const change = worth / (basket[index - 1] ?? worth) - 1
    sameExposure.push(before * (1 + (sessions[index - 1]?.exposure ?? 0) * change))
  }
  return { dates, buyAndHold: basket, sameExposure }
}

function basketWorth(
  tape: Pick<Tape, 'bars' | 'dividends'>,
  symbols: ReadonlySet<string>,
  dates: readonly SessionDate[],
): readonly number[] {
  const first = dates[0]
  if (first === undefined) return []
  const wanted = new Set(dates)
  const closes = new Map<SessionDate, Map<string, number>>()
  const entry = new Map<string, number>()
  for (const bar of tape.bars) {
    if (!wanted.has(bar.date) || !symbols.has(bar.symbol)) continue
    const ofDay = closes.get(bar.date) ?? new Map<string, number>()
    ofDay.set(bar.symbol, Number(bar.close))
    closes.set(bar.date, ofDay)
    if (!entry.has(bar.symbol)) entry.set(bar.symbol, Number(bar.open))
  }
  const share = 1 / Math.max(1, entry.size)
  const cash = new Map<SessionDate, number>()
  for (const dividend of tape.dividends) {
    const price = entry.get(dividend.symbol)
    if (price === undefined || dividend.date <= first) continue
    cash.set(dividend.date, (cash.get(dividend.date) ?? 0) + (share / price) * Number(dividend.amountPerUnit))
  }
  const last = new Map<string, number>(entry)
  let paid = 0
  return dates.map((date) => {
    for (const [symbol, close] of closes.get(date) ?? []) last.set(symbol, close)
    paid += cash.get(date) ?? 0
    let worth = paid
    for (const [symbol, price] of entry) worth += (share * (last.get(symbol) ?? price)) / price
    return worth
  })
}
