import { SwarmError } from '@tradeswarm/core'
import {
  type Broker,
  type BrokerContext,
  type BrokerEvent,
  decimal,
  type Instrument,
  type MarketEvent,
  type OrderRequest,
  type PermittedOrder,
  type VenueBalance,
  type VenueOrder,
  zero,
} from '@tradeswarm/trading'
import { EventOutbox, type EventWord } from './event-outbox.js'
import { MatchingEngine } from './matching-engine.js'
import { type Admission, admitOrder } from './order-admission.js'
import { OrderBook } from './order-book.js'
import { PaperAccount } from './paper-account.js'
import type { PaperBrokerSettings } from './paper-broker-options.js'
import type { RestingOrder } from './resting-order.js'
import { couldTradeIn, SessionBoard } from './session-board.js'

const venueName = 'paper'

/** An account at the paper venue. Its state lives in memory: a backtest rebuilds it by running its tape again. */
export class PaperBroker implements Broker {
  readonly name = venueName
  readonly account: string
  readonly mode = 'paper'
  readonly #settings: PaperBrokerSettings
  readonly #context: BrokerContext
  readonly #holdings: PaperAccount
  readonly #book = new OrderBook()
  readonly #sessions = new SessionBoard()
  readonly #outbox: EventOutbox
  readonly #engine: MatchingEngine
  readonly #unsubscribe: () => void
  #sequence = 0
  #isClosed = false

