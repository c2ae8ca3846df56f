import type { PaperOperator } from '@tradeswarm/broker-paper'
import type { EpochMs } from '@tradeswarm/core'
import { type Decimal, decimal, decimalText, type VenueMovement, zero } from '@tradeswarm/trading'
import { engineSymbol, fromEngineSymbol, marginModeOf } from './margin-mode.js'
import type { OkxInstruments } from './okx-instruments.js'
import type { Bill, OkxLedger } from './okx-ledger.js'
import type { OkxTerms } from './okx-order.js'
import { OkxPositions, type PositionOf, type PositionTrade } from './okx-positions.js'
import type { VenueIds } from './venue-ids.js'

export type SwapBooksParts = {
  readonly engine: PaperOperator
  readonly instruments: OkxInstruments
  readonly ledger: OkxLedger
  readonly ids: VenueIds
  readonly lastPrice: (instId: string) => string
}

/** An execution as the engine tells it. */
type EngineTrade = Omit<PositionTrade, 'margin' | 'tradeId'> & { readonly tradeId: string; readonly engineId: string }

/** The positions of swaps with the margin of the isolated ones, and the bills of what moves them without an order. */
export class SwapBooks {
  readonly positions: OkxPositions
  readonly #parts: SwapBooksParts

  constructor(parts: SwapBooksParts) {
    this.#parts = parts
    this.positions = new OkxPositions(parts.ids)
  }

  /** What the account holds of a currency beside what is set aside for isolated positions: `cashBal`. */
  cash(currency: string): string {
    const total = this.#parts.engine.holdings().find(({ asset }) => asset === currency)?.total ?? '0'
    return decimalText(decimal(total).minus(this.positions.margin(currency)))
  }

  /** Books an execution, where it is of a swap. Answers what closing has made, and what it has done to the margin of its position. */
  book(
    { listing, tdMode }: OkxTerms,
    { engineId, ...trade }: EngineTrade,
  ): { readonly pnl: Decimal; readonly position: NonNullable<Bill['position']> } {
    if (listing.instType !== 'SWAP') return { pnl: zero, position: { balance: zero, change: zero } }
    const of: PositionOf = { listing, mode: marginModeOf(tdMode) }
    const change = decimal(this.#parts.engine.marginMoved(engineSymbol(listing.instId, of.mode), engineId))
    const pnl = this.positions.book(of, { ...trade, margin: change })
    return { pnl, position: { balance: this.#marginOf(of), change } }
  }

  /** Gives isolated positions of a swap another leverage; false, with nothing changed, where the cash for their margin is not free. */
  isolate({ listing }: Pick<PositionOf, 'listing'>, lever: string, time: EpochMs): boolean {
    const { engine, ledger } = this.#parts
    const of: PositionOf = { listing, mode: 'isolated' }
    const moved = engine.isolateMargin(engineSymbol(listing.instId, of.mode), lever)
    if (moved === undefined) return false
    const change = decimal(moved)
    if (change.eq(zero)) return true
    this.positions.addMargin(of, change, time)
    const position = { balance: this.#marginOf(of), change }
    ledger.noteMarginBill(this.#bill(of, change.neg(), position, time), change)
    return true
  }

  /** Books funding; false where it is of nothing listed. */
  fund({ time, amount, eventId, ...movement }: VenueMovement): boolean {
    if (!('symbol' in movement)) return false
    const { engine, instruments, ledger, lastPrice } = this.#parts
    const { instId, mode } = fromEngineSymbol(movement.symbol)
    const listing = instruments.find(instId)
    if (listing === undefined) return false
    const [paid, change] = [decimal(amount), decimal(engine.marginMoved(movement.symbol, eventId))]
    const held = this.positions.fund({ listing, mode }, paid, change, time)
    const bill = this.#bill(held, paid.minus(change), { balance: held.margin, change }, time)
    ledger.noteFundingBill(bill, paid, lastPrice(instId), held)
    return true
  }

  #bill({ listing }: PositionOf, change: Decimal, position: NonNullable<Bill['position']>, time: EpochMs): Bill {
    const currency = listing.quote
    return { listing, currency, balance: this.cash(currency), change: decimalText(change), position, time }
  }

  #marginOf({ listing, mode }: PositionOf): Decimal {
    return this.positions.find(listing.instId, mode)?.margin ?? zero
  }
}
