// Runs on Node: it listens on a port.

import { createPaperBroker, type PaperFees, type PaperOperator } from '@tradeswarm/broker-paper'
import {
  type Clock,
  createSequentialIds,
  createSystemClock,
  createSystemRandom,
  SwarmError,
  type Timers,
} from '@tradeswarm/core'
import { decimal, decimalText, type MarketEvent } from '@tradeswarm/trading'
import { createOpenGuard } from '../../broker/open-guard.js'
import { answerControl } from '../shared/answer-control.js'
import { assertLevels } from '../shared/assert-market-event.js'
import {
  type FakeHost,
  type FakeHostParts,
  FakeHttpHost,
  type FakeRequest,
  type SeenRequest,
} from '../shared/fake-http-host.js'
import { createFakeMarket, type FakeMarket, type OwnMarket } from '../shared/fake-market.js'
import type { FakeAnswer } from '../shared/http-fault.js'
import { AccountView } from './account-view.js'
import { assertFakeAlpacaOptions } from './assert-fake-alpaca-options.js'
import { type FakeAlpacaOptions, fakeAlpacaDefaults, fakeAlpacaPlans } from './fake-alpaca-options.js'
import { engineInstrument, FakeAssets } from './fake-assets.js'
import { type BookLevelText, type BookRow, FakeBooks } from './fake-books.js'
import { FakeGate } from './fake-gate.js'
import { orderJson, rfc3339 } from './fake-order.js'
import { FakeOrderDesk } from './fake-order-desk.js'
import { type FakePayment, noteDividend, pay, postFees } from './fake-payments.js'
import { isRefusal } from './fake-refusal.js'
import { engineAccount, engineLogger, FakeVenue, type TradeUpdate } from './fake-venue.js'
import { type FakeConditions, type FakeFault, FaultBoard } from './fault-board.js'
import { faultWords } from './fault-words.js'
import { MarketDataStream } from './market-data-stream.js'
import { MarketHistory } from './market-history.js'
import { answerMarketData } from './market-routes.js'
import { StockStreams } from './stock-streams.js'
import { TradeUpdateStream } from './trade-update-stream.js'
import { answerTrading } from './trading-routes.js'
import { tradingDay, VenueHours } from './venue-hours.js'

/** A running fake of Alpaca: trading, market data and both streams, on one port of the loopback interface. */
export type FakeAlpaca = {
  readonly port: number
  /** The base URL of trading and market data alike, such as `http://127.0.0.1:41234`. */
  readonly url: string
  readonly keyId: string
  readonly secret: string
  /** Where prices come from: say what the market does, and orders fill. */
  readonly market: FakeMarket
  /**
   * Says the whole book of a pair of crypto, best levels first; the best of each side are the quote that orders meet. Until a `market.quote`
   * makes a book of one level each. Throws `INVALID_OPTION` for what is no pair.
   */
  book(symbol: string, bids: readonly BookLevelText[], asks: readonly BookLevelText[]): Promise<void>
  /** Sends whole books anew (`r`) to those who listen. */
  resetBook(symbol: string): void
  /** Moves money without a trade, and posts the activity of it: interest, a dividend, a fee, a deposit. Throws `INVALID_OPTION`. */
  pay(payment: FakePayment): Promise<void>
  /** Posts what the day has cost, as at the end of each session: what crypto has been charged, and what regulators charge, which the cash pays now. */
  endDay(): Promise<void>
  /** What is to go wrong with the next requests that fit. Throws `INVALID_OPTION` for a fault that there is not, and for requests that nothing answers. */
  fail(fault: FakeFault): void
  /** What goes wrong as long as it is set. One that there is not, or a value that is none, throws `INVALID_OPTION`. */
  readonly conditions: FakeConditions
  /** Forgets all faults that are still to come. */
  heal(): void
  /** Breaks all connections of one kind of stream, or of both. */
  cutStreams(which?: 'updates' | 'market'): void
  /** Sends what `shuffleUpdates` has kept back. */
  flushUpdates(): void
  /** All orders, as the API tells them, in the order of arrival. */
  orders(): readonly Readonly<Record<string, unknown>>[]
  /** What has been asked so far. */
  readonly requests: readonly SeenRequest[]
  /** How many frames of order updates and of market data have gone out. */
  readonly sent: { readonly updates: number; readonly market: number }
  /** How many order updates wait until the answer of a request is out. */
  readonly unsent: number
  /** How many cancels and amendments have been answered and are still to take effect. */
  readonly underWay: number
  /** How many sockets listen to order updates, and how many are connected for market data. */
  readonly listening: { readonly updates: number; readonly market: number }
  /** Lets go of the port and breaks all connections. */
  close(): Promise<void>
}

/**
 * Starts a venue that speaks Alpaca's protocols and behaves as it does, as far as is known, with a matching engine inside, so that orders
 * really live. For tests: nothing of it is money. It lives in memory, and as long as its process. Rejects with `INVALID_OPTION`.
 */
export async function createFakeAlpaca(options: FakeAlpacaOptions = {}): Promise<FakeAlpaca> {
  return (await openFakeAlpaca(options, (parts) => new FakeHttpHost(parts))).fake
}

