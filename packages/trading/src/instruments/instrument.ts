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
  /** Bounds of one order's quantity and worth; none where they are left out. */
  readonly minimumQuantity?: string
  readonly maximumQuantity?: string
  readonly maximumNotional?: string
  /** Units of the asset that one contract stands for; 1 where it is left out. */
  readonly multiplier?: string
  /** False where the venue lends none for a short sale; true where it is left out. */
  readonly shortable?: boolean
  readonly calendar: CalendarName
}
