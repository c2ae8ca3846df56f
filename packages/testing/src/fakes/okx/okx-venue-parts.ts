import type { PaperOperator } from '@tradeswarm/broker-paper'
import type { EpochMs } from '@tradeswarm/core'
import type { Broker } from '@tradeswarm/trading'
import type { MarginMode } from './margin-mode.js'
import type { OkxInstruments, OkxListing } from './okx-instruments.js'
import type { OkxOrder, OkxTerms } from './okx-order.js'
import type { VenueIds } from './venue-ids.js'

/** What the venue tells whoever listens. */
export type VenueNews = {
  /** One message of the orders channel. */
  readonly onOrder: (listing: OkxListing, json: object) => void
  /** Balances or positions may have changed; `event` is what `balance_and_position` calls it, where it tells. */
  readonly onAccount: (event?: 'filled' | 'funding_fee', trades?: readonly object[]) => void
  /** An order has filled completely: what is attached to it comes to life. */
  readonly onFilled: (order: OkxOrder) => void
  /** Nothing is held of a swap in that margin mode any more. */
  readonly onPositionClosed: (instId: string, mode: MarginMode) => void
}

export type OkxVenueParts = {
  readonly instruments: OkxInstruments
  readonly engine: Broker & PaperOperator
  readonly ids: VenueIds
  readonly now: () => EpochMs
  readonly lastPrice: (instId: string) => string
  readonly leverOf: (instId: string, mode: MarginMode) => string
  /** Whether the end of an order that has filled is told in a message of its own, without its last execution. */
  readonly endsApart: (terms: OkxTerms) => boolean
  readonly news: VenueNews
}

/** Why the engine did not take an order, where it did not. */
export type EngineRefusal = { readonly code: string; readonly message: string }
