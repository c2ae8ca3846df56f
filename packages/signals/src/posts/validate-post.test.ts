import { describe, expect, it } from 'vitest'
import type { SourceItem } from '../signal-source.js'
import { normalisePost } from './normalise-post.js'
import { type PostValidationOptions, validatePost } from './validate-post.js'

const now = 1_400_000_000_000
const hourMs = 3_600_000
const symbols = new Map<string, readonly string[]>([
  ['AAPL', ['apple']],
  ['T', ['AT&T']],
  ['GOOG', ['$googl']],
  ['BTC-USDT', []],
])

function reasonFor(item: Partial<SourceItem>, options: Partial<PostValidationOptions> = {}): string {
  const post = normalisePost({ id: '1', symbol: 'AAPL', text: 'buying $AAPL', at: now, ...item })
  const result = validatePost(post, { now, symbols, ...options })
  return result.status === 'ok' ? 'ok' : result.reason
}

describe('validatePost', () => {
  it('accepts what names the symbol by cashtag, hashtag, symbol or a name', () => {
    expect(reasonFor({})).toBe('ok')
    expect(reasonFor({ text: 'buying #AAPL' })).toBe('ok')
    expect(reasonFor({ text: 'buying AAPL' })).toBe('ok')
    expect(reasonFor({ text: 'Apple is great' })).toBe('ok')
    expect(reasonFor({ symbol: 'T', text: 'AT&amp;T pays well' })).toBe('ok')
    expect(reasonFor({ symbol: 'GOOG', text: 'buying $GOOGL' })).toBe('ok')
    expect(reasonFor({ symbol: 'BTC-USDT', text: '$btc breaks out' })).toBe('ok')
  })

  it('rejects what is about something else', () => {
    expect(reasonFor({ symbol: 'T', text: 'HAPPY 2014 EA$T COAST' })).toBe('not-about-symbol')
    expect(reasonFor({ symbol: 'T', text: 'The T in it' })).toBe('not-about-symbol')
    expect(reasonFor({ text: 'pineapple juice' })).toBe('not-about-symbol')
  })

  it('rejects lists, by a limit that can be set', () => {
    const text = 'movers $AAPL $A $B $C $D $E $F'
    expect(reasonFor({ text })).toBe('list-post')
    expect(reasonFor({ text }, { maximumCashtags: 7 })).toBe('ok')
  })

  it('rejects texts that are empty or hold no words', () => {
    expect(reasonFor({ text: ' \u200b ' })).toBe('empty-text')
    expect(reasonFor({ text: '$AAPL 521.29 +0.4% http://t.co/abc #stocks' })).toBe('no-words')
    expect(reasonFor({ text: '$AAPL 🚀' })).toBe('ok')
  })

  it('rejects what comes from the future or from long ago', () => {
    expect(reasonFor({ at: now + 1 })).toBe('future-dated')
    expect(reasonFor({ at: now + 1 }, { maximumClockSkewMs: 1 })).toBe('ok')
    expect(reasonFor({ at: now - 72 * hourMs })).toBe('ok')
    expect(reasonFor({ at: now - 72 * hourMs - 1 })).toBe('too-old')
    expect(reasonFor({ at: now - 2 * hourMs }, { maximumAgeMs: hourMs })).toBe('too-old')
  })

  it('rejects unknown symbols and numbers that are none', () => {
    expect(reasonFor({ symbol: 'ZZZ' })).toBe('unknown-symbol')
    expect(reasonFor({ at: Number.NaN })).toBe('invalid-number')
    expect(reasonFor({ followers: -1 })).toBe('invalid-number')
    expect(reasonFor({ followers: Number.POSITIVE_INFINITY })).toBe('invalid-number')
  })

  it.each([
    'Our penny stock picks have gained 3,600% in 9 months! $AAPL',
    'Subscribe now for daily option alerts $AAPL',
    'Free webinar tonight $AAPL',
    '$XYZ stock forum updated Tuesday $AAPL',
    'guaranteed profits with $AAPL',
  ])('rejects advertising: %s', (text) => {
    expect(reasonFor({ text })).toBe('promotional')
  })

  it.each([
    '$AAPL adds 3 million subscribers to its music service',
    'Follow through day on $AAPL, looks good',
    'Analyst picks $AAPL as a favourite for 2015',
    '$AAPL free cash flow guaranteed by services? I doubt it',
  ])('lets news and opinion pass: %s', (text) => {
    expect(reasonFor({ text })).toBe('ok')
  })
})
