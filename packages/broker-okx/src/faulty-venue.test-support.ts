import { platformFetch, type WebSocketLike } from '@tradeswarm/broker-kit'
import { createSeededRandom } from '@tradeswarm/core'
import type { BrokerSetup, FaultyVenue, VenueRequest } from '@tradeswarm/testing'
import { createFakeOkx, createFaultyFake, createWatchedLine } from '@tradeswarm/testing/fakes'
import { createOkxBroker } from './create-okx-broker.js'
import { fakeOptionsOf } from './fake-account.test-support.js'
import type { OkxBrokerOptions, OkxTransport } from './okx-broker-options.js'

const targets = {
  place: 'POST /api/v5/trade/order',
  cancel: 'POST /api/v5/trade/cancel-order',
  replace: 'POST /api/v5/trade/amend-order',
  balance: 'GET /api/v5/account/balance',
  'look-up': 'GET /api/v5/trade/order',
} as const

const kinds: readonly VenueRequest[] = ['place', 'cancel', 'replace', 'balance']

function kindOf(method: string, url: string): VenueRequest | undefined {
  const target = `${method} ${new URL(url).pathname}`
  return kinds.find((kind) => target.startsWith(targets[kind]))
}

/** OKX counts by two seconds, and does not say when to come back. */
const windowMs = 2_000

/** A way to break the adapter, to see whether the contract finds it. */
export type OkxMangling = {
  readonly transport?: (given: Required<OkxTransport>) => OkxTransport
  readonly options?: Partial<OkxBrokerOptions>
  /** How long a stream is waited for in real time. */
  readonly patienceMs?: number
}

/** The adapter on a fake that fails when it is told to, in hurried time. */
export function faultyOkx({ transport = (given) => given, options = {}, patienceMs }: OkxMangling = {}) {
  return async (setup: BrokerSetup): Promise<FaultyVenue> => {
    const connect = (url: string): WebSocketLike => new WebSocket(url) as unknown as WebSocketLike
    const line = createWatchedLine({ fetch: platformFetch(), connect }, kindOf)
    const { clock } = line
    const rateMultiplier = setup.documentedRates === true ? 1 : 1_000
    const fake = await createFakeOkx({
      ...fakeOptionsOf(setup),
      rateMultiplier,
      connectionsPerSecond: 1_000,
      random: createSeededRandom(7),
      clock,
    })
    return createFaultyFake({
      fake,
      line,
      targets,
      account: setup.account,
      ...(patienceMs === undefined ? {} : { patienceMs }),
      pages: { openOrders: 100, executions: 100 },
      emit: (event) => fake.market.emit(event),
      orders: () =>
        fake.orders().flatMap(({ clOrdId, algoClOrdId, algoId, ordId }) => {
          // What a stop has become is no order of its own.
          const isChild = ordId !== undefined && algoId !== '' && algoId !== undefined
          const name = ordId === undefined ? algoClOrdId : clOrdId
          return typeof name === 'string' && name !== '' && !isChild ? [name] : []
        }),
      tooMany: (on, times) => {
        fake.fail({ kind: 'too-many', on, times, status: 429 })
        return windowMs
      },
      open: (context) =>
        createOkxBroker({
          key: fake.keyId,
          secret: fake.secret,
          passphrase: fake.passphrase,
          account: setup.account,
          symbols: setup.instruments.map(({ symbol }) => symbol),
          urls: { rest: fake.url },
          rateMultiplier,
          outcomeWaitsMs: [1, 5, 10, 20],
          requestTimeoutMs: 2_000,
          requestLifetimeMs: setup.documentedRates === true ? 5_000 : 1_000,
          heartbeatMs: 400,
          transport: transport(line.transport),
          ...options,
        }).open(context),
    })
  }
}
