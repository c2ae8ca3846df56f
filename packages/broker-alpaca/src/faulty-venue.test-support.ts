import { platformFetch, type WebSocketLike } from '@tradeswarm/broker-kit'
import { createSeededRandom } from '@tradeswarm/core'
import type { BrokerSetup, FaultyVenue, VenueRequest } from '@tradeswarm/testing'
import { createFakeAlpaca, createFaultyFake, createWatchedLine } from '@tradeswarm/testing/fakes'
import type { AlpacaBrokerOptions, AlpacaTransport } from './alpaca-broker-options.js'
import { createAlpacaBroker } from './create-alpaca-broker.js'
import { atVenue, cryptoFeesOf, fakeOptionsOf } from './fake-account.test-support.js'

const targets = {
  place: 'POST /v2/orders',
  cancel: 'DELETE /v2/orders',
  replace: 'PATCH /v2/orders',
  balance: 'GET /v2/account',
  'look-up': 'GET /v2/orders:by_client_order_id',
} as const

const kinds: readonly VenueRequest[] = ['place', 'cancel', 'replace', 'balance']

function kindOf(method: string, url: string): VenueRequest | undefined {
  const target = `${method} ${new URL(url).pathname}`
  return kinds.find((kind) => (kind === 'balance' ? target === targets[kind] : target.startsWith(targets[kind])))
}

const retryAfterSeconds = 2

/** A way to break the adapter, to see whether the contract finds it. */
export type AlpacaMangling = {
  readonly transport?: (given: Required<AlpacaTransport>) => AlpacaTransport
  readonly options?: Partial<AlpacaBrokerOptions>
  /** How long a stream is waited for in real time. */
  readonly patienceMs?: number
}

/** The adapter on a fake that fails when it is told to, in hurried time. */
export function faultyAlpaca({ transport = (given) => given, options = {}, patienceMs }: AlpacaMangling = {}) {
  return async (setup: BrokerSetup): Promise<FaultyVenue> => {
    const connect = (url: string): WebSocketLike => new WebSocket(url) as unknown as WebSocketLike
    const line = createWatchedLine({ fetch: platformFetch(), connect }, kindOf)
    const { clock } = line
    const requestsPerMinute = setup.documentedRates === true ? 200 : 100_000
    const fake = await createFakeAlpaca({
      ...fakeOptionsOf(setup),
      requestsPerMinute,
      alwaysOpen: true,
      random: createSeededRandom(7),
      clock,
    })
    return createFaultyFake({
      fake,
      line,
      targets,
      account: setup.account,
      ...(patienceMs === undefined ? {} : { patienceMs }),
      pages: { openOrders: 500, executions: 100 },
      emit: (event) => fake.market.emit(atVenue(event)),
      orders: () => fake.orders().map((order) => String(order['client_order_id'])),
      tooMany: (on, times) => {
        fake.fail({ kind: 'too-many', on, times, retryAfterSeconds })
        return retryAfterSeconds * 1_000
      },
      open: (context) =>
        createAlpacaBroker({
          keyId: fake.keyId,
          secret: fake.secret,
          account: setup.account,
          symbols: setup.instruments.map(({ symbol }) => symbol),
          urls: { trading: fake.url },
          requestsPerMinute,
          cryptoFees: cryptoFeesOf(setup),
          outcomeWaitsMs: [1, 5, 10, 20],
          requestTimeoutMs: 2_000,
          heartbeatMs: 400,
          transport: transport(line.transport),
          ...options,
        }).open(context),
    })
  }
}
