import {
  type KernelRecord,
  maximumChildren,
  type OrderHeader,
  type OrderRequest,
  type Reservation,
  type RiskPolicy,
} from '@tradeswarm/trading'
import { type Exact, exact, exactFraction, exactText, magnitude, times, unit } from '../exact.js'
import type { LifeView } from '../observation.js'
import { createAskedPolicies } from './asked-policies.js'
import type { CheckerFactory } from './checker.js'
import { exitsBeside } from './exits-beside.js'
import { contractCost, contractResult } from './folded-contract.js'
import {
  amendedRequest,
  type FoldedOrder,
  filledOf,
  foldedLeaves,
  foldedStatus,
  isAskedToGo,
  isFoldedOpen,
  newSending,
  requestsOf,
} from './folded-order.js'
import { isHeldBack, type JournalFold } from './journal-fold.js'
import { marginFraction } from './margin-fraction.js'
import { equityAt, inAccountCurrency, rateSymbol, referencePrice, unitPriceOf, worthOf } from './naive-prices.js'

type Amended = Extract<KernelRecord, { type: 'order-amended' }>

/**
 * Evaluates the rules naively at the instant of each admission: I11 (no limit is passed, and enough is set aside), I12 and I13 (state and
 * prices), I25 (reconciled first), I29 (an unprotected symbol takes no entries, exits fit the position), I40, I43.
 */
