import type { WebSocketLike } from '@tradeswarm/broker-kit'
import { type BrokerSetup, createManualFeed, eventLoopTurn } from '@tradeswarm/testing'
import { createFakeAlpaca, type FakeAlpaca, type FakeAlpacaOptions } from '@tradeswarm/testing/fakes'
import {
  type Broker,
  type BrokerContext,
  type BrokerDefinition,
  decimal,
  decimalText,
  type MarketEvent,
} from '@tradeswarm/trading'
import type { AlpacaBroker } from './alpaca-broker.js'
import { createAlpacaBroker } from './create-alpaca-broker.js'
import { toVenueSymbol } from './symbols.js'

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

const pair = { kind: 'crypto-spot', calendar: 'always-open' } as const

/** What the contract trades at Alpaca: shares. */
export const shareRoles = { AAA: { symbol: 'AAPL' }, BBB: { symbol: 'MSFT' } } as const

/** And crypto, which the venue writes BTC/USD. */
export const cryptoRoles = {
  AAA: { ...pair, symbol: 'BTC-USD', asset: 'BTC' },
  BBB: { ...pair, symbol: 'AVAX-USD', asset: 'AVAX' },
} as const

/**
 * The adapter on a fake of its own whose market is the feed of the context. As the contract wants it, a call and a market event are over when
 * all that they have caused has gone through the sockets and been told.
 */
export function defineOnFake(setup: BrokerSetup): BrokerDefinition {
  return {
    name: 'alpaca',
    account: setup.account,
    mode: 'paper',
    async open(context) {
      // The fake hears the market first, then the one who waits for what follows from it.
      const market = createManualFeed()
      const fake = await createFakeAlpaca({
        ...fakeOptionsOf(setup),
        requestsPerMinute: 100_000,
        // The contract's market: a quote that nobody repeats is not to be had after a while.
        quoteFreshMs: 10_000,
        clock: context.clock,
        feed: market,
        random: context.random,
      })
      stopLater(() => fake.close())
      return openSettled(fake, setup, context, market)
    },
  }
}

/** The venue of an account of the contract. */
export function fakeOptionsOf(setup: BrokerSetup): FakeAlpacaOptions {
  return {
    assets: setup.instruments.map(({ symbol, kind, minimumNotional, tickSize, lotSize }) => {
      if (kind === 'equity') return { symbol, minimumNotional, fractionable: lotSize !== '1' }
      const steps = { priceIncrement: tickSize, tradeIncrement: lotSize, minimumOrderSize: lotSize }
      return { symbol: toVenueSymbol(symbol), minimumNotional, ...steps }
    }),
    cash: setup.cash['USD'] ?? '0',
    feeBasisPoints: setup.feeBasisPoints,
    cryptoFees: cryptoFeesOf(setup),
    slippageBasisPoints: setup.slippageBasisPoints,
    ...(setup.maximumVolumeFraction === undefined ? {} : { maximumVolumeFraction: setup.maximumVolumeFraction }),
  }
}

/** What the adapter takes crypto for charged, as the venue does. */
export function cryptoFeesOf({ feeBasisPoints }: BrokerSetup): { readonly maker: string; readonly taker: string } {
  const fraction = decimalText(decimal(feeBasisPoints).times(decimal('0.0001')))
  return { maker: fraction, taker: fraction }
}

/** What the market of the contract does, in Alpaca's spelling. */
export function atVenue(event: MarketEvent): MarketEvent {
  return 'symbol' in event ? { ...event, symbol: toVenueSymbol(event.symbol) } : event
}

async function openSettled(
  fake: FakeAlpaca,
  setup: BrokerSetup,
  context: BrokerContext,
  market: ReturnType<typeof createManualFeed>,
): Promise<Broker> {
  let received = 0
  const connect = (url: string): WebSocketLike => {
    const socket = new WebSocket(url)
    socket.addEventListener('message', ({ data }) => {
      // Counted after the adapter has taken it in.
      if (data instanceof ArrayBuffer && isUpdate(data)) queueMicrotask(() => (received += 1))
    })
    return socket as unknown as WebSocketLike
  }
  const broker: AlpacaBroker = await createAlpacaBroker({
    keyId: fake.keyId,
    secret: fake.secret,
    account: setup.account,
    symbols: setup.instruments.map(({ symbol }) => symbol),
    urls: { trading: fake.url },
    requestsPerMinute: 100_000,
    cryptoFees: cryptoFeesOf(setup),
    fractionalShares: setup.instruments.some(({ lotSize }) => lotSize !== '1'),
    transport: { connect },
  }).open(context)
  stopLater(() => broker.close())
  let telling = 0
  const quiet = async (): Promise<void> => {
    if (telling > 0) return
    for (let calm = 0; calm < 3; calm += 1) {
      await eventLoopTurn()
      await broker.settled()
      if (fake.unsent > 0 || fake.underWay > 0 || received < fake.sent.updates) calm = -1
    }
  }
  const quietly =
    <Arguments extends readonly unknown[]>(call: (...given: Arguments) => Promise<void>) =>
    async (...given: Arguments): Promise<void> => {
      await call(...given)
      await quiet()
    }
  context.feed.subscribe(async (event) => {
    await market.emit(atVenue(event))
    await quiet()
  })
  return {
    name: broker.name,
    account: broker.account,
    mode: broker.mode,
    capabilities: broker.capabilities,
    instrument: (symbol) => broker.instrument(symbol),
    place: quietly((order) => broker.place(order)),
    cancel: quietly((id) => broker.cancel(id)),
    replace: quietly((id, order) => broker.replace(id, order)),
    order: (id) => broker.order(id),
    openOrders: () => broker.openOrders(),
    executions: (since) => broker.executions(since),
    movements: (since) => broker.movements(since),
    time: () => broker.time(),
    balances: () => broker.balances(),
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

const decoder = new TextDecoder()

function isUpdate(data: ArrayBuffer): boolean {
  return decoder.decode(data.slice(0, 40)).includes('trade_updates')
}
