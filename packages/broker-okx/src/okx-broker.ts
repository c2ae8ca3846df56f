import {
  assertExits,
  EventOutbox,
  GapFiller,
  isUnanswered,
  RefusalDesk,
  tellUnlisted,
  type VenueSocket,
} from '@tradeswarm/broker-kit'
import type { EpochMs, Logger } from '@tradeswarm/core'
import {
  type AmendedOrder,
  assertSince,
  type Broker,
  type BrokerCapabilities,
  type BrokerContext,
  type BrokerEvent,
  createAlwaysOpenCalendar,
  decimal,
  type Instrument,
  type OrderExecution,
  type PermitGuard,
  type PermittedOrder,
  type TradingCalendar,
  type VenueBalance,
  type VenueMovement,
  type VenueOrder,
} from '@tradeswarm/trading'
import { openAccountSockets } from './account-sockets.js'
import { type AccountChange, AccountWatch } from './account-watch.js'
import { AmendmentDesk } from './amendment-desk.js'
import { type AttachedExits, exitFields } from './attached-exits.js'
import { CancelDesk } from './cancel-desk.js'
import { checkAccount } from './check-account.js'
import { ExecutionList } from './execution-list.js'
import { ExpiryDesk } from './expiry-desk.js'
import { unfilledForgottenMs } from './forgotten-orders.js'
import { InstrumentBook } from './instrument-book.js'
import { lookForMissing } from './look-for-missing.js'
import { assertMarginMode, warnOfMarginMode } from './margin-mode.js'
import { okxErrors } from './okx-error.js'
import { openViews } from './open-views.js'
import { OrderFinder } from './order-finder.js'
import { OrderTracker } from './order-tracker.js'
import type { OkxSettings } from './parse-okx-options.js'
import type { OkxAlgo, OkxOrder } from './parse-order.js'
import { PlacementDesk } from './placement-desk.js'
import { readHoldings } from './read-holdings.js'
import { RestClient } from './rest-client.js'
import { tellBounds } from './tell-bounds.js'
import type { TrackedOrder } from './tracked-order.js'
import { TradingClient } from './trading-client.js'

/** What the adapter can do at OKX; `docs/design/brokers.md` says why. */
function capabilitiesOf({ requestLifetimeMs }: OkxSettings): BrokerCapabilities {
  return {
    orderTypes: ['market', 'limit', 'stop', 'stop-limit', 'trailing-stop', 'oco'],
    timesInForce: ['day', 'gtc', 'gtd', 'ioc', 'fok'],
    postOnly: true,
    sizedInQuote: true,
    clientOrderIds: 'live',
    requestLifetimeMs,
    // Stops may be held up on their way for ever, as far as OKX says.
    requestLifetimeOf: ['market', 'limit'],
    forgetsUnfilledMs: unfilledForgottenMs,
    holdsExitPairs: false,
    replace: 'same-order',
    replaceOf: ['limit', 'stop', 'stop-limit'],
    balancePrecision: { significantDigits: 15, decimals: 10 },
  }
}

/** An open OKX account. */
export class OkxBroker implements Broker {
  readonly name = 'okx'
  readonly account: string
  readonly mode: 'demo' | 'live'
  readonly capabilities: BrokerCapabilities
  readonly #settings: OkxSettings
  readonly #guard: PermitGuard
  readonly #logger: Logger
  readonly #rest: RestClient
  readonly #client: TradingClient
  readonly #book = new InstrumentBook()
  readonly #outbox: EventOutbox
  readonly #refusals: RefusalDesk
  readonly #tracker: OrderTracker
  readonly #finder: OrderFinder
  readonly #placements: PlacementDesk
  readonly #cancels: CancelDesk
  readonly #amendments: AmendmentDesk
  readonly #gaps: GapFiller<TrackedOrder>
  readonly #expiries: ExpiryDesk
  readonly #executions: ExecutionList
  readonly #watch: AccountWatch
  readonly #sockets: readonly VenueSocket[]
  /** Client order ids that are on their way, or of unknown fate. */
  readonly #sent = new Set<string>()
  #isClosed = false

