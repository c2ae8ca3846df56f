import { createPaperBroker, type PaperOperator } from '@tradeswarm/broker-paper'
import { type Clock, createSequentialIds, createSilentLogger, type Random } from '@tradeswarm/core'
import type { Broker, MarketDataFeed } from '@tradeswarm/trading'
import { createOpenGuard } from '../../broker/open-guard.js'
import { engineSymbol, feedOfBothModes } from './margin-mode.js'
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

/**
 * Opens the matching engine inside the venue. Its fees are one schedule for spot and swaps. It lists each swap twice, as its positions with
 * the margin of all of the account and with a margin of their own are kept apart.
 */
export async function openEngine({
  settings,
  instruments,
  clock,
  random,
  feed,
}: EngineParts): Promise<Broker & PaperOperator> {
  const { funding, maximumVolumeFraction, contractLeverage } = settings
  const swaps = instruments.all.filter(({ instType }) => instType === 'SWAP')
  const engine = await createPaperBroker({
    account: engineAccount,
    instruments: [
      ...instruments.all.map((one) => engineInstrument(one)),
      ...swaps.map((one) => engineInstrument(one, 'isolated')),
    ],
    cash: settings.cash,
    fees: {
      makerBasisPoints: settings.makerBasisPoints,
      takerBasisPoints: settings.takerBasisPoints,
      chargedIn: settings.feeType === '0' ? 'bought' : 'currency',
    },
    slippage: { basisPoints: settings.slippageBasisPoints },
    contractLeverage,
    quoteFreshMs: settings.quoteFreshMs,
    ...(funding === undefined ? {} : { funding: { ...funding, rates: ratesOfBothModes(funding.rates) } }),
    ...(maximumVolumeFraction === undefined ? {} : { maximumVolumeFraction }),
  }).open({
    clock,
    ids: createSequentialIds(),
    random,
    // What it has to say is no concern of the venue's clients.
    logger: createSilentLogger(),
    feed: feedOfBothModes(feed, new Set(swaps.map(({ instId }) => instId))),
    guard: createOpenGuard(),
  })
  for (const { instId } of swaps) engine.isolateMargin(engineSymbol(instId, 'isolated'), contractLeverage)
  return engine
}

function ratesOfBothModes(rates: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const isolated = Object.entries(rates).map(([instId, rate]) => [engineSymbol(instId, 'isolated'), rate] as const)
  return { ...rates, ...Object.fromEntries(isolated) }
}
