import { SwarmError } from '../errors/swarm-error.js'

/** Tells whether a topic's name is one of those that a pattern stands for. */
export type TopicPattern = { readonly pattern: string; matches(topic: string): boolean }

/**
 * Reads a pattern of topic names: `*` stands for one word, `**` for one or more, such as `signal.*` or `**.failed`.
 * Throws `INVALID_NAME` for anything else.
 */
export function topicPattern(pattern: string): TopicPattern {
  const words = pattern.split('.')
  for (const word of words) {
    if (word === '*' || word === '**' || /^[a-z][a-z0-9-]*$/.test(word)) continue
    throw new SwarmError({
      code: 'INVALID_NAME',
      message: `"${pattern}" is no pattern of topics: use lower-case words with dots between them, * for one word and ** for one or more, such as "signal.*"`,
      context: { pattern },
    })
  }
  const expression = new RegExp(
    `^${words.map((word) => (word === '*' ? '[^.]+' : word === '**' ? '.+' : word)).join('\\.')}$`,
  )
  return { pattern, matches: (topic) => expression.test(topic) }
}
