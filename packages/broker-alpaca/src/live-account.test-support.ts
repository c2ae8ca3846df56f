import { platformFetch, type WebSocketLike } from '@tradeswarm/broker-kit'
import { createSeededRandom, createSequentialIds, createSystemClock, type Logger } from '@tradeswarm/core'
import { createManualFeed, createOpenGuard, eventLoopTurn, type OpenGuard } from '@tradeswarm/testing'
import type { FakeAlpacaOptions } from '@tradeswarm/testing/fakes'
import { createFakeAlpaca, createHurriedLine, type FakeAlpaca } from '@tradeswarm/testing/fakes'
import type { BrokerEvent, OrderRequest } from '@tradeswarm/trading'
import type { AlpacaBroker } from './alpaca-broker.js'
import type { AlpacaBrokerOptions } from './alpaca-broker-options.js'
import { createAlpacaBroker } from './create-alpaca-broker.js'
import { stopLater } from './fake-account.test-support.js'

/** Platform and clock of an account, but that waits pass at once where nothing else happens. */
export function hurriedLine() {
  const connect = (url: string): WebSocketLike => new WebSocket(url) as unknown as WebSocketLike
  return createHurriedLine({ fetch: platformFetch(), connect })
}

/** An account in hurried time on a fake of its own whose market is open, and all that was said. */
export type LiveAccount = {
  readonly fake: FakeAlpaca
  readonly broker: AlpacaBroker
  readonly guard: OpenGuard
  readonly events: readonly BrokerEvent[]
  /** Every line that was logged, as text. */
  readonly log: readonly string[]
  request(fields?: Partial<OrderRequest>): OrderRequest
  /** Places an order and answers its client order id. */
  place(fields?: Partial<OrderRequest>): Promise<string>
  words(clientOrderId: string): readonly string[]
  /** How many requests of a kind were sent: `POST /v2/orders`. */
  asked(request: string): number
}

/** A logger that keeps what it is told. */
export function createKeptLog(): { readonly lines: string[]; readonly logger: Logger } {
  const lines: string[] = []
  const keep = (message: string, fields?: unknown): void =>
    void lines.push(`${message} ${JSON.stringify(fields ?? {})}`)
  const logger = { debug: keep, info: keep, warn: keep, error: keep, with: () => logger } as unknown as Logger
  return { lines, logger }
}

/** Starts a fake, opens an account there, and quotes AAPL at 99.9 to 100.1 and BTC/USD at 49,990 to 50,010. */
export async function openLive(
  options: Partial<AlpacaBrokerOptions> = {},
  fakeOptions: FakeAlpacaOptions = {},
): Promise<LiveAccount> {
  const random = createSeededRandom(7)
  const { clock, transport } = hurriedLine()
  const fake = await createFakeAlpaca({ requestsPerMinute: 100_000, alwaysOpen: true, random, clock, ...fakeOptions })
  stopLater(() => fake.close())
  const { lines, logger } = createKeptLog()
  const guard = createOpenGuard()
  const broker = await createAlpacaBroker({
    keyId: fake.keyId,
    secret: fake.secret,
    symbols: ['AAPL', 'MSFT', 'BTC-USD'],
    urls: { trading: fake.url },
    requestsPerMinute: 100_000,
    outcomeWaitsMs: [1, 5, 10, 20],
    requestTimeoutMs: 400,
    transport,
    ...options,
  }).open({
    clock: { now: () => fake.market.now() },
    ids: createSequentialIds(),
    random,
    logger,
    feed: createManualFeed(),
    guard,
  })
  stopLater(() => broker.close())
  const events: BrokerEvent[] = []
  broker.subscribe((event) => void events.push(event))
  await fake.market.quote('AAPL', '99.9', '100.1')
  await fake.market.quote('BTC/USD', '49990', '50010')
  let orders = 0
  const account: LiveAccount = {
    fake,
    broker,
    guard,
    events,
    log: lines,
    request(fields = {}) {
      orders += 1
      const { limitPrice = '90', ...rest } = fields
      return {
        account: 'alpaca',
        clientOrderId: `order${orders}`,
        symbol: 'AAPL',
        side: 'buy',
        type: 'limit',
        quantity: '10',
        timeInForce: 'gtc',
        reduceOnly: false,
        ...(rest.type === undefined || rest.type.includes('limit') ? { limitPrice } : {}),
        ...rest,
      }
    },
    async place(fields) {
      const request = account.request(fields)
      await broker.place(guard.permit(request))
      return request.clientOrderId
    },
    words: (id) => events.filter(({ clientOrderId }) => clientOrderId === id).map(({ type }) => type),
    asked: (wanted) => fake.requests.filter(({ method, path }) => `${method} ${path}`.startsWith(wanted)).length,
  }
  return account
}

/** A market order to buy: it fills at once. */
export const market = { type: 'market', timeInForce: 'day' } as const

/** A machine that is busy takes a while. */
const patienceMs = 20_000

/** Waits until something is so; what comes over sockets takes its time. */
export async function until(isSo: () => boolean, what: string): Promise<void> {
  const clock = createSystemClock()
  for (const begun = clock.now(); clock.now() - begun < patienceMs; ) {
    if (isSo()) return
    await eventLoopTurn()
  }
  throw new Error(`it did not come to pass: ${what}`)
}
