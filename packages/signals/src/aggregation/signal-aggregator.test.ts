import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SignalObservation } from './aggregated-signal.js'
import { defaultAggregatorConfig } from './aggregator-options.js'
import { authorInfluence, recencyWeight } from './influence.js'
import { createSignalAggregator } from './signal-aggregator.js'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const now = 1_400_000_000_000

const observation = (fields: Partial<SignalObservation>): SignalObservation => ({
  id: '1',
  symbol: 'AAPL',
  source: 'feed',
  author: 'a',
  score: 0.5,
  confidence: 0.8,
  weight: 0.5,
  at: now - hourMs,
  ...fields,
})

const observations = fc
  .array(
    fc.record({
      author: fc.integer({ min: 0, max: 25 }).map((index) => `author-${index}`),
      source: fc.constantFrom('feed', 'news'),
      score: fc.double({ min: -1, max: 1, noNaN: true }),
      confidence: fc.double({ min: 0, max: 1, noNaN: true }),
      weight: fc.double({ min: 0, max: 1, noNaN: true }),
      followers: fc.integer({ min: 0, max: 5_000_000 }),
      at: fc.integer({ min: now - 4 * dayMs, max: now + hourMs }),
      isRetweet: fc.boolean(),
    }),
    { maxLength: 60 },
  )
  .map((rows) => rows.map((row, index) => observation({ ...row, id: `post-${index}` })))

function aggregateOf(items: readonly SignalObservation[], options = {}) {
  const aggregator = createSignalAggregator(options)
  for (const item of items) aggregator.add(item)
  return aggregator.aggregate('AAPL', now)
}

function numbersIn(value: unknown): readonly number[] {
  if (typeof value === 'number') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(numbersIn)
}