  constructor(settings: OkxSettings, context: BrokerContext) {
    const { connection } = settings
    const { clock, logger } = context
    this.account = settings.account
    this.mode = settings.mode
    this.capabilities = capabilitiesOf(settings)
    this.#settings = settings
    this.#guard = context.guard
    this.#logger = logger
    const random = context.random.fork(`okx ${settings.account}`)
    this.#rest = new RestClient(connection, random, clock)
    this.#client = new TradingClient(this.#rest)
    const client = this.#client
    this.#outbox = new EventOutbox(logger)
    this.#watch = new AccountWatch(logger)
    const { account, marginMode } = settings
    this.#watch.subscribe(warnOfMarginMode({ account, own: marginMode, book: this.#book }, logger))
    this.#refusals = new RefusalDesk(this.#outbox, clock)
    this.#tracker = new OrderTracker((event) => this.#outbox.push(event))
    const tracker = this.#tracker
    this.#finder = new OrderFinder(client, tracker, settings.symbols)
    this.#gaps = new GapFiller({
      live: () => tracker.live(),
      look: (orders, isAll) => lookForMissing(client, tracker, orders, { isAll, now: this.#rest.time.now() }),
      logger,
      clock: connection.clock,
    })
    const [book, refusals] = [this.#book, this.#refusals]
    this.#executions = new ExecutionList(client, tracker, () => this.#rest.time.now())
    const noteSetOff = (id: string, isSo: boolean): void => tracker.noteSetOff(id, isSo)
    const venueNow = (): EpochMs => this.#rest.time.now()
    const note = (found: OkxOrder | OkxAlgo): Promise<void> => this.#note(found)
    const expectSize = (id: string, quantity: string | undefined): void => tracker.expectSize(id, quantity)
    const findOut = (taken: OkxOrder): void => this.#gaps.fill([tracker.expectWordOf(taken)])
    const own = { noteSetOff, expectSize, venueNow, findOut, note }
    this.#placements = new PlacementDesk({ settings, client, book, refusals, clock, ...own })
    const finder = this.#finder
    this.#cancels = new CancelDesk({ client, tracker, finder, refusals, note })
    const told = (): Promise<void> => this.#told()
    this.#amendments = new AmendmentDesk({ settings, client, tracker, finder, book, refusals, clock, note, told })
    const timers = connection.clock
    this.#expiries = new ExpiryDesk({
      live: () => tracker.live(),
      now: venueNow,
      timers,
      end: (orders) => this.#cancels.endLapsed(orders, logger),
    })
    this.#sockets = openAccountSockets({
      connection,
      random,
      logger,
      watch: this.#watch,
      time: (isInDoubt) => (isInDoubt ? this.#rest.time.measure() : Promise.resolve(venueNow())),
      known: (id) => tracker.known(id)?.order,
      onOrder: (update) => {
        if (!tracker.hear(update)) this.#fetchMissing(update.order.id)
        this.#expiries.noteTag(update.order.tag)
      },
      onAlgo: (algo) => {
        if (!tracker.note(algo)) this.#fetchMissing(algo.id)
        this.#expiries.noteTag(algo.tag)
      },
      onGap: () => this.#gaps.resync(),
    })
  }

  /** Connects: clock, keys, mode of the account, instruments, then the streams, so that nothing is missed after this resolves. Throws what keeps it from that. */
  async open(): Promise<this> {
    try {
      await this.#rest.time.measure()
      const client = this.#client
      const [config, listings, held] = await Promise.all([client.config(), client.instruments(), client.positions()])
      const { symbols, marginMode } = this.#settings
      this.#book.take(
        symbols === undefined ? listings : listings.filter(({ instrument }) => symbols.includes(instrument.symbol)),
      )
      tellUnlisted(symbols, (symbol) => this.instrument(symbol), this.#logger)
      tellBounds(symbols, this.#book, this.#logger)
      const { spotMode, takesSwaps } = checkAccount(config, this.account, this.#book)
      assertMarginMode(held, { account: this.account, own: marginMode, book: this.#book })
      this.#placements.spotMode = spotMode
      this.#placements.takesSwaps = takesSwaps
      await Promise.all(this.#sockets.map((socket) => socket.open()))
      await this.#seed()
      this.#expiries.watch()
      return this
    } catch (thrown) {
      await this.close()
      throw thrown
    }
  }

  instrument(symbol: string): Instrument | undefined {
    return this.#book.instrument(symbol)
  }

  /**
   * Sends an order once. `accepted` or `rejected` is told before this resolves, but for a call from within a listener. Where nobody knows
   * whether it arrived, it is looked up by its client order id, and never sent again. Throws `DUPLICATE_CLIENT_ORDER_ID`, and
   * `ORDER_OUTCOME_UNKNOWN` where the look-ups end without an answer.
   */
  async place(order: PermittedOrder): Promise<void> {
    await this.#placeOnce(order)
  }

  /**
   * As {@link OkxBroker.place}, of an entry that brings its exits along (`attachAlgoOrds`): at a limit, or at the market of swaps and for an
   * amount. OKX makes the exits, one algo order, once the entry has filled whole; until then, and where the rest is cancelled, nothing covers a part.
   */
  async placeWithExits(order: PermittedOrder, exits: AttachedExits): Promise<void> {
    assertExits(exits, exitFields)
    await this.#placeOnce(order, exits)
  }

  async #placeOnce(order: PermittedOrder, exits?: AttachedExits): Promise<void> {
    this.#guard.consume(order)
    this.#assertOpen()
    const { request } = order
    const { clientOrderId } = request
    // OKX would take the id of an order that has ended once more, or fill one before it hears of the other.
    if (this.#tracker.named(clientOrderId) !== undefined || this.#sent.has(clientOrderId))
      throw okxErrors.duplicate(clientOrderId)
    this.#sent.add(clientOrderId)
    try {
      await this.#placements.place(request, exits)
    } catch (thrown) {
      // Of this one nobody knows what became: its id stays taken.
      if (!isUnanswered(thrown)) this.#sent.delete(clientOrderId)
      throw thrown
    }
    this.#sent.delete(clientOrderId)
  }

  /** Resolves when OKX has taken note of it; `canceled` comes with the stream, `cancel-rejected` before this resolves. */
  async cancel(clientOrderId: string): Promise<void> {
    this.#assertOpen()
    await this.#cancels.cancel(clientOrderId)
  }

  /** Cancels whatever is open in the account, whoever placed it. Answers how many orders that were. */
  async cancelAll(): Promise<number> {
    this.#assertOpen()
    return this.#cancels.cancelAll()
  }

  /**
   * Has OKX amend a live order in place; `quantity` is the whole size. `replaced` comes with the stream, `replace-rejected` before this
   * resolves, and the order lives on as it was. Throws as `place` does; what became of an amendment without an answer shows in the order's terms.
   */
  async replace(clientOrderId: string, order: PermittedOrder): Promise<void> {
    this.#assertOpen()
    await this.#amendments.amend(clientOrderId, order.request, () => {
      this.#guard.consume(order)
      this.#assertOpen()
    })
  }

  /** OKX names an amended order by its first client order id: which one it goes by, and what was asked for last, it is told by whoever amended it. */
  recall(orders: readonly AmendedOrder[]): void {
    this.#tracker.recall(orders)
  }

  async order(clientOrderId: string): Promise<VenueOrder | undefined> {
    return (await this.#finder.view(clientOrderId)) ?? this.#refusals.find(clientOrderId)
  }

  async openOrders(): Promise<readonly VenueOrder[]> {
    const [orders, algos] = await Promise.all([this.#client.openOrders(), this.#client.openAlgos()])
    return openViews(orders, algos, this.#tracker)
  }

  async executions(since: EpochMs): Promise<readonly OrderExecution[]> {
    assertSince('executions', since)
    return this.#executions.since(since)
  }

  /** Funding that was paid and received. */
  async movements(since: EpochMs): Promise<readonly VenueMovement[]> {
    assertSince('movements', since)
    const bills = await this.#client.funding(since, this.#rest.time.now())
    return bills.flatMap(({ id, time, symbol, currency, amount }): readonly VenueMovement[] =>
      symbol === undefined ? [] : [{ type: 'funding', eventId: `okx-bill-${id}`, time, symbol, currency, amount }],
    )
  }

  /** The venue's clock, asked for; how far ours is from it is measured by the way, and orders whose time is over by it are ended. */
  async time(): Promise<EpochMs> {
    const time = await this.#rest.time.measure()
    this.#expiries.watch()
    return time
  }

  /** OKX never closes: each day by UTC is a session. */
  async calendar(): Promise<TradingCalendar> {
    return createAlwaysOpenCalendar()
  }

  /** How far the venue's clock is ahead of ours, as last measured. */
  get clockOffsetMs(): number {
    return this.#rest.time.offsetMs
  }

  /**
   * Cash and coins by currency, the margin of isolated positions among them, and contracts by swap. What is held in the other margin mode
   * than `marginMode` is a holding of its own, `BTC-USDT-SWAP on cross margin`.
   */
  async balances(): Promise<readonly VenueBalance[]> {
    return readHoldings(this.#client, this.#settings.marginMode)
  }

  subscribe(listener: (event: BrokerEvent) => void | Promise<void>): () => void {
    return this.#outbox.subscribe(listener)
  }

  /** What the venue tells of balances and positions as they change, without being asked; margin that is set aside is in no balance there. */
  subscribeAccount(listener: (change: AccountChange) => void): () => void {
    return this.#watch.subscribe(listener)
  }

  /** Resolves when all that was heard so far has been told, what was missing of it included. */
  async settled(): Promise<void> {
    do {
      await this.#expiries.settled()
      await this.#gaps.settled()
      await this.#outbox.settled()
    } while (this.#gaps.isBusy || this.#outbox.isTelling)
  }

  /** Resolves when its connections are gone. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#gaps.close()
    this.#expiries.close()
    await Promise.all(this.#sockets.map((socket) => socket.close()))
  }

  #assertOpen(): void {
    if (this.#isClosed) throw okxErrors.closed(this.account)
  }

  async #seed(): Promise<void> {
    const [orders, algos] = await Promise.all([this.#client.openOrders(), this.#client.openAlgos()])
    for (const algo of algos) this.#tracker.seed(algo, [])
    for (const order of orders) {
      if (this.#tracker.known(order.id) !== undefined) continue
      const hasFilled = !decimal(order.filledQuantity).isZero()
      this.#tracker.seed((await this.#client.named(order)) ?? order, hasFilled ? await this.#client.fillsOf(order) : [])
    }
  }

  /** Tells what is known now, and waits until it has been told unless the caller is being told something itself. */
  async #note(found: OkxOrder | OkxAlgo): Promise<void> {
    const isTelling = this.#outbox.isTelling
    if (!this.#tracker.note(found)) this.#fetchMissing(found.id)
    this.#expiries.noteTag(found.tag)
    if (!isTelling) await this.#outbox.settled()
  }

  async #told(): Promise<void> {
    if (!this.#outbox.isTelling) await this.#outbox.settled()
  }

  #fetchMissing(id: string): void {
    const tracked = this.#tracker.known(id)
    if (tracked !== undefined) this.#gaps.fill([tracked])
  }
}
