import type { PaperOperator } from '@tradeswarm/broker-paper'
import type { EpochMs } from '@tradeswarm/core'
import { type Decimal, decimal, decimalText, divide, roundToStep, zero } from '@tradeswarm/trading'
import type { OkxInstruments } from './okx-instruments.js'
import type { OkxMarket } from './okx-market.js'
import type { OkxPosition } from './okx-positions.js'
import type { OkxVenue } from './okx-venue.js'

type Json = Record<string, unknown>

export type AccountSettings = {
  readonly accountLevel: '1' | '2' | '3'
  readonly feeType: '0' | '1'
  readonly contractLeverage: string
}

export type AccountViewParts = {
  readonly engine: PaperOperator
  readonly venue: OkxVenue
  readonly market: OkxMarket
  readonly instruments: OkxInstruments
  readonly settings: AccountSettings
  readonly uid: string
  readonly now: () => EpochMs
}

const hundredth = decimal('0.01')
const finest = decimal('0.000001')

/** The account as the API tells it: settings, balances by currency, positions of swaps. */
export class OkxAccountView {
  positionMode: 'net_mode' | 'long_short_mode'
  readonly #parts: AccountViewParts
  readonly #levers = new Map<string, string>()

  constructor(parts: AccountViewParts, positionMode: 'net_mode' | 'long_short_mode') {
    this.#parts = parts
    this.positionMode = positionMode
  }

  leverOf(instId: string): string {
    return this.#levers.get(instId) ?? this.#parts.settings.contractLeverage
  }

  setLever(instId: string, lever: string): void {
    this.#levers.set(instId, lever)
  }

  config(): Json {
    const { uid, settings } = this.#parts
    return {
      acctLv: settings.accountLevel,
      acctStpMode: 'cancel_maker',
      autoLoan: false,
      ctIsoMode: 'automatic',
      enableSpotBorrow: false,
      feeType: settings.feeType,
      greeksType: 'PA',
      ip: '',
      kycLv: '3',
      label: 'fake',
      level: 'Lv1',
      levelTmp: '',
      liquidationGear: '-1',
      mainUid: uid,
      mgnIsoMode: 'automatic',
      opAuth: '0',
      perm: 'read_only,trade',
      posMode: this.positionMode,
      roleType: '0',
      settleCcy: '',
      settleCcyList: ['USD'],
      spotBorrowAutoRepay: false,
      spotOffsetType: '',
      spotRoleType: '0',
      spotTraderInsts: [],
      stgyType: '0',
      traderInsts: [],
      type: '0',
      uid,
    }
  }