/** A fake with what is inside of it. */
export type OpenFakeAlpaca = {
  readonly fake: FakeAlpaca
  readonly venue: FakeVenue
  readonly engine: PaperOperator
}

/** Opens a fake that is spoken to by a host of any kind. Rejects with `INVALID_OPTION`. */
export async function openFakeAlpaca(
  options: FakeAlpacaOptions,
  hostOf: (parts: FakeHostParts) => FakeHost,
): Promise<OpenFakeAlpaca> {
  assertFakeAlpacaOptions(options)
  const plan = options.plan ?? fakeAlpacaDefaults.plan
  const settings = { ...fakeAlpacaDefaults, ...fakeAlpacaPlans[plan], ...options }
  const random = settings.random ?? createSystemRandom()
  const machine = createSystemClock()
  const clock: Clock = settings.clock ?? machine
  // Delays are real, whatever the venue's clock says.
  const given = settings.timers
  const timers: Clock & Timers =
    given === undefined ? machine : { now: () => clock.now(), at: (when, callback) => given.at(when, callback) }
  const faults = new FaultBoard()
  const assets = new FakeAssets(settings.assets, random)
  const listed = assets.all.map(({ symbol }) => symbol)
  const market = createFakeMarket(clock, listed, options.feed)
  const engine = await createPaperBroker({
    account: engineAccount,
    instruments: assets.all.map(engineInstrument),
    cash: { USD: settings.cash },
    fees: { basisPoints: settings.feeBasisPoints },
    symbolFees: cryptoFeesOf(assets, settings.cryptoFees),
    slippage: { basisPoints: settings.slippageBasisPoints },
    allowShorts: settings.shorting,
    quoteFreshMs: settings.quoteFreshMs,
    ...(options.maximumVolumeFraction === undefined ? {} : { maximumVolumeFraction: options.maximumVolumeFraction }),
  }).open({
    clock,
    ids: createSequentialIds(),
    random,
    logger: engineLogger,
    feed: market.feed,
    guard: createOpenGuard(),
  })
  const history = new MarketHistory(options.bars)
  const updates = new TradeUpdateStream(settings, faults.conditions)
  const now = (): number => clock.now()
  const isTest = options.clock !== undefined || options.feed !== undefined || options.calendar !== undefined
  const hours = new VenueHours(settings.alwaysOpen ?? !isTest, options.calendar)
  const { regulatoryFees, cancelDelayMs, replaceDelayMs } = settings
  const delays = { cancelDelayMs, replaceDelayMs, timers }
  const publish = (update: TradeUpdate): void => updates.publish(update)
  const venue = new FakeVenue({ assets, engine, random, hours, now, publish, regulatoryFees, ...delays })
  const payer = { venue, engine, now }
  const account = new AccountView(engine, venue, history, settings.shorting)
  const desk = new FakeOrderDesk(venue, hours, account, (symbol) => history.price(symbol))
  const data = { keyId: settings.keyId, secret: settings.secret, conditions: faults.conditions }
  const streamOptions = { ...data, symbolLimit: settings.symbolLimit, clock: timers }
  const isPaidFor = plan !== 'basic'
  const stocks = new StockStreams(streamOptions, isPaidFor)
  const books = new FakeBooks()
  const crypto = new MarketDataStream({ ...streamOptions, wholeBook: (symbol) => books.whole(symbol) })
  const tellBook = (symbol: string, changes: BookRow | undefined): void => {
    if (changes !== undefined) crypto.publish([{ T: 'o', S: symbol, ...changes }])
  }
  market.feed.subscribe((event) => {
    venue.openSession()
    if (event.type === 'session' && event.phase === 'close') return postFees(payer)
    if (!('symbol' in event)) return
    noteSplit(venue, event)
    noteDividend(payer, event)
    const asset = assets.find(event.symbol)
    if (event.type === 'quote' && asset?.class === 'crypto') tellBook(asset.symbol, books.quote(event, rfc3339(now())))
    const messages = history.note(event, asset?.class === 'crypto')
    if (messages.length > 0) (asset?.class === 'crypto' ? crypto : stocks).publish(messages)
  })
  if (hours.isOpen(0)) await market.emit(openingOf(now()))
  const shownNow = (): number => clock.now() + faults.conditions.clockSkewMs
  const gate = new FakeGate({ settings, faults, now, shownNow })
  const answer = async (request: FakeRequest): Promise<FakeAnswer | undefined> => {
    if (request.path.startsWith('/fake/')) return answerControl(request, control)
    const found = answerMarketData(request.path, request.query, {
      history,
      assets,
      books,
      corporateActions: options.corporateActions ?? {},
      isPaidFor,
      now,
      today: () => rfc3339(now()).slice(0, 10),
    })
    if (found === undefined) return answerTrading(request, { venue, desk, account, assets, hours, shownNow })
    return isRefusal(found) ? { status: found.status, json: found.body } : { status: 200, json: found }
  }
  const control = {
    market,
    orders: () => fake.orders(),
    addFault: (fault: object) => fake.fail(fault as FakeFault),
    impose: (wanted: Readonly<Record<string, unknown>>) => faults.impose(wanted),
    more: {
      pay: (payment: object) => fake.pay(payment as FakePayment),
      endDay: () => fake.endDay(),
      book: ({ symbol, bids, asks }: Readonly<Record<string, unknown>>) =>
        fake.book(symbol as string, bids as readonly BookLevelText[], asks as readonly BookLevelText[]),
    },
  }
  const host = hostOf({
    takeFault: (method, path) => faults.take(method, path),
    words: faultWords(() => timers.now()),
    isDown: () => faults.conditions.maintenance,
    clock: timers,
    replyHeaders: () => ({ 'X-Request-ID': venue.newId() }),
    admit: (request, headers) => gate.admit(request, headers),
    answer,
    upgrade(path, socket) {
      if (path === '/stream') updates.attach(socket)
      else if (stocks.has(path)) stocks.attach(path, socket)
      else if (/^\/v1beta3\/crypto\/(us|us-1|eu-1)$/.test(path)) crypto.attach(socket)
      else return false
      return true
    },
    onBegin({ method }) {
      const { streamTiming } = settings
      const isHeld = streamTiming === 'after' || (streamTiming === 'mixed' && random.next() < 0.5)
      if (method !== 'GET' && isHeld) updates.hold()
    },
    onEnd({ method }) {
      // After what is to be answered has been handed over to the socket.
      if (method !== 'GET') timers.at(timers.now() + 1, () => updates.release())
    },
  })
  const port = await host.listen(settings.port)
  const fake: FakeAlpaca = {
    port,
    url: `http://127.0.0.1:${port}`,
    keyId: settings.keyId,
    secret: settings.secret,
    market,
    async book(symbol, bids, asks) {
      assertPair(assets, market, symbol)
      assertLevels('fake Alpaca: book', { bids, asks })
      const [bid, ask] = [bids[0], asks[0]]
      // A side that is empty leaves nothing to trade with: there is no quote then.
      if (bid === undefined || ask === undefined)
        return tellBook(symbol, books.replace(symbol, bids, asks, rfc3339(now())))
      const best = [symbol, bid[0], ask[0], { bidSize: bid[1], askSize: ask[1] }] as const
      market.assertQuote(...best)
      books.deepen(symbol, bids, asks)
      await market.quote(...best)
    },
    resetBook(symbol) {
      assertPair(assets, market, symbol)
      const whole = books.whole(symbol)
      if (whole !== undefined) crypto.publish([{ T: 'o', S: symbol, ...whole, r: true }])
    },
    pay: (payment) => pay(payer, payment),
    endDay: () => postFees(payer),
    fail: (fault) => faults.add(fault),
    conditions: faults.conditions,
    heal: () => faults.clear(),
    cutStreams(which) {
      if (which !== 'market') updates.cut()
      if (which === 'updates') return
      stocks.cut()
      crypto.cut()
    },
    flushUpdates: () => updates.flush(),
    orders: () => [...venue.orders.values()].map((order) => orderJson(order)),
    requests: host.seen,
    get sent() {
      return { updates: updates.sent, market: stocks.sent + crypto.sent }
    },
    get unsent() {
      return updates.unsent
    },
    get underWay() {
      return venue.changes.underWay
    },
    get listening() {
      return { updates: updates.listening, market: stocks.connected + crypto.connected }
    },
    async close() {
      await host.close()
      venue.changes.close()
      await engine.close()
    },
  }
  return { fake, venue, engine }
}

