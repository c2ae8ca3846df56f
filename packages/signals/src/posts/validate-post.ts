import type { EpochMs } from '@tradeswarm/core'
import type { NormalisedPost } from './normalised-post.js'
import { isPromotional } from './promotional.js'

/** Why a post is not used. `list-post` and `not-about-symbol` say that it is about something else. */
export type PostRejectionReason =
  | 'empty-text'
  | 'no-words'
  | 'invalid-number'
  | 'future-dated'
  | 'too-old'
  | 'unknown-symbol'
  | 'not-about-symbol'
  | 'list-post'
  | 'promotional'

/** Whether a post may count, and why not. */
export type PostValidation =
  | { readonly status: 'ok' }
  | { readonly status: 'rejected'; readonly reason: PostRejectionReason }

/** What a post is checked against. */
export type PostValidationOptions = {
  readonly now: EpochMs
  /** The symbols followed, each with names of its company or share classes (`['apple']`, `['$GOOGL', 'google']`); may be empty. */
  readonly symbols: ReadonlyMap<string, readonly string[]>
  /** Default 3 days. */
  readonly maximumAgeMs?: number
  /** A post may be dated so far ahead of `now`; default 0. */
  readonly maximumClockSkewMs?: number
  /** A post with more cashtags than this is a list; default 6. */
  readonly maximumCashtags?: number
}

/** The limits {@link validatePost} works with unless told otherwise. */
export const defaultPostValidation = {
  maximumAgeMs: 3 * 86_400_000,
  maximumClockSkewMs: 0,
  maximumCashtags: 6,
} as const

const ok: PostValidation = { status: 'ok' }

/** Tells whether a post may count as a signal about its symbol. Pure; the first reason found is the one given. */
export function validatePost(post: NormalisedPost, options: PostValidationOptions): PostValidation {
  const reason = rejectionOf(post, options)
  return reason === undefined ? ok : { status: 'rejected', reason }
}

function rejectionOf(post: NormalisedPost, options: PostValidationOptions): PostRejectionReason | undefined {
  const { followers } = post
  if (!Number.isSafeInteger(post.at) || post.at < 0) return 'invalid-number'
  if (followers !== undefined && !(Number.isFinite(followers) && followers >= 0)) return 'invalid-number'
  const names = options.symbols.get(post.symbol)
  if (names === undefined) return 'unknown-symbol'
  if (post.at > options.now + (options.maximumClockSkewMs ?? defaultPostValidation.maximumClockSkewMs))
    return 'future-dated'
  if (post.at < options.now - (options.maximumAgeMs ?? defaultPostValidation.maximumAgeMs)) return 'too-old'
  if (post.text === '') return 'empty-text'
  if (!hasWords(post.text)) return 'no-words'
  if (!namesSymbol(post, names)) return 'not-about-symbol'
  if (post.cashtags.length > (options.maximumCashtags ?? defaultPostValidation.maximumCashtags)) return 'list-post'
  if (isPromotional(post.text)) return 'promotional'
  return undefined
}

const withoutMeaning = /https?:\S*|[@$#][\p{L}\p{N}_]+/gu
const word = /\p{L}{2,}|\p{Extended_Pictographic}/u

function hasWords(text: string): boolean {
  return word.test(text.replace(withoutMeaning, ' '))
}

/** True when the text carries the symbol's cashtag, its hash tag, the bare symbol (three characters or more), or one of its names. */
function namesSymbol(post: NormalisedPost, names: readonly string[]): boolean {
  const base = post.symbol.split('-')[0] ?? post.symbol
  if (post.cashtags.includes(base.toUpperCase())) return true
  if (post.text.includes(`#${base}`) && containsWord(post.text, `#${base}`)) return true
  if (base.length >= 3 && containsWord(post.text, base)) return true
  if (names.length === 0) return false
  const lowered = post.text.toLowerCase()
  return names.some((name) => containsWord(lowered, name.toLowerCase()))
}

const wordCharacter = /[\p{L}\p{N}_]/u

function containsWord(text: string, wanted: string): boolean {
  for (let index = text.indexOf(wanted); index >= 0; index = text.indexOf(wanted, index + 1)) {
    const before = text[index - 1]
    const after = text[index + wanted.length]
    if ((before === undefined || !wordCharacter.test(before)) && (after === undefined || !wordCharacter.test(after)))
      return true
  }
  return false
}
