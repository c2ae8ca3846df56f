import { assertKnownOptions, SwarmError } from '@tradeswarm/core'
import { type Decimal, decimal } from '@tradeswarm/trading'
import type { CallContext } from '../call-context.js'

/** How much may be spent, in US dollars: a decimal text, or a number that is taken at its shortest decimal form. */
export type SpendingLimit = {
  /** For each day, UTC. */
  readonly usdPerDay?: string | number
  /** In all, for as long as its store remembers. */
  readonly usdInAll?: string | number
}

/** Limits of the whole swarm, of agents and of strategies; a call must be within all that it belongs to. */
export type BudgetLimits = SpendingLimit & {
  readonly agents?: Readonly<Record<string, SpendingLimit>>
  readonly strategies?: Readonly<Record<string, SpendingLimit>>
}

/** One limit on one account of spending. */
export type Limit = { readonly account: string; readonly period: 'day' | 'ever'; readonly usd: Decimal }

/** The accounts that a call is booked to: `swarm`, `agent analyst`, `strategy gap`. */
export function accountsOf({ agent, strategy }: CallContext): readonly string[] {
  return [
    'swarm',
    ...(agent === undefined ? [] : [`agent ${agent}`]),
    ...(strategy === undefined ? [] : [`strategy ${strategy}`]),
  ]
}

/** Throws `INVALID_OPTION`. */
export function readLimits(limits: BudgetLimits): readonly Limit[] {
  assertKnownOptions('budget', limits, ['usdPerDay', 'usdInAll', 'agents', 'strategies'])
  const { agents = {}, strategies = {}, ...swarm } = limits
  const found = [
    ...limitsOf('swarm', 'budget', swarm),
    ...Object.entries(agents).flatMap(([name, limit]) => limitsOf(`agent ${name}`, `budget.agents.${name}`, limit)),
    ...Object.entries(strategies).flatMap(([name, limit]) =>
      limitsOf(`strategy ${name}`, `budget.strategies.${name}`, limit),
    ),
  ]
  if (found.length > 0) return found
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: 'budget has no limit: give usdPerDay or usdInAll, or leave the budget out',
    context: { option: 'budget' },
  })
}

function limitsOf(account: string, place: string, limit: SpendingLimit): Limit[] {
  assertKnownOptions(place, limit, ['usdPerDay', 'usdInAll'])
  const found: Limit[] = []
  const { usdPerDay, usdInAll } = limit
  if (usdPerDay !== undefined) found.push({ account, period: 'day', usd: amountOf(usdPerDay, `${place}.usdPerDay`) })
  if (usdInAll !== undefined) found.push({ account, period: 'ever', usd: amountOf(usdInAll, `${place}.usdInAll`) })
  return found
}

function amountOf(given: string | number, place: string): Decimal {
  try {
    const amount = decimal(String(given), place)
    if (!amount.isNegative()) return amount
  } catch {
    // Told below, like a negative amount.
  }
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `${place} is ${JSON.stringify(given)}; give an amount in dollars from 0 on, such as 5 or "0.25"`,
    context: { option: place },
  })
}
