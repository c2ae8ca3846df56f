import { converted } from '../ledger/ledger-valuation.js'
import { type Decimal, decimal, divide, fromFloat, one, zero } from '../money/decimal.js'
import { highestPrice, limitOf, measuredPrice } from '../orders/order-measures.js'
import type { OrderRequest } from '../orders/order-request.js'
import type { SymbolActivity } from './activity-view.js'
import type { InstrumentGrid } from './instrument-grid.js'
import type { PolicyLimits } from './policy-limits.js'
import { type LastPrice, type PortfolioRiskView, type RiskContext, required } from './risk-context.js'

/** A fraction of a policy as an exact number. */
export function exactFraction(value: number, name: string): Decimal {
  return fromFloat(value, 12, name)
}

/**
 * What several rules ask of one order, each worked out at most once for an assessment. A getter throws where a value is missing, and
 * the rule that asked then denies what adds exposure.
 */
export class OrderFigures {
  private readonly context: RiskContext
  private knownQuantity: Decimal | undefined
  private knownPrice: Decimal | undefined
  private knownHighest: Decimal | undefined
  private knownNotional: Decimal | undefined
  private knownLocalNotional: Decimal | undefined
  private knownEquity: Decimal | undefined
  private knownSymbolExposure: Decimal | undefined
  private knownGross: Decimal | undefined
  private knownReserved: Decimal | undefined
  private knownMoving: Decimal | undefined
  private movingKnown = false
  private knownStop: Decimal | undefined
  private knownTarget: Decimal | undefined
  private knownActivity: SymbolActivity | undefined
  private activityKnown = false
  private knownNeed: CashNeed | undefined
  private knownPortfolio: ReturnType<PortfolioRiskView['withOrder']> | undefined

  constructor(context: RiskContext) {
    this.context = context
  }

  get quantity(): Decimal {
    this.knownQuantity ??= decimal(this.context.request.quantity, 'quantity')
    return this.knownQuantity
  }

  /** The price that the order is measured by: its limit, its stop level, or the price at hand. */
  get price(): Decimal {
    this.knownPrice ??= priceOf(this.context.request, referenceOf(this.context.request, this.context.last))
    return this.knownPrice
  }

  /** Highest price × quantity (× the multiplier of the instrument), in the account's currency: what limits and budgets count it as. */
  get notional(): Decimal {
    this.knownNotional ??= inAccountCurrency(this.context, this.highestNotional)
    return this.knownNotional
  }

  private get highestNotional(): Decimal {
    const { request, grid } = this.context
    const price = this.highest
    return price === this.price || isSizedInQuote(request)
      ? this.localNotional
      : multiplied(price.times(this.quantity), grid)
  }

  /** The highest price that the order is to be counted at: the one that it is measured by, for most. */
  get highest(): Decimal {
    this.knownHighest ??= highestOf(this.context, this.price)
    return this.knownHighest
  }

  /** Price × quantity in the currency that the symbol settles in: what the venue measures it by. */
  get localNotional(): Decimal {
    this.knownLocalNotional ??= isSizedInQuote(this.context.request)
      ? this.quantity
      : multiplied(this.price.times(this.quantity), this.context.grid)
    return this.knownLocalNotional
  }

  get equity(): Decimal {
    this.knownEquity ??= this.context.exposure.equity()
    return this.knownEquity
  }

  /** What is held and being entered of the symbol, with the order. */
  get symbolExposure(): Decimal {
    this.knownSymbolExposure ??= this.context.exposure.of(this.context.request.symbol).plus(this.notional)
    return this.knownSymbolExposure
  }

  /** Long and short of the account, with open entries and the order. */
  get grossExposure(): Decimal {
    this.knownGross ??= this.context.exposure.gross().plus(this.notional)
    return this.knownGross
  }

  /** Worth of other symbols that move together with this one; undefined where there are none. */
  get movingExposure(): Decimal | undefined {
    if (!this.movingKnown) {
      this.knownMoving = this.context.exposure.movingWith(this.context.request.symbol)
      this.movingKnown = true
    }
    return this.knownMoving
  }

  /** The statistics of the book with the order in it. */
  get portfolio(): ReturnType<PortfolioRiskView['withOrder']> {
    if (this.knownPortfolio === undefined) {
      const { portfolioRisk, request, exposure } = this.context
      const change = this.notional.minus(exposure.ofThisOrder())
      const amount = request.side === 'buy' ? change : zero.minus(change)
      this.knownPortfolio = required(portfolioRisk, 'the risk of the portfolio').withOrder(request.symbol, amount)
    }
    return this.knownPortfolio
  }

  /** What happened in the symbol lately. */
  get activity(): SymbolActivity | undefined {
    if (!this.activityKnown) {
      this.knownActivity = this.context.activity.symbol(this.context.request.symbol)
      this.activityKnown = true
    }
    return this.knownActivity
  }

  /** The levels of the exit plan. */
  get stop(): Decimal {
    this.knownStop ??= decimal(required(this.context.exits, 'the exit plan').stopPrice, 'exits.stopPrice')
    return this.knownStop
  }

  get target(): Decimal {
    this.knownTarget ??= decimal(required(this.context.exits, 'the exit plan').targetPrice, 'exits.targetPrice')
    return this.knownTarget
  }

  /** What the order sets aside of that for each unit, and besides. */
  get cashNeed(): CashNeed {
    this.knownNeed ??= cashNeed(this.context, this)
    return this.knownNeed
  }

