import { assertKnownOptions, SwarmError, shown } from '@tradeswarm/core'
import { scopeKey } from '../risk/halt-scope.js'
import { requireText } from './require-text.js'

const haltStates = ['reducing', 'halted'] as const
/** One authorisation may be held ready for all acts: what an act does not ask for does it no harm, and is kept nowhere. */
const whoAndWhy = ['operator', 'reason', 'secret'] as const
const haltDetails = ['scope', ...whoAndWhy] as const

/** Of each act: what may be said of it, and whether a reason must be given. */
const authorisedActs = {
  resume: { known: haltDetails, needsReason: true },
  flatten: { known: haltDetails, needsReason: true },
  freeze: { known: whoAndWhy, needsReason: true },
  unfreeze: { known: whoAndWhy, needsReason: true },
  book: { known: whoAndWhy, needsReason: false },
  adopt: { known: whoAndWhy, needsReason: false },
  changePolicy: { known: whoAndWhy, needsReason: true },
  approve: { known: whoAndWhy, needsReason: false },
  deny: { known: whoAndWhy, needsReason: true },
  resetKillSwitch: { known: haltDetails, needsReason: false },
} as const satisfies Readonly<Record<string, { readonly known: readonly string[]; readonly needsReason: boolean }>>

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
      message: `halt: state is ${shown(state)}; there are ${haltStates.join(', ')}, and resume lifts a halt`,
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

/** As {@link checkHalt}, of the Risk Manager's halt. */
export function checkReduce(reason: unknown, scope: unknown): void {
  requireText('reduce', 'reason', reason)
  if (scope !== undefined) scopeKey(scope as never)
}

/**
 * Refuses an authorisation that names nobody, gives no reason where one is asked for, or says what the act does not know. Throws
 * `NOT_AUTHORIZED`, `INVALID_OPTION`, `INVALID_HALT_SCOPE`.
 */
export function checkAuthorisation(act: AuthorisedAct, authorisation: unknown): void {
  const { known, needsReason } = authorisedActs[act]
  if (authorisation !== undefined) assertKnownOptions(act, authorisation as object, known)
  const given = (authorisation ?? {}) as Readonly<Record<string, unknown>>
  if (!isText(given['operator']))
    throw new SwarmError({
      code: 'NOT_AUTHORIZED',
      message: `${act}: operator is empty; it is done by a person, by name`,
    })
  if (needsReason || (act === 'approve' && given['reason'] !== undefined)) requireText(act, 'reason', given['reason'])
  if (given['scope'] !== undefined) scopeKey(given['scope'] as never)
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== ''
}
