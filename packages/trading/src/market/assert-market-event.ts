import { SwarmError } from '@tradeswarm/core'
import { decimal, zero } from '../money/decimal.js'
import type {
  BarEvent,
  DividendEvent,
  FundingEvent,
  MarketEvent,
  SessionEvent,
  StockSplitEvent,
} from './market-event.js'

/** No company has split its shares, or put them together, by more than this: beyond it is a fault of the source. */
const mostUnits = 1_000

const phases: ReadonlySet<string> = new Set<SessionEvent['phase']>(['pre-open', 'open', 'close'])
const types: ReadonlySet<string> = new Set<MarketEvent['type']>([
  'session',
  'open',
  'bar',
  'dividend',
  'split',
  'funding',
  'quote',
  'trade',
])

/**
 * Throws `INVALID_MARKET_EVENT`, naming the field, for what no market says: no type or time, a session's phase or date that is none, a
 * dividend that is not above 0, a split by a ratio that is none, a bar whose low is above its high, a rate that is no number. Prices are read
 * by whoever takes them.
 */
export function assertMarketEvent(event: MarketEvent): void {
  const { type, time } = (event ?? {}) as Partial<MarketEvent>
  if (!types.has(type ?? '')) refuse('a market event', 'type', `must be one of ${[...types].join(', ')}`)
  if (typeof time !== 'number' || !Number.isFinite(time))
    refuse(nameOf(event), 'time', 'must be milliseconds since 1970')
  if ('symbol' in event && (typeof event.symbol !== 'string' || event.symbol === ''))
    refuse(nameOf(event), 'symbol', 'must be a text that is not empty')
  if (event.type === 'session') assertSession(event)
  else if (event.type === 'dividend') assertDividend(event)
  else if (event.type === 'split') assertSplitRatio(event)
  else if (event.type === 'bar') assertBar(event)
  else if (event.type === 'funding') assertRate(event)
}

function assertSession(event: SessionEvent): void {
  if (!phases.has(event.phase)) refuse(nameOf(event), 'phase', `must be one of ${[...phases].join(', ')}`)
  if (!/^\d{4}-\d{2}-\d{2}$/.test(event.sessionDate))
    refuse(nameOf(event), 'sessionDate', 'must be a date such as 2026-01-05')
}

function assertDividend(event: DividendEvent): void {
  if (decimal(event.amountPerUnit, `dividend of ${event.symbol}: amountPerUnit`).gt(zero)) return
  refuse(nameOf(event), 'amountPerUnit', `${event.amountPerUnit} is not above 0`)
}

function assertBar(event: BarEvent): void {
  const { symbol, low, high, volume } = event
  if (decimal(low, `bar of ${symbol}: low`).gt(decimal(high, `bar of ${symbol}: high`)))
    refuse(nameOf(event), 'low', `${low} is above the high of ${high}`)
  if (decimal(volume, `bar of ${symbol}: volume`).isNegative()) refuse(nameOf(event), 'volume', `${volume} is below 0`)
}

function assertRate({ symbol, rate }: FundingEvent): void {
  decimal(rate, `funding of ${symbol}: rate`)
}

/** Of whole numbers above 0, and not beyond 1,000 for 1 either way. */
function assertSplitRatio(event: StockSplitEvent): void {
  const { numerator, denominator } = event
  for (const [field, value] of [
    ['numerator', numerator],
    ['denominator', denominator],
  ] as const)
    if (!Number.isSafeInteger(value) || value <= 0)
      refuse(nameOf(event), field, `${value} is not a whole number above 0`)
  if (numerator > denominator * mostUnits)
    refuse(nameOf(event), 'numerator', `${numerator} for ${denominator} is more than ${mostUnits} for 1`)
  if (denominator > numerator * mostUnits)
    refuse(nameOf(event), 'denominator', `${numerator} for ${denominator} is less than 1 for ${mostUnits}`)
}

function nameOf(event: MarketEvent): string {
  return 'symbol' in event ? `${event.type} of ${event.symbol}` : `${event.type} of ${event.calendar}`
}

function refuse(what: string, field: string, why: string): never {
  throw new SwarmError({
    code: 'INVALID_MARKET_EVENT',
    message: `${what}: ${field}: ${why}; nothing was changed by it`,
    context: { what, field },
  })
}
