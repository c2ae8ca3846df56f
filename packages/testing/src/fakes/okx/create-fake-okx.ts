// Runs on Node: it listens on a port.

import { createPaperBroker } from '@tradeswarm/broker-paper'
import {
  type Clock,
  createSequentialIds,
  createSystemClock,
  createSystemRandom,
  SwarmError,
  type Timers,
} from '@tradeswarm/core'
import type { MarketEvent } from '@tradeswarm/trading'
import { createOpenGuard } from '../../broker/open-guard.js'
import { FakeHttpHost, type FakeRequest, type SeenRequest } from '../shared/fake-http-host.js'
import { createFakeMarket, type FakeMarket } from '../shared/fake-market.js'
import { guardConditions } from '../shared/guard-conditions.js'
import type { FakeAnswer } from '../shared/http-fault.js'
import { AccountPublisher } from './account-publisher.js'
import { answerAccount } from './account-routes.js'
import { AlgoDesk } from './algo-desk.js'
import { answerAlgo } from './algo-routes.js'
import { CancelAllAfter } from './cancel-all-after.js'
import type { FakeOkxOptions } from './fake-okx-options.js'
import { type FakeOkxConditions, type FakeOkxFault, OkxFaultBoard } from './fault-board.js'
import { okxFaultWords } from './fault-words.js'
import { MarketPublisher } from './market-publisher.js'
import { answerMarket } from './market-routes.js'
import { OkxAccountView } from './okx-account-view.js'
import type { PlainLevel } from './okx-book.js'
import { OkxGate } from './okx-gate.js'
import { engineInstrument, OkxInstruments } from './okx-instruments.js'
import { OkxMarket } from './okx-market.js'
import { orderJson } from './okx-order.js'
import { OkxOrderDesk } from './okx-order-desk.js'
import type { OkxSocket } from './okx-socket.js'
import { engineAccount, engineLogger, OkxVenue } from './okx-venue.js'
import { operate } from './order-operations.js'
import { parseFakeOkxOptions } from './parse-fake-okx-options.js'
import { PriceBand } from './price-band.js'
import { RateBook } from './rate-book.js'
import { SocketHub } from './socket-hub.js'
import { answerTrade } from './trade-routes.js'
import { VenueIds } from './venue-ids.js'

/** A running fake of OKX (API v5): REST and the three WebSockets on one port of the loopback interface. */
export type FakeOkx = {
  readonly port: number
  /** The base URL of REST, such as `http://127.0.0.1:41234`; paths begin with `/api/v5/`. */
  readonly url: string
  /** The base URL of WebSockets, such as `ws://127.0.0.1:41234/ws/v5`; `/public`, `/private` or `/business` follows. */
  readonly streamUrl: string
  readonly keyId: string
  readonly secret: string
  readonly passphrase: string
  /** Where prices come from: say what the market does, and orders fill. */
  readonly market: FakeMarket
  /** Says the whole book of an instrument, best levels first; the best of each side are the quote that orders meet. */
  book(instId: string, bids: readonly PlainLevel[], asks: readonly PlainLevel[]): Promise<void>
  /** What befalls a book's sequence: a sign of life without change, a reset to a lower number, or an update that nobody is told. */
  disturbBook(instId: string, how: 'still-there' | 'reset' | 'gap'): void
  /** What is to go wrong with the next requests that fit. Throws `INVALID_OPTION` for a fault that there is not. */
  fail(fault: FakeOkxFault): void
  /** What goes wrong as long as it is set. */
  readonly conditions: FakeOkxConditions
  /** Forgets all faults that are still to come. */
  heal(): void
  /** Breaks all connections of one kind of stream (`updates`: private; `market`: public and business), or of both. */
  cutStreams(which?: 'updates' | 'market'): void
  /** Sends the notice of an upgrade (64008) on public and private sockets. */
  announceUpgrade(): void
  /** Sends what `shuffleUpdates` has kept back. */
  flushUpdates(): void
  /** All orders, as the API tells them, in the order of arrival. */
  orders(): readonly Readonly<Record<string, unknown>>[]
  /** What has been asked so far. */
  readonly requests: readonly SeenRequest[]
  /** How many messages about orders and of market data have gone out. */
  readonly sent: { readonly updates: number; readonly market: number }
  /** How many order updates wait until the answer of a request is out. */
  readonly unsent: number
  /** How many sockets listen to orders, and how many are connected for market data. */
  readonly listening: { readonly updates: number; readonly market: number }
  /** Lets go of the port and breaks all connections. */
  close(): Promise<void>
}

const socketPaths = /^\/ws\/v5\/(public|private|business)$/

