import type { WebSocketLike } from '@tradeswarm/broker-kit'
import { type BrokerSetup, createManualFeed, eventLoopTurn } from '@tradeswarm/testing'
import { createFakeOkx, type FakeOkx } from '@tradeswarm/testing/fakes'
import type {
  Broker,
  BrokerContext,
  BrokerDefinition,
  Instrument,
  MarketEvent,
  PermittedOrder,
  VenueOrder,
} from '@tradeswarm/trading'
import { createOkxBroker } from './create-okx-broker.js'
import type { OkxBroker } from './okx-broker.js'

const running = new Set<() => Promise<void>>()

/** Stops what tests have started. */
export async function stopAll(): Promise<void> {
  for (const stop of running) await stop()
  running.clear()
}

/** Has something stopped at the end of the test. */
export function stopLater(stop: () => Promise<void>): void {
  running.add(stop)
}

/** The symbols of the contract in OKX's spelling, which names what is paid with: AAA is AAA-USD. */
class Spelling {
  readonly #toVenue = new Map<string, string>()
  readonly #toOurs = new Map<string, string>()

  constructor(instruments: readonly Instrument[]) {
    for (const { symbol, kind, currency } of instruments) {
      const isSwap = kind === 'perpetual'
      const name = isSwap ? `${symbol.replace('-SWAP', '')}-${currency}-SWAP` : `${symbol}-${currency}`
      this.#toVenue.set(symbol, name)
      this.#toOurs.set(name, symbol)
    }
  }

  venue(symbol: string): string {
    return this.#toVenue.get(symbol) ?? symbol
  }

  ours(symbol: string): string {
    return this.#toOurs.get(symbol) ?? symbol
  }

  order(order: PermittedOrder): PermittedOrder {
    return { ...order, request: { ...order.request, symbol: this.venue(order.request.symbol) } } as PermittedOrder
  }

  view<View extends VenueOrder | undefined>(view: View): View {
    return view === undefined ? view : { ...view, symbol: this.ours(view.symbol) }
  }
}

const beginning = Date.UTC(2024, 0, 1)

/**
 * The adapter on a fake of its own whose market is the feed of the context. As the contract wants it, a call and a market event are over when
 * all that they have caused has gone through the sockets and been told.
 */
export function defineOnFake(setup: BrokerSetup): BrokerDefinition {
  return {
    name: 'okx',
    account: setup.account,
    mode: 'demo',
    async open(given) {
      // The contract begins in 1970, where OKX takes no login.
      const clock = { now: () => Math.max(given.clock.now(), beginning) }
      const context = { ...given, clock }
      const spelling = new Spelling(setup.instruments)
      // The fake hears the market first, then the one who waits for what follows from it.
      const market = createManualFeed()
      const fake = await createFakeOkx({
        instruments: setup.instruments.map(({ symbol, tickSize, lotSize, minimumQuantity, multiplier }) => ({
          instId: spelling.venue(symbol),
          tickSz: tickSize,
          lotSz: lotSize,
          minSz: minimumQuantity ?? lotSize,
          ...(multiplier === undefined ? {} : { ctVal: multiplier }),
        })),
        cash: setup.cash,
        makerBasisPoints: setup.feeBasisPoints,
        takerBasisPoints: setup.feeBasisPoints,
        feeType: '1',
        // The contract's market: a quote that nobody repeats is not to be had after a while.
        quoteFreshMs: 10_000,
        contractLeverage: '1',
        slippageBasisPoints: setup.slippageBasisPoints,
        ...(setup.maximumVolumeFraction === undefined ? {} : { maximumVolumeFraction: setup.maximumVolumeFraction }),
        rateMultiplier: 1_000,
        clock: context.clock,
        feed: market,
        random: context.random,
      })
      stopLater(() => fake.close())
      return openSettled(fake, setup, context, market, spelling)
    },
  }
}

