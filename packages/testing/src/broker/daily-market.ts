import type { EpochMs } from '@tradeswarm/core'
import type { MarketEvent, SessionDate } from '@tradeswarm/trading'
import type { ManualFeed } from './manual-feed.js'

const dayMs = 86_400_000
/** Tuesday, 2 January 2024, 00:00 UTC. */
const firstDay = Date.UTC(2024, 0, 2)
const preOpenMs = 14.25 * 3_600_000
const openMs = 14.5 * 3_600_000
const closeMs = 21 * 3_600_000

/** What became of an open by the close. Prices are decimal texts. */
export type RestOfBar = {
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume?: string
}

/** Plays sessions of daily bars into a feed, one per weekday from 2 January 2024 on, 14:30 to 21:00 UTC. */
export type DailyMarket = {
  readonly date: SessionDate
  readonly openTime: EpochMs
  readonly closeTime: EpochMs
  /** Moves to the next session and announces it. */
  preOpen(): Promise<void>
  /** Cash paid per unit; between `preOpen` and `open`. */
  dividend(symbol: string, amountPerUnit: string): Promise<void>
  /** Opens the session, then each symbol in the order of its name. */
  open(prices: Readonly<Record<string, string>>): Promise<void>
  /** The bars of the symbols that opened, in the order of their names, then the session's close. */
  close(bars: Readonly<Record<string, RestOfBar>>): Promise<void>
  /** A whole session; each symbol's open, high, low and close. */
  session(
    bars: Readonly<Record<string, readonly [open: string, high: string, low: string, close: string]>>,
  ): Promise<void>
}

/** A market of US equities for tests: the sessions of a made-up calendar without holidays. */
export function createDailyMarket(feed: ManualFeed): DailyMarket {
  let day = firstDay - dayMs
  let opens: Readonly<Record<string, string>> = {}
  const date = (): SessionDate => new Date(day).toISOString().slice(0, 10)
  const announce = (phase: 'pre-open' | 'open' | 'close', time: EpochMs): Promise<void> =>
    feed.emit({ type: 'session', phase, calendar: 'us-equity', sessionDate: date(), time })

  const market: DailyMarket = {
    get date() {
      return date()
    },
    get openTime() {
      return day + openMs
    },
    get closeTime() {
      return day + closeMs
    },
    async preOpen() {
      day += dayMs
      while ([0, 6].includes(new Date(day).getUTCDay())) day += dayMs
      await announce('pre-open', day + preOpenMs)
    },
    async dividend(symbol, amountPerUnit) {
      await feed.emit({
        type: 'dividend',
        symbol,
        sessionDate: date(),
        time: day + openMs,
        amountPerUnit,
        currency: 'USD',
      })
    },
    async open(prices) {
      opens = prices
      await announce('open', day + openMs)
      for (const [symbol, price] of inOrder(prices)) {
        await feed.emit({ type: 'open', symbol, sessionDate: date(), time: day + openMs, price })
      }
    },
    async close(bars) {
      for (const [symbol, bar] of inOrder(bars)) {
        await feed.emit(barEvent(symbol, date(), day, opens[symbol] ?? bar.close, bar))
      }
      await announce('close', day + closeMs)
    },
    async session(bars) {
      await market.preOpen()
      await market.open(Object.fromEntries(Object.entries(bars).map(([symbol, [open]]) => [symbol, open])))
      await market.close(
        Object.fromEntries(
          Object.entries(bars).map(([symbol, [, high, low, close]]) => [symbol, { high, low, close }]),
        ),
      )
    },
  }
  return market
}

function barEvent(symbol: string, sessionDate: SessionDate, day: EpochMs, open: string, bar: RestOfBar): MarketEvent {
  const { high, low, close, volume = '1000000' } = bar
  const start = day + openMs
  return {
    type: 'bar',
    symbol,
    timeframe: '1d',
    sessionDate,
    start,
    time: day + closeMs,
    open,
    high,
    low,
    close,
    volume,
  }
}

function inOrder<Value>(record: Readonly<Record<string, Value>>): readonly (readonly [string, Value])[] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))
}
