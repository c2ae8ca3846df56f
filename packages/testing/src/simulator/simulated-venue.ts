import type { Random } from '@tradeswarm/core'
import type {
  BrokerEvent,
  Execution,
  Instrument,
  OrderExecution,
  OrderRequest,
  VenueMovement,
} from '@tradeswarm/trading'
import { type Exact, exact, exactText, floorTo, times } from './exact.js'
import type { VenueRules } from './scenario.js'
import { refusalOf, rejectionOf, type VenueState } from './venue-admission.js'
import { createVenueBooks } from './venue-books.js'
import { executableAt, isSetOff, isStopReached, takesPrice, trailedLevel } from './venue-matching.js'
import { createVenueMishaps } from './venue-mishaps.js'
import {
  leavesOf,
  measureOf,
  toldNow,
  unitsFor,
  type VenueFill,
  type VenueOrderTruth,
  type VenueWord,
  viewOf,
} from './venue-order.js'
import type { SimulatedVenue } from './venue-port.js'

export type SimulatedVenueOptions = {
  readonly rules: VenueRules
  readonly instruments: readonly Instrument[]
  readonly currency: string
  readonly deposits: string
  readonly random: Random
  readonly now: () => number
  readonly at: (time: number, act: () => void) => void
  readonly say: (event: BrokerEvent) => void
  readonly onOrder: (order: VenueOrderTruth) => void
  /** What was charged for units that were lent. */
  readonly onBorrow: (symbol: string, amount: Exact) => void
  readonly onFill: (order: VenueOrderTruth, fill: VenueFill) => void
  /** Tells of money that the venue has moved. */
  readonly tell: (movement: VenueMovement) => void
}

