import { SwarmError } from '@tradeswarm/core'
import type { OrderIntent } from '@tradeswarm/trading'

/** More than a program says at one price that means it: a generator without an end would keep the thread for good. */
const maximumIntents = 1_000

/**
 * What an agent has decided. Throws `INVALID_DECISION` for what is no list, as nobody waits for one that comes later; the list throws it after a
 * thousand intents.
 */
export function decidedIntents(answer: unknown): Iterable<OrderIntent> {
  if (typeof answer === 'object' && answer !== null) {
    if (Symbol.iterator in answer) return bounded(answer as Iterable<OrderIntent>)
    // Nobody waits for it, so that nobody else would hear of it either.
    if ('then' in answer) Promise.resolve(answer).catch(() => undefined)
  }
  throw invalid(`${named(answer)}; it must return a list of intents at once, [] for none, and must not be async`)
}

function* bounded(intents: Iterable<OrderIntent>): Iterable<OrderIntent> {
  let count = 0
  for (const intent of intents) {
    count += 1
    if (count > maximumIntents)
      throw invalid(`more than ${maximumIntents} intents at one price; does its list have an end?`)
    yield intent
  }
}

function invalid(what: string): SwarmError {
  return new SwarmError({ code: 'INVALID_DECISION', message: `decide returned ${what}` })
}

function named(answer: unknown): string {
  if (answer === undefined || answer === null) return String(answer)
  if (typeof answer !== 'object') return `a ${typeof answer}`
  return 'then' in answer ? 'a promise' : 'an object that is no list'
}
