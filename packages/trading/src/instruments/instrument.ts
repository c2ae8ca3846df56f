import type { OrderType } from '../orders/order-request.js'
import type { CalendarName } from './trading-calendar.js'

/** What kinds of things are traded. */
export const instrumentKinds = ['equity', 'index', 'crypto-spot', 'fx-spot', 'perpetual', 'future'] as const

export type InstrumentKind = (typeof instrumentKinds)[number]

/** What is traded, and the grid its orders must lie on. Amounts are decimal texts. */
export type Instrument = {
  readonly symbol: string
  /** Of a perpetual or a future nothing is paid when it is entered: margin is set aside, and what closing it makes is paid then. */
  readonly kind: InstrumentKind
  /** The asset that a position is counted in; for an equity, a perpetual or a future its symbol. */
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
  /** How many of the underlying one unit stands for, as where a contract is of 0.01 coins; 1 where it is left out. At most 12 decimals. */
  readonly multiplier?: string
  /** Of a perpetual or a future: paid in the currency of its price (`linear`, where it is left out) or in its underlying (`inverse`, not kept). */
  readonly contractType?: 'linear' | 'inverse'
  /** False where the venue lends none for a short sale; true where it is left out. */
  readonly shortable?: boolean
  /** Of the types that its venue takes, those that it takes of this instrument; all where it is left out. */
  readonly orderTypes?: readonly OrderType[]
  /**
   * Of a side that is named, a stop is carried out as a stop-limit: its limit lies so far beyond its level, as a fraction of that (`'0.05'`), and
   * where the price leaps over it, it rests. The kernel leaves such a position at the market. Where it is left out a stop leaves at any price.
   */
  readonly stopLimitOffset?: { readonly buy?: string; readonly sell?: string }
  readonly calendar: CalendarName
}
