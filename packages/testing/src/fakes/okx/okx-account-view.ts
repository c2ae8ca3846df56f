import type { PaperOperator } from '@tradeswarm/broker-paper'
import type { EpochMs } from '@tradeswarm/core'
import { type Decimal, decimal, decimalText, divide, roundToStep, zero } from '@tradeswarm/trading'
import { blankFields } from './blank-fields.js'
import { fromEngineSymbol, type MarginMode } from './margin-mode.js'
import type { OkxInstruments } from './okx-instruments.js'
import type { OkxMarket } from './okx-market.js'
import type { OkxPosition } from './okx-positions.js'
import type { OkxVenue } from './okx-venue.js'
import { PositionView } from './position-view.js'

type Json = Record<string, unknown>

export type AccountSettings = {
  readonly accountLevel: '1' | '2' | '3'
  readonly feeType: '0' | '1'
  readonly contractLeverage: string
  readonly takerBasisPoints: string
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

const finest = decimal('0.000001')

/** The account as the API tells it: settings, balances by currency, positions of swaps. */
export class OkxAccountView {
  positionMode: 'net_mode' | 'long_short_mode'
  readonly #parts: AccountViewParts
  readonly #levers = new Map<string, string>()
  readonly #figures: PositionView

  constructor(parts: AccountViewParts, positionMode: 'net_mode' | 'long_short_mode') {
    this.#parts = parts
    this.positionMode = positionMode
    const { market, settings } = parts
    const leverOf = (instId: string, mode: MarginMode): string => this.leverOf(instId, mode)
    this.#figures = new PositionView({ market, leverOf, takerBasisPoints: settings.takerBasisPoints })
  }

  leverOf(instId: string, mode: MarginMode): string {
    return this.#levers.get(`${instId} ${mode}`) ?? this.#parts.settings.contractLeverage
  }

  setLever(instId: string, mode: MarginMode, lever: string): void {
    this.#levers.set(`${instId} ${mode}`, lever)
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
      .filter(({ asset }) => instruments.find(fromEngineSymbol(asset).instId)?.instType !== 'SWAP')
      .filter(({ asset }) => currencies === undefined || currencies.includes(asset))
      .map(({ asset, total, free, locked }) => this.#detail(asset, total, free, locked))
  }

  balance(details: readonly Json[] = this.details()): Json {
    const { now } = this.#parts
    const all = this.details()
    const total = all.reduce((sum: Decimal, { eqUsd }) => sum.plus(decimal(eqUsd as string)), zero)
    const isolated = all.reduce((sum: Decimal, { isoEq, coinUsdPrice }) => {
      return sum.plus(decimal(isoEq as string).times(decimal(coinUsdPrice as string)))
    }, zero)
    const positions = this.#parts.venue.positions.open()
    const notional = positions.reduce((sum: Decimal, one) => sum.plus(this.#figures.notional(one)), zero)
    const upl = positions.reduce((sum: Decimal, one) => sum.plus(this.#figures.unrealised(one)), zero)
    return {
      adjEq: '',
      availEq: '',
      borrowFroz: '',
      delta: '',
      deltaLever: '',
      deltaNeutralStatus: '0',
      details,
      imr: '',
      isoEq: decimalText(isolated),
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
    return this.#figures.json(position)
  }

  #detail(ccy: string, total: string, free: string, locked: string): Json {
    const { venue, now, settings } = this.#parts
    let [upl, margin, tiedUp, isoUpl] = [zero, zero, zero, zero]
    for (const position of venue.positions.open()) {
      const { listing, mode, units, averagePrice } = position
      if (listing.quote !== ccy) continue
      const gain = this.#figures.unrealised(position)
      upl = upl.plus(gain)
      if (mode === 'isolated') isoUpl = isoUpl.plus(gain)
      else {
        tiedUp = tiedUp.plus(averagePrice.times(units.abs()).times(listing.unit))
        margin = margin.plus(this.#figures.initialMargin(position))
      }
    }
    const setAside = venue.positions.margin(ccy)
    const equity = decimal(total).plus(upl)
    // The rest of what is locked is what orders have set aside.
    const held = divide(tiedUp, decimal(settings.contractLeverage), 8, 'up').plus(setAside)
    const ordered = roundToStep(decimal(locked).minus(held), finest, 'half-even')
    const price = this.#usdPrice(ccy)
    const worth = decimalText(equity.times(price))
    return {
      ...unusedDetailFields,
      availBal: free,
      availEq: free,
      cashBal: venue.swaps.cash(ccy),
      ccy,
      coinUsdPrice: decimalText(price),
      disEq: worth,
      eq: decimalText(equity),
      eqUsd: worth,
      // As a captured balance has it: what an isolated position has made is not available either.
      frozenBal: decimalText(decimal(locked).plus(isoUpl)),
      imr: decimalText(margin),
      isoEq: decimalText(setAside.plus(isoUpl)),
      isoUpl: decimalText(isoUpl),
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

const unusedDetailFields: Json = {
  ...blankFields('accAvgPx autoLendMtAmt autoLendStatus borrowFroz clSpotInUseAmt crossLiab interest isoLiab liab'),
  ...blankFields('maxLoan maxSpotInUse maxSpotInUseAmt mgnRatio openAvgPx spotBal spotInUseAmt spotUpl spotUplRatio'),
  ...blankFields('totalPnl totalPnlRatio uplLiab'),
  ...blankFields('colBorrAutoConversion colRes fixedBal frpType mmr notionalLever rewardBal smtSyncEq', '0'),
  ...blankFields('spotCopyTradingEq spotIsoBal stgyEq twap', '0'),
  collateralEnabled: false,
  collateralRestrict: false,
}
