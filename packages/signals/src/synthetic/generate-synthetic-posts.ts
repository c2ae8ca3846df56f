import type { EpochMs, Random } from '@tradeswarm/core'
import { SwarmError } from '@tradeswarm/core'
import type { SessionDate } from '@tradeswarm/trading'
import type { SourceItem } from '../signal-source.js'
import { postOpeners, postTemplates, syntheticAuthors } from './post-templates.js'

/** The name under which generated posts go, in their ids too. */
export const syntheticSourceName = 'synthetic-posts'

/** The close that posts are written after. */
export type SyntheticBar = { readonly sessionDate: SessionDate; readonly closeTime: EpochMs; readonly close: number }

/** What posts are made from. */
export type SyntheticPostsOptions = {
  readonly symbol: string
  /** In order of time. */
  readonly bars: readonly SyntheticBar[]
  readonly random: Random
  /** How many posts follow each close; default 3 to 9. */
  readonly perSession?: { readonly minimum: number; readonly maximum: number }
}

const defaultPerSession = { minimum: 3, maximum: 9 } as const
/** Posts fall into the 16 hours after a close: before the next open of any exchange with a daily session. */
const spreadMs = 16 * 3_600_000
const moodBars = 20
const retweetLength = 140

/**
 * Made-up posts after each close, in order of time. Their tone follows the bars up to that close, and noise; no later bar
 * changes them. The same random gives the same posts. Throws `INVALID_OPTION` on a count or bar that makes no sense.
 */
export function generateSyntheticPosts(options: SyntheticPostsOptions): readonly SourceItem[] {
  const { symbol, bars } = options
  const perSession = options.perSession ?? defaultPerSession
  checkOptions(bars, perSession)
  const random = options.random.fork(`${syntheticSourceName}/${symbol}`)
  return bars.flatMap((bar, index) => {
    const past = bars.slice(Math.max(0, index - moodBars), index + 1).map(({ close }) => close)
    return sessionPosts({ symbol, bar, mood: moodOf(past), random: random.fork(bar.sessionDate), perSession })
  })
}

type SessionInput = {
  readonly symbol: string
  readonly bar: SyntheticBar
  readonly mood: number
  readonly random: Random
  readonly perSession: { readonly minimum: number; readonly maximum: number }
}

function sessionPosts({ symbol, bar, mood, random, perSession }: SessionInput): readonly SourceItem[] {
  const count = perSession.minimum + Math.floor(random.next() * (perSession.maximum - perSession.minimum + 1))
  const times = Array.from(
    { length: count },
    () => bar.closeTime + 1 + Math.floor(random.next() * (spreadMs - 1)),
  ).sort((a, b) => a - b)
  const noisyMood = clamp(mood + 1.2 * (random.next() - 0.5))
  const posts: SourceItem[] = []
  times.forEach((at, index) => {
    const author = pick(syntheticAuthors, random.next())
    posts.push({
      id: `${syntheticSourceName}:${symbol}:${bar.sessionDate}:${index}`,
      symbol,
      text: textOf({ symbol, bar, mood: noisyMood, random, earlier: posts }),
      at,
      author: author.name,
      followers: author.followers,
    })
  })
  return posts
}

type TextInput = {
  readonly symbol: string
  readonly bar: SyntheticBar
  readonly mood: number
  readonly random: Random
  readonly earlier: readonly SourceItem[]
}

function textOf({ symbol, bar, mood, random, earlier }: TextInput): string {
  const kind = random.next()
  if (earlier.length > 0 && kind < 0.12) {
    const other = pick(earlier, random.next())
    return kind < 0.05 ? other.text : retweetOf(other)
  }
  const opener = pick(postOpeners, random.next())
  const template = pick(postTemplates[toneOf(mood, random)], random.next())
  const percent = `${3 + Math.floor(random.next() * 22)}%`
  const days = String(3 + Math.floor(random.next() * 18))
  const filled = template
    .replace('{tag}', `$${symbol.split('-')[0] ?? symbol}`)
    .replace('{level}', bar.close.toFixed(bar.close < 10 ? 4 : 2))
    .replace('{percent}', percent)
    .replace('{days}', days)
  return `${opener}${filled}`
}

/** 8 % spam, 25 % neutral, the rest opinions: bullish with a chance of (1 + mood) / 2. */
function toneOf(mood: number, random: Random): keyof typeof postTemplates {
  const kind = random.next()
  if (kind < 0.08) return 'spam'
  if (kind < 0.33) return 'neutral'
  return random.next() < (1 + mood) / 2 ? 'bullish' : 'bearish'
}

function retweetOf(post: SourceItem): string {
  const text = `RT @${post.author ?? 'made-up'}: ${post.text}`
  return text.length <= retweetLength ? text : `${text.slice(0, retweetLength - 1)}…`
}

/** -1 to 1: the last return and a quarter of the last five days' return, in standard deviations of the daily returns, halved. */
function moodOf(closes: readonly number[]): number {
  const returns = closes.slice(1).map((close, index) => close / (closes[index] ?? close) - 1)
  if (returns.length < 2) return 0
  const centre = returns.reduce((sum, value) => sum + value, 0) / returns.length
  const deviation = Math.sqrt(
    returns.reduce((sum, value) => sum + (value - centre) * (value - centre), 0) / returns.length,
  )
  const last = closes.at(-1) ?? 0
  const weekAgo = closes.at(-6) ?? closes[0] ?? last
  if (deviation === 0 || weekAgo === 0) return 0
  return clamp(((returns.at(-1) ?? 0) + 0.25 * (last / weekAgo - 1)) / (2 * deviation))
}

function pick<T>(values: readonly T[], draw: number): T {
  const value = values[Math.min(values.length - 1, Math.floor(draw * values.length))]
  if (value === undefined) throw new SwarmError({ code: 'INTERNAL', message: 'a list to choose from is empty' })
  return value
}

function clamp(value: number): number {
  return Math.min(1, Math.max(-1, value))
}

function checkOptions(
  bars: readonly SyntheticBar[],
  { minimum, maximum }: { readonly minimum: number; readonly maximum: number },
): void {
  if (
    !Number.isSafeInteger(minimum) ||
    !Number.isSafeInteger(maximum) ||
    minimum < 0 ||
    maximum < minimum ||
    maximum > 10_000
  ) {
    throw invalid(
      'perSession',
      `{ minimum: ${minimum}, maximum: ${maximum} }`,
      'give whole numbers with 0 <= minimum <= maximum <= 10,000',
    )
  }
  bars.forEach(({ close, closeTime, sessionDate }, index) => {
    const earlier = bars[index - 1]
    if (!Number.isFinite(close) || close <= 0)
      throw invalid(`bars[${index}].close (${sessionDate})`, String(close), 'give a price above 0')
    if (!Number.isSafeInteger(closeTime) || (earlier !== undefined && closeTime <= earlier.closeTime)) {
      throw invalid(
        `bars[${index}].closeTime (${sessionDate})`,
        String(closeTime),
        'give whole milliseconds, each later than the one before',
      )
    }
  })
}

function invalid(option: string, value: string, range: string): SwarmError {
  return new SwarmError({
    code: 'INVALID_OPTION',
    message: `generateSyntheticPosts: ${option} is ${value}; ${range}`,
    context: { option, value },
  })
}
