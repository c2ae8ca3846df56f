import type { MarketEvent, SessionDate, TradingCalendar } from '@tradeswarm/trading'
import type { Terminal } from '../terminal.js'
import type { LifeOptions } from './live-life.js'

/** What a run at a venue is about. */
export type RunSubject = {
  readonly symbols: readonly string[]
  readonly currency: string
  readonly calendar: TradingCalendar
  /** What the account holds besides money and what is traded. */
  readonly others: readonly HeldAsset[]
}

/** An asset, and how much of it; a decimal text. */
export type HeldAsset = { readonly asset: string; readonly total: string }

/** So many are named; the rest are counted. */
const mostNamed = 10

/**
 * Lines that tell a run that waits from one that hangs: that it runs and until when its market is open or closed, the first price of each symbol,
 * each open and close; and what is held that it does not trade.
 */
export function createRunNews(
  { symbols, currency, calendar, others }: RunSubject,
  terminal: Pick<Terminal, 'clock' | 'complain'>,
): Pick<LifeOptions, 'onStarted' | 'onMarket' | 'onSession'> {
  const unpriced = new Set(symbols)
  return {
    onStarted() {
      if (others.length > 0)
        terminal.complain(
          `held on the account, and not among the symbols: ${heldText(others)}: no agent minds it, and no stop is set or moved for it; name it too, or close it yourself`,
        )
      terminal.complain(`running: ${hoursText(calendar, terminal.clock.now())}; no price yet of ${symbols.join(' ')}`)
    },
    onMarket(event) {
      const price = priceIn(event)
      if (price !== undefined && unpriced.delete(price.symbol))
        terminal.complain(`first price of ${price.symbol}: ${price.text}`)
      if (event.type === 'session' && event.phase === 'open') terminal.complain(`${event.sessionDate} opened`)
    },
    onSession: (date: SessionDate, swarm) =>
      terminal.complain(`${date} closed, equity ${swarm.portfolio().equity ?? 'unknown'} ${currency}`),
  }
}

function heldText(others: readonly HeldAsset[]): string {
  const more = others.length - mostNamed
  const named = others.slice(0, mostNamed).map(({ asset, total }) => `${total} ${asset}`)
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function hoursText(calendar: TradingCalendar, now: number): string {
  const open = calendar.openSession(now)
  return open === undefined
    ? `the market opens at ${instant(calendar.nextSession(now).open)}`
    : `the session of ${open.date} closes at ${instant(open.close)}`
}

function instant(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** A quote alone is no price that orders are measured by. */
function priceIn(event: MarketEvent): { readonly symbol: string; readonly text: string } | undefined {
  if (event.type === 'trade' || event.type === 'open') return { symbol: event.symbol, text: event.price }
  return event.type === 'bar' ? { symbol: event.symbol, text: event.close } : undefined
}
