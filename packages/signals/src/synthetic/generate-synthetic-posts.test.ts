import { createSeededRandom } from '@tradeswarm/core'
import { describe, expect, it } from 'vitest'
import { createDuplicateFilter } from '../posts/duplicate-filter.js'
import { normalisePost } from '../posts/normalise-post.js'
import { validatePost } from '../posts/validate-post.js'
import { scoreSentiment } from '../sentiment/score-sentiment.js'
import { generateSyntheticPosts, type SyntheticBar, syntheticSourceName } from './generate-synthetic-posts.js'
import { postTemplates } from './post-templates.js'

const dayMs = 86_400_000
const start = 1_388_696_400_000

function barsOf(closes: readonly number[]): readonly SyntheticBar[] {
  return closes.map((close, index) => ({
    sessionDate: `2014-${String(index).padStart(4, '0')}`,
    closeTime: start + index * dayMs,
    close,
  }))
}

const path = Array.from({ length: 120 }, (_, index) => 100 + index * 0.2 + ((index * 7) % 11))
const generate = (closes: readonly number[], perSession = { minimum: 2, maximum: 8 }) =>
  generateSyntheticPosts({ symbol: 'SPX', bars: barsOf(closes), random: createSeededRandom(42), perSession })

function meanScore(closes: readonly number[]): number {
  const scores = generate(closes, { minimum: 20, maximum: 20 }).map(
    ({ text }) => scoreSentiment(normalisePost({ id: '', symbol: 'SPX', text, at: 0 }).text).score,
  )
  return scores.reduce((sum, score) => sum + score, 0) / scores.length
}

describe('generateSyntheticPosts', () => {
  it('gives the same posts for the same seed, marked as synthetic, in order of time', () => {
    const posts = generate(path)
    expect(generate(path)).toEqual(posts)
    expect(posts.every(({ id }) => id.startsWith(`${syntheticSourceName}:SPX:`))).toBe(true)
    expect(new Set(posts.map(({ id }) => id)).size).toBe(posts.length)
    expect(posts.map(({ at }) => at)).toEqual(posts.map(({ at }) => at).toSorted((a, b) => a - b))
  })

  it('keeps to the count and to the hours between a close and the next open', () => {
    const bars = barsOf(path)
    const posts = generate(path)
    for (const { closeTime } of bars) {
      const after = posts.filter(({ at }) => at > closeTime && at <= closeTime + 16 * 3_600_000)
      expect(after.length).toBeGreaterThanOrEqual(2)
      expect(after.length).toBeLessThanOrEqual(8)
    }
    expect(posts.every(({ at }) => (at - start) % dayMs > 0 && (at - start) % dayMs <= 16 * 3_600_000)).toBe(true)
  })

  it('I31 changing or removing later bars changes no post before their close', () => {
    const posts = generate(path)
    for (const index of [1, 37, 119]) {
      const cutoff = start + index * dayMs
      const before = posts.filter(({ at }) => at <= cutoff)
      const changed = path.map((close, at) => (at >= index ? close * (1 + 0.01 * (at % 5)) + 1 : close))
      expect(generate(changed).filter(({ at }) => at <= cutoff)).toEqual(before)
      expect(generate(path.slice(0, index))).toEqual(before)
    }
  })

  it('takes its tone from past bars', () => {
    const jumps = (size: number) =>
      Array.from({ length: 60 }, (_, index) => 100 + (index % 2) + (index % 10 === 9 ? size : 0))
    const upDays = Array.from({ length: 60 }, (_, index) => 100 * 1.01 ** index * (1 + 0.001 * (index % 2)))
    const downDays = upDays.map((close) => 10_000 / close)
    expect(meanScore(upDays)).toBeGreaterThan(meanScore(downDays) + 0.2)
    expect(Number.isFinite(meanScore(jumps(5)))).toBe(true)
  })

  it('holds spam, retweets and duplicates for the filters to find', () => {
    const filter = createDuplicateFilter()
    const found = { ok: 0, rejected: 0, retweet: 0, copy: 0 }
    const symbols = new Map([['SPX', []]])
    for (const item of generate(path)) {
      const post = normalisePost(item)
      if (post.isRetweet) found.retweet += 1
      if (validatePost(post, { now: post.at, symbols }).status === 'rejected') found.rejected += 1
      else if (filter.check(post).status === 'copy') found.copy += 1
      else found.ok += 1
    }
    expect(found.retweet).toBeGreaterThan(5)
    expect(found.rejected).toBeGreaterThan(10)
    expect(found.copy).toBeGreaterThan(5)
    expect(found.ok).toBeGreaterThan(found.rejected + found.copy)
  })

  it('writes each tone so that the sentiment model hears it in most cases', () => {
    const heard = (tone: 'bullish' | 'bearish') =>
      postTemplates[tone].filter((template) => {
        const { score } = scoreSentiment(
          template
            .replace('{tag}', '$SPX')
            .replace('{level}', '2015.10')
            .replace('{days}', '6')
            .replace('{percent}', '5%'),
        )
        return (tone === 'bullish' ? score : -score) > 0.15
      }).length
    expect(heard('bullish')).toBeGreaterThanOrEqual(10)
    expect(heard('bearish')).toBeGreaterThanOrEqual(10)
    const spam = postTemplates.spam.map((text) =>
      normalisePost({ id: '', symbol: 'SPX', text: text.replace('{tag}', '$SPX').replace('{percent}', '9%'), at: 0 }),
    )
    expect(
      spam.every((post) => validatePost(post, { now: 0, symbols: new Map([['SPX', []]]) }).status === 'rejected'),
    ).toBe(true)
  })

  it('names what is wrong with an option', () => {
    expect(() => generate([100, -1])).toThrow(/bars\[1\]\.close \(2014-0001\) is -1/)
    expect(() => generate([100], { minimum: 3, maximum: 2 })).toThrow(/perSession is/)
    const bars = barsOf([1, 2]).toReversed()
    expect(() => generateSyntheticPosts({ symbol: 'SPX', bars, random: createSeededRandom(1) })).toThrow(/closeTime/)
  })
})
