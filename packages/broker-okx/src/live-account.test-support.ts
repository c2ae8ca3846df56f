import { platformFetch, type WebSocketLike } from '@tradeswarm/broker-kit'
import { createSeededRandom, createSequentialIds, createSystemClock, type Logger } from '@tradeswarm/core'
import { createManualFeed, createOpenGuard, eventLoopTurn, type OpenGuard } from '@tradeswarm/testing'
import { createFakeOkx, createHurriedLine, type FakeOkx, type FakeOkxOptions } from '@tradeswarm/testing/fakes'
import type { BrokerEvent, OrderRequest } from '@tradeswarm/trading'
import { createOkxBroker } from './create-okx-broker.js'
import { stopLater } from './fake-account.test-support.js'
import type { OkxBroker } from './okx-broker.js'
import type { OkxBrokerOptions } from './okx-broker-options.js'

/** Platform and clock of an account, but that waits pass at once where nothing else happens. */
export function hurriedLine() {
  const connect = (url: string): WebSocketLike => new WebSocket(url) as unknown as WebSocketLike
  return createHurriedLine({ fetch: platformFetch(), connect })
}

/** An account in hurried time on a fake of its own, and all that was said. */
export type LiveAccount = {
  readonly fake: FakeOkx
  readonly broker: OkxBroker
  readonly guard: OpenGuard
  readonly events: readonly BrokerEvent[]
  /** Every line that was logged, as text. */
  readonly log: readonly string[]
  request(fields?: Partial<OrderRequest>): OrderRequest
  /** Places an order and answers its client order id. */
  place(fields?: Partial<OrderRequest>): Promise<string>
  words(clientOrderId: string): readonly string[]
  /** How many requests of a kind were sent: `POST trade/order`. */
  asked(request: string): number
  /** The account opened once more, as after a restart, with other options where some are given. */
  reopen(changed?: Partial<OkxBrokerOptions>): Promise<LiveAccount>
  /** The account opened by somebody else besides. */
  beside(changed: Partial<OkxBrokerOptions>): Promise<LiveAccount>
}

/** A logger that keeps what it is told. */
export function createKeptLog(): { readonly lines: string[]; readonly logger: Logger } {
  const lines: string[] = []
  const keep = (message: string, fields?: unknown): void =>
    void lines.push(`${message} ${JSON.stringify(fields ?? {})}`)
  const logger = { debug: keep, info: keep, warn: keep, error: keep, with: () => logger } as unknown as Logger
  return { lines, logger }
}

/** Starts a fake, opens an account there, and quotes BTC-USDT and its swap at 49,990 to 50,010. */
export async function openLive(
  options: Partial<OkxBrokerOptions> = {},
  fakeOptions: FakeOkxOptions = {},
): Promise<LiveAccount> {
  const random = createSeededRandom(7)
  const { clock, transport } = hurriedLine()
  const fast = { rateMultiplier: 1_000, connectionsPerSecond: 1_000 }
  const fake = await createFakeOkx({ ...fast, random, clock, ...fakeOptions })
  stopLater(() => fake.close())
  const account = await openOn(fake, { transport, ...options })
  for (const symbol of ['BTC-USDT', 'BTC-USDT-SWAP']) await fake.market.quote(symbol, '49990', '50010')
  return account
}

let orders = 0

async function openOn(fake: FakeOkx, options: Partial<OkxBrokerOptions>): Promise<LiveAccount> {
  const { lines, logger } = createKeptLog()
  const guard = createOpenGuard()
  const broker = await createOkxBroker({
    key: fake.keyId,
    secret: fake.secret,
    passphrase: fake.passphrase,
    symbols: ['BTC-USDT', 'AVAX-USDT', 'BTC-USDT-SWAP'],
    urls: { rest: fake.url },
    rateMultiplier: 1_000,
    outcomeWaitsMs: [1, 5, 10, 20],
    requestTimeoutMs: 400,
    requestLifetimeMs: 1_000,
    ...options,
  }).open({
    clock: { now: () => fake.market.now() },
    ids: createSequentialIds(),
    random: createSeededRandom(11),
    logger,
    feed: createManualFeed(),
    guard,
  })
  stopLater(() => broker.close())
  const events: BrokerEvent[] = []
  broker.subscribe((event) => void events.push(event))
  const account: LiveAccount = {
    fake,
    broker,
    guard,
    events,
    log: lines,
    request(fields = {}) {
      orders += 1
      const { limitPrice = '45000', ...rest } = fields
      return {
        account: 'okx',
        clientOrderId: `order${orders}`,
        symbol: 'BTC-USDT',
        side: 'buy',
        type: 'limit',
        quantity: '0.1',
        timeInForce: 'gtc',
        reduceOnly: false,
        ...(rest.type === undefined || rest.type.includes('limit') || rest.type === 'oco' ? { limitPrice } : {}),
        ...rest,
      }
    },
    async place(fields) {
      const request = account.request(fields)
      await broker.place(guard.permit(request))
      return request.clientOrderId
    },
    words: (id) => events.filter(({ clientOrderId }) => clientOrderId === id).map(({ type }) => type),
    asked: (wanted) => {
      const [method, path] = wanted.split(' ')
      return fake.requests.filter((one) => one.method === method && one.path.split('?')[0] === `/api/v5/${path}`).length
    },
    reopen: async (changed = {}) => {
      await broker.close()
      return openOn(fake, { ...options, ...changed })
    },
    beside: (changed) => openOn(fake, { ...options, ...changed }),
  }
  return account
}

/** A market order to buy: it fills at once. */
export const market = { type: 'market', timeInForce: 'ioc' } as const

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
