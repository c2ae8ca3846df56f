import { SwarmError } from '@tradeswarm/core'
import type { OrderIntent } from '@tradeswarm/trading'

/** What an agent has decided. Throws `INVALID_DECISION` for what is no list: nobody waits for one that comes later. */
export function decidedIntents(answer: unknown): Iterable<OrderIntent> {
  if (typeof answer === 'object' && answer !== null) {
    if (Symbol.iterator in answer) return answer as Iterable<OrderIntent>
    // Nobody waits for it, so that nobody else would hear of it either.
    if ('then' in answer) Promise.resolve(answer).catch(() => undefined)
  }
  throw new SwarmError({
    code: 'INVALID_DECISION',
    message: `decide returned ${named(answer)}; it must return a list of intents at once, [] for none, and must not be async`,
  })
}

function named(answer: unknown): string {
  if (answer === undefined || answer === null) return String(answer)
  if (typeof answer !== 'object') return `a ${typeof answer}`
  return 'then' in answer ? 'a promise' : 'an object that is no list'
}
