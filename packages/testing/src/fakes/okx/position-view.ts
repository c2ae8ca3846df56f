import { type Decimal, decimal, decimalText, divide, one, zero } from '@tradeswarm/trading'
import { blankFields } from './blank-fields.js'
import type { MarginMode } from './margin-mode.js'
import type { OkxMarket } from './okx-market.js'
import type { OkxPosition } from './okx-positions.js'

export type PositionViewParts = {
  readonly market: OkxMarket
  readonly leverOf: (instId: string, mode: MarginMode) => string
  readonly takerBasisPoints: string
}

/** The share of what a position stands for that must be left of its margin. */
const maintenance = decimal('0.01')
const basisPoint = decimal('0.0001')

/** What a position is worth, makes and needs, and how `account/positions` tells it. */
export class PositionView {
  readonly #parts: PositionViewParts

  constructor(parts: PositionViewParts) {
    this.#parts = parts
  }

  json(position: OkxPosition): Record<string, unknown> {
    const { listing, mode, units, averagePrice } = position
    const { market, leverOf } = this.#parts
    const last = market.lastPrice(listing.instId)
    const mark = market.markPrice(listing.instId)
    const [upl, uplLast] = [this.unrealised(position), unrealisedAt(position, last)]
    const lever = leverOf(listing.instId, mode)
    const notional = this.notional(position)
    const cost = averagePrice.times(units.abs()).times(listing.unit)
    const ratio = (gain: Decimal): string =>
      cost.eq(zero) ? '0' : decimalText(divide(gain.times(decimal(lever)), cost, 8, 'half-even'))
    return {
      ...unusedFields,
      availPos: '',
      avgPx: units.eq(zero) ? '' : decimalText(averagePrice),
      bePx: decimalText(averagePrice),
      cTime: String(position.cTime),
      ccy: listing.quote,
      fee: decimalText(position.fee),
      fundingFee: decimalText(position.fundingFee),
      idxPx: mark,
      instId: listing.instId,
      instType: listing.instType,
      last,
      lever,
      markPx: mark,
      mgnMode: mode,
      mmr: decimalText(notional.times(maintenance)),
      notionalUsd: decimalText(notional),
      pnl: decimalText(position.pnl),
      pos: decimalText(units),
      posId: position.posId,
      realizedPnl: decimalText(position.pnl.plus(position.fee).plus(position.fundingFee)),
      tradeId: position.tradeId,
      uTime: String(position.uTime),
      upl: decimalText(upl),
      uplLastPx: decimalText(uplLast),
      uplRatio: ratio(upl),
      uplRatioLastPx: ratio(uplLast),
      ...(mode === 'isolated' ? this.#isolated(position) : { imr: decimalText(this.initialMargin(position)) }),
    }
  }

  /** At the mark price. */
  notional({ listing, units, averagePrice }: OkxPosition): Decimal {
    const mark = this.#parts.market.markPrice(listing.instId)
    const price = mark === '' ? averagePrice : decimal(mark)
    return units.abs().times(listing.unit).times(price)
  }

  /** At the mark price. */
  unrealised(position: OkxPosition): Decimal {
    return unrealisedAt(position, this.#parts.market.markPrice(position.listing.instId))
  }

  /** What a position needs of the account at the leverage that is told. */
  initialMargin(position: OkxPosition): Decimal {
    const { listing, mode } = position
    return divide(this.notional(position), decimal(this.#parts.leverOf(listing.instId, mode)), 8, 'up')
  }

  /** What is told of a position that has its margin for itself: that margin, and how near it is to being used up. */
  #isolated(position: OkxPosition): Record<string, string> {
    const { listing, units, averagePrice, margin } = position
    if (units.eq(zero)) return { margin: '0', mmr: '0' }
    const rate = maintenance.plus(decimal(this.#parts.takerBasisPoints).times(basisPoint))
    const size = units.abs().times(listing.unit)
    const cost = averagePrice.times(size)
    // Where margin and loss leave no more than what must be left and the fee of leaving.
    const isLong = units.gt(zero)
    const [left, perCoin] = isLong ? [cost.minus(margin), one.minus(rate)] : [cost.plus(margin), one.plus(rate)]
    const needed = this.notional(position).times(rate)
    const equity = margin.plus(this.unrealised(position))
    return {
      liqPx: left.gt(zero) ? decimalText(divide(left, size.times(perCoin), 12, 'half-even')) : '',
      margin: decimalText(margin),
      mgnRatio: needed.eq(zero) ? '' : decimalText(divide(equity, needed, 12, 'half-even')),
    }
  }
}

function unrealisedAt({ listing, units, averagePrice }: OkxPosition, price: string): Decimal {
  return price === '' ? zero : units.times(listing.unit).times(decimal(price).minus(averagePrice))
}

const unusedFields: Record<string, unknown> = {
  ...blankFields('baseBal baseBorrowed baseInterest bizRefId bizRefType clSpotInUseAmt deltaBS deltaPA gammaBS'),
  ...blankFields('gammaPA hedgedPos imr interest liab liabCcy liqPx margin maxSpotInUseAmt mgnRatio nonSettleAvgPx'),
  ...blankFields('optVal pendingCloseOrdLiabVal posCcy quoteBal quoteBorrowed quoteInterest settledPnl spotInUseAmt'),
  ...blankFields('spotInUseCcy thetaBS thetaPA usdPx vegaBS vegaPA'),
  adl: '1',
  closeOrderAlgo: [],
  liqPenalty: '0',
  posSide: 'net',
}
