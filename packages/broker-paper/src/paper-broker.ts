import { type Clock, type EpochMs, SwarmError } from '@tradeswarm/core'
import {
  assertSince,
  type Broker,
  type BrokerCapabilities,
  type BrokerContext,
  type BrokerEvent,
  decimal,
  decimalText,
  type Instrument,
  type MarketEvent,
  type OrderExecution,
  type OrderRequest,
  type PermittedOrder,
  type VenueBalance,
  type VenueMovement,
  type VenueOrder,
  zero,
} from '@tradeswarm/trading'
import { EventOutbox, type EventWord } from './event-outbox.js'
import { FundingDesk } from './funding-desk.js'
import { HaltBoard } from './halt-board.js'
import { MarketDesk } from './market-desk.js'
import { MatchingEngine } from './matching-engine.js'
import { MovementLog } from './movement-log.js'
import { OrderBook } from './order-book.js'
import { OrderDesk } from './order-desk.js'
import { OrderExecutor } from './order-executor.js'
import { PaperAccount, type PaperHolding } from './paper-account.js'
import type { PaperBrokerSettings } from './paper-broker-options.js'
import { bustTrade, type CorrectedFigures, correctTrade, isolateMargin, type PaperOperator } from './paper-operator.js'
import { SessionBoard } from './session-board.js'
import { type LoggedTrade, TradeLog } from './trade-log.js'
import { VenueSchedule } from './venue-schedule.js'

const venueName = 'paper'

const capabilities: BrokerCapabilities = {
  orderTypes: ['market', 'limit', 'stop', 'stop-limit', 'trailing-stop', 'oco'],
  timesInForce: ['day', 'gtc', 'gtd', 'ioc', 'fok', 'at-open', 'at-close'],
  postOnly: true,
  sizedInQuote: true,
  clientOrderIds: 'permanent',
  holdsExitPairs: true,
  replace: 'same-order',
}

/** An account at the paper venue. Its state lives in memory: a backtest rebuilds it by running its tape again. */
export class PaperBroker implements Broker, PaperOperator {
  readonly name = venueName
  readonly account: string
  readonly mode = 'paper'
  readonly capabilities = capabilities
  readonly #settings: PaperBrokerSettings
  readonly #context: BrokerContext
  readonly #clock: Clock
  readonly #holdings: PaperAccount
  readonly #book: OrderBook
  readonly #trades = new TradeLog()
  readonly #outbox: EventOutbox
  readonly #movements: MovementLog
  readonly #executor: OrderExecutor
  readonly #orders: OrderDesk
  readonly #funding: FundingDesk
  readonly #market: MarketDesk
  readonly #schedule: VenueSchedule
  readonly #unsubscribe: () => void
  /** Client order ids that are under way, and so taken. */
  readonly #underWay = new Set<string>()
  #isClosed = false

