import { assertKnownOptions, SwarmError } from '@tradeswarm/core'
import { scopeKey } from '../risk/halt-scope.js'
import { requireText } from './require-text.js'

const haltStates = ['reducing', 'halted'] as const
const haltDetails = ['scope', 'operator'] as const

/** What may be said of an operator's act, besides who and why. */
const authorisedActs = {
  resume: ['operator', 'reason', 'scope'],
  flatten: ['operator', 'reason', 'secret', 'scope'],
  freeze: ['operator', 'reason', 'secret'],
  unfreeze: ['operator', 'reason', 'secret'],
  changePolicy: ['operator', 'reason'],
  approve: ['operator', 'reason'],
  deny: ['operator', 'reason'],
  resetKillSwitch: ['operator', 'secret', 'scope'],
} as const satisfies Readonly<Record<string, readonly string[]>>

/** An act that a person does by name. */
export type AuthorisedAct = keyof typeof authorisedActs

/**
 * Refuses a halt that would not be one, before anything is done: a state that there is not, no reason, details that there are not. Throws
 * `INVALID_OPTION`, `INVALID_HALT_SCOPE`.
 */
export function checkHalt(state: unknown, reason: unknown, details: unknown): void {
  if (!haltStates.some((known) => known === state))
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `halt: state is ${shownState(state)}; there are ${haltStates.join(', ')}, and resume lifts a halt`,
      context: { option: 'state' },
    })
  checkStop('halt', reason, details)
}

/** As {@link checkHalt}, of what stops without a state of its own. */
export function checkStop(act: 'halt' | 'kill', reason: unknown, details: unknown = {}): void {
  requireText(act, 'reason', reason)
  assertKnownOptions(act, details as object, haltDetails)
  const { scope, operator } = details as { readonly scope?: never; readonly operator?: unknown }
  if (scope !== undefined) scopeKey(scope)
  if (operator !== undefined) requireText(act, 'operator', operator)
}

/**
 * Refuses an authorisation that names nobody, gives no reason where one is asked for, or says what the act does not know. Throws
 * `NOT_AUTHORIZED`, `INVALID_OPTION`, `INVALID_HALT_SCOPE`.
 */
export function checkAuthorisation(act: AuthorisedAct, authorisation: unknown): void {
  const known: readonly string[] = authorisedActs[act]
  if (authorisation !== undefined) assertKnownOptions(act, authorisation as object, known)
  const given = (authorisation ?? {}) as Readonly<Record<string, unknown>>
  if (!isText(given['operator']))
    throw new SwarmError({
      code: 'NOT_AUTHORIZED',
      message: `${act}: operator is empty; it is done by a person, by name`,
    })
  if (known.includes('reason') && (act !== 'approve' || given['reason'] !== undefined))
    requireText(act, 'reason', given['reason'])
  if (given['scope'] !== undefined) scopeKey(given['scope'] as never)
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== ''
}

function shownState(state: unknown): string {
  return typeof state === 'string' ? JSON.stringify(state.slice(0, 40)) : String(state)
}
