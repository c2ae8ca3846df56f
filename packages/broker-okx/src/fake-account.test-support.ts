import type { WebSocketLike } from '@tradeswarm/broker-kit'
import { type BrokerCapability, type BrokerSetup, createManualFeed, eventLoopTurn } from '@tradeswarm/testing'
import { createFakeOkx, type FakeOkx, type FakeOkxOptions } from '@tradeswarm/testing/fakes'
import type { Broker, BrokerContext, BrokerDefinition } from '@tradeswarm/trading'
import { createOkxBroker } from './create-okx-broker.js'
import type { OkxBroker } from './okx-broker.js'
import type { OkxBrokerOptions } from './okx-broker-options.js'

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

const spot = { kind: 'crypto-spot', currency: 'USDT', calendar: 'always-open' } as const
/** A contract stands for 0.01 coins: at a hundred times the price it is worth what a share of the contract is. */
const swap = {
  kind: 'perpetual',
  currency: 'USDT',
  calendar: 'always-open',
  multiplier: '0.01',
  priceShift: 2,
} as const
const inEuros = { symbol: 'EEE-EUR', asset: 'EEE', kind: 'crypto-spot', calendar: 'always-open' } as const

/** What the contract trades at OKX: spot, with a swap besides. */
export const spotRoles = {
  AAA: { ...spot, symbol: 'AVAX-USDT', asset: 'AVAX' },
  BBB: { ...spot, symbol: 'BTC-USDT', asset: 'BTC' },
  'CCC-SWAP': { symbol: 'BTC-USDT-SWAP', currency: 'USDT', calendar: 'always-open' },
  EEE: inEuros,
} as const

/** And swaps. */
export const swapRoles = {
  AAA: { ...swap, symbol: 'BTC-USDT-SWAP' },
  BBB: { ...swap, symbol: 'ETH-USDT-SWAP' },
  'CCC-SWAP': { symbol: 'AVAX-USDT-SWAP', currency: 'USDT', calendar: 'always-open' },
  EEE: inEuros,
} as const

/** What an account at OKX can do, in spot and in swaps. */
export const sharedCapabilities: readonly BrokerCapability[] = [
  'stop-orders',
  'immediate-or-cancel',
  'fees',
  'slippage',
  'partial-fills',
  'stop-limit-orders',
  'trailing-stops',
  'fill-or-kill',
  'good-till-date',
  'post-only',
  'replace',
  'executions',
  'clock',
  'quotes',
  'trigger-words',
  'contracts',
  'funding',
  'currencies',
  'oco-orders',
  'fractions',
  'quantity-bounds',
]

/** And in swaps. */
export const swapCapabilities: readonly BrokerCapability[] = [
  ...sharedCapabilities,
  'reduce-only',
  'reduce-only-shrinks',
]

const beginning = Date.UTC(2024, 0, 1)

/**
 * The adapter on a fake of its own whose market is the feed of the context. As the contract wants it, a call and a market event are over when
 * all that they have caused has gone through the sockets and been told.
 */
export function defineOnFake(setup: BrokerSetup, options: Partial<OkxBrokerOptions> = {}): BrokerDefinition {
  return {
    name: 'okx',
    account: setup.account,
    mode: 'demo',
    async open(given) {
      // The contract begins in 1970, where OKX takes no login.
      const clock = { now: () => Math.max(given.clock.now(), beginning) }
      const context = { ...given, clock }
      // The fake hears the market first, then the one who waits for what follows from it.
      const market = createManualFeed()
      const fake = await createFakeOkx({
        ...fakeOptionsOf(setup),
        contractLeverage: '1',
        // The contract's market: a quote that nobody repeats is not to be had after a while.
        quoteFreshMs: 10_000,
        rateMultiplier: 1_000,
        clock: context.clock,
        feed: market,
        random: context.random,
      })
      stopLater(() => fake.close())
      return openSettled(fake, setup, { context, market, options })
    },
  }
}

/** The venue of an account of the contract. */
export function fakeOptionsOf(setup: BrokerSetup): FakeOkxOptions {
  return {
    instruments: setup.instruments.map(
      ({ symbol, tickSize, lotSize, minimumQuantity, maximumQuantity, multiplier }) => ({
        instId: symbol,
        tickSz: tickSize,
        lotSz: lotSize,
        minSz: minimumQuantity ?? lotSize,
        ...(maximumQuantity === undefined ? {} : { maxLmtSz: maximumQuantity }),
        ...(multiplier === undefined ? {} : { ctVal: multiplier }),
      }),
    ),
    cash: setup.cash,
    makerBasisPoints: setup.feeBasisPoints,
    takerBasisPoints: setup.feeBasisPoints,
    feeType: setup.feesInKind === true ? '0' : '1',
    slippageBasisPoints: setup.slippageBasisPoints,
    ...(setup.maximumVolumeFraction === undefined ? {} : { maximumVolumeFraction: setup.maximumVolumeFraction }),
  }
}

type SettledParts = {
  readonly context: BrokerContext
  readonly market: ReturnType<typeof createManualFeed>
  readonly options: Partial<OkxBrokerOptions>
}

async function openSettled(
  fake: FakeOkx,
  setup: BrokerSetup,
  { context, market, options }: SettledParts,
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
  const broker: OkxBroker = await createOkxBroker({
    key: fake.keyId,
    secret: fake.secret,
    passphrase: fake.passphrase,
    account: setup.account,
    symbols: setup.instruments.map(({ symbol }) => symbol),
    urls: { rest: fake.url },
    rateMultiplier: 1_000,
    transport: { connect },
    ...options,
  }).open(context)
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
    await market.emit(event)
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
    instrument: (symbol) => broker.instrument(symbol),
    place: quietly((order) => broker.place(order)),
    cancel: quietly((id) => broker.cancel(id)),
    replace: quietly((id, order) => broker.replace(id, order)),
    recall: (orders) => broker.recall(orders),
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

/** What the fake counts as an update: a push of orders or algo orders. */
function isUpdate(text: string): boolean {
  return !text.includes('"event"') && (text.includes('"channel":"orders') || text.includes('"channel":"algo-advance'))
}
