import { createPaperBroker, type PaperOperator } from '@tradeswarm/broker-paper'
import { type Clock, createSequentialIds, createSilentLogger, type Random } from '@tradeswarm/core'
import type { Broker, MarketDataFeed } from '@tradeswarm/trading'
import { createOpenGuard } from '../../broker/open-guard.js'
import { engineInstrument, type OkxInstruments } from './okx-instruments.js'
import { engineAccount } from './okx-venue.js'
import type { FakeOkxSettings } from './parse-fake-okx-options.js'

export type EngineParts = {
  readonly settings: FakeOkxSettings
  readonly instruments: OkxInstruments
  readonly clock: Clock
  readonly random: Random
  readonly feed: MarketDataFeed
}

/** Opens the matching engine inside the venue. Its fees are one schedule for spot and swaps. */
export function openEngine({
  settings,
  instruments,
  clock,
  random,
  feed,
}: EngineParts): Promise<Broker & PaperOperator> {
  const { funding, maximumVolumeFraction } = settings
  return createPaperBroker({
    account: engineAccount,
    instruments: instruments.all.map(engineInstrument),
    cash: settings.cash,
    fees: {
      makerBasisPoints: settings.makerBasisPoints,
      takerBasisPoints: settings.takerBasisPoints,
      chargedIn: settings.feeType === '0' ? 'bought' : 'currency',
    },
    slippage: { basisPoints: settings.slippageBasisPoints },
    contractLeverage: settings.contractLeverage,
    quoteFreshMs: settings.quoteFreshMs,
    ...(funding === undefined ? {} : { funding }),
    ...(maximumVolumeFraction === undefined ? {} : { maximumVolumeFraction }),
  }).open({
    clock,
    ids: createSequentialIds(),
    random,
    // What it has to say is no concern of the venue's clients.
    logger: createSilentLogger(),
    feed,
    guard: createOpenGuard(),
  })
}