export const createLimitChecker: CheckerFactory = ({ scenario, foldOf }, report) => {
  const reconciled = new Set<number>()
  const asked = new Map<string, ReadonlyMap<string, string>>()
  const crossedAt = new Map<string, ReadonlySet<string>>()
  const policies = createAskedPolicies(scenario)
  const instruments = new Map(scenario.instruments.map((instrument) => [instrument.symbol, instrument]))

  const checkGrid = ({ request, orderId }: OrderHeader): void => {
    const instrument = instruments.get(request.symbol)
    if (instrument === undefined) {
      report('I12', `order ${orderId} in unknown ${request.symbol} was admitted`)
      return
    }
    const quantity = exact(request.quantity)
    const lot = request.sizedIn === 'quote' ? 1n : exact(instrument.lotSize)
    if (quantity <= 0n || quantity % lot !== 0n)
      report('I12', `order ${orderId} over ${request.quantity} is off the lot of ${instrument.lotSize}`)
    for (const price of [request.limitPrice, request.stopPrice]) {
      if (price !== undefined && (exact(price) <= 0n || exact(price) % exact(instrument.tickSize) !== 0n))
        report('I12', `order ${orderId} at ${price} is off the tick of ${instrument.tickSize}`)
    }
  }

  const checkEntry = (
    life: LifeView,
    fold: JournalFold,
    header: OrderHeader,
    reservation: Reservation | undefined,
    prices: ReadonlyMap<string, string>,
    askedAs: string,
  ): void => {
    const policy = policies.policy(life.number, fold.policyVersion)
    const { orderId, request } = header
    if (isHeldBack(fold, header)) report('I13', `entry ${orderId} was admitted while trading is held back`)
    if (crossedAt.get(askedAs)?.has(request.symbol) === true)
      report('I12', `entry ${orderId} was admitted at a crossed quote`)
    if (!reconciled.has(life.number)) report('I27', `entry ${orderId} was admitted before the venue was read`)
    const isContract = fold.contracts.has(request.symbol)
    if (request.side === 'sell' && !policy.allowShorts && !isContract)
      report('I43', `${orderId} sells ${request.symbol} short`)
    const price = referencePrice(request, prices)
    const equity = equityAt(fold, prices)
    if (price === undefined || equity === undefined) {
      report('I12', `entry ${orderId} was admitted without a price`)
      return
    }
    const breach = breachedLimit(fold, prices, policy, header, price, equity)
    if (breach !== undefined) report('I11', `entry ${orderId} was admitted: ${breach}`)
    const perUnit = needPerUnit(request, policy, unitPriceOf(fold, request.symbol, price), isContract)
    if (reservation === undefined || exact(reservation.perUnit) < perUnit)
      report(
        'I11',
        `entry ${orderId} sets aside ${reservation?.perUnit ?? 'nothing'} a unit, it needs ${exactText(perUnit)}`,
      )
    const currency = fold.settles.get(request.symbol) ?? fold.currency
    const least = exact(policy.highestFeeMinimum) * partsOf(header.execution)
    const rate = currency === fold.currency ? unit : exact(prices.get(rateSymbol(currency)) ?? '1')
    const need = times(perUnit, exact(request.quantity)) + (least * unit) / rate
    const tied = lockedBy(fold, currency, orderId) + tiedUpBy(fold, currency, policy, prices)
    const free = (fold.cashIn.get(currency) ?? 0n) - tied
    if (need > free) report('I11', `entry ${orderId} needs ${exactText(need)}, ${exactText(free)} is free`)
    if (isUncovered(fold, request.symbol, instruments.get(request.symbol)?.lotSize ?? '1'))
      report('I29', `entry ${orderId} was admitted while the position in ${request.symbol} has no acknowledged exit`)
  }

  /** What is sent of an order in parts is within it, all parts together, and no part is dearer than was set aside for. */
  const checkPart = (fold: JournalFold, { orderId, parentOrderId, request, agent, strategy }: OrderHeader): void => {
    const parent = fold.orders.get(parentOrderId ?? '')
    if (parent?.header.execution === undefined) {
      report('I07', `order ${orderId} is part of ${parentOrderId}, which is not worked in parts`)
      return
    }
    if (isHeldBack(fold, { agent, strategy })) report('I13', `part ${orderId} was admitted while trading is held back`)
    if (!isFoldedOpen(parent)) report('I07', `part ${orderId} was admitted of order ${parentOrderId}, which is over`)
    let taken = exact(request.quantity)
    for (const part of parent.parts) if (part.header.orderId !== orderId) taken += filledOf(part) + foldedLeaves(part)
    if (taken > exact(parent.header.request.quantity))
      report(
        'I07',
        `the parts of ${parentOrderId} come to ${exactText(taken)}, it is for ${parent.header.request.quantity}`,
      )
    const { limitPrice } = parent.header.request
    if (limitPrice !== undefined && (request.limitPrice === undefined || exact(request.limitPrice) > exact(limitPrice)))
      report('I07', `part ${orderId} may cost more than the ${limitPrice} of its whole`)
  }

  /** What may be crossed is asked about when it is sent, and an exit for which others make way. */
  const checkSelfTrade = (fold: JournalFold, own: OrderHeader, isSent = false): void => {
    const { orderId, request } = own
    if (!isSent && request.reduceOnly && request.type === 'market') return
    for (const other of openOf(fold, request.symbol)) {
      const { header } = other
      if (header.orderId === orderId || header.request.side === request.side) continue
      if (!isSent && mayCross(header, own)) continue
      if (isSent && foldedStatus(other) === 'permitted') continue
      const isGoing = foldedStatus(other) === 'pending-cancel'
      // Nobody knows of it, and it goes as soon as it surfaces: no exit waits for that.
      const isLost = request.reduceOnly && foldedStatus(other) === 'unknown' && isAskedToGo(other)
      if (isGoing || isLost || !requestsOf(other).some((each) => couldMeet(request, each))) continue
      report('I40', `order ${orderId} could trade with order ${header.orderId} of ours`)
    }
  }

  /** An amendment passes the same rules, for what is left of the order by its new terms. */
  const checkAmended = (life: LifeView, fold: JournalFold, record: Amended): void => {
    const order = fold.orders.get(record.orderId)
    if (order === undefined) return
    const before = order.amendments.get(record.event.by)
    const known: FoldedOrder = { ...order, amendments: new Map(order.amendments) }
    known.amendments.set(record.event.by, { ...newSending(), ...before, terms: record.event })
    const request = amendedRequest(known, record.event.by)
    if (request === undefined) return
    const header = { ...order.header, request }
    checkGrid(header)
    const prices = asked.get(record.event.reason) ?? life.prices
    if (!request.reduceOnly)
      checkEntry(life, fold, header, record.reservation ?? order.reservation, prices, record.event.reason)
    checkSelfTrade(fold, header)
  }

  const checkExits = (fold: JournalFold, request: OrderRequest): void => {
    const live = exitsBeside(request, fold.orders.values())
    const held = heldAgainst(fold.positions.get(request.symbol) ?? 0n, request)
    if (live > held)
      report('I29', `exits of ${exactText(live)} ${request.symbol} are live or unknown, ${exactText(held)} are held`)
  }

  return (observation) => {
    policies.observe(observation, (life) => foldOf(life).policyVersion)
    switch (observation.type) {
      case 'asked':
        asked.set(observation.intentId, observation.prices)
        crossedAt.set(observation.intentId, observation.crossed)
        return
      case 'balances read':
        reconciled.add(observation.life.number)
        return
      case 'appended': {
        const record = observation.entry.payload as KernelRecord
        const fold = foldOf(observation.life.number)
        if (record.type === 'order-amended') checkAmended(observation.life, fold, record)
        if (record.type !== 'order-assessed' || record.verdict.permit === undefined) return
        const { header, verdict } = record
        checkGrid(header)
        const prices = asked.get(header.intentId) ?? observation.life.prices
        if (header.parentOrderId !== undefined) checkPart(fold, header)
        else if (!header.request.reduceOnly)
          checkEntry(observation.life, fold, header, verdict.reservation, prices, header.intentId)
        checkSelfTrade(fold, header)
        return
      }
      case 'permit used': {
        const { request } = observation.order
        const known = foldOf(observation.life.number).byClientOrderId.get(request.clientOrderId)
        if (known !== undefined) checkSelfTrade(foldOf(observation.life.number), { ...known.header, request }, true)
        if (request.reduceOnly) checkExits(foldOf(observation.life.number), request)
        return
      }
      default:
    }
  }
}

