import {
  assertExits,
  EventOutbox,
  type Explanation,
  GapFiller,
  LatestItems,
  type LookUp,
  outcomeOf,
  RefusalDesk,
  refusalIn,
  tellUnlisted,
  type Unmappable,
  VenueClock,
  type VenueRefusal,
  VenueSocket,
} from '@tradeswarm/broker-kit'
import { type EpochMs, type Logger, messageOf } from '@tradeswarm/core'
import type {
  Broker,
  BrokerCapabilities,
  BrokerContext,
  BrokerEvent,
  Instrument,
  OrderExecution,
  OrderRequest,
  PermitGuard,
  PermittedOrder,
  TradingCalendar,
  VenueBalance,
  VenueMovement,
  VenueOrder,
} from '@tradeswarm/trading'
import { assertSince, decimal, decimalText } from '@tradeswarm/trading'
import { movementOf } from './account-movements.js'
import { alpacaErrors, isDuplicate, mayBeDuplicate } from './alpaca-error.js'
import { AssetBook } from './asset-book.js'
import { entryWire } from './attached-exits.js'
import { CalendarBook, type CalendarRange } from './calendar-book.js'
import { CancelDesk, unknownOrder } from './cancel-desk.js'
import { ExecutionList } from './execution-list.js'
import { type AttachedExits, exitFields } from './exit-legs.js'
import { explainRefusal } from './explain-refusal.js'
import { lookForMissing } from './look-for-missing.js'
import { amendmentWire, type MappingTerms, type OrderWire, orderWire } from './map-order.js'
import { mayWait } from './order-status.js'
import { OrderTracker } from './order-tracker.js'
import type { AlpacaClock } from './parse-account.js'
import type { AlpacaSettings } from './parse-alpaca-options.js'
import { type AlpacaOrder, isOfSeveralLegs } from './parse-order.js'
import { RestClient } from './rest-client.js'
import { createTradeUpdates } from './trade-updates.js'
import { TradingClient } from './trading-client.js'
import { venueOrderOf } from './venue-order.js'

/** What the adapter can do at Alpaca; `docs/design/brokers.md` says why. */
const alpacaCapabilities: BrokerCapabilities = {
  orderTypes: ['market', 'limit', 'stop', 'stop-limit', 'trailing-stop', 'oco'],
  timesInForce: ['day', 'gtc', 'ioc', 'fok', 'at-open', 'at-close'],
  postOnly: false,
  sizedInQuote: true,
  clientOrderIds: 'permanent',
  holdsExitPairs: false,
  replace: 'new-order',
  // The two orders of an `oco` could only be amended one after the other.
  replaceOf: ['market', 'limit', 'stop', 'stop-limit', 'trailing-stop'],
  tellsDividends: true,
}

/** An activity may be shown so long after the instant that it names. */
const shownLateMs = 86_400_000
/** So many amendments are remembered. */
const rememberedAmendments = 20_000

/** An open Alpaca account. */
export class AlpacaBroker implements Broker {
  readonly name = 'alpaca'
  readonly account: string
  readonly mode: 'paper' | 'live'
  readonly capabilities = alpacaCapabilities
  readonly #settings: AlpacaSettings
  readonly #guard: PermitGuard
  readonly #logger: Logger
  readonly #client: TradingClient
  readonly #assets: AssetBook
  readonly #venueClock: VenueClock
  readonly #calendars: CalendarBook
  readonly #outbox: EventOutbox
  readonly #tracker: OrderTracker
  readonly #gaps: GapFiller<AlpacaOrder>
  readonly #stream: VenueSocket
  readonly #lookUp: LookUp<AlpacaOrder>
  readonly #refusals: RefusalDesk
  readonly #cancels: CancelDesk
  /** The client order ids of amendments, by the venue id of the order that they amend. */
  readonly #amending = new Map<string, string>()
  /** The latest of those: what is older is known by the order that it became. */
  readonly #amended = new LatestItems<string>(rememberedAmendments, (id) => this.#amending.delete(id))
  /** How many pairs are on their way. */
  #placingPairs = 0
  readonly #executions: ExecutionList
  #isClosed = false

