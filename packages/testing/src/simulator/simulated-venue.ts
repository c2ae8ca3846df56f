import type { EpochMs, Random } from '@tradeswarm/core'
import type {
  BrokerEvent,
  Execution,
  Instrument,
  OrderExecution,
  OrderRequest,
  VenueBalance,
  VenueOrder,
} from '@tradeswarm/trading'
import { type Exact, exact, exactText, floorTo, least, times, unit } from './exact.js'
import type { VenueRules } from './scenario.js'
import { leavesOf, type VenueFill, type VenueOrderTruth, type VenueWord, viewOf } from './venue-order.js'

/** Why a venue refuses a request at once. */
export type VenueRefusal = { readonly code: string; readonly message: string }

/** A venue with a truth of its own. */
export type SimulatedVenue = {
  place(request: OrderRequest): VenueRefusal | undefined
  cancel(clientOrderId: string): VenueRefusal | undefined
  /** Gives a live order other terms and the id of the request. Its word, `replaced` or `replace-rejected`, comes under the old id. */
  replace(clientOrderId: string, request: OrderRequest): VenueRefusal | undefined
  order(clientOrderId: string): VenueOrder | undefined
  openOrders(): readonly VenueOrder[]
  /** What was executed at or after an instant and was not taken back. */
  executions(since: EpochMs): readonly OrderExecution[]
  balances(): readonly VenueBalance[]
  /** All that it ever said, in order. */
  readonly history: readonly BrokerEvent[]
  /** Every order that it ever took, in order. */
  readonly orders: readonly VenueOrderTruth[]
  readonly isOpen: boolean
  cash(): Exact
  position(symbol: string): Exact
  price(symbol: string): string
  openSession(): void
  /** Orders for the day end. */
  closeSession(): void
  /** A new price, at which what can be executed is. */
  setPrice(symbol: string, price: string): void
  /** Executes a part of an order that was cancelled, where cash and position allow it. */
  fillAfterCancel(pick: number): void
  /** Takes an execution of an order that has ended back, where that leaves no position below 0. */
  bust(pick: number): void
}

export type SimulatedVenueOptions = {
  readonly rules: VenueRules
  readonly instruments: readonly Instrument[]
  readonly currency: string
  readonly deposits: string
  readonly random: Random
  readonly now: () => number
  readonly say: (event: BrokerEvent) => void
  readonly onOrder: (order: VenueOrderTruth) => void
  readonly onFill: (order: VenueOrderTruth, fill: VenueFill) => void
}