/** Of crypto a fraction of what is received, counted to as many decimals as units are and rounded up. */
function cryptoFeesOf(
  { all }: FakeAssets,
  { maker, taker }: { readonly maker: string; readonly taker: string },
): Readonly<Record<string, PaperFees>> {
  const points = (fraction: string): string => decimalText(decimal(fraction).times(perFraction))
  const fees: PaperFees = {
    makerBasisPoints: points(maker),
    takerBasisPoints: points(taker),
    chargedIn: 'bought',
    places: 9,
  }
  const pairs = all.filter((asset) => asset.class === 'crypto')
  return Object.fromEntries(pairs.map(({ symbol }) => [symbol, fees]))
}

const perFraction = decimal('10000')

/** Shares have no book here, as at the venue. */
function assertPair(assets: FakeAssets, market: OwnMarket, symbol: string): void {
  market.assertListed('book', symbol)
  if (assets.find(symbol)?.class === 'crypto') return
  const message = `fake Alpaca: book: ${symbol} is no pair of crypto, and has no book; say market.quote`
  throw new SwarmError({ code: 'INVALID_OPTION', message, context: { option: 'symbol' } })
}

function openingOf(time: number): MarketEvent {
  return { type: 'session', phase: 'open', calendar: 'us-equity', sessionDate: tradingDay(time).date, time }
}

function noteSplit(venue: FakeVenue, event: MarketEvent): void {
  if (event.type !== 'split') return
  const asset = venue.assets.find(event.symbol)
  if (asset !== undefined) venue.positions.split(asset, event.numerator, event.denominator)
}