async function openSettled(
  fake: FakeOkx,
  setup: BrokerSetup,
  context: BrokerContext,
  market: ReturnType<typeof createManualFeed>,
  spelling: Spelling,
): Promise<Broker> {
  let received = 0
  const connect = (url: string): WebSocketLike => {
    const socket = new WebSocket(url)
    socket.addEventListener('message', ({ data }) => {
      // Counted after the adapter has taken it in.
      if (typeof data === 'string' && isUpdate(data)) queueMicrotask(() => (received += 1))
    })
    return socket as unknown as WebSocketLike
  }
  // The adapter's guard is asked with what it is sent: the contract looks at what it has permitted.
  const guard = { consume: (order: PermittedOrder) => context.guard.consume(original.get(order) ?? order) }
  const original = new WeakMap<PermittedOrder, PermittedOrder>()
  const spelled = (order: PermittedOrder): PermittedOrder => {
    const sent = spelling.order(order)
    original.set(sent, order)
    return sent
  }
  const broker: OkxBroker = await createOkxBroker({
    key: fake.keyId,
    secret: fake.secret,
    passphrase: fake.passphrase,
    account: setup.account,
    symbols: setup.instruments.map(({ symbol }) => spelling.venue(symbol)),
    urls: { rest: fake.url },
    rateMultiplier: 1_000,
    transport: { connect },
  }).open({ ...context, guard })
  stopLater(() => broker.close())
  let telling = 0
  const quiet = async (): Promise<void> => {
    if (telling === 0) await quietNow()
  }
  const quietNow = async (): Promise<void> => {
    for (let calm = 0; calm < 3; calm += 1) {
      await eventLoopTurn()
      await broker.settled()
      if (fake.unsent > 0 || received < fake.sent.updates) calm = -1
    }
  }
  const quietly =
    <Arguments extends readonly unknown[]>(call: (...given: Arguments) => Promise<void>) =>
    async (...given: Arguments): Promise<void> => {
      await call(...given)
      await quiet()
    }
  context.feed.subscribe(async (event) => {
    const isOutermost = telling === 0
    await market.emit(atVenue(event, spelling))
    if (!isOutermost) return
    // By the venue's clock orders may have come to their end.
    await broker.time().catch(() => undefined)
    await quietNow()
  })
  return {
    name: broker.name,
    account: broker.account,
    mode: broker.mode,
    capabilities: broker.capabilities,
    instrument: (symbol) => broker.instrument(spelling.venue(symbol)),
    place: quietly((order) => broker.place(spelled(order))),
    cancel: quietly((id) => broker.cancel(id)),
    replace: quietly((id, order) => broker.replace(id, spelled(order))),
    recall: (orders) => broker.recall(orders),
    order: async (id) => spelling.view(await broker.order(id)),
    openOrders: async () => (await broker.openOrders()).map((view) => spelling.view(view)),
    executions: (since) => broker.executions(since),
    movements: async (since) =>
      (await broker.movements(since)).map((told) =>
        'symbol' in told ? { ...told, symbol: spelling.ours(told.symbol) } : told,
      ),
    time: () => broker.time(),
    balances: async () => (await broker.balances()).map(({ asset, total }) => ({ asset: spelling.ours(asset), total })),
    close: () => broker.close(),
    subscribe: (listener) =>
      broker.subscribe(async (event) => {
        telling += 1
        try {
          await listener(event)
        } finally {
          telling -= 1
        }
      }),
  }
}

/** What the market of the contract does, at a venue that never closes. */
function atVenue(event: MarketEvent, spelling: Spelling): MarketEvent {
  if (event.type === 'session') return { ...event, calendar: 'always-open' }
  return { ...event, symbol: spelling.venue(event.symbol) }
}

/** What the fake counts as an update: a push of orders or algo orders. */
function isUpdate(text: string): boolean {
  return !text.includes('"event"') && (text.includes('"channel":"orders') || text.includes('"channel":"algo-advance'))
}
