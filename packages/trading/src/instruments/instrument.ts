import type { CalendarName } from './trading-calendar.js'

/** What is traded, and the grid its orders must lie on. Amounts are decimal texts. */
export type Instrument = {
  readonly symbol: string
  readonly kind: 'equity' | 'index' | 'crypto-spot'
  /** The asset that a position is counted in; for an equity its symbol. */
  readonly asset: string
  /** Prices, cash and fees are in this currency. */
  readonly currency: string
  /** Order prices are multiples of it. */
  readonly tickSize: string
  /** Order quantities are multiples of it. */
  readonly lotSize: string
  /** Price × quantity of an order is at least this. */
  readonly minimumNotional: string
  readonly calendar: CalendarName
}
