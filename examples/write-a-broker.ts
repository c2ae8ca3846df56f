// An adapter for a venue of its own kind, and a first order through it.
import { createPaperBroker } from '@tradeswarm/broker-paper'
import {
  type Clock,
  createSequentialIds,
  createSilentLogger,
  createSystemClock,
  createSystemRandom,
  type EpochMs,
  SwarmError,
} from '@tradeswarm/core'
import { createManualFeed, createOpenGuard } from '@tradeswarm/testing'
import type {
  Broker,
  BrokerCapabilities,
  BrokerContext,
  BrokerDefinition,
  BrokerEvent,
  Execution,
  Instrument,
  OrderRequest,
  PermittedOrder,
  VenueBalance,
  VenueOrder,
} from '@tradeswarm/trading'

// --- The venue. Yours is on the network; this one lives in the process, and has the paper venue's engine inside. ---

export type Ticket = {
  readonly ref: string
  readonly paper: string
  readonly way: 'B' | 'S'
  readonly kind: 'MKT' | 'LMT'
  readonly life: 'DAY' | 'GTC'
  readonly size: string
  readonly price?: string
}
export type Notice = { readonly ref: string; readonly number: string; readonly at: EpochMs } & (
  | { readonly what: 'LISTED' | 'WITHDRAWN' | 'LAPSED' }
  | DealNotice
)
type DealNotice = {
  readonly what: 'DEAL'
  readonly deal: string
  readonly size: string
  readonly price: string
  /** Whether the ticket had been listed before the market came to it. */
  readonly rested: boolean
}
type Refusal = { readonly refused: number; readonly text: string }
export type BourseOptions = {
  readonly instruments: readonly Instrument[]
  readonly cash: Readonly<Record<string, string>>
  /** How much of what others trade it lets one order have, as a fraction; all by default. */
  readonly maximumVolumeFraction?: string
  /** For how long a quote is good; 5,000 by default. */
  readonly quoteFreshMs?: number
}

const refusalNumbers: Readonly<Record<string, number>> = {
  INSTRUMENT_NOT_FOUND: 101,
  PRICE_PRECISION: 102,
  QUANTITY_PRECISION: 103,
  QUANTITY_BELOW_MINIMUM: 104,
  NOTIONAL_BELOW_MINIMUM: 105,
  INSUFFICIENT_FUNDS: 106,
  NOT_SHORTABLE: 107,
  INVALID_ORDER: 108,
  ORDER_NOT_OPEN: 109,
  ORDER_NOT_FOUND: 110,
  QUANTITY_EXCEEDS_MAXIMUM: 111,
}

/** A venue with words of its own: tickets, notices, refusals by number. It keeps no trace of what it refused. */
export class Bourse {
  readonly #engine: Broker
  readonly #guard = createOpenGuard()
  readonly #refusals = new Map<string, Refusal>()
  readonly #listeners = new Set<(notice: Notice) => Promise<void>>()

