import type { EpochMs, Ids } from '@tradeswarm/core'
import { type Decimal, decimalText, divide, one, roundToStep, zero } from '@tradeswarm/trading'
import type { EventOutbox, EventWord } from './event-outbox.js'
import { affordableQuantity, type FeeBasis, feeOf } from './fee-schedule.js'
import type { MovementLog } from './movement-log.js'
import type { OrderBook } from './order-book.js'
import type { PaperAccount } from './paper-account.js'
import type { PaperBrokerSettings } from './paper-broker-options.js'
import { better, type Match } from './price-matching.js'
import { leavesOf, limitInForce, type RestingOrder, reservedAsset } from './resting-order.js'
import { slippageFor, slippedPrice } from './slippage.js'
import type { Supply, SymbolMarket } from './symbol-market.js'
import { contractTrade, notionalOf, type TradeLog } from './trade-log.js'

/** The parts of the venue that matching works on. */
export type VenueContext = {
  readonly settings: PaperBrokerSettings
  readonly account: PaperAccount
  readonly book: OrderBook
  readonly trades: TradeLog
  readonly outbox: EventOutbox
  readonly movements: MovementLog
  readonly ids: Ids
}

/** Units of a fee that is not taken in the currency are cut here, upwards. */
const feePlaces = 12

/** Turns matches into fills, within what position, cash and the market's volume allow, and ends orders. */
export class OrderExecutor {
  readonly #context: VenueContext

  constructor(context: VenueContext) {
    this.#context = context
  }

  /** Does to an order what a price of the market has decided. `supply` is what that price offers. */
  execute(order: RestingOrder, match: Match, supply: Supply | undefined, time: EpochMs): void {
    if (match.triggers) {
      order.armed = false
      this.emit(order, time, { type: 'triggered' })
      if (!match.trades) return
    }
    const { market, request } = order
    const offered = this.#offeredUnits(order, supply)
    const isInQuote = request.sizedIn === 'quote'
    let wanted = isInQuote ? this.#unitsFor(order, this.#priceOf(order, match, zero)) : leavesOf(order)
    const price = this.#priceOf(order, match, smaller(this.#coveredUnits(order, wanted), offered ?? wanted))
    if (isInQuote) wanted = this.#unitsFor(order, price)
    const permitted = this.#paidUnits(order, match, price, this.#coveredUnits(order, wanted))
    const available = offered === undefined ? permitted : smaller(permitted, offered)
    if (request.timeInForce === 'fok' && (available.lt(wanted) || wanted.eq(zero))) {
      this.end(order, 'expired', time)
      return
    }
    if (available.gt(zero)) {
      this.#fill(order, match, price, available, time)
      market.useVolume(available)
      if (supply?.left !== undefined) supply.left = supply.left.minus(available)
    }
    const isCutShort = permitted.lt(wanted) || isInQuote
    if (isCutShort && available.eq(permitted) && order.status === 'open') this.end(order, 'canceled', time)
    this.cancelPointless(market, time)
  }

  /** Ends an order by the venue's own word and frees what it had set aside. */
  end(order: RestingOrder, type: 'canceled' | 'expired', time: EpochMs): void {
    this.#context.account.release(reservedAsset(order), order.reserved)
    order.reserved = zero
    this.#context.book.finish(order, type)
    this.emit(order, time, { type })
  }

  /** Once there is nothing left to reduce, the venue takes the other reduce-only orders of the symbol off its book. */
  cancelPointless(market: SymbolMarket, time: EpochMs): void {
    if (market.reduceOnlyCount === 0) return
    for (const order of market.orders) {
      if (order.status !== 'open' || !order.request.reduceOnly) continue
      const held = this.#context.account.total(order.listing.instrument.asset)
      const reduces = order.request.side === 'sell' ? held.gt(zero) : held.lt(zero)
      if (!reduces) this.end(order, 'canceled', time)
    }
  }

