import { sha256Hex } from '@tradeswarm/core'

/** Letters and digits that count: enough to tell posts apart, few enough to survive the cut of a retweet at 140 characters. */
const comparedCharacters = 60

const links = /https?:\S*|\bwww\.\S+|\bpic\.twitter\.com\S*/gi
const mentions = /(?:\bvia\s+)?@\w+:?/gi
const cutEnding = /\S*(?:\.{3}|…)\s*$/
const unimportant = /[^\p{L}\p{N}$#%+-]+/gu

/**
 * 32 hex digits of SHA-256 over the first 60 telling characters of a clean text (lower case; without links, mentions,
 * punctuation, and a word cut off by an ellipsis). A text of links alone is fingerprinted as it stands.
 */
export function fingerprintOf(cleanedText: string): string {
  const lowered = cleanedText.toLowerCase()
  const words = lowered
    .replace(links, ' ')
    .replace(mentions, ' ')
    .replace(cutEnding, ' ')
    .replace(unimportant, ' ')
    .trim()
  const compared = words.replaceAll(' ', '').slice(0, comparedCharacters)
  return sha256Hex(compared === '' ? lowered : compared).slice(0, 32)
}
