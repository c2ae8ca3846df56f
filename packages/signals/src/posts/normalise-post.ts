import type { SourceItem } from '../signal-source.js'
import { cashtagsOf } from './cashtags.js'
import { cleanText } from './clean-text.js'
import { fingerprintOf } from './fingerprint.js'
import type { NormalisedPost } from './normalised-post.js'

/** Longest text kept of a post, in characters. */
export const maximumPostCharacters = 4_000
/** Raw text beyond this is never looked at, so that a huge post costs no more than a long one. */
const maximumRawLength = 4 * maximumPostCharacters

const retweetPrefix = /^(?:["'“]\s*)?RT\s*:?\s*@(\w{1,30})\s*:?\s*/i

/** Reads a source's item into one clean line of text with its cashtags and fingerprint. Never throws on any text. */
export function normalisePost(item: SourceItem): NormalisedPost {
  const cleaned = cleanText(item.text.slice(0, maximumRawLength))
  let body = cleaned
  let retweetOf: string | undefined
  for (let match = retweetPrefix.exec(body); match !== null; match = retweetPrefix.exec(body)) {
    retweetOf = (match[1] ?? '').toLowerCase()
    body = body.slice(match[0].length)
  }
  const { kept, dropped } = cutCharacters(body)
  return {
    id: item.id,
    symbol: item.symbol,
    at: item.at,
    text: kept,
    truncatedCharacters: dropped + Math.max(0, item.text.length - maximumRawLength),
    fingerprint: fingerprintOf(kept),
    cashtags: cashtagsOf(kept),
    isRetweet: retweetOf !== undefined,
    ...(retweetOf === undefined ? {} : { retweetOf }),
    ...(item.author === undefined ? {} : { author: item.author }),
    ...(item.followers === undefined ? {} : { followers: item.followers }),
    ...(item.url === undefined ? {} : { url: item.url }),
  }
}

function cutCharacters(text: string): { readonly kept: string; readonly dropped: number } {
  if (text.length <= maximumPostCharacters) return { kept: text, dropped: 0 }
  const characters = Array.from(text)
  if (characters.length <= maximumPostCharacters) return { kept: text, dropped: 0 }
  return {
    kept: characters.slice(0, maximumPostCharacters).join('').trimEnd(),
    dropped: characters.length - maximumPostCharacters,
  }
}
