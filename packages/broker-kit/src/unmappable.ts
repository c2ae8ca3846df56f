import type { Explanation } from './refusal-desk.js'

/** An order that a venue has no words for, and why. */
export type Unmappable = Explanation & { readonly unmappable: true }

/** Why a venue has no words for an order: a stable code, and what is wrong with which field. */
export function unmappable(code: string, message: string): Unmappable {
  return { unmappable: true, code, message }
}
