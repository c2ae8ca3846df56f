import type { Contingency, ExitPlan, OrderIntent } from '../orders/order-request.js'

/**
 * Intents that were permitted and not handed in yet, as they were read: whether one comes back as it was is then seen by looking at its
 * fields, which costs a tenth of hashing it. No part of the state: what is not in here is known by its hash.
 */
export type AssessedIntents = Map<string, OrderIntent>

/** A permit lives for seconds; more of them at once than this are known by their hashes. */
const mostAssessedIntents = 1_000

/** Keeps an intent; the oldest goes where there are too many. */
export function rememberIntent(intents: AssessedIntents, intent: OrderIntent): void {
  if (intents.size >= mostAssessedIntents) {
    for (const oldest of intents.keys()) {
      intents.delete(oldest)
      break
    }
  }
  intents.set(intent.intentId, intent)
}

/** Whether an intent is, field by field, the one that was assessed under its id. False where that is not remembered. */
export function isAsAssessed(intents: AssessedIntents, intent: OrderIntent): boolean {
  const known = intents.get(intent.intentId)
  return known !== undefined && isSame(known, intent)
}

type Fields = Readonly<Record<string, string | number | boolean | ExitPlan | Contingency | undefined>>

/** Values of plain JSON, of which a field that is undefined is none. */
function isSame(one: object, other: object): boolean {
  const left = one as Fields
  const right = other as Fields
  for (const key in left) {
    const value = left[key]
    const twin = right[key]
    if (value === twin) continue
    if (typeof value !== 'object' || typeof twin !== 'object' || !isSame(value, twin)) return false
  }
  for (const key in right) if (right[key] !== undefined && left[key] === undefined) return false
  return true
}