describe('createSignalAggregator', () => {
  it('says nothing about a symbol without observations', () => {
    expect(aggregateOf([])).toBeUndefined()
    expect(aggregateOf([observation({ at: now + 1 })])).toBeUndefined()
    expect(aggregateOf([observation({ at: now - 4 * dayMs })])).toBeUndefined()
    expect(aggregateOf([observation({ weight: 0 })])).toBeUndefined()
    const onlyRejected = createSignalAggregator()
    onlyRejected.count('rejected', 'AAPL', now)
    expect(onlyRejected.aggregate('AAPL', now)).toBeUndefined()
  })

  it('tells what the score rests on', () => {
    const aggregator = createSignalAggregator()
    aggregator.add(observation({ id: '1', author: 'a', score: 0.8 }))
    aggregator.add(observation({ id: '2', author: 'b', score: 0.8, isRetweet: true }))
    aggregator.count('duplicate', 'AAPL', now - hourMs, true)
    aggregator.count('duplicate', 'AAPL', now - hourMs)
    aggregator.count('rejected', 'AAPL', now - hourMs)
    expect(aggregator.aggregate('AAPL', now)).toMatchObject({
      score: expect.closeTo(0.8, 12),
      quality: {
        mentions: 4,
        observations: 2,
        uniqueAuthors: 2,
        duplicateShare: 0.5,
        retweetShare: 0.5,
        rejectedShare: 0.2,
        concentration: 0.5,
        agreement: 1,
        oldestAgeMs: hourMs,
        newestAgeMs: hourMs,
      },
      contributors: [
        { id: '1', share: 0.5 },
        { id: '2', share: 0.5 },
      ],
    })
  })

  it('is surer of many voices than of one, and of agreement than of quarrel', () => {
    const voices = (scores: readonly number[]) =>
      aggregateOf(scores.map((score, index) => observation({ id: `${index}`, author: `${index}`, score })))
        ?.confidence ?? 0
    expect(voices([0.5, 0.5, 0.5, 0.5])).toBeGreaterThan(voices([0.5]))
    expect(voices([0.5, 0.5, 0.5, 0.5])).toBeGreaterThan(voices([0.5, -0.5, 0.5, -0.5]))
  })

  it('gives the same aggregate whatever the order of arrival, also when the window overflows', () => {
    const shuffled = observations.chain((items) =>
      fc.tuple(fc.constant(items), fc.shuffledSubarray(items, { minLength: items.length, maxLength: items.length })),
    )
    fc.assert(
      fc.property(shuffled, fc.constantFrom(1_000, 5), ([items, others], maximumObservations) => {
        expect(aggregateOf(others, { maximumObservations })).toEqual(aggregateOf(items, { maximumObservations }))
      }),
    )
  })

  it('keeps every number finite, the score within [-1, 1] and every author under the cap', () => {
    fc.assert(
      fc.property(observations, (items) => {
        const aggregate = aggregateOf(items, { maximumContributors: 1_000 })
        if (aggregate === undefined) return
        for (const number of numbersIn(aggregate)) expect(Number.isFinite(number)).toBe(true)
        expect(Math.abs(aggregate.score)).toBeLessThanOrEqual(1)
        expect(aggregate.confidence).toBeGreaterThanOrEqual(0)
        expect(aggregate.confidence).toBeLessThanOrEqual(1)
        const shares = new Map<string, number>()
        for (const { author, source, share } of aggregate.contributors) {
          const voice = `${source}/${author}`
          shares.set(voice, (shares.get(voice) ?? 0) + share)
        }
        const cap = Math.max(defaultAggregatorConfig.maximumAuthorShare, 1 / shares.size)
        for (const share of shares.values()) expect(share).toBeLessThanOrEqual(cap + 1e-9)
      }),
    )
  })

  it('lets no single author turn the sign of a crowd, however often and loudly they post', () => {
    const crowd = fc.array(
      fc.record({ score: fc.double({ min: 0.2, max: 1, noNaN: true }), followers: fc.integer({ min: 0, max: 1_000 }) }),
      { minLength: 10, maxLength: 30 },
    )
    fc.assert(
      fc.property(crowd, fc.integer({ min: 1, max: 200 }), (rows, copies) => {
        const honest = rows.map((row, index) =>
          observation({ ...row, id: `honest-${index}`, author: `honest-${index}`, confidence: 0.5 }),
        )
        const flood = Array.from({ length: copies }, (_, index) =>
          observation({
            id: `flood-${index}`,
            author: 'outsider',
            score: -1,
            confidence: 1,
            weight: 1,
            followers: 5_000_000,
            at: now,
          }),
        )
        expect(aggregateOf([...honest, ...flood])?.score).toBeGreaterThan(0)
      }),
    )
  })

  it('does not let copies by many accounts move the score at all', () => {
    const aggregator = createSignalAggregator()
    aggregator.add(observation({}))
    const before = aggregator.aggregate('AAPL', now)?.score
    for (let index = 0; index < 500; index += 1) aggregator.count('duplicate', 'AAPL', now)
    expect(aggregator.aggregate('AAPL', now)?.score).toBe(before)
  })

  it('flags a burst against the mean of the days before, and no quiet symbol', () => {
    const aggregator = createSignalAggregator()
    const post = (day: number, index: number) =>
      aggregator.add(observation({ id: `${day}-${index}`, author: `${index}`, at: now - day * dayMs }))
    for (let day = 10; day >= 1; day -= 1) for (let index = 0; index < 3; index += 1) post(day, index)
    for (let index = 0; index < 9; index += 1) post(0, index)
    expect(aggregator.aggregate('AAPL', now)?.burst).toMatchObject({ isBurst: false, mentions: 9, baseline: 3 })
    for (let index = 9; index < 20; index += 1) post(0, index)
    expect(aggregator.aggregate('AAPL', now)?.burst).toMatchObject({ isBurst: true, mentions: 20, baseline: 3 })
    expect(aggregateOf(Array.from({ length: 50 }, (_, index) => observation({ id: `${index}` })))?.burst.isBurst).toBe(
      false,
    )
  })

  it('goes on after a restart as if there had been none', () => {
    fc.assert(
      fc.property(observations, observations, (first, second) => {
        const before = createSignalAggregator()
        for (const item of first) before.add(item)
        before.count('duplicate', 'AAPL', now)
        const after = createSignalAggregator()
        after.restore('AAPL', JSON.parse(JSON.stringify(before.stateOf('AAPL'))))
        for (const item of second) {
          const later = { ...item, id: `later-${item.id}` }
          expect(after.add(later)).toEqual(before.add(later))
        }
        expect(after.aggregate('AAPL', now)).toEqual(before.aggregate('AAPL', now))
      }),
    )
  })

  it('takes an observation once and refuses numbers out of range', () => {
    const aggregator = createSignalAggregator()
    expect(aggregator.add(observation({}))).toEqual({ status: 'added' })
    expect(aggregator.add(observation({}))).toEqual({ status: 'repeated' })
    for (const broken of [
      { score: Number.NaN },
      { score: 1.1 },
      { confidence: -0.1 },
      { weight: 2 },
      { at: 0.5 },
      { followers: -1 },
    ]) {
      expect(aggregator.add(observation({ id: 'x', ...broken }))).toEqual({
        status: 'refused',
        reason: 'invalid-number',
      })
    }
    expect(aggregator.aggregate('AAPL', now)?.quality.observations).toBe(1)
  })

  it('holds the newest observations and the busiest symbols only', () => {
    const aggregator = createSignalAggregator({ maximumObservations: 3, maximumSymbols: 2 })
    for (let index = 0; index < 10; index += 1) aggregator.add(observation({ id: `${index}`, at: now - index }))
    expect(aggregator.stateOf('AAPL')?.observations.map(({ id }) => id)).toEqual(['2', '1', '0'])
    expect(aggregator.add(observation({ id: 'old', at: now - 99 }))).toEqual({ status: 'refused', reason: 'too-old' })
    aggregator.add(observation({ symbol: 'B' }))
    aggregator.add(observation({ symbol: 'C' }))
    expect(aggregator.symbols()).toEqual(['B', 'C'])
    for (let hour = 0; hour < 10_000; hour += 1) aggregator.count('rejected', 'B', now + hour * hourMs)
    expect(aggregator.stateOf('B')?.mentions.length).toBeLessThanOrEqual(84)
  })

  it('names what is wrong with an option or a stored state', () => {
    expect(() => createSignalAggregator({ maximumAuthorShare: 0 })).toThrow(/maximumAuthorShare is 0/)
    expect(() => createSignalAggregator({ windowMs: Number.NaN })).toThrow(/windowMs is NaN/)
    expect(() => createSignalAggregator().restore('AAPL', { observations: 1 })).toThrow(
      /stored signals of AAPL are unreadable/,
    )
  })
})

describe('influence', () => {
  it('grows with reach by steps, to an end', () => {
    const values = [undefined, 0, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 1e12].map(authorInfluence)
    expect(values).toEqual([0.75, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2])
  })

  it('halves with each half-life down to a floor', () => {
    const config = { halfLifeMs: dayMs, minimumRecency: 0.2 }
    expect([0, dayMs, 2 * dayMs, 3 * dayMs, -5].map((age) => recencyWeight(age, config))).toEqual([
      1, 0.5, 0.25, 0.2, 1,
    ])
  })
})
