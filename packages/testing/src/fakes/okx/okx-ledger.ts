import type { EpochMs } from '@tradeswarm/core'
import { type Decimal, decimalText, zero } from '@tradeswarm/trading'
import { marginModeOf } from './margin-mode.js'
import type { OkxListing } from './okx-instruments.js'
import type { OkxLastFill, OkxOrder } from './okx-order.js'
import type { OkxPosition } from './okx-positions.js'
import type { VenueIds } from './venue-ids.js'

/** A line of a list that is paged by its `billId`, newest first. */
export type LedgerLine = {
  readonly time: EpochMs
  readonly id: string
  readonly json: Readonly<Record<string, string>>
}

/** What changed a balance. */
export type Bill = {
  readonly listing: OkxListing
  readonly currency: string
  /** What the balance is afterwards, and by how much it changed. */
  readonly balance: string
  readonly change: string
  /** The same of what is set aside for an isolated position. */
  readonly position?: { readonly balance: Decimal; readonly change: Decimal }
  readonly time: EpochMs
}

/** What was executed and what was charged: `trade/fills` and `account/bills` list it. */
export class OkxLedger {
  readonly fills: LedgerLine[] = []
  readonly bills: LedgerLine[] = []
  readonly #ids: VenueIds

  constructor(ids: VenueIds) {
    this.#ids = ids
  }

  /** Notes an execution; the rate is that of its fee. */
  noteFill(order: OkxOrder, fill: OkxLastFill, feeRate: string): string {
    const { terms, ordId } = order
    const { listing, side } = terms
    const billId = this.#ids.next()
    this.fills.push({
      time: fill.time,
      id: billId,
      json: {
        billId,
        clOrdId: terms.clOrdId,
        execType: fill.execType,
        fee: fill.fee,
        feeCcy: fill.feeCcy,
        feeRate,
        fillFwdPx: '',
        fillIdxPx: '',
        fillMarkPx: '',
        fillMarkVol: '',
        fillPnl: fill.pnl,
        fillPx: fill.price,
        fillPxUsd: '',
        fillPxVol: '',
        fillSz: fill.size,
        fillTime: String(fill.time),
        instId: listing.instId,
        instType: listing.instType,
        ordId,
        posSide: 'net',
        side,
        subType: side === 'buy' ? '1' : '2',
        tag: terms.tag,
        tradeId: fill.tradeId,
        tradeQuoteCcy: listing.instType === 'SPOT' ? listing.quote : '',
        ts: String(fill.time),
      },
    })
    return billId
  }

  /** The bill of a trade. */
  noteTradeBill(order: OkxOrder, fill: OkxLastFill, bill: Bill): void {
    const { terms } = order
    this.#addBill(bill, {
      clOrdId: terms.clOrdId,
      execType: fill.execType,
      fee: fill.feeCcy === bill.currency ? fill.fee : '0',
      fillTime: String(fill.time),
      mgnMode: terms.listing.instType === 'SWAP' ? marginModeOf(terms.tdMode) : '',
      ordId: order.ordId,
      pnl: fill.pnl,
      px: fill.price,
      subType: terms.side === 'buy' ? '1' : '2',
      sz: fill.size,
      tag: terms.tag,
      tradeId: fill.tradeId,
      type: '2',
    })
  }

  /** The bill of a funding fee: received where the amount is above 0. */
  noteFundingBill(bill: Bill, amount: Decimal, price: string, { mode, units }: OkxPosition): void {
    this.#addBill(bill, {
      mgnMode: mode,
      pnl: decimalText(amount),
      px: price,
      subType: amount.lt(zero) ? '173' : '174',
      sz: decimalText(units.abs()),
      type: '8',
    })
  }

  /** The bill of margin that an isolated position was given or has given back, without a trade. */
  noteMarginBill(bill: Bill, added: Decimal): void {
    const isMore = added.gt(zero)
    this.#addBill(bill, {
      mgnMode: 'isolated',
      subType: isMore ? '160' : '161',
      sz: decimalText(added.abs()),
      type: '6',
    })
  }

  #addBill(
    { listing, currency, balance, change, position, time }: Bill,
    fields: Readonly<Record<string, string>>,
  ): void {
    const billId = this.#ids.next()
    this.bills.push({
      time,
      id: billId,
      json: {
        bal: balance,
        balChg: change,
        billId,
        ccy: currency,
        clOrdId: '',
        earnAmt: '',
        earnApr: '',
        execType: '',
        fee: '0',
        fillFwdPx: '',
        fillIdxPx: '',
        fillMarkPx: '',
        fillMarkVol: '',
        fillPxUsd: '',
        fillPxVol: '',
        fillTime: '',
        from: '',
        instId: listing.instId,
        instType: listing.instType,
        interest: '0',
        mgnMode: '',
        notes: '',
        ordId: '',
        pnl: '0',
        posBal: decimalText(position?.balance ?? zero),
        posBalChg: decimalText(position?.change ?? zero),
        px: '',
        subType: '',
        sz: '',
        tag: '',
        to: '',
        tradeId: '',
        ts: String(time),
        type: '',
        ...fields,
      },
    })
  }
}