/** A small matching venue: one price for each symbol, no other traders. Its books are in {@link Exact}, and nobody else writes in them. */
export function createSimulatedVenue(options: SimulatedVenueOptions): SimulatedVenue {
  const { rules, random, currency } = options
  const orders: VenueOrderTruth[] = []
  const live = new Set<VenueOrderTruth>()
  const history: BrokerEvent[] = []
  const executions: { readonly fill: VenueFill; readonly told: OrderExecution }[] = []
  const movements: VenueMovement[] = []
  const prices = new Map<string, Exact>()
  const books = createVenueBooks(options.instruments, currency, options.deposits)
  const { held, lot } = books
  const fee = exact(String(rules.feeBasisPoints)) / 10_000n
  let isOpen = false
  let isDeep = false
  const state: VenueState = {
    rules,
    books,
    orders,
    live,
    price: (symbol) => prices.get(symbol) ?? 0n,
    isOpen: () => isOpen,
  }
  let words = 0
  let trades = 0

  const say = (order: VenueOrderTruth, word: VenueWord, clientOrderId = order.request.clientOrderId): BrokerEvent => {
    words += 1
    const event = {
      ...word,
      eventId: `venue-${words}`,
      clientOrderId,
      venueOrderId: order.venueOrderId,
      time: options.now(),
    } as BrokerEvent
    history.push(event)
    options.say(event)
    return event
  }
  const end = (order: VenueOrderTruth, status: 'filled' | 'canceled' | 'expired'): void => {
    order.status = status
    live.delete(order)
    if (status !== 'filled') say(order, { type: status })
  }

  const execute = (order: VenueOrderTruth, price: Exact, quantity: Exact): void => {
    trades += 1
    const { venueOrderId, request } = order
    const { clientOrderId, symbol } = request
    const isContract = books.isContract(symbol)
    const feeInAsset = rules.feeInAsset && request.side === 'buy' && !request.reduceOnly && !isContract
    const unitPrice = books.unitPrice(symbol, price)
    const fill: VenueFill = {
      tradeId: `trade-${trades}`,
      price,
      quantity,
      fee: feeInAsset ? times(quantity, fee) : times(times(unitPrice, quantity), fee),
      feeCurrency: feeInAsset ? symbol : (rules.feeCurrency ?? books.currencyOf(symbol)),
      feeInAsset,
      splitsBefore: books.splits(symbol),
      busted: false,
    }
    order.fills.push(fill)
    order.filled += measureOf(order, unitPrice, quantity)
    books.move(order, fill, 1n)
    options.onFill(order, fill)
    const execution: Execution = {
      tradeId: fill.tradeId,
      price: exactText(price),
      quantity: exactText(quantity),
      fee: exactText(fill.fee),
      feeCurrency: fill.feeCurrency,
      ...(isContract ? { realised: exactText(fill.paidOut ?? 0n) } : {}),
      referencePrice: exactText(price),
      referenceTime: options.now(),
      liquidity: 'taker',
    }
    executions.push({ fill, told: { clientOrderId, venueOrderId, time: options.now(), execution } })
    say(order, { type: 'filled', execution })
    if (order.status === 'open' && leavesOf(order) <= 0n) end(order, 'filled')
    dropNeedless(symbol)
  }

  /** Once nothing is left to reduce, what could only reduce is cancelled. */
  const dropNeedless = (symbol: string): void => {
    if (rules.keepsNeedless === true) return
    const side = held(symbol) > 0n ? 'sell' : 'buy'
    const isFlat = books.isFlat(symbol)
    for (const order of live) {
      const { request } = order
      if (request.symbol === symbol && request.reduceOnly && (isFlat || request.side !== side)) end(order, 'canceled')
    }
  }

  /** Whether an order may be matched at this moment of the day. */
  const isDue = ({ request: { timeInForce } }: VenueOrderTruth, auction: 'open' | 'close' | undefined): boolean =>
    auction === 'close'
      ? timeInForce === 'at-close'
      : timeInForce !== 'at-close' && (timeInForce !== 'at-open' || auction === 'open')

  const match = (order: VenueOrderTruth, auction?: 'open' | 'close'): void => {
    const { request } = order
    const price = prices.get(request.symbol)
    if (order.status !== 'open' || !isOpen || price === undefined || !isDue(order, auction)) return
    if (!isSetOff(order, price)) return
    const isStop = request.type.includes('stop') || (request.type === 'oco' && isStopReached(order, price))
    if (!order.triggered && isStop) {
      order.triggered = true
      say(order, { type: 'triggered' })
    }
    if (!takesPrice(request, price)) return
    if (rules.keepsNeedless === true && request.reduceOnly && !reduces(request, held(request.symbol))) return
    const whole = executableAt(order, price, books, rules)
    const wanted = unitsFor(order, books.unitPrice(request.symbol, price), leavesOf(order), lot(request.symbol))
    if (request.timeInForce === 'fok' && whole < wanted) return
    const part = floorTo((whole * BigInt(1 + Math.floor(random.next() * 9))) / 10n, lot(request.symbol))
    const isPartial = random.next() < rules.partialFills && !isDeep && part > 0n && request.timeInForce !== 'fok'
    const quantity = isPartial ? part : whole
    if (quantity > 0n) execute(order, price, quantity)
    // What cash or position do not reach for is not kept, nor what of an amount buys no lot.
    const isRest = request.sizedIn === 'quote' && quantity === whole
    if (order.status === 'open' && (whole < wanted || isRest)) end(order, 'canceled')
  }

  const find = (clientOrderId: string): VenueOrderTruth | undefined =>
    orders.findLast(({ request }) => request.clientOrderId === clientOrderId)
  const take = (request: OrderRequest, carried: Exact, external = false): VenueOrderTruth => {
    const { stopPrice, type, symbol, expiresAt } = request
    const level = stopPrice === undefined ? trailedLevel(request, prices.get(symbol) ?? 0n) : exact(stopPrice)
    const order: VenueOrderTruth = {
      venueOrderId: `V${orders.length + 1}`,
      request,
      quantity: exact(request.quantity),
      carried,
      earlier: [],
      acceptedAt: options.now(),
      external,
      splitsBefore: books.splits(symbol),
      status: 'open',
      triggered: false,
      level: type === 'trailing-stop' ? level : undefined,
      filled: 0n,
      fills: [],
    }
    orders.push(order)
    if (expiresAt !== undefined)
      options.at(expiresAt, () => {
        if (order.status === 'open') end(order, 'expired')
      })
    return order
  }
  const begin = (order: VenueOrderTruth): void => {
    live.add(order)
    options.onOrder(order)
    say(order, { type: 'accepted' })
    match(order)
    const { timeInForce } = order.request
    if (order.status === 'open' && (timeInForce === 'ioc' || timeInForce === 'fok')) end(order, 'expired')
  }

  const replace = (order: VenueOrderTruth, request: OrderRequest): void => {
    const { clientOrderId } = order.request
    const told: VenueWord = { type: 'replaced', by: request.clientOrderId }
    if (rules.replace === 'same-order') {
      order.earlier.push({ ...viewOf(order), status: 'replaced' })
      order.request = request
      order.quantity = exact(request.quantity)
      if (order.level !== undefined && request.stopPrice !== undefined) order.level = exact(request.stopPrice)
      options.onOrder(order)
      say(order, told, clientOrderId)
      match(order)
      return
    }
    order.status = 'replaced'
    live.delete(order)
    const next = take(request, order.carried + order.filled)
    next.triggered = order.triggered
    live.add(next)
    options.onOrder(next)
    say(order, told)
    say(next, { type: 'accepted' })
    match(next)
  }

  return {
    history,
    orders,
    books,
    get isOpen() {
      return isOpen
    },
    cash: () => books.cash(),
    position: held,
    price: (symbol) => exactText(prices.get(symbol) ?? 0n),
    place(request) {
      const refusal = refusalOf(state, request)
      if (refusal !== undefined) return refusal
      const order = take(request, 0n)
      const rejection = rejectionOf(state, request)
      if (rejection !== undefined) {
        order.status = 'rejected'
        say(order, { type: 'rejected', ...rejection })
        return undefined
      }
      begin(order)
      return undefined
    },
    placeExternal: (request) => begin(take(request, 0n, true)),
    cancelExternal() {
      for (const order of live) if (order.external) end(order, 'canceled')
    },
    cancel(clientOrderId) {
      const order = find(clientOrderId)
      if (order === undefined) return { code: 'ORDER_NOT_FOUND', message: `there is no order ${clientOrderId}` }
      if (order.status === 'open') end(order, 'canceled')
      else
        say(order, { type: 'cancel-rejected', code: 'ORDER_NOT_OPEN', message: `the order is ${order.status} already` })
      return undefined
    },
    replace(clientOrderId, request) {
      const refusal = refusalOf(state, request)
      if (refusal !== undefined) return refusal
      const order = find(clientOrderId)
      if (order === undefined) return { code: 'ORDER_NOT_FOUND', message: `there is no order ${clientOrderId}` }
      const { status } = order
      const fault =
        status === 'open'
          ? rejectionOf(state, request, order)
          : { code: 'ORDER_NOT_OPEN', message: `the order is ${status} already` }
      if (fault === undefined) replace(order, request)
      else say(order, { type: 'replace-rejected', by: request.clientOrderId, ...fault })
      return undefined
    },
    order(clientOrderId) {
      const order = find(clientOrderId)
      if (order !== undefined) return viewOf(order)
      for (const { earlier } of orders) {
        const shown = earlier.find((view) => view.clientOrderId === clientOrderId)
        if (shown !== undefined) return shown
      }
      return undefined
    },
    openOrders: () => [...live].map(viewOf),
    executions: (since) =>
      executions
        .filter(({ fill, told }) => Math.max(told.time, fill.change?.time ?? 0) >= since)
        .map(({ fill, told }) => toldNow(told, fill)),
    balances: () => books.balances(),
    openSession() {
      isOpen = true
      for (const order of live) match(order, 'open')
      for (const order of live) if (order.request.timeInForce === 'at-open') end(order, 'expired')
    },
    closeSession() {
      for (const order of live) match(order, 'close')
      isOpen = false
      for (const order of live) {
        const { timeInForce } = order.request
        if (timeInForce === 'day' || timeInForce === 'at-close') end(order, 'expired')
      }
      if (rules.lendsAt === undefined) return
      for (const [symbol, price] of prices) {
        const lent = books.isContract(symbol) ? 0n : -held(symbol)
        const amount = lent <= 0n ? 0n : times(times(lent, price), exact(String(rules.lendsAt)) / 10_000n)
        if (amount === 0n) continue
        books.addCash(currency, -amount)
        options.onBorrow(symbol, amount)
      }
    },
    split(symbol, numerator, denominator) {
      for (const order of live) if (order.request.symbol === symbol) end(order, 'canceled')
      books.split(symbol, BigInt(numerator), BigInt(denominator))
    },
    payFunding(symbol, rate) {
      const price = prices.get(symbol) ?? 0n
      const amount = -times(times(held(symbol), books.unitPrice(symbol, price)), exact(rate))
      if (amount === 0n || !books.isContract(symbol)) return false
      const paidIn = books.currencyOf(symbol)
      books.addCash(paidIn, amount)
      const movement: VenueMovement = {
        type: 'funding',
        eventId: `movement-${movements.length + 1}`,
        time: options.now(),
        symbol,
        currency: paidIn,
        amount: exactText(amount),
      }
      movements.push(movement)
      options.tell(movement)
      return true
    },
    movements: (since) => movements.filter(({ time }) => time >= since),
    tick: () => undefined,
    setPrice(symbol, price) {
      prices.set(symbol, exact(price))
      for (const order of live) if (order.request.symbol === symbol) match(order)
    },
    deepen() {
      isDeep = true
    },
    ...createVenueMishaps(state, { execute, dropNeedless, say, now: options.now }),
  }
}

function reduces({ side }: OrderRequest, units: Exact): boolean {
  return side === 'buy' ? units < 0n : units > 0n
}
