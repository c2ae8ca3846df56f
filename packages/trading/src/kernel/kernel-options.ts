import { assertKnownOptions, type Logger, SwarmError, type Timers } from '@tradeswarm/core'
import type { TradingCalendar } from '../instruments/trading-calendar.js'
import { type LotMethod, lotMethods } from '../ledger/open-lots.js'
import type { BarEvent } from '../market/market-event.js'
import type { BrokerContext, BrokerDefinition } from '../orders/broker.js'
import type { KillSwitchStore } from '../risk/kill-switch.js'
import type { RiskContext } from '../risk/risk-context.js'
import type { RiskPolicyInput } from '../risk/risk-policy.js'
import type { RuleChanges } from '../risk/rules/default-rules.js'
import type { AccountLease } from './account-lease.js'
import { type AutomaticHaltOptions, automaticHaltDefaults } from './automatic-halts.js'
import type { KernelJournal, RiskFinding } from './kernel.js'
import type { KernelJournalEntry } from './kernel-record.js'
import type { RiskInputs } from './risk-context-of.js'

/** What a kernel is made of. */
export type TradingKernelOptions = {
  readonly account: string
  /** Equity, limits and results are in it. Symbols may settle in others: what those are worth is read from the market. */
  readonly currency: string
  readonly definition: BrokerDefinition
  /** What the broker is opened with; the kernel adds the guard of its permits. */
  readonly brokerContext: Omit<BrokerContext, 'guard'>
  /** The exchange whose sessions make the risk day; for a market that never closes each UTC day is one. */
  readonly calendar: TradingCalendar
  /** What differs from the default limits. With a history, the policy that the history ends with goes on. */
  readonly policy?: RiskPolicyInput
  /** What differs from the default rules: rules of one's own, and built-in ones that are replaced or not asked. */
  readonly rules?: RuleChanges
  /** What rules ask for and a kernel cannot know by itself. */
  readonly riskInputs?: RiskInputs
  readonly journal: KernelJournal
  /** Where the kill switch is kept besides the journal; with several, each is written and any of them halts. */
  readonly killSwitchStore: KillSwitchStore | readonly KillSwitchStore[]
  /** Cash that a new account starts with: a decimal text, or one by currency. Not used when there is a history. */
  readonly deposits: string | Readonly<Record<string, string>>
  /** Which units a sale takes first; default `fifo`. With a history, that of the history goes on. */
  readonly lots?: LotMethod
  /** What `snapshot()` of an earlier kernel of this account said: the books go on from there. */
  readonly snapshot?: string
  /** What an earlier kernel of this account appended to its journal, in order; with a `snapshot` only what came after it. */
  readonly history?: Iterable<Pick<KernelJournalEntry, 'payload'>>
  /** SHA-256 (hex) of the secret that resets the kill switch. Without it no reset is possible. */
  readonly killSwitchSecretHash?: string
  /** SHA-256 (hex) of the secret that `flatten`, `freeze` and `unfreeze` ask for. Without it a name will do. */
  readonly emergencySecretHash?: string
  /** The names of those who may act with authority. Without it any name will do. */
  readonly operators?: readonly string[]
  /**
   * What asks for a person's word on an entry that nothing else speaks against: a finding with the code `APPROVAL_REQUIRED`, or undefined.
   * Default: nothing but rules that find `APPROVAL_REQUIRED`.
   */
  readonly needsApproval?: (context: RiskContext) => RiskFinding | undefined
  /** A person has so long to approve an order; default 300,000. 1,000 to 86,400,000. */
  readonly approvalLifetimeMs?: number
  /** Signs permits for adapters in other processes: hex of 32 to 64 bytes. Default: drawn from the context's random at each start. */
  readonly permitKey?: string
  /** Real time's own: they bound what is waited for, and wake the kernel's watch. Without them, as in virtual time, neither happens. */
  readonly timers?: Pick<Timers, 'at'>
  /** `kill` and `freeze` wait for stores and cancels for so long at most; default 2,000. 1 to 60,000. */
  readonly killTimeoutMs?: number
  /** `stop` waits for the journal and the broker for so long at most; default 10,000. 1 to 600,000. */
  readonly stopTimeoutMs?: number
  /** Each call of the venue ends after so long at most, with an unknown outcome, and so does opening it (`VENUE_NOT_OPENED`); default 10,000. 1 to 600,000. */
  readonly venueTimeoutMs?: number
  /** When trading is reduced by itself, besides the policy's loss limits. */
  readonly automaticHalts?: AutomaticHaltOptions
  /** Fences the account against a second kernel: nothing is sent without it. Asks for `timers`. Default: there is no other kernel. */
  readonly lease?: AccountLease
  /** Books and venue are compared again so long after the last time, with the next market event; default 60,000. From 1,000 up. */
  readonly reconcileEveryMs?: number
  /**
   * Daily bars that ended before the start, in order of time: prices to begin with, and the history that rules ask about, which is no part of
   * the books. No exit follows them.
   */
  readonly pastBars?: readonly BarEvent[]
  readonly logger: Logger
}

export const kernelDefaults = {
  killTimeoutMs: 2_000,
  stopTimeoutMs: 10_000,
  venueTimeoutMs: 10_000,
  approvalLifetimeMs: 300_000,
  reconcileEveryMs: 60_000,
} as const

/** What bounds risk, says who may act and how books are kept: the same for all kernels that one program makes. */
export type KernelSettings = Pick<
  TradingKernelOptions,
  | 'lots'
  | 'riskInputs'
  | 'killSwitchSecretHash'
  | 'emergencySecretHash'
  | 'operators'
  | 'needsApproval'
  | 'approvalLifetimeMs'
  | 'automaticHalts'
  | 'killTimeoutMs'
  | 'stopTimeoutMs'
  | 'venueTimeoutMs'
  | 'reconcileEveryMs'
