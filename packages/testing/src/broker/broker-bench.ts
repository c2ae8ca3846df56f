import { createSeededRandom, createSequentialIds, createSilentLogger } from '@tradeswarm/core'
import type { Broker, BrokerEvent, Execution, Instrument, OrderRequest } from '@tradeswarm/trading'
import type { BrokerCapability, BrokerHarness, BrokerSetup } from './broker-harness.js'
import { createDailyMarket, type DailyMarket } from './daily-market.js'
import { createManualFeed, type ManualFeed } from './manual-feed.js'
import { createOpenGuard, type OpenGuard } from './open-guard.js'

/** The fields of an order that a case cares about; the rest is an order to buy 10 AAA at the market, for the day where there are sessions. */
export type OrderFields = Partial<Omit<OrderRequest, 'account'>>

/** An open account with its market, and all that the account said. */
export type BrokerBench = {
  readonly broker: Broker
  /** What its harness says that the broker can do. */
  readonly declared: readonly BrokerCapability[]
  readonly feed: ManualFeed
  readonly market: DailyMarket
  readonly guard: OpenGuard
  readonly events: readonly BrokerEvent[]
  request(fields?: OrderFields): OrderRequest
  /** Places an order and answers its client order id. */
  place(fields?: OrderFields): Promise<string>
  /** The types of the events about one order, in order. */
  wordsAbout(clientOrderId: string): readonly BrokerEvent['type'][]
  /** The only fill of an order. */
  fillOf(clientOrderId: string): Execution
  /** What a fill has to say of the market besides its own price: nothing where the broker does not declare `reference-prices`. */
  reference(fields: Partial<Execution>): Partial<Execution>
  rejectionCodeOf(clientOrderId: string): string | undefined
  /** Buys at the next session's open, which stands at 100; that bar moves between 99 and 101. */
  buyAtOpen(quantity: string): Promise<void>
  balance(asset: string): Promise<string>
}

const base = {
  kind: 'equity',
  currency: 'USD',
  tickSize: '0.01',
  lotSize: '1',
  minimumNotional: '5',
  calendar: 'us-equity',
} as const

/** Two shares of two made-up companies, on a grid of cents and whole units. */
export const benchInstruments: readonly Instrument[] = [
  { ...base, symbol: 'AAA', asset: 'AAA' },
  { ...base, symbol: 'BBB', asset: 'BBB' },
]

const defaultSetup: BrokerSetup = {
  account: 'bench',
  instruments: benchInstruments,
  cash: { USD: '10000' },
  feeBasisPoints: '0',
  slippageBasisPoints: '0',
}

/** Opens an account of the harness on a fresh feed, and plays one session first (100, 101, 99, 100), so that prices are known. */
export async function openBrokerBench(harness: BrokerHarness, setup: Partial<BrokerSetup> = {}): Promise<BrokerBench> {
  const wanted = { ...defaultSetup, ...setup }
  const feed = createManualFeed()
  const guard = createOpenGuard()
  const broker = await harness.define(wanted).open({
    clock: feed.clock,
    ids: createSequentialIds(),
    random: createSeededRandom(1),
    logger: createSilentLogger(),
    feed,
    guard,
  })
  const events: BrokerEvent[] = []
  broker.subscribe((event) => {
    events.push(event)
  })
  const market = createDailyMarket(feed)
  await market.session({ AAA: ['100', '101', '99', '100'], BBB: ['50', '51', '49', '50'] })
  let orders = 0
  const bench: BrokerBench = {
    broker,
    declared: harness.capabilities,
    feed,
    market,
    guard,
    events,
    request(fields = {}) {
      orders += 1
      return {
        account: wanted.account,
        clientOrderId: `order${orders}`,
        symbol: 'AAA',
        side: 'buy',
        type: 'market',
        quantity: '10',
        timeInForce: harness.capabilities.includes('sessions') ? 'day' : 'gtc',
        reduceOnly: false,
        ...fields,
      }
    },
    async place(fields) {
      const request = bench.request(fields)
      await broker.place(guard.permit(request))
      return request.clientOrderId
    },
    wordsAbout: (clientOrderId) =>
      events.filter((event) => event.clientOrderId === clientOrderId).map((event) => event.type),
    fillOf(clientOrderId) {
      const fills = events.flatMap((event) =>
        event.type === 'filled' && event.clientOrderId === clientOrderId ? [event.execution] : [],
      )
      const [fill] = fills
      if (fill === undefined || fills.length > 1)
        throw new Error(`${clientOrderId} has ${fills.length} fills instead of 1`)
      return fill
    },
    reference: (fields) => (harness.capabilities.includes('reference-prices') ? fields : {}),
    rejectionCodeOf: (clientOrderId) =>
      events.flatMap((event) =>
        event.type === 'rejected' && event.clientOrderId === clientOrderId ? [event.code] : [],
      )[0],
    async buyAtOpen(quantity) {
      await market.preOpen()
      await bench.place({ quantity })
      await market.open({ AAA: '100' })
      await market.close({ AAA: { high: '101', low: '99', close: '100' } })
    },
    async balance(asset) {
      return (await broker.balances()).find((balance) => balance.asset === asset)?.total ?? '0'
    },
  }
  return bench
}
