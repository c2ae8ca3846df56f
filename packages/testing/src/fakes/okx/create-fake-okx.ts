// Runs on Node: it listens on a port.

import type { PaperOperator } from '@tradeswarm/broker-paper'
import {
  type Clock,
  createSystemClock,
  createSystemRandom,
  messageOf,
  SwarmError,
  shown,
  type Timers,
} from '@tradeswarm/core'
import { answerControl } from '../shared/answer-control.js'
import { type FakeHost, type FakeHostParts, FakeHttpHost } from '../shared/fake-http-host.js'
import { createFakeMarket } from '../shared/fake-market.js'
import { AccountPublisher } from './account-publisher.js'
import type { SocketKind } from './channels.js'
import type { FakeOkx } from './fake-okx.js'
import type { FakeOkxOptions } from './fake-okx-options.js'
import { type FakeOkxFault, OkxFaultBoard } from './fault-board.js'
import { okxFaultWords } from './fault-words.js'
import { MarketPublisher } from './market-publisher.js'
import type { PlainLevel } from './okx-book.js'
import { OkxGate } from './okx-gate.js'
import { OkxInstruments } from './okx-instruments.js'
import { OkxMarket } from './okx-market.js'
import { orderJson } from './okx-order.js'
import type { OkxSocket } from './okx-socket.js'
import { openEngine } from './open-engine.js'
import { operate } from './order-operations.js'
import { type FakeOkxSettings, parseFakeOkxOptions } from './parse-fake-okx-options.js'
import { RateBook } from './rate-book.js'
import { restRoutes } from './rest-routes.js'
import { SocketHub } from './socket-hub.js'
import { openTradingFloor, type TradingFloor } from './trading-floor.js'
import { VenueIds } from './venue-ids.js'

const socketPaths = /^\/ws\/v5\/(public|private|business)$/
const uid = '44705892343619584'

/**
 * Starts a venue that speaks OKX's protocols and behaves as it does, as far as is known, with a matching engine inside, so that orders
 * really live. For tests: nothing of it is money. It lives in memory, and as long as its process. Throws `INVALID_OPTION`.
 */
export async function createFakeOkx(options: FakeOkxOptions = {}): Promise<FakeOkx> {
  return (await openFakeOkx(options, (parts) => new FakeHttpHost(parts))).fake
}

/** A fake with what is inside of it. */
export type OpenFakeOkx = {
  readonly fake: FakeOkx
  readonly floor: TradingFloor
  readonly engine: PaperOperator
}

/** Opens a fake that is spoken to by a host of any kind. Throws `INVALID_OPTION`. */
export async function openFakeOkx(
  options: FakeOkxOptions,
  hostOf: (parts: FakeHostParts) => FakeHost,
): Promise<OpenFakeOkx> {
  const settings = parseFakeOkxOptions(options)
  const parts = await assemble(settings, hostOf)
  const { faults, hub, host, market, instruments, prices, marketData, updates, floor, engine } = parts
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
      for (const [option, side] of Object.entries({ bids, asks })) assertSide(option, side)
      const [bid, ask] = [bids[0], asks[0]]
      if (bid === undefined || ask === undefined) {
        const message = `fake OKX: book: ${instId} has no ${bid === undefined ? 'bids' : 'asks'}; give each side a level at least`
        throw new SwarmError({ code: 'INVALID_OPTION', message, context: { option: 'bids' } })
      }
      const best = [instId, bid[0], ask[0], { bidSize: bid[1], askSize: ask[1] }] as const
      market.assertQuote(...best)
      prices.deepen(instId, bids, asks)
      await market.quote(...best)
    },
    setState(instId, state) {
      market.assertListed('setState', instId)
      const listing = instruments.find(instId)
      if (listing === undefined) return
      listing.state = state
      if (state === 'live') engine.resume(instId)
      else engine.halt(instId)
      marketData.publishInstrument(listing)
    },
    disturbBook(instId, how) {
      market.assertListed('disturbBook', instId)
      const found = prices.find(instId)
      if (found === undefined) return
      if (how === 'gap') found.book.skip()
      else marketData.publishBook(found, how === 'reset' ? found.book.reset() : found.book.stillThere())
    },
    fail: (fault) => faults.add(fault),
    conditions: faults.conditions,
    heal: () => faults.clear(),
    cutStreams: (which) => hub.cut((kind) => which === undefined || (which === 'updates') === (kind === 'private')),
    announceUpgrade: () => hub.announceUpgrade(),
    flushUpdates: () => updates.gate.flush(),
    orders: () => allOrders(floor),
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
      floor.deadMan.close()
      await host.close()
      await engine.close()
    },
  }
  const control = {
    market,
    orders: () => fake.orders(),
    addFault: (fault: object) => fake.fail(fault as FakeOkxFault),
    impose: (wanted: Readonly<Record<string, unknown>>) => faults.impose(wanted),
    more: {
      book: ({ instId, bids, asks }: Readonly<Record<string, unknown>>) =>
        fake.book(instId as string, bids as readonly PlainLevel[], asks as readonly PlainLevel[]),
    },
  }
  parts.onControl((request) => answerControl(request, control))
  return { fake, floor, engine }
}