  /** What the order would set aside in cash, in the currency that the symbol settles in. */
  get reservedCash(): Decimal {
    if (this.knownReserved === undefined) {
      const { perUnit, fixed } = this.cashNeed
      this.knownReserved = perUnit.times(this.quantity).plus(fixed)
    }
    return this.knownReserved
  }

  /** What that counts as in the budgets of principals: in the account's currency, and a contract as if it were paid for. */
  get reservedBudget(): Decimal {
    const budget = budgetNeed(this.context)
    return budget === undefined ? this.reservedCash : budget.perUnit.times(this.quantity).plus(budget.fixed)
  }
}

/** An amount of the currency that the order's symbol settles in, in that of the account. Throws where the rate is not known. */
export function inAccountCurrency({ currency, rate }: RiskContext, amount: Decimal): Decimal {
  return currency === undefined ? amount : converted(amount, required(rate, `the rate of ${currency}`).price)
}

/**
 * The price at hand for an order that names none: the last one, or that of the quote which it would meet where that is higher, so that an
 * order counts for no less than it may be worth.
 */
function referenceOf({ side }: OrderRequest, last: LastPrice | undefined): Decimal | undefined {
  const met = side === 'buy' ? last?.ask : last?.bid
  return met?.gt(last?.price ?? zero) === true ? met : last?.price
}

/** Whether the quantity is an amount of the currency. */
export function isSizedInQuote(request: OrderRequest): boolean {
  return request.sizedIn === 'quote'
}

/** The terms say what kind of order it is; validity has been checked before anybody asks for its price. */
function priceOf(request: OrderRequest, last: Decimal | undefined): Decimal {
  return required(measuredPrice(request, last), `the last price of ${request.symbol}`)
}

/** The highest price that an order is to be counted at, where it is measured by `stated`: the same one for most. */
function highestOf({ request, last }: RiskContext, stated: Decimal): Decimal {
  if (request.type === 'market' || (request.side === 'buy' && limitOf(request) !== undefined)) return stated
  return highestPrice(request, referenceOf(request, last)) ?? stated
}

function multiplied(value: Decimal, grid: InstrumentGrid | undefined): Decimal {
  return grid?.multiplier === undefined ? value : value.times(grid.multiplier)
}

/** Decimals kept of a least fee in another currency, rounded up. */
const leastFeePlaces = 8
/** A reservation is text, and this many decimals of what a unit sets aside are kept, rounded up. */
const perUnitPlaces = 18

/**
 * Cash that an entry sets aside, in the currency that its symbol settles in: per unit its limit, or its reference price and a buffer, with
 * the highest fee, of a contract the share of that which is margin; and the least fee, of each part that it is sent in.
 */
function cashNeed(context: RiskContext, figures: OrderFigures): CashNeed {
  const { limits, grid, currency } = context
  const least = leastFees(context)
  const fixed = currency === undefined || least.isZero() ? least : inOwnCurrency(context, least)
  if (grid?.isContract !== true) return { perUnit: unitNeedWithFee(context, figures), fixed }
  return { perUnit: unitNeed(context).times(limits.contractMarginWithFee).round(perUnitPlaces, 'up'), fixed }
}

/** What that counts as in budgets, where it is not the same. It does not depend on the leverage. */
export function budgetNeed(context: RiskContext): CashNeed | undefined {
  const { limits, grid, currency } = context
  if (currency === undefined && grid?.isContract !== true) return undefined
  const paid = inAccountCurrency(context, unitNeed(context).times(limits.withFee))
  return { perUnit: paid.round(perUnitPlaces, 'up'), fixed: leastFees(context) }
}

/** For each unit ordered, and besides. */
export type CashNeed = { readonly perUnit: Decimal; readonly fixed: Decimal }

function leastFees({ limits: { feeMinimum }, parts }: RiskContext): Decimal {
  return parts === undefined ? feeMinimum : feeMinimum.times(decimal(String(parts)))
}

/** What a unit ordered may cost without a fee. Of an order that is sized in its currency, a unit is a unit of that. */
function unitNeed(context: RiskContext): Decimal {
  const { request, limits, last, grid } = context
  if (isSizedInQuote(request)) return one
  const price = multiplied(highestOf(context, priceOf(request, referenceOf(request, last))), grid)
  return limitOf(request) === undefined ? price.times(limits.buffered) : price
}

/** The same with the highest fee on it; mostly one product, of the price with both shares at once. */
function unitNeedWithFee({ request, limits, grid }: RiskContext, figures: OrderFigures): Decimal {
  if (isSizedInQuote(request)) return limits.withFee
  const price = multiplied(figures.highest, grid)
  return price.times(limitOf(request) === undefined ? limits.bufferedWithFee : limits.withFee)
}

/** The least fee is stated in the account's currency. */
function inOwnCurrency({ currency, rate }: RiskContext, amount: Decimal): Decimal {
  return divide(amount, required(rate, `the rate of ${currency}`).price, leastFeePlaces, 'up')
}

/** The price that a reservation of so much a unit was made for. */
export function reservedPrice(perUnit: Decimal, limits: PolicyLimits, grid: InstrumentGrid): Decimal {
  const share = grid.isContract ? limits.contractMarginWithFee : limits.withFee
  return divide(perUnit, multiplied(share, grid), 12, 'down')
}
