import type { Ids } from './ids.js'

/** Ids from 122 random bits (UUID version 4). */
export function createSystemIds(): Ids {
  return { next: (prefix) => `${prefix}-${crypto.randomUUID()}` }
}
