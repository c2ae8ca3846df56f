import { wellFormed } from '@tradeswarm/core'
import { cleanText } from '@tradeswarm/signals'

/** Longer texts are cut: what a post has to say it says at its beginning. */
const maximumLength = 1_200

/** Characters that carry hidden text: variation selectors, private use, unassigned. Format characters are gone by then. */
const smuggling = /[\p{Variation_Selector}\p{Co}\p{Cn}]/gu
/** More marks on one letter than any language writes. */
const stackedMarks = /(\p{M}{2})\p{M}+/gu

/** What the delimiters of chats, markup and code are made of, and what stands for them. */
const standIns: Readonly<Record<string, string>> = {
  '<': '‹',
  '>': '›',
  '[': '(',
  ']': ')',
  '{': '(',
  '}': ')',
  '|': '¦',
  '`': "'",
  '\\': '/',
}
const delimiters = /[<>[\]{}|`\\]/g

/**
 * A stranger's text as a model may see it: one visible line without hidden characters, and without what the delimiters of chat formats,
 * markup, JSON and code are made of. What it says stays readable.
 */
export function quoteText(text: string): string {
  const visible = cleanText(text).replace(smuggling, '').replace(stackedMarks, '$1')
  return wellFormed(visible.replace(delimiters, (found) => standIns[found] ?? ' ').slice(0, maximumLength))
}
