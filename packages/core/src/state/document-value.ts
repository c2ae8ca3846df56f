import { messageOf, SwarmError } from '../errors/swarm-error.js'
import { describeIssues } from '../messages/validate.js'
import type { CollidingValues, DocumentDeclaration } from './define-document.js'
import { isMergeConflict } from './merge-conflict.js'
import { type Strategy, strategies } from './merge-strategies.js'
import { plainJson } from './plain-json.js'

/** Names a document in messages. */
export type DocumentName = { readonly agent: string; readonly key: string }

/**
 * A value as a declared document keeps it: parsed, copied, frozen, in the form of its strategy. Throws `STATE_VALUE_REFUSED`
 * or `STATE_NOT_JSON`, naming agent and key.
 */
export function acceptValue(rule: DocumentDeclaration, { agent, key }: DocumentName, value: unknown): unknown {
  const what = `document "${key}" of agent ${agent}`
  let parsed = value
  if (rule.schema !== undefined) {
    const result = rule.schema.safeParse(value)
    if (!result.success) throw valueRefused({ agent, key }, describeIssues(result.error))
    parsed = result.data
  }
  const plain = plainJson(parsed, what)
  const strategy = strategyOf(rule)
  const fault = strategy?.fault(plain)
  if (fault !== undefined) throw valueRefused({ agent, key }, fault)
  return strategy === undefined ? plain : plainJson(strategy.normal(plain), what)
}

/** What a write makes of what its writer saw. */
export function joinValue(rule: DocumentDeclaration, seen: unknown, accepted: unknown): unknown {
  return strategyOf(rule)?.join(seen, accepted) ?? accepted
}

/** What became of a collision. */
export type Resolution =
  | { readonly kind: 'merged'; readonly value: unknown }
  /** Another wrote later. */
  | { readonly kind: 'superseded' }
  | { readonly kind: 'conflict'; readonly reason: string }
  /** Nothing is declared that could resolve it. */
  | { readonly kind: 'unresolved' }

/** The stamps of the two writes. What was written without one counts as the earliest. */
export type CollidingStamps = { readonly theirs: string | undefined; readonly mine: string }

/** Resolves a collision as declared. Never throws. */
export function resolveCollision(
  rule: DocumentDeclaration,
  name: DocumentName,
  values: CollidingValues,
  stamps: CollidingStamps,
): Resolution {
  const { merge } = rule
  if (merge === undefined) return { kind: 'unresolved' }
  if (merge === 'last-writer') {
    const later = stamps.theirs === undefined || stamps.mine > stamps.theirs
    return later ? { kind: 'merged', value: values.mine } : { kind: 'superseded' }
  }
  try {
    const value = typeof merge === 'function' ? merge(values) : strategies[merge].merge(values)
    if (isMergeConflict(value)) return { kind: 'conflict', reason: value.reason }
    return { kind: 'merged', value: value === undefined ? undefined : acceptValue(rule, name, value) }
  } catch (error) {
    return { kind: 'conflict', reason: messageOf(error) }
  }
}

function strategyOf({ merge }: DocumentDeclaration): Strategy | undefined {
  return typeof merge === 'string' && merge !== 'last-writer' ? strategies[merge] : undefined
}

function valueRefused({ agent, key }: DocumentName, why: string): SwarmError {
  return new SwarmError({
    code: 'STATE_VALUE_REFUSED',
    message: `document "${key}" of agent ${agent} does not take this value: ${why}`,
    context: { agent, key },
  })
}