  private constructor(engine: Broker) {
    this.#engine = engine
    engine.subscribe((event) => this.#hear(event))
  }

  static async open(
    { instruments, cash, ...depth }: BourseOptions,
    { clock, feed }: Pick<BrokerContext, 'clock' | 'feed'>,
  ) {
    const free = { fees: { basisPoints: '0' }, slippage: { basisPoints: '0' } }
    const definition = createPaperBroker({ account: 'bourse', instruments, cash, ...free, ...depth })
    const world = { clock, feed, ids: createSequentialIds(), random: createSystemRandom() }
    return new Bourse(await definition.open({ ...world, logger: createSilentLogger(), guard: createOpenGuard() }))
  }

  listen(listener: (notice: Notice) => Promise<void>): void {
    this.#listeners.add(listener)
  }

  async enter({ ref, paper, way, kind, life, size, price }: Ticket): Promise<Refusal | undefined> {
    const request: OrderRequest = {
      account: 'bourse',
      clientOrderId: ref,
      symbol: paper,
      side: way === 'B' ? 'buy' : 'sell',
      type: kind === 'MKT' ? 'market' : 'limit',
      timeInForce: life === 'DAY' ? 'day' : 'gtc',
      quantity: size,
      reduceOnly: false,
      ...(price === undefined ? {} : { limitPrice: price }),
    }
    try {
      await this.#engine.place(this.#guard.permit(request))
    } catch (thrown) {
      if (SwarmError.isInstance(thrown, 'DUPLICATE_CLIENT_ORDER_ID')) return { refused: 200, text: 'ref in use' }
      throw thrown
    }
    return this.#refusals.get(ref)
  }

  async withdraw(ref: string): Promise<Refusal | undefined> {
    this.#refusals.delete(ref)
    await this.#engine.cancel(ref)
    return this.#refusals.get(ref)
  }

  async find(ref: string): Promise<VenueOrder | undefined> {
    const found = await this.#engine.order(ref)
    return found?.status === 'rejected' ? undefined : found
  }

  list = (): Promise<readonly VenueOrder[]> => this.#engine.openOrders()
  holdings = (): Promise<readonly VenueBalance[]> => this.#engine.balances()

  async #hear(event: BrokerEvent): Promise<void> {
    const frame = { ref: event.clientOrderId, number: event.venueOrderId, at: event.time }
    if (event.type === 'rejected' || event.type === 'cancel-rejected')
      this.#refusals.set(event.clientOrderId, { refused: refusalNumbers[event.code] ?? 999, text: event.message })
    else if (event.type === 'filled') {
      const { tradeId: deal, quantity: size, price, liquidity } = event.execution
      const notice = { ...frame, what: 'DEAL', deal, size, price, rested: liquidity === 'maker' } as const
      for (const listener of this.#listeners) await listener(notice)
    } else {
      const what = event.type === 'accepted' ? 'LISTED' : event.type === 'canceled' ? 'WITHDRAWN' : 'LAPSED'
      for (const listener of this.#listeners) await listener({ ...frame, what })
    }
  }
}

// --- The adapter: pure translations first. ---

export const capabilities: BrokerCapabilities = {
  orderTypes: ['market', 'limit'],
  timesInForce: ['day', 'gtc'],
  postOnly: false,
  sizedInQuote: false,
  clientOrderIds: 'permanent',
  holdsExitPairs: false,
  replace: 'none',
}

export const reasons = new Map(Object.entries(refusalNumbers).map(([code, number]) => [number, code]))

/** An order in the venue's words, or why it has none for it. */
export function ticketOf(request: OrderRequest): Ticket | { readonly code: string; readonly message: string } {
  const { type, timeInForce, limitPrice } = request
  if (type !== 'market' && type !== 'limit')
    return { code: 'UNSUPPORTED_ORDER_TYPE', message: `type: the Bourse has no ${type} orders` }
  if (timeInForce !== 'day' && timeInForce !== 'gtc')
    return { code: 'UNSUPPORTED_TIME_IN_FORCE', message: `timeInForce: the Bourse has no ${timeInForce}` }
  return {
    ref: request.clientOrderId,
    paper: request.symbol,
    way: request.side === 'buy' ? 'B' : 'S',
    kind: type === 'market' ? 'MKT' : 'LMT',
    life: timeInForce === 'day' ? 'DAY' : 'GTC',
    size: request.quantity,
    ...(limitPrice === undefined ? {} : { price: limitPrice }),
  }
}

/** A notice as an event. Its id is made of what is unique at the venue, so that one heard twice is one. */
function eventOf(notice: Notice, currency: string): BrokerEvent {
  const { ref: clientOrderId, number: venueOrderId, at: time } = notice
  const frame = { eventId: `${venueOrderId}:${notice.what}`, clientOrderId, venueOrderId, time }
  if (notice.what === 'DEAL') {
    const eventId = `${venueOrderId}:${notice.deal}`
    return { ...frame, eventId, type: 'filled', execution: executionOf(notice, currency) }
  }
  if (notice.what === 'LISTED') return { ...frame, type: 'accepted' }
  return { ...frame, type: notice.what === 'WITHDRAWN' ? 'canceled' : 'expired' }
}

function executionOf(notice: DealNotice & { readonly at: EpochMs }, currency: string): Execution {
  const { deal: tradeId, price, size: quantity, rested, at } = notice
  const liquidity = rested ? 'maker' : 'taker'
  // The Bourse tells no market price beside a deal's own.
  const reference = { referencePrice: price, referenceTime: at }
  return { tradeId, price, quantity, fee: '0', feeCurrency: currency, liquidity, ...reference }
}

// --- The account. ---

class BourseBroker implements Broker {
  readonly name = 'bourse'
  readonly account = 'bourse'
  readonly mode = 'paper'
  readonly capabilities = capabilities
  readonly #venue: Bourse
  readonly #instruments: ReadonlyMap<string, Instrument>
  readonly #guard: BrokerContext['guard']
  readonly #clock: Clock
  readonly #refused = new Map<string, VenueOrder>()
  #listeners: readonly ((event: BrokerEvent) => void | Promise<void>)[] = []
  #refusals = 0
  #isClosed = false

  constructor(venue: Bourse, instruments: readonly Instrument[], { guard, clock }: BrokerContext) {
    this.#venue = venue
    this.#instruments = new Map(instruments.map((one) => [one.symbol, one]))
    this.#guard = guard
    this.#clock = clock
    venue.listen((notice) => this.#tell(eventOf(notice, 'USD')))
  }

  instrument(symbol: string): Instrument | undefined {
    return this.#instruments.get(symbol)
  }

  async place(order: PermittedOrder): Promise<void> {
    // First of all: without a permit nothing goes on.
    this.#guard.consume(order)
    this.#assertOpen()
    const { request } = order
    const ticket = ticketOf(request)
    if ('code' in ticket) return this.#reject(request, ticket.code, ticket.message)
    const refusal = await this.#venue.enter(ticket)
    if (refusal?.refused === 200)
      throw new SwarmError({
        code: 'DUPLICATE_CLIENT_ORDER_ID',
        message: `the Bourse had an order ${request.clientOrderId} before; its first one stands`,
      })
    if (refusal !== undefined) await this.#reject(request, reasons.get(refusal.refused), refusal.text)
  }

  async cancel(clientOrderId: string): Promise<void> {
    this.#assertOpen()
    const refusal = await this.#venue.withdraw(clientOrderId)
    if (refusal === undefined) return
    const venueOrderId = (await this.#venue.find(clientOrderId))?.venueOrderId ?? ''
    const eventId = `cancel-${clientOrderId}-${this.#nextRefusal()}`
    const frame = { eventId, clientOrderId, venueOrderId, time: this.#clock.now() }
    const code = reasons.get(refusal.refused) ?? 'VENUE_REFUSED'
    await this.#tell({ ...frame, type: 'cancel-rejected', code, message: refusal.text })
  }

  /** What was refused leaves no trace at the Bourse, so it is remembered here. */
  async order(clientOrderId: string): Promise<VenueOrder | undefined> {
    return (await this.#venue.find(clientOrderId)) ?? this.#refused.get(clientOrderId)
  }

  openOrders = (): Promise<readonly VenueOrder[]> => this.#venue.list()
  balances = (): Promise<readonly VenueBalance[]> => this.#venue.holdings()

  subscribe(listener: (event: BrokerEvent) => void | Promise<void>): () => void {
    const subscription: typeof listener = (event) => listener(event)
    this.#listeners = [...this.#listeners, subscription]
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== subscription)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
  }

  async #reject({ clientOrderId, symbol, quantity }: OrderRequest, code = 'VENUE_REFUSED', message: string) {
    const venueOrderId = `refused-${clientOrderId}`
    this.#refused.set(clientOrderId, {
      clientOrderId,
      venueOrderId,
      symbol,
      quantity,
      filledQuantity: '0',
      status: 'rejected',
    })
    const frame = { eventId: venueOrderId, clientOrderId, venueOrderId, time: this.#clock.now() }
    await this.#tell({ ...frame, type: 'rejected', code, message })
  }

  async #tell(event: BrokerEvent): Promise<void> {
    for (const listener of this.#listeners) await listener(event)
  }

  #nextRefusal(): number {
    this.#refusals += 1
    return this.#refusals
  }

  #assertOpen(): void {
    if (!this.#isClosed) return
    throw new SwarmError({ code: 'BROKER_CLOSED', message: 'the account is closed: open it again to trade' })
  }
}

/** What a swarm is given: inert until it is opened. */
export function createBourseBroker(options: BourseOptions): BrokerDefinition {
  return {
    name: 'bourse',
    account: 'bourse',
    mode: 'paper',
    open: async (context) => new BourseBroker(await Bourse.open(options, context), options.instruments, context),
  }
}

// --- A first order. ---

if (import.meta.main) {
  const grid = { tickSize: '0.01', lotSize: '1', minimumNotional: '5', calendar: 'always-open' } as const
  const apples: Instrument = { symbol: 'APPLES', asset: 'APPLES', kind: 'equity', currency: 'USD', ...grid }
  const feed = createManualFeed({ startTime: Date.UTC(2024, 0, 2, 15) })
  const guard = createOpenGuard()
  const broker = await createBourseBroker({ instruments: [apples], cash: { USD: '1000' } }).open({
    clock: { ...createSystemClock(), now: () => feed.clock.now() },
    ids: createSequentialIds(),
    random: createSystemRandom(),
    logger: createSilentLogger(),
    feed,
    guard,
  })
  broker.subscribe((event) => {
    if (event.type === 'filled') console.log(`${event.execution.quantity} at ${event.execution.price}`)
    else console.log('message' in event ? `${event.type}: ${event.code}: ${event.message}` : event.type)
  })
  const order = { account: 'bourse', symbol: 'APPLES', side: 'buy', quantity: '10', reduceOnly: false } as const
  const dayOrder = { ...order, timeInForce: 'day' } as const
  await feed.emit({ type: 'quote', symbol: 'APPLES', time: feed.clock.now(), bid: '4.90', ask: '5.10' })
  await broker.place(guard.permit({ ...dayOrder, clientOrderId: 'first', type: 'market' }))
  await broker.place(guard.permit({ ...dayOrder, clientOrderId: 'second', type: 'stop', stopPrice: '6' }))
  console.log(await broker.balances())
}
