// The contract of a broker, run on the adapter of `write-a-network-broker.ts` over the double of `network-bourse.ts`, with the cases in which the venue fails.
import { platformFetch, type WebSocketLike } from '@tradeswarm/broker-kit'
import {
  type BrokerSetup,
  brokerContract,
  eventLoopTurn,
  type FaultyVenue,
  type VenueRequest,
} from '@tradeswarm/testing'
import { createFaultyFake, createWatchedLine } from '@tradeswarm/testing/fakes'
import type { Broker, BrokerContext } from '@tradeswarm/trading'
import { afterAll } from 'vitest'
import { retryAfterSeconds, startNetworkBourse } from './network-bourse.ts'
import type { BourseOptions } from './write-a-broker.ts'
import { createNetworkBourseBroker } from './write-a-network-broker.ts'

const connect = (url: string): WebSocketLike => new WebSocket(url) as unknown as WebSocketLike
const ends: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const end of ends) await end()
})

/** What the Bourse is told of the account that a case wants; it takes no fees. */
function listedIn({ instruments, cash, maximumVolumeFraction: share }: BrokerSetup): BourseOptions {
  return { instruments, cash, ...(share === undefined ? {} : { maximumVolumeFraction: share }) }
}

// --- A venue that does as it should, whose market is the feed of the context. ---

async function openSettled(setup: BrokerSetup, context: BrokerContext): Promise<Broker> {
  const { clock } = context
  const venue = await startNetworkBourse({ ...listedIn(setup), clock, callsPerSecond: 100_000 })
  let heard = 0
  const counted = (url: string): WebSocketLike => {
    const socket = connect(url)
    // Counted when the adapter has taken it in.
    socket.addEventListener('message', () => queueMicrotask(() => (heard += 1)))
    return socket
  }
  const broker = await createNetworkBourseBroker({
    url: venue.url,
    key: venue.key,
    account: setup.account,
    instruments: setup.instruments,
    callsPerSecond: 100_000,
    transport: { connect: counted },
  }).open(context)
  ends.push(async () => {
    await broker.close()
    await venue.close()
  })
  let telling = 0
  /** A call, or a market event, is over when all that it caused has gone through the sockets and been told. */
  const quiet = async (): Promise<void> => {
    // Who is being told something must not wait until all is told.
    if (telling > 0) return
    for (let calm = 0; calm < 3; calm += 1) {
      await eventLoopTurn()
      await broker.settled()
      if (heard < venue.said) calm = -1
    }
  }
  context.feed.subscribe(async (event) => {
    await venue.market.emit(event)
    await quiet()
  })
  return {
    name: broker.name,
    account: broker.account,
    mode: broker.mode,
    capabilities: broker.capabilities,
    instrument: (symbol) => broker.instrument(symbol),
    place: (order) => broker.place(order).then(quiet),
    cancel: (id) => broker.cancel(id).then(quiet),
    order: (id) => broker.order(id),
    openOrders: () => broker.openOrders(),
    executions: (since) => broker.executions(since),
    balances: () => broker.balances(),
    time: () => broker.time(),
    close: () => broker.close(),
    subscribe: (listener) =>
      broker.subscribe(async (event) => {
        telling += 1
        await listener(event)
        telling -= 1
      }),
  }
}

// --- One that fails when it is told to, in time that hurries through waits. ---

const targets = {
  place: 'POST /tickets',
  cancel: 'DELETE /tickets',
  // The Bourse amends nothing: no request begins so.
  replace: 'PATCH /tickets',
  balance: 'GET /holdings',
  'look-up': 'GET /tickets/',
} as const

function kindOf(method: string, url: string): VenueRequest | undefined {
  const kinds = ['place', 'cancel', 'replace', 'balance'] as const
  return kinds.find((kind) => `${method} ${new URL(url).pathname}`.startsWith(targets[kind]))
}

async function startFaulty(setup: BrokerSetup): Promise<FaultyVenue> {
  const line = createWatchedLine({ fetch: platformFetch(), connect }, kindOf)
  const { clock } = line
  const callsPerSecond = setup.documentedRates === true ? 20 : 100_000
  // Always open, and a quote is good for a day: a hurried clock leaves any session behind.
  const instruments = setup.instruments.map((one) => ({ ...one, calendar: 'always-open' as const }))
  const venue = await startNetworkBourse({
    ...listedIn(setup),
    instruments,
    clock,
    callsPerSecond,
    quoteFreshMs: 86_400_000,
  })
  return createFaultyFake({
    fake: venue,
    line,
    targets,
    account: setup.account,
    // It answers with all open tickets, and all deals, at once.
    pages: { openOrders: 0, executions: 0 },
    emit: (event) => venue.market.emit(event),
    orders: () => venue.taken,
    tooMany(on, times) {
      venue.fail({ kind: 'too-many', on, times })
      return retryAfterSeconds * 1_000
    },
    open: (context) =>
      createNetworkBourseBroker({
        url: venue.url,
        key: venue.key,
        account: setup.account,
        instruments,
        callsPerSecond,
        outcomeWaitsMs: [1, 5, 10, 20],
        requestTimeoutMs: 2_000,
        heartbeatMs: 400,
        transport: line.transport,
      }).open(context),
  })
}

brokerContract('the Bourse on the network', {
  capabilities: [
    'client-order-ids-never-reused',
    'sessions',
    'quotes',
    'partial-fills',
    'market-orders-rest',
    'quantity-bounds',
    'minimum-notional',
    'cash-settlement',
    'fractions',
    'executions',
    'clock',
  ],
  define: (setup) => ({
    name: 'bourse',
    account: setup.account,
    mode: 'paper',
    open: (context) => openSettled(setup, context),
  }),
  faults: startFaulty,
})
