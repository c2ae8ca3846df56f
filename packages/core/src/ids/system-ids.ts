import type { Ids } from './ids.js'

/**
 * Ids from 122 random bits (UUID version 4), drawn once, and a count: unique everywhere, and in order, since an index of ids in order is
 * written three times as fast as one of random ids.
 */
export function createSystemIds(): Ids {
  let origin: string | undefined
  let count = 0
  let lastPrefix: string | undefined
  let beginning = ''
  let earlierPrefix: string | undefined
  let earlierBeginning = ''
  const beginnings = new Map<string, string>()
  const beginningOf = (prefix: string): string => {
    origin ??= crypto.randomUUID()
    const made = inOnePiece(`${prefix}-${origin}-`)
    if (beginnings.size < mostBeginnings) beginnings.set(prefix, made)
    return made
  }
  return {
    next(prefix) {
      // Most ids have the prefix of the one before, or, as those of orders and their permits, take turns.
      if (prefix !== lastPrefix) {
        const known = prefix === earlierPrefix ? earlierBeginning : (beginnings.get(prefix) ?? beginningOf(prefix))
        earlierPrefix = lastPrefix
        earlierBeginning = beginning
        lastPrefix = prefix
        beginning = known
      }
      count += 1
      return inOnePiece(beginning + count)
    },
  }
}

/** So many prefixes have what their ids begin with kept: more than a swarm uses. */
const mostBeginnings = 100

/** Has the engine join the parts now: each look at a text in two parts, in an index or a map, costs more than that. */
function inOnePiece(id: string): string {
  return id.charCodeAt(0) === 0 ? '' : id
}
