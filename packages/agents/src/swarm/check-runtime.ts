import { nearestName, SwarmError } from '@tradeswarm/core'
import { checkKernelSettings, type KernelSettings } from '@tradeswarm/trading'
import type { TradingSwarmRuntime } from './create-trading-swarm.js'

const runtimeNames: Readonly<Record<keyof TradingSwarmRuntime, true>> = {
  storage: true,
  feed: true,
  instruments: true,
  deposits: true,
  currency: true,
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
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `createTradingSwarm: ${name}: there is no such option${hint}`,
      context: { option: name },
    })
  }
  checkKernelSettings(settings, 'createTradingSwarm')
}
