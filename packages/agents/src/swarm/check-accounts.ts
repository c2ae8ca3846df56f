import { nearestName, SwarmError } from '@tradeswarm/core'
import { assertDeposits, type BrokerDefinition, calendarNames, type Instrument } from '@tradeswarm/trading'
import type { TradingSwarmDefinition } from './define-trading-swarm.js'

/** What a swarm's runtime says of its accounts. */
export type AccountOptions = {
  readonly allowLive?: boolean
  readonly accounts?: readonly string[]
}

/**
 * Refuses accounts that could be taken for one another: two of one name, real money without leave, real money beside paper without a list
 * of the accounts; and one with a calendar that there is not. Throws `INVALID_OPTION`, `LIVE_NOT_ALLOWED`, `MIXED_MODES`.
 */
export function checkAccounts(
  brokers: readonly BrokerDefinition[],
  { allowLive = false, accounts }: AccountOptions,
): void {
  const names = brokers.map(({ account }) => account)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw invalid('brokers', `two of them have the account "${twice}"; give each an account name of its own`)
  for (const { account, calendar } of brokers) {
    if (calendar !== undefined && !calendarNames.includes(calendar))
      throw invalid(
        `brokers: account "${account}"`,
        `calendar is ${JSON.stringify(calendar)}, and there is no such calendar; ${hintOf(String(calendar), calendarNames)}`,
      )
  }
  const live = brokers.filter(({ mode }) => mode === 'live')
  if (live.length > 0 && !allowLive) {
    throw new SwarmError({
      code: 'LIVE_NOT_ALLOWED',
      message: `account ${live[0]?.account} trades real money: set allowLive: true if that is meant`,
    })
  }
  if (accounts !== undefined && !isListOfNames(accounts))
    throw invalid('accounts', `it must be a list of the accounts' names: ${exampleOf(names)}`)
  if (accounts !== undefined && !sameNames(accounts, names))
    throw invalid('accounts', `it names ${listed(accounts)}, and the brokers are for ${listed(names)}`)
  if (live.length > 0 && live.length < brokers.length && accounts === undefined) {
    throw new SwarmError({
      code: 'MIXED_MODES',
      message: `${listed(live.map(({ account }) => account))} trades real money and other accounts do not: name them all, accounts: ${exampleOf(names)}, if that is meant`,
    })
  }
}

/** Routes, each to an account that there is, of a symbol that is among the swarm's or has an instrument. Throws `INVALID_OPTION`. */
export function checkedRoutes(
  { routes = {}, symbols }: Pick<TradingSwarmDefinition, 'routes' | 'symbols'>,
  brokers: readonly BrokerDefinition[],
  instruments: readonly Pick<Instrument, 'symbol'>[],
): Readonly<Record<string, string>> {
  const names = brokers.map(({ account }) => account)
  const known = [...new Set([...symbols, ...instruments.map(({ symbol }) => symbol)])]
  for (const [symbol, account] of Object.entries(routes)) {
    if (!known.includes(symbol))
      throw invalid(`routes.${symbol}`, `nothing of that symbol is traded; ${hintOf(symbol, known)}`)
    if (!names.includes(account))
      throw invalid(`routes.${symbol}`, `there is no account "${account}"; ${hintOf(account, names)}`)
  }
  return routes
}

/**
 * Refuses money that would go to no account, or that an account would begin without: where deposits are given, each account has its own.
 * Throws `INVALID_OPTION`.
 */
export function checkMoney(
  brokers: readonly BrokerDefinition[],
  { currency, deposits }: { readonly currency?: unknown; readonly deposits?: unknown },
): void {
  const names = brokers.map(({ account }) => account)
  if (currency !== undefined && (typeof currency !== 'string' || currency === ''))
    throw invalid(
      'currency',
      `it is the one currency of all accounts that name none, such as 'USD'; give an account another by its broker: { ...createPaperBroker(…), currency: 'EUR' }`,
    )
  if (deposits === undefined) return
  const example = `{ ${names.map((name) => `${JSON.stringify(name)}: '…'`).join(', ')} }`
  if (typeof deposits !== 'object' || deposits === null || Array.isArray(deposits))
    throw invalid('deposits', `give the cash of each account, by its name: ${example}`)
  const given = Object.keys(deposits)
  const unknown = given.find((name) => !names.includes(name))
  if (unknown !== undefined) throw invalid('deposits', `there is no account "${unknown}"; ${hintOf(unknown, names)}`)
  const missing = names.find((name) => !given.includes(name))
  if (missing !== undefined)
    throw invalid('deposits', `it leaves out the account "${missing}"; where that begins empty, give it '0'`)
  for (const [account, amount] of Object.entries(deposits))
    assertDeposits('createTradingSwarm', `deposits.${account}`, amount)
}

/** The name that was meant, or those that there are: at most ten. */
export function hintOf(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known)
  if (nearest !== undefined) return `did you mean ${nearest}?`
  return `there are: ${known.slice(0, 10).join(', ')}${known.length > 10 ? ', …' : ''}`
}

function isListOfNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === 'string')
}

function exampleOf(names: readonly string[]): string {
  return `[${names.map((name) => `'${name}'`).join(', ')}]`
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name))
}

function listed(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ')
}

function invalid(option: string, why: string): SwarmError {
  return new SwarmError({
    code: 'INVALID_OPTION',
    message: `createTradingSwarm: ${option}: ${why}`,
    context: { option },
  })
}