  /** What is held of each currency; of those named, where some are. */
  details(currencies?: readonly string[]): readonly Json[] {
    const { engine, instruments } = this.#parts
    return engine
      .holdings()
      .filter(({ asset }) => instruments.find(asset)?.instType !== 'SWAP')
      .filter(({ asset }) => currencies === undefined || currencies.includes(asset))
      .map(({ asset, total, free, locked }) => this.#detail(asset, total, free, locked))
  }

  balance(details: readonly Json[] = this.details()): Json {
    const { now } = this.#parts
    const all = this.details()
    const total = all.reduce((sum: Decimal, { eqUsd }) => sum.plus(decimal(eqUsd as string)), zero)
    const positions = this.#parts.venue.positions.open()
    const notional = positions.reduce((sum: Decimal, one) => sum.plus(this.#notional(one)), zero)
    const upl = positions.reduce((sum: Decimal, one) => sum.plus(this.#unrealised(one, this.#mark(one))), zero)
    return {
      adjEq: '',
      availEq: '',
      borrowFroz: '',
      delta: '',
      deltaLever: '',
      deltaNeutralStatus: '0',
      details,
      imr: '',
      isoEq: '0',
      mgnRatio: '',
      mmr: '',
      notionalUsd: decimalText(notional),
      notionalUsdForBorrow: '',
      notionalUsdForFutures: '',
      notionalUsdForOption: '',
      notionalUsdForSwap: decimalText(notional),
      ordFroz: '',
      totalEq: decimalText(total),
      uTime: String(now()),
      upl: decimalText(upl),
    }
  }

  /** Open positions, each as `account/positions` tells it. */
  positions(): readonly Json[] {
    return this.#parts.venue.positions.open().map((position) => this.position(position))
  }

  position(position: OkxPosition): Json {
    const { listing, units, averagePrice } = position
    const last = this.#parts.market.lastPrice(listing.instId)
    const mark = this.#mark(position)
    const [upl, uplLast] = [this.#unrealised(position, mark), this.#unrealised(position, last)]
    const lever = this.leverOf(listing.instId)
    const notional = this.#notional(position)
    const margin = divide(notional, decimal(lever), 8, 'up')
    const cost = averagePrice.times(units.abs()).times(listing.unit)
    const ratio = (gain: Decimal): string =>
      cost.eq(zero) ? '0' : decimalText(divide(gain.times(decimal(lever)), cost, 8, 'half-even'))
    return {
      ...unusedPositionFields,
      availPos: '',
      avgPx: units.eq(zero) ? '' : decimalText(averagePrice),
      bePx: decimalText(averagePrice),
      cTime: String(position.cTime),
      ccy: listing.quote,
      fee: decimalText(position.fee),
      fundingFee: decimalText(position.fundingFee),
      idxPx: mark,
      imr: decimalText(margin),
      instId: listing.instId,
      instType: listing.instType,
      last,
      lever,
      markPx: mark,
      mgnMode: 'cross',
      mmr: decimalText(notional.times(hundredth)),
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
    }
  }

  #mark({ listing }: OkxPosition): string {
    return this.#parts.market.markPrice(listing.instId)
  }

  #notional({ listing, units, averagePrice }: OkxPosition): Decimal {
    const mark = this.#parts.market.markPrice(listing.instId)
    return units
      .abs()
      .times(listing.unit)
      .times(mark === '' ? averagePrice : decimal(mark))
  }

  #unrealised({ listing, units, averagePrice }: OkxPosition, price: string): Decimal {
    return price === '' ? zero : units.times(listing.unit).times(decimal(price).minus(averagePrice))
  }

  #detail(ccy: string, cash: string, free: string, locked: string): Json {
    const { venue, now } = this.#parts
    let upl: Decimal = zero
    let margin: Decimal = zero
    let tiedUp: Decimal = zero
    for (const position of venue.positions.open()) {
      if (position.listing.quote !== ccy) continue
      upl = upl.plus(this.#unrealised(position, this.#mark(position)))
      const { listing, units, averagePrice } = position
      tiedUp = tiedUp.plus(averagePrice.times(units.abs()).times(listing.unit))
      margin = margin.plus(divide(this.#notional(position), decimal(this.leverOf(position.listing.instId)), 8, 'up'))
    }
    const equity = decimal(cash).plus(upl)
    // The rest of what is locked is what orders have set aside.
    const held = divide(tiedUp, decimal(this.#parts.settings.contractLeverage), 8, 'up')
    const ordered = roundToStep(decimal(locked).minus(held), finest, 'half-even')
    const price = this.#usdPrice(ccy)
    const worth = decimalText(equity.times(price))
    return {
      ...unusedDetailFields,
      availBal: free,
      availEq: free,
      cashBal: cash,
      ccy,
      coinUsdPrice: decimalText(price),
      disEq: worth,
      eq: decimalText(equity),
      eqUsd: worth,
      frozenBal: locked,
      imr: decimalText(margin),
      ordFrozen: decimalText(ordered.lt(zero) ? zero : ordered),
      uTime: String(now()),
      upl: decimalText(upl),
    }
  }

  /** A stablecoin is a dollar; of other coins what one fetches against one. */
  #usdPrice(ccy: string): Decimal {
    const pair = this.#parts.instruments.all.find(({ instType, base }) => instType === 'SPOT' && base === ccy)
    const last = pair === undefined ? '1' : this.#parts.market.lastPrice(pair.instId)
    return last === '' ? zero : decimal(last)
  }
}

const blank = (names: string): Json => Object.fromEntries(names.split(' ').map((name) => [name, '']))
const naught = (names: string): Json => Object.fromEntries(names.split(' ').map((name) => [name, '0']))

const unusedDetailFields: Json = {
  ...blank('accAvgPx autoLendMtAmt autoLendStatus borrowFroz clSpotInUseAmt crossLiab interest isoLiab liab maxLoan'),
  ...blank('maxSpotInUse maxSpotInUseAmt mgnRatio openAvgPx spotBal spotInUseAmt spotUpl spotUplRatio totalPnl'),
  ...blank('totalPnlRatio uplLiab'),
  ...naught('colBorrAutoConversion colRes fixedBal frpType isoEq isoUpl mmr notionalLever rewardBal smtSyncEq'),
  ...naught('spotCopyTradingEq spotIsoBal stgyEq twap'),
  collateralEnabled: false,
  collateralRestrict: false,
}

const unusedPositionFields: Json = {
  ...blank('baseBal baseBorrowed baseInterest bizRefId bizRefType clSpotInUseAmt deltaBS deltaPA gammaBS gammaPA'),
  ...blank('hedgedPos interest liab liabCcy liqPx margin maxSpotInUseAmt mgnRatio nonSettleAvgPx optVal'),
  ...blank('pendingCloseOrdLiabVal posCcy quoteBal quoteBorrowed quoteInterest settledPnl spotInUseAmt spotInUseCcy'),
  ...blank('thetaBS thetaPA usdPx vegaBS vegaPA'),
  adl: '1',
  closeOrderAlgo: [],
  liqPenalty: '0',
  posSide: 'net',
}
