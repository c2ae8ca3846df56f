import type { PaperOperator } from '@tradeswarm/broker-paper'
import type { Clock, EpochMs, Random, Timers } from '@tradeswarm/core'
import type { Broker } from '@tradeswarm/trading'
import type { AccountPublisher } from './account-publisher.js'
import { AlgoDesk } from './algo-desk.js'
import { triggerPrice } from './algo-prices.js'
import { CancelAllAfter } from './cancel-all-after.js'
import type { MarginMode } from './margin-mode.js'
import { OkxAccountView } from './okx-account-view.js'
import type { OkxInstruments } from './okx-instruments.js'
import type { OkxMarket } from './okx-market.js'
import { OkxOrderDesk } from './okx-order-desk.js'
import { OkxVenue } from './okx-venue.js'
import type { FakeOkxSettings } from './parse-fake-okx-options.js'
import { PriceBand } from './price-band.js'
import type { VenueIds } from './venue-ids.js'

export type TradingFloorParts = {
  readonly settings: FakeOkxSettings
  readonly engine: Broker & PaperOperator
  readonly instruments: OkxInstruments
  readonly prices: OkxMarket
  readonly updates: AccountPublisher
  readonly ids: VenueIds
  readonly uid: string
  readonly random: Random
  readonly timers: Clock & Timers
  readonly now: () => EpochMs
  readonly shownNow: () => EpochMs
}

/** All that takes, keeps and tells orders. */
export type TradingFloor = {
  readonly venue: OkxVenue
  readonly account: OkxAccountView
  readonly desk: OkxOrderDesk
  readonly algos: AlgoDesk
  readonly band: PriceBand
  readonly deadMan: CancelAllAfter
}

/** Puts the desks, the orders and the account of a venue together. */
export function openTradingFloor(parts: TradingFloorParts): TradingFloor {
  const { settings, engine, instruments, prices, updates, ids, uid, random, timers, now, shownNow } = parts
  const lastPrice = (instId: string): string => prices.lastPrice(instId)
  const { marketEnds } = settings
  const leverOf = (instId: string, mode: MarginMode): string => account.leverOf(instId, mode)
  const venue: OkxVenue = new OkxVenue({
    instruments,
    engine,
    ids,
    now,
    lastPrice,
    leverOf,
    endsApart: ({ listing, ordType }) =>
      listing.instType === 'SPOT' &&
      ordType === 'market' &&
      (marketEnds === 'apart' || (marketEnds === 'mixed' && random.next() < 0.5)),
    news: {
      onOrder: (listing, json) => updates.order('orders', listing, json),
      onAccount: (event, trades) => updates.account(event, trades),
      onFilled: (order) => algos.attach(order),
      onPositionClosed: (instId, mode) => algos.onPositionClosed(instId, mode),
    },
  })
  const viewParts = { engine, venue, market: prices, instruments, settings, uid, now }
  const account: OkxAccountView = new OkxAccountView(viewParts, settings.positionMode)
  updates.watch(account, venue)
  const band = new PriceBand(settings.priceLimitFraction, lastPrice)
  const { accountLevel, cancelDelayMs } = settings
  const rules = { instruments, accountLevel, positionMode: () => account.positionMode }
  const desk = new OkxOrderDesk({
    venue,
    rules,
    band,
    farSide: (instId, side) => prices.farSide(instId, side),
    exitPrice(instId, type, side) {
      const found = prices.find(instId)
      return found === undefined ? undefined : triggerPrice(found, prices, type, side, false)
    },
    hasAlgo: (algoClOrdId) => algos.hasLive(algoClOrdId),
    cancelDelayMs,
    timers,
    shownNow,
  })
  const publish: ConstructorParameters<typeof AlgoDesk>[0]['publish'] = (channel, listing, json) =>
    updates.order(channel, listing, json)
  const algos: AlgoDesk = new AlgoDesk({ venue, desk, market: prices, rules, ids, leverOf, now, publish })
  return { venue, account, desk, algos, band, deadMan: new CancelAllAfter(desk, timers, shownNow) }
}
