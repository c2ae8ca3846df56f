import { createSeededRandom, createSequentialIds, createSilentLogger } from '@tradeswarm/core'
import type { Instrument } from '@tradeswarm/trading'
import type { BrokerHarness, BrokerSetup } from './broker-harness.js'
import { createDailyMarket, type DailyMarket } from './daily-market.js'
import { createManualFeed, type ManualFeed } from './manual-feed.js'
import { createOpenGuard } from './open-guard.js'
import { createOrderDesk, type OrderDesk } from './order-desk.js'
import { spellFor } from './role-spelling.js'

/** An open account with its market, and all that the account said. */
export type BrokerBench = OrderDesk & {
  readonly feed: ManualFeed
  readonly market: DailyMarket
  /** What the venue lists for this case, in its own words. */
  readonly listed: readonly Instrument[]
  /** Buys at the next session's open, which stands at 100; that bar moves between 99 and 101. */
  buyAtOpen(quantity: string): Promise<void>
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

/** The account of a case that says nothing of it. */
export const defaultSetup: BrokerSetup = {
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
  const spelled = spellFor(harness.instruments ?? {}, wanted)
  const venueFeed = createManualFeed()
  feed.subscribe((event) => venueFeed.emit(spelled.event(event)))
  const opened = await harness.define(spelled.setup).open({
    clock: feed.clock,
    ids: createSequentialIds(),
    random: createSeededRandom(1),
    logger: createSilentLogger(),
    feed: venueFeed,
    guard: spelled.guard(guard),
  })
  const { capabilities: declared, elsewhere = [] } = harness
  const { account } = wanted
  const desk = createOrderDesk({ broker: spelled.broker(opened), declared, elsewhere, guard, account })
  const market = createDailyMarket(feed)
  await market.session({ AAA: ['100', '101', '99', '100'], BBB: ['50', '51', '49', '50'] })
  return {
    ...desk,
    feed,
    market,
    listed: spelled.setup.instruments,
    async buyAtOpen(quantity) {
      await market.preOpen()
      await desk.place({ quantity })
      await market.open({ AAA: '100' })
      await market.close({ AAA: { high: '101', low: '99', close: '100' } })
    },
  }
}
