import { nothingNoted } from './noted.js'
import type { OrderWord, SendingFacts } from './order-state.js'

type Words = SendingFacts['words']

/**
 * What was heard is nearly always one of a few sets, heard in one of a few orders, so that orders share them: the set with one more word is looked
 * up rather than made. It saves time and room alone.
 */
const shared = new Map<Words, Map<OrderWord, Words>>([[nothingNoted, new Map()]])
/** More than orders need that end as most do; what is rarer is made each time. */
const mostShared = 1_000

/** The words with one more; the same ones where it was heard before. */
export function withWord(words: Words, word: OrderWord): Words {
  if (words[word] === true) return words
  const next = shared.get(words)
  const known = next?.get(word)
  if (known !== undefined) return known
  const made: Words = Object.freeze({ ...words, [word]: true })
  if (next !== undefined && shared.size < mostShared) {
    next.set(word, made)
    shared.set(made, new Map())
  }
  return made
}