  constructor(settings: PaperBrokerSettings, context: BrokerContext) {
    this.account = settings.account
    this.#settings = settings
    this.#context = context
    this.#holdings = new PaperAccount(settings.cash)
    this.#outbox = new EventOutbox(context.logger)
    this.#engine = new MatchingEngine({
      settings,
      account: this.#holdings,
      book: this.#book,
      outbox: this.#outbox,
      ids: context.ids,
    })
    this.#unsubscribe = context.feed.subscribe((event) => this.#onMarket(event))
  }

  instrument(symbol: string): Instrument | undefined {
    return this.#settings.instruments.get(symbol)?.instrument
  }

  /**
   * `accepted` or `rejected` reaches every listener before this resolves; called from within a listener, right after the event
   * that the listener is handling. Throws `DUPLICATE_CLIENT_ORDER_ID` for an id ever used before, and says nothing then.
   */
  async place(order: PermittedOrder): Promise<void> {
    this.#context.guard.consume(order)
    this.#assertOpen()
    const { request } = order
    if (this.#book.find(request.clientOrderId) !== undefined) {
      throw new SwarmError({
        code: 'DUPLICATE_CLIENT_ORDER_ID',
        message: `clientOrderId: "${request.clientOrderId}" was used before at this venue; every order needs one of its own`,
        context: { clientOrderId: request.clientOrderId },
      })
    }
    const answer = admitOrder(request, {
      settings: this.#settings,
      account: this.#holdings,
      book: this.#book,
      lastPrice: (symbol) => this.#engine.lastPrice(symbol),
    })
    if (answer.status === 'refused') this.#reject(request, answer.code, answer.message)
    else this.#accept(request, answer)
    await this.#outbox.deliver()
  }

  /** `canceled` reaches every listener before this resolves, or `cancel-rejected` with `ORDER_NOT_FOUND` or `ORDER_NOT_OPEN`. */
  async cancel(clientOrderId: string): Promise<void> {
    this.#assertOpen()
    const order = this.#book.openOrder(clientOrderId)
    if (order === undefined) this.#refuseCancel(clientOrderId)
    else this.#engine.end(order, 'canceled', this.#context.clock.now())
    await this.#outbox.deliver()
  }

  async order(clientOrderId: string): Promise<VenueOrder | undefined> {
    return this.#book.find(clientOrderId)
  }

  async openOrders(): Promise<readonly VenueOrder[]> {
    return this.#book.view()
  }

  async balances(): Promise<readonly VenueBalance[]> {
    return this.#holdings.balances()
  }

  subscribe(listener: (event: BrokerEvent) => void | Promise<void>): () => void {
    return this.#outbox.subscribe(listener)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#unsubscribe()
  }

  #assertOpen(): void {
    if (!this.#isClosed) return
    throw new SwarmError({
      code: 'BROKER_CLOSED',
      message: `the paper account "${this.account}" is closed: open it again to trade`,
    })
  }

  #nextSequence = (): number => {
    this.#sequence += 1
    return this.#sequence
  }

  #accept(request: OrderRequest, admission: Admission): void {
    const order: RestingOrder = {
      request,
      listing: admission.listing,
      venueOrderId: this.#context.ids.next('paper-order'),
      sequence: this.#nextSequence(),
      acceptedAt: this.#context.clock.now(),
      quantity: admission.quantity,
      limitPrice: admission.limitPrice,
      stopPrice: admission.stopPrice,
      filled: zero,
      triggered: false,
      reserved: admission.reserved,
    }
    this.#holdings.reserve(admission.listing.instrument.currency, admission.reserved)
    this.#book.add(order)
    this.#say(request.clientOrderId, order.venueOrderId, { type: 'accepted' })
    this.#engine.onArrival(order)
  }

  #reject(request: OrderRequest, code: string, message: string): void {
    const { clientOrderId, symbol, quantity } = request
    const venueOrderId = this.#context.ids.next('paper-order')
    this.#book.refuse({ clientOrderId, venueOrderId, symbol, status: 'rejected', quantity, filledQuantity: '0' })
    this.#say(clientOrderId, venueOrderId, { type: 'rejected', code, message })
  }

  #refuseCancel(clientOrderId: string): void {
    const finished = this.#book.find(clientOrderId)
    const code = finished === undefined ? 'ORDER_NOT_FOUND' : 'ORDER_NOT_OPEN'
    const message =
      finished === undefined
        ? `no order "${clientOrderId}" is known here`
        : `order "${clientOrderId}" is ${finished.status}`
    this.#say(clientOrderId, finished?.venueOrderId ?? '', { type: 'cancel-rejected', code, message })
  }

  #say(clientOrderId: string, venueOrderId: string, word: EventWord): void {
    const eventId = this.#context.ids.next('paper-event')
    this.#outbox.push({ eventId, clientOrderId, venueOrderId, time: this.#context.clock.now(), ...word })
  }

  #onMarket(event: MarketEvent): Promise<void> | void {
    switch (event.type) {
      case 'session':
        if (event.phase === 'open')
          this.#sessions.open(event.calendar, event.sessionDate, event.time, this.#nextSequence)
        if (event.phase === 'close') this.#expireDayOrders(event.calendar, event.time)
        break
      case 'dividend':
        this.#creditDividend(event.symbol, event.amountPerUnit, event.currency)
        break
      case 'open':
      case 'bar': {
        const calendar = this.instrument(event.symbol)?.calendar
        if (calendar === undefined) return
        const openTime = event.type === 'open' ? event.time : event.start
        const session = this.#sessions.open(calendar, event.sessionDate, openTime, this.#nextSequence)
        if (event.type === 'open') this.#engine.onOpen(event, session)
        else this.#engine.onBar(event, session)
        break
      }
    }
    if (this.#outbox.hasWaiting) return this.#outbox.deliver()
  }

  #creditDividend(symbol: string, amountPerUnit: string, currency: string): void {
    const asset = this.instrument(symbol)?.asset
    if (asset === undefined) return
    const held = this.#holdings.total(asset)
    if (!held.eq(zero)) this.#holdings.credit(currency, held.times(decimal(amountPerUnit, `dividend of ${symbol}`)))
  }

  /** `day` orders, and `ioc` orders that met no price, end with the first session in which they could trade. */
  #expireDayOrders(calendar: string, time: number): void {
    const session = this.#sessions.current(calendar)
    if (session === undefined) return
    for (const order of this.#book.all()) {
      const isDue = order.request.timeInForce !== 'gtc' && order.listing.instrument.calendar === calendar
      if (isDue && couldTradeIn(order, session)) this.#engine.end(order, 'expired', time)
    }
  }
}