>

const optionNames = Object.keys({
  account: true,
  currency: true,
  definition: true,
  brokerContext: true,
  calendar: true,
  policy: true,
  rules: true,
  riskInputs: true,
  journal: true,
  killSwitchStore: true,
  deposits: true,
  lots: true,
  snapshot: true,
  history: true,
  killSwitchSecretHash: true,
  emergencySecretHash: true,
  operators: true,
  needsApproval: true,
  approvalLifetimeMs: true,
  permitKey: true,
  timers: true,
  killTimeoutMs: true,
  stopTimeoutMs: true,
  venueTimeoutMs: true,
  automaticHalts: true,
  lease: true,
  reconcileEveryMs: true,
  pastBars: true,
  logger: true,
} satisfies Readonly<Record<keyof TradingKernelOptions, true>>)

/** Refuses what is no object of options, and options that there are not. Throws `INVALID_OPTION`. */
export function checkOptionNames(options: TradingKernelOptions): void {
  assertKnownOptions('createTradingKernel', options, optionNames)
}

/** Throws `INVALID_OPTION` for what no kernel can be made of. */
export function checkKernelOptions(options: TradingKernelOptions): void {
  const { account, definition, killSwitchStore } = options
  const where = 'createTradingKernel'
  if (definition.account !== account)
    throw invalid(
      where,
      `account is "${account}", and the broker's account is "${definition.account}"; they must be the same`,
    )
  if (storesOf(killSwitchStore).length === 0)
    throw invalid(where, 'killSwitchStore is empty; it must name at least one store')
  if (options.pastBars !== undefined && !Array.isArray(options.pastBars))
    throw invalid(where, 'pastBars must be a list of daily bars, in order of time')
  if (options.lease !== undefined && options.timers === undefined)
    throw invalid(where, 'lease is given without timers; give timers too, so that it can be renewed')
  checkKernelSettings(options, where)
}

/** Throws `INVALID_OPTION`, in the name of whoever was given the settings, for those that no kernel takes. */
export function checkKernelSettings(settings: KernelSettings, where: string): void {
  const { operators, lots, needsApproval, riskInputs = {} } = settings
  const refuse = (what: string): never => {
    throw invalid(where, what)
  }
  if (lots !== undefined && !lotMethods.includes(lots)) refuse(`lots is "${lots}"; there are ${lotMethods.join(', ')}`)
  if (needsApproval !== undefined && typeof needsApproval !== 'function') refuse('needsApproval must be a function')
  for (const [input, value] of Object.entries(riskInputs))
    if (value !== undefined && typeof value !== 'function') refuse(`riskInputs.${input} must be a function`)
  if (operators !== undefined && !Array.isArray(operators))
    refuse(`operators is ${JSON.stringify(operators)}; give a list of names, such as ["Ada"]`)
  if (operators?.some((name) => typeof name !== 'string' || name.trim() === '') === true)
    refuse('operators holds an empty name; each must be the name of a person')
  for (const option of ['killSwitchSecretHash', 'emergencySecretHash'] as const) {
    const hash = settings[option]
    if (hash !== undefined && !/^[0-9a-f]{64}$/i.test(hash))
      refuse(`${option} is not a SHA-256 in hex, which has 64 digits; give sha256Hex(secret)`)
  }
  checkAutomaticHalts(settings.automaticHalts ?? {}, where)
  const { approvalLifetimeMs, reconcileEveryMs } = settings
  if (approvalLifetimeMs !== undefined && !(approvalLifetimeMs >= 1_000 && approvalLifetimeMs <= 86_400_000))
    refuse(`approvalLifetimeMs is ${approvalLifetimeMs}; it must be from 1000 to 86400000`)
  if (reconcileEveryMs !== undefined && !(Number.isSafeInteger(reconcileEveryMs) && reconcileEveryMs >= 1_000))
    refuse(`reconcileEveryMs is ${reconcileEveryMs}; it must be a whole number of at least 1000`)
  checkRange(where, 'killTimeoutMs', settings.killTimeoutMs, 60_000)
  checkRange(where, 'stopTimeoutMs', settings.stopTimeoutMs, 600_000)
  checkRange(where, 'venueTimeoutMs', settings.venueTimeoutMs, 600_000)
}

function checkAutomaticHalts(limits: AutomaticHaltOptions, where: string): void {
  for (const name of Object.keys(limits))
    if (!(name in automaticHaltDefaults))
      throw invalid(
        where,
        `automaticHalts.${name}: there is no such halt; there are ${Object.keys(automaticHaltDefaults).join(', ')}`,
      )
  for (const limit of ['rejectionStreak', 'entriesPerMinute'] as const) {
    const value = limits[limit]
    if (value === undefined || value === false || (Number.isSafeInteger(value) && value >= 1 && value <= 1_000_000))
      continue
    throw invalid(where, `automaticHalts.${limit} is ${value}; it must be a whole number from 1 to 1000000, or false`)
  }
  for (const limit of ['clockSkewMs', 'staleFeedMs'] as const) {
    const value = limits[limit]
    if (value !== false) checkRange(where, `automaticHalts.${limit}`, value, 86_400_000)
  }
}

/** The stores as a list. */
export function storesOf(given: TradingKernelOptions['killSwitchStore']): readonly KillSwitchStore[] {
  return 'load' in given ? [given] : given
}

function checkRange(where: string, option: string, value: number | undefined, highest: number): void {
  if (value === undefined || (value >= 1 && value <= highest)) return
  throw invalid(where, `${option} is ${value}; it must be from 1 to ${highest}`)
}

function invalid(where: string, what: string): SwarmError {
  return new SwarmError({ code: 'INVALID_OPTION', message: `${where}: ${what}` })
}
