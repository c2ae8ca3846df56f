import { nearestName, SwarmError, shown } from '@tradeswarm/core'
import {
  assertCalendar,
  assertInstrument,
  type CalendarName,
  calendarNames,
  checkKernelSettings,
  type KernelSettings,
  type MarketDataFeed,
} from '@tradeswarm/trading'
import { hintOf } from './check-accounts.js'
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
  pastBarsTimeoutMs: true,
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
  const { pastBarsTimeoutMs } = options
  if (
    pastBarsTimeoutMs !== undefined &&
    !(typeof pastBarsTimeoutMs === 'number' && pastBarsTimeoutMs >= 1 && pastBarsTimeoutMs <= 3_600_000)
  )
    throw invalid('pastBarsTimeoutMs', `is ${shown(pastBarsTimeoutMs)}; it must be from 1 to 3600000`)
  const instruments: unknown = options.instruments
  if (!Array.isArray(instruments))
    throw invalid('instruments', 'give the list of what is traded: symbol, kind, currency and grid of each')
  for (const [index, instrument] of instruments.entries())
    assertInstrument('createTradingSwarm', `instruments[${index}]`, instrument)
  checkCalendars(options.calendars)
  checkKernelSettings(settings, 'createTradingSwarm')
}

function checkCalendars(calendars: unknown): void {
  if (calendars === undefined) return
  const what = `it must be calendars by name: ${calendarNames.join(', ')}`
  if (Array.isArray(calendars)) throw invalid('calendars', `is a list; ${what}`)
  if (typeof calendars !== 'object' || calendars === null)
    throw invalid('calendars', `is ${String(JSON.stringify(calendars)).slice(0, 40)}; ${what}`)
  for (const [name, calendar] of Object.entries(calendars)) {
    if (!(calendarNames as readonly string[]).includes(name))
      throw invalid(`calendars.${name}`, `there is no such calendar; ${hintOf(name, calendarNames)}`)
    if (calendar !== undefined)
      assertCalendar('createTradingSwarm', `calendars.${name}`, calendar, name as CalendarName)
  }
}

function invalid(option: string, why: string): SwarmError {
  return new SwarmError({
    code: 'INVALID_OPTION',
    message: `createTradingSwarm: ${option}: ${why}`,
    context: { option },
  })
}
