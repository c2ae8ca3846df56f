import { assertKnownOptions, SwarmError, shown } from '@tradeswarm/core'
import { decimal, zero } from '@tradeswarm/trading'
import { assertBars } from './assert-bars.js'
import type { FakeAlpacaAsset, FakeAlpacaOptions } from './fake-alpaca-options.js'

const place = 'createFakeAlpaca'

/** Why a value is none of an option; undefined where it is one. */
type Fault = (value: unknown) => string | undefined

const oneOf =
  (...legal: readonly string[]): Fault =>
  (value) =>
    legal.includes(value as string) ? undefined : `it must be one of ${legal.join(', ')}`
const text: Fault = (value) =>
  typeof value === 'string' && value !== '' ? undefined : 'it must be a text that is not empty'
const flag: Fault = (value) => (typeof value === 'boolean' ? undefined : 'it must be true or false')
const whole =
  (least: number, most = Number.MAX_SAFE_INTEGER): Fault =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
      ? undefined
      : `it must be a whole number from ${least}${most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`}`
const amount =
  (range: string, isIn: (value: ReturnType<typeof decimal>) => boolean): Fault =>
  (value) => {
    try {
      if (typeof value === 'string' && isIn(decimal(value))) return undefined
    } catch {
      // No plain decimal.
    }
    return `it must be a decimal text ${range}, such as "1"`
  }
const positive = amount('above 0', (value) => value.gt(zero))
const notNegative = amount('from 0', (value) => value.gte(zero))
const withMethods =
  (...methods: readonly string[]): Fault =>
  (value) =>
    methods.every((method) => typeof (value as Record<string, unknown> | null)?.[method] === 'function')
      ? undefined
      : `it must have ${methods.map((method) => `${method}()`).join(', ')}`

const assetFaults: { readonly [Field in keyof Required<FakeAlpacaAsset>]: Fault } = {
  symbol: text,
  class: oneOf('us_equity', 'crypto'),
  name: text,
  fractionable: flag,
  tradable: flag,
  shortable: flag,
  minimumNotional: notNegative,
  priceIncrement: positive,
  tradeIncrement: positive,
  minimumOrderSize: positive,
}

const fraction = amount('from 0 to 0.1', (value) => value.gte(zero) && value.lte(decimal('0.1')))
const feeFaults = { maker: fraction, taker: fraction }

const optionFaults: { readonly [Option in keyof Required<FakeAlpacaOptions>]: Fault } = {
  port: whole(0, 65_535),
  keyId: text,
  secret: text,
  assets: (value) => (Array.isArray(value) ? undefined : 'it must be a list of assets'),
  cash: notNegative,
  shorting: flag,
  feeBasisPoints: notNegative,
  // Each, below.
  cryptoFees: (value) =>
    typeof value === 'object' && value !== null
      ? undefined
      : 'it must be an object, such as { maker: "0.0015", taker: "0.0025" }',
  regulatoryFees: flag,
  slippageBasisPoints: notNegative,
  maximumVolumeFraction: amount('above 0 and at most 1', (value) => value.gt(zero) && value.lte(decimal('1'))),
  quoteFreshMs: whole(0, 86_400_000),
  requestsPerMinute: whole(1),
  dataRequestsPerMinute: whole(1),
  plan: oneOf('basic', 'algo-trader-plus'),
  streamTiming: oneOf('before', 'after', 'mixed'),
  cancelDelayMs: whole(0),
  replaceDelayMs: whole(0),
  symbolLimit: whole(1),
  // As a whole, below.
  bars: () => undefined,
  corporateActions: (value) =>
    typeof value === 'object' && value !== null ? undefined : 'it must be lists of corporate actions by kind',
  alwaysOpen: flag,
  calendar: withMethods('openSession', 'nextSession'),
  feed: withMethods('subscribe'),
  clock: withMethods('now'),
  timers: withMethods('at'),
  random: withMethods('next', 'fork'),
}

/** Refuses an option that there is not, and a value that is none of one: a test would pass with the default. Throws `INVALID_OPTION`, naming it and what is legal. */
export function assertFakeAlpacaOptions(options: FakeAlpacaOptions): void {
  assertEach(place, options, optionFaults)
  if (options.cryptoFees !== undefined) assertEach(`${place}: cryptoFees`, options.cryptoFees, feeFaults)
  if (options.bars !== undefined) assertBars(place, options.bars)
  for (const [index, asset] of (options.assets ?? []).entries()) {
    const where = `${place}: assets[${index}]`
    assertEach(where, asset, assetFaults)
    if (asset.symbol === undefined) throw invalid(where, 'symbol', undefined, 'it must be a text that is not empty')
  }
}

function assertEach(where: string, given: object, faults: Readonly<Record<string, Fault>>): void {
  assertKnownOptions(where, given, Object.keys(faults))
  for (const [option, value] of Object.entries(given)) {
    const fault = value === undefined ? undefined : faults[option]?.(value)
    if (fault !== undefined) throw invalid(where, option, value, fault)
  }
}

function invalid(where: string, option: string, value: unknown, fault: string): SwarmError {
  return new SwarmError({
    code: 'INVALID_OPTION',
    message: `${where}: ${option} is ${shown(value)}; ${fault}`,
    context: { option },
  })
}