/** The least fee may be taken of each part of an order. */
function partsOf(execution: OrderHeader['execution']): bigint {
  return execution === undefined ? 1n : BigInt(maximumChildren(execution))
}

/** Whether the kernel may cross two orders before either meets the other: an exit and an entry of two agents. */
function mayCross(one: OrderHeader, other: OrderHeader): boolean {
  if (one.nets !== true || other.nets !== true || one.agent === other.agent) return false
  return one.request.reduceOnly !== other.request.reduceOnly
}

function openOf(fold: JournalFold, symbol: string): readonly FoldedOrder[] {
  return [...fold.orders.values()].filter((order) => order.header.request.symbol === symbol && isFoldedOpen(order))
}

/** What a unit of an order counts as. Of one that is being amended either terms may be executed. */
function dearest(fold: JournalFold, order: FoldedOrder, prices: ReadonlyMap<string, string>): Exact {
  // An amount is worth itself.
  if (order.header.request.sizedIn === 'quote') return unit
  let price = 0n
  for (const request of order.header.execution === undefined ? requestsOf(order) : [order.header.request]) {
    const each = referencePrice(request, prices) ?? 0n
    if (each > price) price = each
  }
  return unitPriceOf(fold, order.header.request.symbol, price)
}

function needPerUnit(request: OrderRequest, policy: RiskPolicy, unitPrice: Exact, isContract: boolean): Exact {
  // A contract sets its margin aside, and the fee on all of it.
  const share = (isContract ? marginFraction(policy) : unit) + exactFraction(policy.highestFeeFraction)
  if (request.sizedIn === 'quote') return share
  const { limitPrice } = request
  const buffered =
    limitPrice === undefined ? cut(unitPrice * (unit + exactFraction(policy.reservationBufferFraction))) : unitPrice
  return cut(buffered * share)
}

/** A product of two, cut where it has more decimals than are kept. */
function cut(product: bigint): Exact {
  return product / unit
}

/** What contracts hold of a currency that is theirs: margin, and what they are losing. */
function tiedUpBy(fold: JournalFold, currency: string, policy: RiskPolicy, prices: ReadonlyMap<string, string>): Exact {
  let tied = 0n
  for (const [symbol, terms] of fold.contracts) {
    const price = prices.get(symbol)
    if (terms.currency !== currency || price === undefined || (fold.positions.get(symbol) ?? 0n) === 0n) continue
    const result = contractResult(fold, symbol, exact(price))
    tied += cut(magnitude(contractCost(fold, symbol)) * marginFraction(policy)) + (result < 0n ? -result : 0n)
  }
  return tied
}

function lockedBy(fold: JournalFold, currency: string, exceptOrderId: string): Exact {
  let locked = 0n
  for (const order of fold.orders.values()) {
    if (order.header.orderId === exceptOrderId || order.reservation?.kind !== 'cash' || !isFoldedOpen(order)) continue
    if (order.reservation.asset !== currency) continue
    locked += times(exact(order.reservation.perUnit), foldedLeaves(order)) + exact(order.reservation.fixed)
  }
  return locked
}

