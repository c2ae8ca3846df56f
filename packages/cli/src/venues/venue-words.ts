import { messageOf, SwarmError } from '@tradeswarm/core'
import type { Venue } from './venue.js'

/** Codes of errors that speak of options of an adapter, which nobody has written who uses the command line. */
const translated: ReadonlySet<string> = new Set([
  'INVALID_OPTION',
  'BROKER_UNAUTHORIZED',
  'BROKER_CONNECTION_LOST',
  'BROKER_UNREACHABLE',
  'BROKER_REDIRECTED',
  'BROKER_BAD_PAYLOAD',
  'TIMED_OUT',
])

/** What options are called here that differ by command; those that are left out keep their names. */
export type CommandWords = { readonly urls?: string; readonly mode?: string }

/**
 * An error of a venue's adapter in the words of the command line: options are called by the variables and flags that set them. Any other
 * error, as it is.
 */
export function inVenueWords(venue: Venue, thrown: unknown, words: CommandWords = {}): unknown {
  if (!SwarmError.isInstance(thrown) || !translated.has(thrown.code)) return thrown
  const { code, retryability, context } = thrown
  const ours = new Map(Object.entries<string | undefined>({ ...venue.optionVariables, ...words }))
  const message = messageOf(thrown)
    // Which function it was given to is of no interest to whoever calls none.
    .replace(/^create[A-Z][A-Za-z]*: /, '')
    .replaceAll(/\b(?:urls\.)?[A-Za-z]+\b/g, (word) => ours.get(word) ?? word)
  return new SwarmError({ code, message, retryability, context, cause: thrown })
}

/** What work answers; what it throws in the words of {@link inVenueWords}. */
export async function toldInVenueWords<Answer>(
  venue: Venue,
  words: CommandWords,
  work: () => Answer | Promise<Answer>,
): Promise<Answer> {
  try {
    return await work()
  } catch (thrown) {
    throw inVenueWords(venue, thrown, words)
  }
}