  constructor(settings: AlpacaSettings, context: BrokerContext) {
    this.account = settings.account
    this.mode = settings.mode
    this.#settings = settings
    this.#guard = context.guard
    this.#logger = context.logger
    const { connection } = settings
    const random = context.random.fork(`alpaca ${settings.account}`)
    this.#client = new TradingClient(new RestClient(settings.tradingUrl, connection, random))
    this.#lookUp = {
      venue: 'Alpaca',
      waitsMs: settings.outcomeWaitsMs,
      clock: connection.clock,
      find: (clientOrderId) => this.#client.orderByClientId(clientOrderId),
    }
    this.#assets = new AssetBook()
    this.#venueClock = new VenueClock(async () => (await this.#client.clock()).time, context.clock)
    this.#calendars = new CalendarBook((start, end) => this.#client.calendar(start, end), context.clock)
    this.#outbox = new EventOutbox(context.logger)
    this.#refusals = new RefusalDesk(this.#outbox, context.clock)
    this.#tracker = new OrderTracker({
      emit: (event) => this.#outbox.push(event),
      fees: settings.cryptoFees,
      idOfReplacement: (order) => this.#idOfReplacement(order),
    })
    this.#cancels = new CancelDesk({
      client: this.#client,
      tracker: this.#tracker,
      refusals: this.#refusals,
      clock: connection.clock,
      waitsMs: settings.outcomeWaitsMs,
    })
    this.#executions = new ExecutionList({
      client: this.#client,
      tracker: this.#tracker,
      fees: settings.cryptoFees,
      now: () => this.#venueClock.now(),
    })
    this.#gaps = new GapFiller({
      live: () => this.#tracker.live(),
      look: (orders, isAll) => lookForMissing(this.#client, this.#tracker, orders, isAll),
      logger: context.logger,
      clock: connection.clock,
    })
    const updates = createTradeUpdates({
      url: settings.updatesUrl,
      connection,
      logger: context.logger,
      known: (id) => this.#tracker.known(id),
      onUpdate: (update) => {
        if (isOfSeveralLegs(update.order) || this.#tracker.hear(update)) return
        // The stop of a pair that is being placed is named by the answer.
        const isAwaited = this.#placingPairs > 0 && this.#tracker.ownerOf(update.order.id) === undefined
        if (!isAwaited) this.#gaps.fill([update.order])
      },
      onGap: () => this.#gaps.resync(),
    })
    this.#stream = new VenueSocket(updates, connection, random, context.logger)
  }

  /** Connects: keys, account, assets, then the stream, so that nothing is missed after this resolves. Throws what keeps it from that. */
  async open(): Promise<this> {
    try {
      const account = await this.#client.account()
      if (account.isBlocked) throw alpacaErrors.blocked(this.account, 'see what its dashboard says')
      const { symbols, fractionalShares, cryptoStopFraction } = this.#settings
      const terms = { fractionalShares, shorts: account.shorts, cryptoStopFraction }
      this.#assets.take(await this.#client.assets(symbols), terms)
      tellUnlisted(symbols, (symbol) => this.instrument(symbol), this.#logger)
      await Promise.all([this.#stream.open(), this.#venueClock.measure()])
      for (const order of await this.#client.openOrders()) this.#tracker.seed(order)
      return this
    } catch (thrown) {
      await this.close()
      throw thrown
    }
  }

  instrument(symbol: string): Instrument | undefined {
    return this.#assets.instrument(symbol)
  }

  /**
   * Sends an order once. `accepted` or `rejected` is told before this resolves, but for a call from within a listener. Where nobody knows
   * whether it arrived, it is looked up by its client order id, and never sent again. Throws `DUPLICATE_CLIENT_ORDER_ID`, and
   * `ORDER_OUTCOME_UNKNOWN` where the look-ups end without an answer.
   */
  async place(order: PermittedOrder): Promise<void> {
    const request = this.#permitted(order)
    await this.#send(request, orderWire(request, this.#mappingOf(request)))
  }

  /**
   * As {@link AlpacaBroker.place}, of an entry that brings its exits along (`bracket`, `oto`): whole shares, at the market or a limit, day or
   * gtc. Alpaca brings the exits to life once the entry has filled whole, under client order ids of its own; until then nothing covers a part.
   */
  async placeWithExits(order: PermittedOrder, exits: AttachedExits): Promise<void> {
    assertExits(exits, exitFields)
    const request = this.#permitted(order)
    await this.#send(request, entryWire(request, exits, this.#mappingOf(request)))
  }

  async #send(request: OrderRequest, wire: OrderWire | Unmappable): Promise<void> {
    if ('unmappable' in wire) return this.#refusals.order(request, wire)
    const isPair = request.type === 'oco'
    if (isPair) this.#placingPairs += 1
    try {
      const placed = await outcomeOf(this.#client.submit(wire), request.clientOrderId, this.#lookUp)
      await this.#note(placed)
    } catch (thrown) {
      const refusal = refusalIn(thrown)
      if (refusal === undefined) throw thrown
      if (await this.#isTaken(refusal, request.clientOrderId)) throw alpacaErrors.duplicate(request.clientOrderId)
      await this.#refusals.order(request, explainRefusal(refusal, request, this.#assets.asset(request.symbol)))
    } finally {
      if (isPair) this.#placedPair()
    }
  }

  /** Whether an order was refused since there is one of that id already: what lives must not be told as rejected. */
  async #isTaken(refusal: VenueRefusal, clientOrderId: string): Promise<boolean> {
    if (isDuplicate(refusal)) return true
    if (!mayBeDuplicate(refusal)) return false
    const found = await this.#client.orderByClientId(clientOrderId).catch((thrown: unknown) => {
      throw alpacaErrors.serverError(`an order ${clientOrderId}`, refusal.status, messageOf(thrown))
    })
    return found !== undefined
  }

  /** Resolves when Alpaca has taken note; `canceled` comes with the stream, `cancel-rejected` before this resolves. An order that was amended is cancelled in its latest form. */
  async cancel(clientOrderId: string): Promise<void> {
    this.#assertOpen()
    await this.#cancels.cancel(clientOrderId)
  }

  /** Cancels whatever is open in the account, whoever placed it. Answers how many orders that were. */
  async cancelAll(): Promise<number> {
    this.#assertOpen()
    return this.#cancels.cancelAll()
  }

  /** Makes a new order in place of a live one; `quantity` is the whole size. `replaced` comes with the stream, `replace-rejected` before this resolves. Throws as `place` does. */
  async replace(clientOrderId: string, order: PermittedOrder): Promise<void> {
    this.#assertOpen()
    // Looked up first: a permit is used when the request leaves, not when a look-up that may take its time begins.
    const before = await this.#cancels.latest(clientOrderId, 'read')
    const request = this.#permitted(order)
    const by = request.clientOrderId
    const reject = (id: string, why: Explanation): Promise<void> => this.#refusals.amendment(clientOrderId, id, by, why)
    if (before === undefined) return reject('', unknownOrder)
    const wire = amendmentWire(request, before, this.#mappingOf(request))
    if ('unmappable' in wire) return reject(before.id, wire)
    if (before.clientOrderId === by) throw alpacaErrors.duplicate(by)
    // The stream may be faster than the answer.
    this.#amending.set(before.id, by)
    this.#amended.add(before.id)
    try {
      const after = await outcomeOf(this.#client.replace(before.id, wire), by, this.#lookUp)
      if (!this.#tracker.note(after)) this.#gaps.fill([after])
    } catch (thrown) {
      const refusal = refusalIn(thrown)
      if (refusal === undefined) throw thrown
      this.#amending.delete(before.id)
      if (await this.#isTaken(refusal, by)) throw alpacaErrors.duplicate(by)
      await reject(before.id, explainRefusal(refusal, request, this.#assets.asset(request.symbol)))
    }
  }

  async order(clientOrderId: string): Promise<VenueOrder | undefined> {
    const found = await this.#client.orderByClientId(clientOrderId)
    if (found === undefined) return this.#refusals.find(clientOrderId)
    // What waits to take the place of another is no order yet, and may never be one.
    if (await this.#cancels.isWaiting(found)) return undefined
    return venueOrderOf(found, this.#tracker.wasCancelled(found.id))
  }

  async openOrders(): Promise<readonly VenueOrder[]> {
    const open = await this.#client.openOrders()
    const ids = new Set(open.map(({ id }) => id))
    const standing = open.filter((order) => !mayWait(order) || !ids.has(order.replaces ?? ''))
    return standing.map((order) => venueOrderOf(order, false))
  }

  async executions(since: EpochMs): Promise<readonly OrderExecution[]> {
    assertSince('executions', since)
    return this.#executions.since(since)
  }

  /**
   * Fees, interest and dividends at or after an instant; those of the day before are told again, since Alpaca shows them late. What crypto cost is
   * part of its executions. Deposits and withdrawals are not told: whoever moves money books it.
   */
  async movements(since: EpochMs): Promise<readonly VenueMovement[]> {
    assertSince('movements', since)
    const activities = await this.#client.activities(Math.max(0, since - shownLateMs))
    const isPair = (symbol: string): boolean => this.#assets.isPair(symbol)
    return activities.map((activity) => movementOf(activity, isPair)).filter((movement) => movement !== undefined)
  }

  /** The venue's clock, asked for; how far ours is from it is measured by the way. */
  time(): Promise<EpochMs> {
    return this.#venueClock.measure()
  }

  /** Whether equities trade by the venue's clock, and when they open and close next. */
  marketClock(): Promise<AlpacaClock> {
    return this.#client.clock()
  }

  /** The sessions of US equities as the venue tells them, for every year of a stretch; they are kept, and asked for again where they may have changed. */
  calendar(range: CalendarRange): Promise<TradingCalendar> {
    return this.#calendars.calendar(range)
  }

  /** How far the venue's clock is ahead of ours, as last measured. */
  get clockOffsetMs(): number {
    return this.#venueClock.offsetMs
  }

  async balances(): Promise<readonly VenueBalance[]> {
    const [account, positions] = await Promise.all([this.#client.account(), this.#client.positions()])
    const held = positions.map(({ assetId, symbol, quantity }) => ({
      asset: this.#assets.assetOf(assetId) ?? symbol,
      total: plain(quantity),
    }))
    return [...held, { asset: account.currency, total: plain(account.cash) }].sort((a, b) =>
      a.asset < b.asset ? -1 : 1,
    )
  }

  subscribe(listener: (event: BrokerEvent) => void | Promise<void>): () => void {
    return this.#outbox.subscribe(listener)
  }

  /** Resolves when all that was heard so far has been told, what was missing of it included. */
  async settled(): Promise<void> {
    do {
      await this.#gaps.settled()
      await this.#outbox.settled()
    } while (this.#gaps.isBusy || this.#outbox.isTelling)
  }

  /** Resolves when its connection is gone. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#gaps.close()
    await this.#stream.close()
  }

  #permitted(order: PermittedOrder): OrderRequest {
    this.#guard.consume(order)
    this.#assertOpen()
    return order.request
  }

  /** Stops that no answer has named are looked for at the venue. */
  #placedPair(): void {
    this.#placingPairs -= 1
    const strays = this.#placingPairs === 0 ? this.#tracker.strays() : []
    if (strays.length > 0) this.#gaps.fill(strays)
  }

  #mappingOf({ symbol }: OrderRequest): MappingTerms {
    const { cryptoStopFraction, fractionalShares } = this.#settings
    const asset = this.#assets.asset(symbol)
    const inFractions = asset?.isCrypto === true || (fractionalShares && asset?.fractionable === true)
    return { account: this.account, cryptoStopFraction, priceStep: asset?.priceStep, inFractions }
  }

  #assertOpen(): void {
    if (this.#isClosed) throw alpacaErrors.closed(this.account)
  }

  /** Tells what an answer says, and waits until it has been told unless the caller is being told something itself. */
  async #note(order: AlpacaOrder): Promise<void> {
    const isTelling = this.#outbox.isTelling
    if (!this.#tracker.note(order)) this.#gaps.fill([order])
    if (!isTelling) await this.#outbox.settled()
  }

  #idOfReplacement(order: AlpacaOrder): string | undefined {
    const known = order.replacedBy === undefined ? undefined : this.#tracker.known(order.replacedBy)
    return known?.clientOrderId ?? this.#amending.get(order.id)
  }
}

function plain(amount: string): string {
  return decimalText(decimal(amount))
}
