import { SwarmError } from '@tradeswarm/core'
import type { BrokerDefinition } from '@tradeswarm/trading'

/** What a swarm's runtime says of its accounts. */
export type AccountOptions = {
  readonly allowLive?: boolean
  readonly accounts?: readonly string[]
}

/**
 * Refuses accounts that could be taken for one another: two of one name, real money without leave, real money beside paper without a list
 * of the accounts. Throws `INVALID_OPTION`, `LIVE_NOT_ALLOWED`, `MIXED_MODES`.
 */
export function checkAccounts(
  brokers: readonly BrokerDefinition[],
  { allowLive = false, accounts }: AccountOptions,
): void {
  const names = brokers.map(({ account }) => account)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw invalid('brokers', `two of them have the account "${twice}"; give each an account name of its own`)
  const live = brokers.filter(({ mode }) => mode === 'live')
  if (live.length > 0 && !allowLive) {
    throw new SwarmError({
      code: 'LIVE_NOT_ALLOWED',
      message: `account ${live[0]?.account} trades real money: set allowLive: true if that is meant`,
    })
  }
  if (accounts !== undefined && !sameNames(accounts, names))
    throw invalid('accounts', `it names ${listed(accounts)}, and the brokers are for ${listed(names)}`)
  if (live.length > 0 && live.length < brokers.length && accounts === undefined) {
    throw new SwarmError({
      code: 'MIXED_MODES',
      message: `${listed(live.map(({ account }) => account))} trades real money and other accounts do not: name them all, accounts: [${names.map((name) => `'${name}'`).join(', ')}], if that is meant`,
    })
  }
}

/** Routes, each to an account that there is. Throws `INVALID_OPTION`. */
export function checkedRoutes(
  routes: Readonly<Record<string, string>>,
  brokers: readonly BrokerDefinition[],
): Readonly<Record<string, string>> {
  const names = brokers.map(({ account }) => account)
  for (const [symbol, account] of Object.entries(routes)) {
    if (!names.includes(account))
      throw invalid(`routes.${symbol}`, `there is no account "${account}"; there are: ${names.join(', ')}`)
  }
  return routes
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
