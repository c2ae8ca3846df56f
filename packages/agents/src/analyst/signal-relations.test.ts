import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { correlationOf, returnsOf } from './correlation.js'
import { createCorrelations, leadOf } from './correlations.js'
import { findPatterns } from './find-patterns.js'
import { RecommendationQueue } from './recommendation-queue.js'

const wave = (length: number, by = 1) => Array.from({ length }, (_, index) => Math.sin(index * by))

describe('a correlation', () => {
  test('is 1 with itself and its multiples, −1 with its opposite, none where too little is known', () => {
    const series = wave(40)
    expect(correlationOf(series, series)).toBeCloseTo(1)
    expect(
      correlationOf(
        series,
        series.map((value) => 3 * value + 7),
      ),
    ).toBeCloseTo(1)
    expect(
      correlationOf(
        series,
        series.map((value) => -value),
      ),
    ).toBeCloseTo(-1)
    expect(correlationOf(series.slice(0, 19), series.slice(0, 19))).toBeUndefined()
    expect(correlationOf(series, Array(40).fill(5))).toBeUndefined()
  })

  test('is of the last pairs, and within −1 and 1 whatever the series', () => {
    expect(correlationOf([...wave(10, 2), ...wave(30)], wave(30))).toBeCloseTo(1)
    const series = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 20, maxLength: 60 })
    fc.assert(
      fc.property(series, series, (a, b) => {
        const value = correlationOf(a, b)
        expect(value === undefined || (value >= -1 && value <= 1)).toBe(true)
        expect(value).toBe(correlationOf(b, a))
      }),
    )
  })

  test('of returns needs prices above 0', () => {
    expect(returnsOf([100, 110, 0, 5])).toEqual([0.10000000000000009, -1, 0])
  })

  test('tells of the symbols that move most alike', () => {
    const closes = (by: number) => wave(60, by).map((value) => ({ high: 0, low: 0, close: 100 + value }))
    const bars = { A: closes(1), B: closes(1), C: closes(0.37), D: [] }
    const correlations = createCorrelations((symbol) => bars[symbol as keyof typeof bars])
    expect(correlations.of('A', ['A', 'B', 'C', 'D'])).toEqual([{ with: 'B', value: 1 }])
  })
})

test('posts lead where what they say comes before what prices do', () => {
  const scores = wave(40)
  let close = 100
  const moods = scores.map((score) => {
    const point = { score, close }
    close *= 1 + score / 100
    return point
  })
  expect(leadOf(moods)).toBeCloseTo(1)
  expect(leadOf(moods.slice(0, 10))).toBeUndefined()
})

test('patterns have fixed bounds', () => {
  const posts = {
    score: 0.4,
    usualScore: 0.1,
    distance: 0.3,
    confidence: 0.5,
    mentions: 9,
    authors: 5,
    copiedPercent: 40,
    agreement: 1,
    burst: 2.5,
  }
  expect(findPatterns({ price: { close: 1, rsi: 75 }, posts, trend: 0.2, gap: 0, concentration: 0.6 })).toEqual([
    'posts-with-trend',
    'burst-without-move',
    'overbought',
    'crowded',
    'copied',
  ])
  expect(findPatterns({ price: { close: 1, rsi: 25 }, posts, trend: -0.2, gap: 0.5 })).toEqual([
    'posts-against-trend',
    'burst-with-move',
    'oversold',
    'copied',
  ])
  expect(findPatterns({ price: { close: 1 } })).toEqual(['quiet'])
})

describe('the queue of recommendations', () => {
  const queued = (symbol: string, priority: number) => ({ item: symbol, symbol, priority })
  const all = <Item>(queue: RecommendationQueue<Item>): readonly Item[] => {
    const items: Item[] = []
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) items.push(next.item)
    return items
  }

  test('gives the most urgent first, in one order whatever came first, and keeps so many', () => {
    const entries = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1 }), fc.integer({ min: 0, max: 5 })), {
      selector: ([symbol]) => symbol,
      maxLength: 12,
    })
    fc.assert(
      fc.property(entries, fc.integer({ min: 1, max: 12 }), (given, maximum) => {
        const [one, other] = [
          new RecommendationQueue<string>({ maximum }),
          new RecommendationQueue<string>({ maximum }),
        ]
        for (const [symbol, priority] of given) one.push(queued(symbol, priority))
        for (const [symbol, priority] of given.toReversed()) other.push(queued(symbol, priority))
        const sorted = given.toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, maximum)
        const order = all(one)
        expect(order).toEqual(sorted.map(([symbol]) => symbol))
        expect(all(other)).toEqual(order)
      }),
    )
  })

  test('puts back what moves like one that was taken', () => {
    const queue = new RecommendationQueue<string>({
      maximum: 3,
      correlation: (a, b) => (a + b === 'BA' || a + b === 'AB' ? 0.9 : 0.1),
    })
    for (const entry of [queued('A', 1), queued('B', 0.9), queued('C', 0.6)]) queue.push(entry)
    expect(all(queue)).toEqual(['A', 'C', 'B'])
  })

  test('tells which one had to go, and takes no priority that is no number for the highest', () => {
    const queue = new RecommendationQueue<string>({ maximum: 1 })
    expect(queue.push(queued('A', Number.NaN))).toBeUndefined()
    expect(queue.push(queued('B', 0))?.item).toBe('A')
    expect(queue.length).toBe(1)
    expect(() => new RecommendationQueue({ maximum: 0 })).toThrow(/maximum/)
  })
})
