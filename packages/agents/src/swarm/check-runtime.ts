import { nearestName, SwarmError } from '@tradeswarm/core'
import { checkKernelSettings, type KernelSettings, type MarketDataFeed } from '@tradeswarm/trading'
import type { TradingSwarmRuntime } from './create-trading-swarm.js'

const runtimeNames: Readonly<Record<keyof TradingSwarmRuntime, true>> = {
  storage: true,
  feed: true,
  instruments: true,
  deposits: true,
  currency: true,
  calendars: true,
  fetch: true,
  outbound: true,
  allowLive: true,
  accounts: true,
  services: true,
  runtime: true,
  handlerTimeoutMs: true,
  drainTimeoutMs: true,
  maximumTries: true,
  retryBackoff: true,
  restartIntensity: true,
  healthCheckMs: true,
  leaseMs: true,
  telemetry: true,
  redact: true,
  middleware: true,
  onAlert: true,
  lots: true,
  riskInputs: true,
  killSwitchSecretHash: true,
  emergencySecretHash: true,
  operators: true,
  needsApproval: true,
  approvalLifetimeMs: true,
  automaticHalts: true,
  killTimeoutMs: true,
  stopTimeoutMs: true,
  venueTimeoutMs: true,
  reconcileEveryMs: true,
  pastBars: true,
}

/**
 * Refuses runtime options that there are not, since a guard whose name is misspelt guards nothing, and settings that no kernel takes, before
 * anything opens. Throws `INVALID_OPTION`.
 */
export function checkRuntime(options: TradingSwarmRuntime, settings: KernelSettings): void {
  for (const name of Object.keys(options)) {
    if (name in runtimeNames) continue
    const nearest = nearestName(name, Object.keys(runtimeNames))
    const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`
    throw invalid(name, `there is no such option${hint}`)
  }
  const feed: unknown = options.feed
  if (typeof (feed as Partial<MarketDataFeed> | undefined)?.subscribe !== 'function')
    throw invalid(
      'feed',
      'give a feed of market data, where prices come from: an object with a "name" and a function "subscribe", such as what createAlpacaMarketData(…).open(…) gives',
    )
  if (options.pastBars !== undefined && typeof options.pastBars !== 'function')
    throw invalid('pastBars', 'give a function that resolves to daily bars, in order of time')
  const instruments: unknown = options.instruments
  if (!Array.isArray(instruments))
    throw invalid('instruments', 'give the list of what is traded: symbol, kind, currency and grid of each')
  checkKernelSettings(settings, 'createTradingSwarm')
}

function invalid(option: string, why: string): SwarmError {
  return new SwarmError({
    code: 'INVALID_OPTION',
    message: `createTradingSwarm: ${option}: ${why}`,
    context: { option },
  })
}