/** The first limit that an entry passes together with all that is held and on its way. */
function breachedLimit(
  fold: JournalFold,
  prices: ReadonlyMap<string, string>,
  policy: RiskPolicy,
  { orderId, request }: OrderHeader,
  price: Exact,
  equity: Exact,
): string | undefined {
  const exposures = new Map<string, Exact>()
  const inAccount = (symbol: string, worth: Exact): Exact => inAccountCurrency(fold, prices, symbol, worth) ?? 0n
  const add = (symbol: string, worth: Exact): void => {
    exposures.set(symbol, (exposures.get(symbol) ?? 0n) + inAccount(symbol, worth))
  }
  for (const [symbol, held] of fold.positions) {
    const price = exact(prices.get(symbol) ?? '0')
    if (held !== 0n) add(symbol, times(magnitude(held), unitPriceOf(fold, symbol, price)))
  }
  for (const order of fold.orders.values()) {
    const { header } = order
    if (header.orderId === orderId || header.request.reduceOnly || !isFoldedOpen(order)) continue
    // A part is a part of what its whole may add.
    if (header.parentOrderId !== undefined) continue
    add(header.request.symbol, times(foldedLeaves(order), dearest(fold, order, prices)))
  }
  const notional = inAccount(request.symbol, worthOf(fold, request, price))
  const inSymbol = (exposures.get(request.symbol) ?? 0n) + notional
  let all = notional
  for (const worth of exposures.values()) all += worth
  const passes = (worth: Exact, fraction: number): boolean => worth > times(equity, exactFraction(fraction))
  if (passes(notional, policy.maxOrderFraction)) return `${exactText(notional)} is above the limit of an order`
  if (passes(inSymbol, policy.maxPositionFraction)) return `${exactText(inSymbol)} is above the limit of a position`
  if (passes(inSymbol, policy.maxSymbolExposureFraction)) return `${exactText(inSymbol)} is above the limit of a symbol`
  const symbols = new Set(exposures.keys()).add(request.symbol)
  if (symbols.size > policy.maxOpenPositions) return `${symbols.size} positions are above ${policy.maxOpenPositions}`
  // Fewer sessions are simulated than a correlation needs, so that all symbols count as moving together.
  if (symbols.size > 1 && passes(all, policy.maxCorrelatedExposureFraction))
    return `${exactText(all)} is above the limit of what moves together`
  for (const shock of policy.stressShocks) {
    if (passes(times(all, exactFraction(-shock)), policy.maxStressLossFraction))
      return `a move of ${shock} of ${exactText(all)} costs more than the stress limit`
  }
  return undefined
}

/** Units that an exit of this side can take off: none where it would enlarge what is held. */
function heldAgainst(position: Exact, { side }: Pick<OrderRequest, 'side'>): Exact {
  return position > 0n === (side === 'sell') ? magnitude(position) : 0n
}

const acknowledged: ReadonlySet<string> = new Set(['accepted', 'triggered', 'partially-filled'])

/** Whether units are held that no acknowledged stop or market exit would sell. */
function isUncovered(fold: JournalFold, symbol: string, lotSize: string): boolean {
  const position = fold.positions.get(symbol) ?? 0n
  const held = magnitude(position)
  let covered = 0n
  for (const order of openOf(fold, symbol)) {
    const { reduceOnly, type } = order.header.request
    if (heldAgainst(position, order.header.request) === 0n) continue
    if (reduceOnly && type !== 'limit' && acknowledged.has(foldedStatus(order))) covered += foldedLeaves(order)
  }
  return covered < held - (held % exact(lotSize))
}

const waits: ReadonlySet<OrderRequest['type']> = new Set(['stop', 'stop-limit', 'trailing-stop'])

/** Whether two orders on opposite sides would meet in a book. Stops do not rest in it. */
function couldMeet(a: OrderRequest, b: OrderRequest): boolean {
  if (waits.has(a.type) || waits.has(b.type)) return false
  const [buy, sell] = a.side === 'buy' ? [a, b] : [b, a]
  if (buy.limitPrice === undefined || sell.limitPrice === undefined)
    return buy.type === 'market' && sell.type === 'market'
  return exact(buy.limitPrice) >= exact(sell.limitPrice)
}