/**
 * Starts a venue that speaks OKX's protocols and behaves as it does, as far as is known, with a matching engine inside, so that orders
 * really live. For tests: nothing of it is money. It lives in memory, and as long as its process.
 */
export async function createFakeOkx(options: FakeOkxOptions = {}): Promise<FakeOkx> {
  const settings = parseFakeOkxOptions(options)
  const random = settings.random ?? createSystemRandom()
  const machine = createSystemClock()
  const clock: Clock = settings.clock ?? machine
  // Delays are real, whatever the venue's clock says.
  const timers: Clock & Timers = settings.timers === undefined ? machine : { ...clock, ...settings.timers }
  const faults = new OkxFaultBoard()
  const { conditions } = faults
  const now = (): number => clock.now()
  const shownNow = (): number => clock.now() + conditions.clockSkewMs
  const ids = new VenueIds(random)
  const uid = '44705892343619584'
  const instruments = new OkxInstruments(settings.instruments)
  const market = createFakeMarket(clock, options.feed)
  const engine = await createPaperBroker({
    account: engineAccount,
    instruments: instruments.all.map(engineInstrument),
    cash: settings.cash,
    fees: {
      makerBasisPoints: settings.makerBasisPoints,
      takerBasisPoints: settings.takerBasisPoints,
      chargedIn: settings.feeType === '0' ? 'bought' : 'currency',
    },
    slippage: { basisPoints: settings.slippageBasisPoints },
    contractLeverage: settings.contractLeverage,
    ...(options.funding === undefined ? {} : { funding: options.funding }),
    ...(options.maximumVolumeFraction === undefined ? {} : { maximumVolumeFraction: options.maximumVolumeFraction }),
  }).open({
    clock,
    ids: createSequentialIds(),
    random,
    logger: engineLogger,
    feed: market.feed,
    guard: createOpenGuard(),
  })
  const prices = new OkxMarket(instruments, ids, options.candles)
  const rates = new RateBook(settings.rateMultiplier)
  const credentials = {
    keyId: settings.keyId,
    secret: settings.secret,
    passphrase: settings.passphrase,
    environment: settings.environment,
  }
  const isMaintained = (): boolean => conditions.maintenance
  const hub: SocketHub = new SocketHub({
    credentials,
    conditions,
    instruments,
    timers,
    idleMs: settings.idleMs,
    connectionsPerSecond: settings.connectionsPerSecond,
    newConnId: () => ids.connection(),
    shownNow,
    onSubscribe(subscription) {
      marketData.begin(subscription)
      updates.begin(subscription)
    },
    onOperation: (connection, message) => void onOperation(connection, message),
  })
  const updates = new AccountPublisher({ hub, conditions, uid, now })
  const lastPrice = (instId: string): string => prices.lastPrice(instId)
  const venue: OkxVenue = new OkxVenue({
    instruments,
    engine,
    ids,
    now,
    lastPrice,
    leverOf: (instId) => account.leverOf(instId),
    news: {
      onOrder: (listing, json) => updates.order('orders', listing, json),
      onAccount: (event, trades) => updates.account(event, trades),
      onFilled: (order) => algos.attach(order),
      onPositionClosed: (instId) => algos.onPositionClosed(instId),
    },
  })
  const account: OkxAccountView = new OkxAccountView(
    { engine, venue, market: prices, instruments, settings, uid, now },
    settings.positionMode,
  )
  updates.watch(account, venue)
  const band = new PriceBand(options.priceLimitFraction, lastPrice)
  const rules = {
    instruments,
    accountLevel: settings.accountLevel,
    positionMode: () => account.positionMode,
  } as const
  const desk = new OkxOrderDesk({
    venue,
    rules,
    band,
    farSide: (instId, side) => prices.farSide(instId, side),
    cancelDelayMs: settings.cancelDelayMs,
    timers,
    shownNow,
  })
  const algos: AlgoDesk = new AlgoDesk({
    venue,
    desk,
    market: prices,
    rules,
    ids,
    leverOf: (instId) => account.leverOf(instId),
    now,
    publish: (channel, listing, json) => updates.order(channel, listing, json),
  })
  const deadMan = new CancelAllAfter(desk, timers, shownNow)
  const funding = {
    fundingIntervalMs: options.funding?.intervalMs ?? 28_800_000,
    fundingRates: options.funding?.rates ?? {},
    now,
  }
  const marketData = new MarketPublisher({ hub, market: prices, instruments, conditions, funding, now })
  market.feed.subscribe(async (event) => {
    const news = prices.note(event)
    if (news === undefined) return
    marketData.publish(news)
    await algos.onPrice(news.market, news.trade !== undefined)
  })
  const operationParts = { desk, rates, instruments, isMaintained, now, shownNow }
  const hold = (): void => {
    const { streamTiming } = settings
    if (streamTiming === 'after' || (streamTiming === 'mixed' && random.next() < 0.5)) updates.gate.hold()
  }
  const onOperation = async (connection: OkxSocket, message: Readonly<Record<string, unknown>>): Promise<void> => {
    hold()
    await operate(connection, message, operationParts)
    updates.gate.release()
  }
  const gate = new OkxGate({ credentials, conditions, rates, now, shownNow })
  const { environment, makerBasisPoints, takerBasisPoints } = settings
  const marketParts = { market: prices, instruments, band, ...funding, environment, isMaintained, shownNow }
  const tradeParts = { venue, desk, instruments, deadMan, now, shownNow }
  const accountParts = {
    account,
    venue,
    instruments,
    market: prices,
    makerBasisPoints,
    takerBasisPoints,
    onChange: () => updates.account(),
    now,
  }
  const host = new FakeHttpHost({
    takeFault: (method, path) => faults.take(method, path),
    words: okxFaultWords,
    isDown: isMaintained,
    clock: timers,
    replyHeaders: () => ({}),
    admit: (request, headers) => gate.admit(request, headers),
    async answer(request, headers) {
      if (request.path.startsWith('/fake/')) return answerControl(request)
      const found = request.method === 'GET' ? answerMarket(request.path, request.query, marketParts) : undefined
      return (
        found ??
        answerAccount(request, accountParts) ??
        answerAlgo(request, algos) ??
        (await answerTrade(request, headers, tradeParts))
      )
    },
    refuseUpgrade: (path) => (socketPaths.test(path) ? hub.refuse() : undefined),
    upgrade(path, socket) {
      const kind = socketPaths.exec(path)?.[1]
      if (kind === undefined) return false
      hub.attach(kind as 'public' | 'private' | 'business', socket)
      return true
    },
    onBegin({ method }) {
      if (method !== 'GET') hold()
    },
    onEnd({ method }) {
      // After what is to be answered has been handed over to the socket.
      if (method !== 'GET') timers.at(timers.now() + 1, () => updates.gate.release())
    },
  })
  /** The venue in a process of its own is driven over HTTP. */
  const answerControl = async ({ path, method, body }: FakeRequest): Promise<FakeAnswer | undefined> => {
    if (method !== 'POST') return path === '/fake/orders' ? { status: 200, json: fake.orders() } : undefined
    try {
      if (path === '/fake/market') await market.emit(body as unknown as MarketEvent)
      else if (path === '/fake/book') {
        const { instId, bids, asks } = body as unknown as { instId: string; bids: PlainLevel[]; asks: PlainLevel[] }
        await fake.book(instId, bids, asks)
      } else if (path === '/fake/faults') fake.fail(body as unknown as FakeOkxFault)
      else if (path === '/fake/conditions') faults.impose(body)
      else return undefined
    } catch (error) {
      if (!SwarmError.isInstance(error, 'INVALID_OPTION')) throw error
      return { status: 422, json: { message: error.message } }
    }
    return { status: 204 }
  }
  const port = await host.listen(settings.port)
  const fake: FakeOkx = {
    port,
    url: `http://127.0.0.1:${port}`,
    streamUrl: `ws://127.0.0.1:${port}/ws/v5`,
    keyId: settings.keyId,
    secret: settings.secret,
    passphrase: settings.passphrase,
    market,
    async book(instId, bids, asks) {
      const [bid, ask] = [bids[0], asks[0]]
      if (bid === undefined || ask === undefined) return
      prices.deepen(instId, bids, asks)
      await market.quote(instId, bid[0], ask[0], { bidSize: bid[1], askSize: ask[1] })
    },
    disturbBook(instId, how) {
      const found = prices.find(instId)
      if (found === undefined) return
      if (how === 'gap') found.book.skip()
      else marketData.publishBook(found, how === 'reset' ? found.book.reset() : found.book.stillThere())
    },
    fail: (fault) => faults.add(fault),
    conditions: guardConditions('fake OKX', conditions),
    heal: () => faults.clear(),
    cutStreams: (which) => hub.cut((kind) => which === undefined || (which === 'updates') === (kind === 'private')),
    announceUpgrade: () => hub.announceUpgrade(),
    flushUpdates: () => updates.gate.flush(),
    orders: () => [...venue.orders.values()].map(orderJson),
    requests: host.seen,
    get sent() {
      return { updates: updates.sent, market: marketData.sent }
    },
    get unsent() {
      return updates.gate.unsent
    },
    get listening() {
      return { updates: hub.count('private', 'orders'), market: hub.count('public') + hub.count('business') }
    },
    async close() {
      deadMan.close()
      await host.close()
      await engine.close()
    },
  }
  return fake
}