/** A small matching venue: one price for each symbol, no other traders. Its books are in {@link Exact}, and nobody else writes in them. */
export function createSimulatedVenue(options: SimulatedVenueOptions): SimulatedVenue {
  const { rules, random, currency } = options
  const orders: VenueOrderTruth[] = []
  const live = new Set<VenueOrderTruth>()
  const history: BrokerEvent[] = []
  const executions: { readonly fill: VenueFill; readonly told: OrderExecution }[] = []
  const prices = new Map<string, Exact>()
  const positions = new Map<string, Exact>()
  const lots = new Map(options.instruments.map(({ symbol, lotSize }) => [symbol, exact(lotSize)]))
  const fee = exact(String(rules.feeBasisPoints)) / 10_000n
  let cash = exact(options.deposits)
  let isOpen = false
  let words = 0
  let trades = 0

  const held = (symbol: string): Exact => positions.get(symbol) ?? 0n
  const say = (order: VenueOrderTruth, word: VenueWord, clientOrderId = order.request.clientOrderId): void => {
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
  }
  const end = (order: VenueOrderTruth, status: 'filled' | 'canceled' | 'expired'): void => {
    order.status = status
    live.delete(order)
    if (status !== 'filled') say(order, { type: status })
  }
  const move = (
    { request }: VenueOrderTruth,
    { price, quantity, fee: paid, feeInAsset }: VenueFill,
    sign: 1n | -1n,
  ) => {
    const direction = request.side === 'buy' ? sign : -sign
    cash -= direction * times(price, quantity) + sign * (feeInAsset ? 0n : paid)
    positions.set(request.symbol, held(request.symbol) + direction * quantity - sign * (feeInAsset ? paid : 0n))
  }

  const execute = (order: VenueOrderTruth, price: Exact, quantity: Exact): void => {
    trades += 1
    const feeInAsset = rules.feeInAsset && order.request.side === 'buy'
    const fill: VenueFill = {
      tradeId: `trade-${trades}`,
      price,
      quantity,
      fee: feeInAsset ? times(quantity, fee) : times(times(price, quantity), fee),
      feeInAsset,
      busted: false,
    }
    order.fills.push(fill)
    order.filled += quantity
    move(order, fill, 1n)
    options.onFill(order, fill)
    const execution: Execution = {
      tradeId: fill.tradeId,
      price: exactText(price),
      quantity: exactText(quantity),
      fee: exactText(fill.fee),
      feeCurrency: feeInAsset ? order.request.symbol : currency,
      referencePrice: exactText(price),
      referenceTime: options.now(),
      liquidity: 'taker',
    }
    const { venueOrderId, request } = order
    const { clientOrderId } = request
    executions.push({ fill, told: { clientOrderId, venueOrderId, time: options.now(), execution } })
    say(order, { type: 'filled', execution })
    if (order.status === 'open' && leavesOf(order) <= 0n) end(order, 'filled')
    if (order.request.side === 'sell') dropNeedless(order.request.symbol)
  }

  /** Once nothing is held, what could only reduce is cancelled. */
  const dropNeedless = (symbol: string): void => {
    if (floorTo(held(symbol), lots.get(symbol) ?? unit) > 0n) return
    for (const order of live) if (order.request.symbol === symbol && order.request.reduceOnly) end(order, 'canceled')
  }

  /** What can be executed of an order at a price that suits it. */
  const executable = (order: VenueOrderTruth, price: Exact): Exact => {
    const lot = lots.get(order.request.symbol) ?? unit
    const leaves = leavesOf(order)
    if (order.request.side === 'sell') return floorTo(least(leaves, held(order.request.symbol)), lot)
    const perUnit = rules.feeInAsset ? price : price + times(price, fee)
    return floorTo(least(leaves, cash <= 0n ? 0n : (cash * unit) / perUnit), lot)
  }

  const match = (order: VenueOrderTruth): void => {
    const { request } = order
    const price = prices.get(request.symbol)
    if (order.status !== 'open' || !isOpen || price === undefined) return
    const isBuy = request.side === 'buy'
    if (request.type === 'stop' && !order.triggered) {
      const level = exact(request.stopPrice ?? '0')
      if (isBuy ? price < level : price > level) return
      order.triggered = true
      say(order, { type: 'triggered' })
    }
    if (request.type === 'limit') {
      const limit = exact(request.limitPrice ?? '0')
      if (isBuy ? price > limit : price < limit) return
    }
    const whole = executable(order, price)
    const lot = lots.get(request.symbol) ?? unit
    const part = floorTo((whole * BigInt(1 + Math.floor(random.next() * 9))) / 10n, lot)
    const quantity = random.next() < rules.partialFills && part > 0n ? part : whole
    if (quantity > 0n) execute(order, price, quantity)
    // What cash or position do not reach for is not kept.
    if (order.status === 'open' && whole < leavesOf(order) + quantity) end(order, 'canceled')
  }

  const refusalOf = (request: OrderRequest): VenueRefusal | undefined => {
    const same = orders.filter(
      ({ request: other, earlier }) =>
        other.clientOrderId === request.clientOrderId ||
        earlier.some(({ clientOrderId }) => clientOrderId === request.clientOrderId),
    )
    if (rules.clientOrderIds === 'permanent' ? same.length > 0 : same.some(({ status }) => status === 'open'))
      return { code: 'DUPLICATE_CLIENT_ORDER_ID', message: 'the client order id is taken' }
    return undefined
  }
  const rejectionOf = (request: OrderRequest, old?: VenueOrderTruth): VenueRefusal | undefined => {
    const { symbol, side, quantity } = request
    const wanted = exact(quantity) - (old === undefined ? 0n : old.carried + old.filled)
    if (wanted <= 0n) return { code: 'ALREADY_FILLED', message: 'no less can be executed' }
    if (side === 'sell') {
      if (held(symbol) <= 0n) return { code: 'NOT_SHORTABLE', message: `no ${symbol} is held` }
      let resting = 0n
      for (const other of live)
        if (other !== old && other.request.symbol === symbol && other.request.side === 'sell')
          resting += leavesOf(other)
      if (!rules.holdsStopAndTarget && wanted + resting > held(symbol))
        return { code: 'INSUFFICIENT_QUANTITY', message: 'other orders hold the units' }
      return undefined
    }
    const price = exact(request.limitPrice ?? request.stopPrice ?? exactText(prices.get(symbol) ?? 0n))
    return times(price, wanted) > cash ? { code: 'INSUFFICIENT_FUNDS', message: 'not enough cash' } : undefined
  }

  const find = (clientOrderId: string): VenueOrderTruth | undefined =>
    orders.findLast(({ request }) => request.clientOrderId === clientOrderId)
  const take = (request: OrderRequest, carried: Exact): VenueOrderTruth => {
    const order: VenueOrderTruth = {
      venueOrderId: `V${orders.length + 1}`,
      request,
      quantity: exact(request.quantity),
      carried,
      earlier: [],
      acceptedAt: options.now(),
      status: 'open',
      triggered: false,
      filled: 0n,
      fills: [],
    }
    orders.push(order)
    return order
  }

  const replace = (order: VenueOrderTruth, request: OrderRequest): void => {
    const { clientOrderId } = order.request
    const told: VenueWord = { type: 'replaced', by: request.clientOrderId }
    if (rules.replace === 'same-order') {
      order.earlier.push({ ...viewOf(order), status: 'replaced' })
      order.request = request
      order.quantity = exact(request.quantity)
      options.onOrder(order)
      say(order, told, clientOrderId)
      match(order)
      return
    }
    order.status = 'replaced'
    live.delete(order)
    const next = take(request, order.carried + order.filled)
    live.add(next)
    options.onOrder(next)
    say(order, told)
    say(next, { type: 'accepted' })
    match(next)
  }

  return {
    history,
    orders,
    get isOpen() {
      return isOpen
    },
    cash: () => cash,
    position: held,
    price: (symbol) => exactText(prices.get(symbol) ?? 0n),
    place(request) {
      const refusal = refusalOf(request)
      if (refusal !== undefined) return refusal
      const order = take(request, 0n)
      const rejection = rejectionOf(request)
      if (rejection !== undefined) {
        order.status = 'rejected'
        say(order, { type: 'rejected', ...rejection })
        return undefined
      }
      live.add(order)
      options.onOrder(order)
      say(order, { type: 'accepted' })
      match(order)
      if (order.status === 'open' && request.timeInForce === 'ioc') end(order, 'expired')
      return undefined
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
      const refusal = refusalOf(request)
      if (refusal !== undefined) return refusal
      const order = find(clientOrderId)
      if (order === undefined) return { code: 'ORDER_NOT_FOUND', message: `there is no order ${clientOrderId}` }
      const { status } = order
      const fault =
        status === 'open'
          ? rejectionOf(request, order)
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
      executions.filter(({ fill, told }) => !fill.busted && told.time >= since).map(({ told }) => told),
    balances: () => [
      { asset: currency, total: exactText(cash) },
      ...[...positions]
        .filter(([, units]) => units !== 0n)
        .map(([asset, units]) => ({ asset, total: exactText(units) })),
    ],
    openSession() {
      isOpen = true
      for (const order of live) match(order)
    },
    closeSession() {
      isOpen = false
      for (const order of live) if (order.request.timeInForce === 'day') end(order, 'expired')
    },
    setPrice(symbol, price) {
      prices.set(symbol, exact(price))
      for (const order of live) if (order.request.symbol === symbol) match(order)
    },
    fillAfterCancel(pick) {
      const candidates = orders.filter(
        ({ status, quantity, carried, filled }) => status === 'canceled' && carried + filled < quantity,
      )
      const order = candidates[candidates.length - 1 - (pick % Math.max(1, candidates.length))]
      const price = order === undefined ? undefined : prices.get(order.request.symbol)
      if (order === undefined || price === undefined) return
      const lot = lots.get(order.request.symbol) ?? unit
      const left = order.quantity - order.carried - order.filled
      const most = order.request.side === 'sell' ? held(order.request.symbol) : (cash * unit) / (2n * price)
      const quantity = floorTo(least(left, most), lot)
      if (quantity > 0n) execute(order, price, quantity)
    },
    bust(pick) {
      const all = orders
        .filter(({ status }) => status !== 'open' && status !== 'replaced')
        .flatMap((order) => order.fills.map((fill) => ({ order, fill })))
      const { order, fill } = all[all.length - 1 - (pick % Math.max(1, all.length))] ?? {}
      if (order === undefined || fill === undefined || fill.busted) return
      if (order.request.side === 'buy' && held(order.request.symbol) < fill.quantity) return
      fill.busted = true
      order.filled -= fill.quantity
      move(order, fill, -1n)
      say(order, { type: 'busted', tradeId: fill.tradeId })
      if (order.request.side === 'buy') dropNeedless(order.request.symbol)
    },
  }
}