  /** Has listeners told of an order, under an id that it answers. */
  emit(order: RestingOrder, time: EpochMs, word: EventWord): string {
    const { ids, outbox } = this.#context
    const { clientOrderId } = order.request
    const eventId = ids.next('paper-event')
    const { venueOrderId } = order
    // Keys as canonical JSON has them: what is journalled of each order is written twice as fast then.
    if (word.type === 'filled')
      outbox.push({ clientOrderId, eventId, execution: word.execution, time, type: 'filled', venueOrderId })
    else if (word.type === 'accepted') outbox.push({ clientOrderId, eventId, time, type: 'accepted', venueOrderId })
    else outbox.push({ eventId, clientOrderId, venueOrderId, time, ...word })
    return eventId
  }

  /** What the market lets through, in whole lots; undefined without a bound. */
  #offeredUnits({ market, listing }: RestingOrder, supply: Supply | undefined): Decimal | undefined {
    const { volumeLeft } = market
    const left = supply?.left
    const offered = left === undefined ? volumeLeft : volumeLeft === undefined ? left : smaller(left, volumeLeft)
    return offered === undefined ? undefined : roundToStep(offered, listing.lot, 'down')
  }

  #priceOf(order: RestingOrder, match: Match, quantity: Decimal): Decimal {
    if (match.price !== undefined) return match.price
    const { side } = order.request
    const { slippage } = this.#context.settings
    const volume = slippage.impactBasisPoints === undefined ? undefined : order.market.lastVolume
    const points = slippageFor(slippage, quantity, volume)
    const slipped = slippedPrice(match.referencePrice, side, points, order.listing.tick)
    const limit = limitInForce(order)
    return limit === undefined ? slipped : better(side, slipped, limit)
  }

  /** The whole lots that an order sized in currency still asks for. */
  #unitsFor(order: RestingOrder, price: Decimal): Decimal {
    const { lot } = order.listing
    return divide(leavesOf(order), notionalOf(order, price, lot), 0, 'down').times(lot)
  }

  /** What the position lets an order sell, or reduce. */
  #coveredUnits(order: RestingOrder, wanted: Decimal): Decimal {
    const { side, reduceOnly } = order.request
    const { listing } = order
    if (!reduceOnly && (side === 'buy' || listing.mayBeShort)) return wanted
    const held = this.#context.account.total(listing.instrument.asset)
    const reducible = side === 'sell' ? held : zero.minus(held)
    if (wanted.lte(reducible)) return wanted
    // A fee that was taken in units, or a split, leaves less than a lot over.
    return reducible.gt(zero) ? roundToStep(reducible, listing.lot, 'down') : zero
  }

  /** What cash pays for of a buy. One that only reduces is never held up by cash. */
  #paidUnits(order: RestingOrder, { liquidity }: Match, price: Decimal, wanted: Decimal): Decimal {
    const { side, reduceOnly } = order.request
    if (reduceOnly) return wanted
    if (order.listing.isContract) return this.#marginedUnits(order, liquidity, price, wanted)
    if (side === 'sell') return wanted
    const { account } = this.#context
    const { lot, instrument, fees } = order.listing
    const cash = account.total(instrument.currency)
    const isFirstFill = !order.hasFills
    const notional = notionalOf(order, price, wanted)
    const basis: FeeBasis = { side, notional, quantity: wanted, liquidity, isFirstFill }
    const fee = fees.chargedIn === 'bought' ? zero : feeOf(fees, basis)
    if (notional.plus(fee).lte(cash)) return wanted
    const unitPrice = notionalOf(order, price, one)
    return smaller(wanted, affordableQuantity(fees, { cash, unitPrice, lot, liquidity, isFirstFill }))
  }

  /** What cash is margin enough for, beside what is held. */
  #marginedUnits(order: RestingOrder, liquidity: Match['liquidity'], price: Decimal, wanted: Decimal): Decimal {
    const { account } = this.#context
    const { lot, instrument, fees } = order.listing
    const { side } = order.request
    const cash = account.unused(instrument.currency)
    const fraction = account.marginFraction(instrument.symbol)
    const needed = (units: Decimal): Decimal => {
      const notional = notionalOf(order, price, units)
      const basis: FeeBasis = { side, notional, quantity: units, liquidity, isFirstFill: !order.hasFills }
      return notional.times(fraction).plus(feeOf(fees, basis))
    }
    if (needed(wanted).lte(cash)) return wanted
    const unit = notionalOf(order, price, lot).times(fraction)
    const fixed = needed(zero)
    const perLot = unit.plus(needed(lot)).minus(unit).minus(fixed)
    const most = cash.gt(fixed) ? divide(cash.minus(fixed), perLot, 0, 'down').times(lot) : zero
    const units = smaller(wanted, most)
    // A least fee makes the first lot dearer than the next ones.
    return units.gt(zero) && needed(units).gt(cash) ? units.minus(lot) : units
  }

  #fill(order: RestingOrder, match: Match, price: Decimal, quantity: Decimal, time: EpochMs): void {
    const { account, book, ids, trades } = this.#context
    const { side, sizedIn } = order.request
    const { asset, currency } = order.listing.instrument
    const { print } = order.market
    const heldBefore = print === undefined ? zero : account.total(asset)
    const notional = notionalOf(order, price, quantity)
    const basis = { side, notional, quantity, liquidity: match.liquidity, isFirstFill: !order.hasFills }
    const [fee, feeCurrency] = this.#chargedFee(order, feeOf(order.listing.fees, basis), notional, quantity)
    const tradeId = ids.next('paper-trade')
    const contract = contractTrade(order, tradeId, price, quantity)
    account.settle({ side, asset, currency, quantity, notional, fee, feeCurrency, ...contract })
    if (print !== undefined && account.total(asset).abs().gt(heldBefore.abs()))
      print.entryReference = match.referencePrice
    const filled = sizedIn === 'quote' ? notional : quantity
    this.#reduceReservation(order, filled)
    order.hasFills = true
    order.filled = order.filled.plus(filled)
    if (order.filled.eq(order.quantity)) book.finish(order, 'filled')
    const execution = {
      fee: decimalText(fee),
      feeCurrency,
      liquidity: match.liquidity,
      price: decimalText(price),
      quantity: decimalText(quantity),
      referencePrice: decimalText(match.referencePrice),
      referenceTime: match.referenceTime,
      tradeId,
    }
    trades.add(order, time, execution)
    this.emit(order, time, { type: 'filled', execution })
  }

  /** A fee of the currency, in what it is taken in. */
  #chargedFee(
    order: RestingOrder,
    fee: Decimal,
    notional: Decimal,
    quantity: Decimal,
  ): readonly [fee: Decimal, feeCurrency: string] {
    const { account, book, settings } = this.#context
    const { asset, currency } = order.listing.instrument
    const { chargedIn, places = feePlaces } = order.listing.fees
    if (
      chargedIn === 'currency' ||
      (chargedIn === 'bought' && (order.request.side === 'sell' || order.listing.isContract))
    )
      return [fee, currency]
    if (chargedIn === 'bought') {
      const units = divide(fee.times(quantity), notional, places, 'up')
      return [smaller(units, quantity), asset]
    }
    const price = book.knownMarket(chargedIn.symbol)?.lastAmount
    const pricedIn = settings.instruments.get(chargedIn.symbol)?.instrument.currency
    if (price === undefined || pricedIn !== currency) return [fee, currency]
    const units = divide(fee, price, places, 'up')
    // What is being sold, and was not set aside for it, is not there to pay by.
    const isSold = order.request.side === 'sell' && chargedIn.asset === asset && order.reserved.lt(quantity)
    const free = account.free(chargedIn.asset)
    const left = isSold ? free.minus(quantity.minus(order.reserved)) : free
    return units.lte(left) ? [units, chargedIn.asset] : [fee, currency]
  }

  /** The last fill frees the rest; before it units as they are sold, and cash by the share of what was bought, so that enough stays. */
  #reduceReservation(order: RestingOrder, filled: Decimal): void {
    if (order.reserved.isZero()) return
    const leaves = leavesOf(order)
    const { request, listing } = order
    if (filled.eq(leaves)) {
      this.#context.account.release(reservedAsset(order), order.reserved)
      order.reserved = zero
      return
    }
    const isSaleOfUnits = request.side === 'sell' && request.sizedIn === undefined && !listing.isContract
    const freed = isSaleOfUnits ? filled : divide(order.reserved.times(filled), leaves, 2, 'down')
    this.#context.account.release(reservedAsset(order), freed)
    order.reserved = order.reserved.minus(freed)
  }
}

function smaller(a: Decimal, b: Decimal): Decimal {
  return a.lt(b) ? a : b
}