/** Orders and algo orders by their ids, which grow and are of one length. */
function allOrders({ venue, algos }: TradingFloor): readonly Readonly<Record<string, unknown>>[] {
  const plain = [...venue.orders.values()].map((order) => [order.ordId, orderJson(order)] as const)
  const algo = [...algos.orders.values()].map((order) => [order.algoId, algos.json(order)] as const)
  return [...plain, ...algo].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, json]) => json)
}

/** Puts the venue together; it does not listen yet. */
async function assemble(settings: FakeOkxSettings, hostOf: (parts: FakeHostParts) => FakeHost) {
  const random = settings.random ?? createSystemRandom()
  const machine = createSystemClock()
  const clock: Clock = settings.clock ?? machine
  // Delays are real, whatever the venue's clock says.
  const timers: Clock & Timers = settings.timers === undefined ? machine : { ...clock, ...settings.timers }
  const faults = new OkxFaultBoard()
  const { conditions } = faults
  const now = (): number => clock.now()
  const shownNow = (): number => clock.now() + conditions.clockSkewMs
  const isMaintained = (): boolean => conditions.maintenance
  const ids = new VenueIds(random)
  const instruments = new OkxInstruments(settings.instruments)
  const listed = instruments.all.map(({ instId }) => instId)
  const market = createFakeMarket(clock, listed, settings.feed)
  const engine = await openEngine({ settings, instruments, clock, random, feed: market.feed })
  const prices = new OkxMarket(instruments, ids, settings.candles)
  const rates = new RateBook(settings.rateMultiplier)
  const funding = {
    fundingIntervalMs: settings.funding?.intervalMs ?? 28_800_000,
    fundingRates: settings.funding?.rates ?? {},
    now,
  }
  const hub: SocketHub = new SocketHub({
    ...settings,
    credentials: settings,
    conditions,
    instruments,
    timers,
    newConnId: () => ids.connection(),
    shownNow,
    onSubscribe(subscription) {
      marketData.begin(subscription)
      updates.begin(subscription)
    },
    onOperation: (connection, message) => void onOperation(connection, message),
  })
  const updates = new AccountPublisher({ ...settings, timers, hub, conditions, uid, now })
  const marketData = new MarketPublisher({ hub, market: prices, instruments, conditions, funding, now })
  const traded = { settings, engine, instruments, prices, updates }
  const floor = openTradingFloor({ ...traded, ids, uid, random, timers, now, shownNow })
  market.feed.subscribe(async (event) => {
    const news = prices.note(event)
    if (news === undefined) return
    marketData.publish(news)
    await floor.algos.onPrice(news.market, news.trade !== undefined || news.day !== undefined)
  })
  const hold = (): void => {
    const { streamTiming } = settings
    if (streamTiming === 'after' || (streamTiming === 'mixed' && random.next() < 0.5)) updates.gate.hold()
  }
  const takeFault = (method: string, path: string) => faults.take(method, path)
  const operationParts = { desk: floor.desk, rates, instruments, takeFault, isMaintained, now, shownNow }
  const onOperation = async (connection: OkxSocket, message: Readonly<Record<string, unknown>>): Promise<void> => {
    hold()
    try {
      await operate(connection, message, operationParts)
    } catch (thrown) {
      connection.error('64007', `Operation failed due to WebSocket internal error: ${messageOf(thrown)}`, message['id'])
    }
    updates.gate.release()
  }
  const gate = new OkxGate({ credentials: settings, conditions, rates, now, shownNow })
  const clocks = { isMaintained, now, shownNow }
  const onChange = (): void => updates.account()
  const rest = restRoutes({ ...settings, ...floor, ...funding, ...clocks, market: prices, instruments, onChange })
  let control: FakeHttpHostAnswer = async () => undefined
  const host = hostOf({
    takeFault,
    words: okxFaultWords,
    isDown: isMaintained,
    clock: timers,
    replyHeaders: () => ({}),
    admit: (request, headers) => gate.admit(request, headers),
    answer: (request, headers) => (request.path.startsWith('/fake/') ? control : rest)(request, headers),
    refuseUpgrade: (path) => (socketPaths.test(path) ? hub.refuse() : undefined),
    upgrade(path, socket) {
      const kind = socketPaths.exec(path)?.[1]
      if (kind !== undefined) hub.attach(kind as SocketKind, socket)
      return kind !== undefined
    },
    onBegin({ method }) {
      if (method !== 'GET') hold()
    },
    onEnd({ method }) {
      // After what is to be answered has been handed over to the socket.
      if (method !== 'GET') timers.at(timers.now() + 1, () => updates.gate.release())
    },
  })
  const onControl = (answer: FakeHttpHostAnswer): void => {
    control = answer
  }
  return { faults, hub, host, market, instruments, prices, marketData, updates, floor, engine, onControl }
}

type FakeHttpHostAnswer = FakeHostParts['answer']

/** What is no side of a book would be read as one that is empty, or as none at all. Throws `INVALID_OPTION`. */
function assertSide(option: string, side: unknown): void {
  const isLevel = (level: unknown): boolean => Array.isArray(level) && level.length === 2
  if (Array.isArray(side) && side.every(isLevel)) return
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `fake OKX: book: ${option} is ${shown(side)}; use book(instId, bids, asks), each side a list of [price, size] as texts, best first`,
    context: { option },
  })
}