  constructor(settings: PaperBrokerSettings, context: BrokerContext) {
    this.account = settings.account
    this.#settings = settings
    this.#context = context
    this.#clock = context.clock
    this.#holdings = new PaperAccount(settings.cash, settings.contractLeverage)
    this.#book = new OrderBook(settings.instruments)
    this.#outbox = new EventOutbox(context.logger)
    this.#movements = new MovementLog(context.logger)
    this.#funding = new FundingDesk(settings, this.#holdings, this.#book, this.#movements, context.clock.now())
    const venue = {
      settings,
      account: this.#holdings,
      book: this.#book,
      trades: this.#trades,
      outbox: this.#outbox,
      movements: this.#movements,
      ids: context.ids,
    }
    const rules = { sessions: new SessionBoard(), halts: new HaltBoard(settings.halts) }
    this.#schedule = new VenueSchedule(context.clock, () => this.#awake())
    this.#executor = new OrderExecutor(venue)
    const engine = new MatchingEngine(venue, this.#executor, rules)
    this.#orders = new OrderDesk({
      venue,
      engine,
      executor: this.#executor,
      schedule: this.#schedule,
      halts: rules.halts,
    })
    this.#market = new MarketDesk({
      venue,
      engine,
      executor: this.#executor,
      sessions: rules.sessions,
      funding: this.#funding,
      nextSequence: () => this.#orders.nextSequence(),
    })
    this.#unsubscribe = context.feed.subscribe((event) => this.#onMarket(event))
  }

  instrument(symbol: string): Instrument | undefined {
    return this.#settings.instruments.get(symbol)?.instrument
  }

  /**
   * Without latency `accepted` or `rejected` reaches every listener before this resolves; called from within a listener, right after
   * the event that the listener is handling. Throws `DUPLICATE_CLIENT_ORDER_ID` for an id ever used before, and says nothing then.
   */
  async place(order: PermittedOrder): Promise<void> {
    const { request } = this.#permitted(order)
    // Awaited even where nobody is: what a caller does next comes after what listeners have begun.
    await this.#send(request.clientOrderId, (time) => this.#orders.arrive(request, time))
  }

  /** Without latency `canceled` reaches every listener before this resolves, or `cancel-rejected` with `ORDER_NOT_FOUND` or `ORDER_NOT_OPEN`. */
  async cancel(clientOrderId: string): Promise<void> {
    this.#assertOpen()
    await this.#send(undefined, (time) => this.#orders.cancel(clientOrderId, time))
  }

  /**
   * Amends an order in place: it keeps its executions, and its place in the queue unless its price changes or its size grows. `quantity`
   * is the whole size, what was filled included. The venue's word, `replaced` or `replace-rejected`, comes under the old id; what
   * follows under that of `order`. Throws as `place` does.
   */
  async replace(clientOrderId: string, order: PermittedOrder): Promise<void> {
    const { request } = this.#permitted(order)
    await this.#send(request.clientOrderId, (time) => this.#orders.amend(clientOrderId, request, time))
  }

  async order(clientOrderId: string): Promise<VenueOrder | undefined> {
    const telling = this.#catchUp()
    if (telling !== undefined) await telling
    return this.#book.find(clientOrderId)
  }

  async openOrders(): Promise<readonly VenueOrder[]> {
    const telling = this.#catchUp()
    if (telling !== undefined) await telling
    return this.#book.view()
  }

  async executions(since: EpochMs): Promise<readonly OrderExecution[]> {
    assertSince('executions', since)
    const telling = this.#catchUp()
    if (telling !== undefined) await telling
    return this.#trades.since(since)
  }

  async movements(since: EpochMs): Promise<readonly VenueMovement[]> {
    assertSince('movements', since)
    const telling = this.#catchUp()
    if (telling !== undefined) await telling
    return this.#movements.since(since)
  }

  subscribeMovements(listener: (movement: VenueMovement) => void | Promise<void>): () => void {
    return this.#movements.subscribe(listener)
  }

  async time(): Promise<EpochMs> {
    return this.#clock.now()
  }

  async balances(): Promise<readonly VenueBalance[]> {
    const telling = this.#catchUp()
    if (telling !== undefined) await telling
    return this.#holdings.balances()
  }

  subscribe(listener: (event: BrokerEvent) => void | Promise<void>): () => void {
    return this.#outbox.subscribe(listener)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#schedule.close()
    this.#unsubscribe()
  }

  async bust(tradeId: string): Promise<void> {
    this.#assertOpen()
    const trade = bustTrade(this.#trades, this.#holdings, tradeId)
    await this.#tellChange(trade, { type: 'busted', tradeId })
  }

  async correct(tradeId: string, figures: CorrectedFigures): Promise<void> {
    this.#assertOpen()
    const trade = correctTrade(this.#trades, this.#holdings, tradeId, figures)
    await this.#tellChange(trade, { type: 'corrected', execution: trade.execution })
  }

  async #tellChange(trade: LoggedTrade, word: Extract<EventWord, { type: 'busted' | 'corrected' }>): Promise<void> {
    const time = this.#clock.now()
    trade.change = { type: word.type, time, eventId: this.#executor.emit(trade.order, time, word) }
    this.#executor.cancelPointless(trade.order.market, time)
    await this.#outbox.deliver()
  }

  halt(symbol: string): void {
    this.#book.market(symbol).isHalted = true
  }

  resume(symbol: string): void {
    this.#book.market(symbol).isHalted = false
  }

  refusalOfAmendment(clientOrderId: string, request: OrderRequest): ReturnType<PaperOperator['refusalOfAmendment']> {
    return this.#orders.refusalOfAmendment(clientOrderId, request, this.#clock.now())
  }

  async move({ type, currency, amount }: Parameters<PaperOperator['move']>[0]): Promise<void> {
    this.#assertOpen()
    const moved = decimal(amount, 'amount')
    this.#holdings.credit(currency, type === 'fee' ? zero.minus(moved) : moved)
    const eventId = this.#context.ids.next('paper-movement')
    this.#movements.add({ eventId, time: this.#clock.now(), type, currency, amount: decimalText(moved) })
    await this.#movements.deliver()
  }

  isolateMargin(symbol: string, leverage: string): string | undefined {
    return isolateMargin(this.#settings, this.#holdings, symbol, leverage)
  }

  marginMoved(symbol: string, id: string): string {
    return decimalText(this.#holdings.marginMoved(symbol, id))
  }

  holdings(): readonly PaperHolding[] {
    return this.#holdings.holdings()
  }

  #permitted(order: PermittedOrder): PermittedOrder {
    this.#context.guard.consume(order)
    this.#assertOpen()
    const { clientOrderId } = order.request
    const isUnderWay = this.#underWay.size > 0 && this.#underWay.has(clientOrderId)
    if (!isUnderWay && !this.#book.isKnown(clientOrderId)) return order
    throw new SwarmError({
      code: 'DUPLICATE_CLIENT_ORDER_ID',
      message: `clientOrderId: "${clientOrderId}" was used before at this venue; every order needs one of its own`,
      context: { clientOrderId },
    })
  }

  #assertOpen(): void {
    if (!this.#isClosed) return
    throw new SwarmError({
      code: 'BROKER_CLOSED',
      message: `the paper account "${this.account}" is closed: open it again to trade`,
    })
  }

  /** Lets what is sent take effect at the venue: at once, or when it has arrived. */
  #send(clientOrderId: string | undefined, act: (time: EpochMs) => void): Promise<void> | undefined {
    const now = this.#clock.now()
    const { latencyMs } = this.#settings
    this.#schedule.settle(now, 'before')
    if (latencyMs === 0) act(now)
    else {
      if (clientOrderId !== undefined) this.#underWay.add(clientOrderId)
      this.#schedule.addArrival(now + latencyMs, (time) => {
        if (clientOrderId !== undefined) this.#underWay.delete(clientOrderId)
        act(time)
      })
    }
    return this.#tell()
  }

  /** Whoever asks is told what has become of things by now. */
  #catchUp(): Promise<void> | undefined {
    if (this.#isClosed) return undefined
    this.#schedule.settle(this.#clock.now(), 'before')
    this.#funding.settle(this.#clock.now())
    return this.#tell()
  }

  #awake(): Promise<void> | undefined {
    if (this.#isClosed) return undefined
    this.#schedule.settle(this.#clock.now(), 'inclusive')
    return this.#tell()
  }

  #onMarket(event: MarketEvent): Promise<void> | undefined {
    this.#schedule.settle(event.time, 'before')
    this.#funding.settle(event.time)
    this.#market.take(event)
    this.#schedule.settle(event.time, 'inclusive')
    return this.#tell()
  }

  #tell(): Promise<void> | undefined {
    const telling = this.#outbox.deliver()
    return telling === undefined ? this.#movements.deliver() : telling.then(() => this.#movements.deliver())
  }
}
