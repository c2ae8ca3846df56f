import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSeededRandom } from '../random/seeded-random.js'
import { createConsistentHash } from './consistent-hash.js'
import { failoverOrder } from './failover-order.js'
import { createLeastLoaded } from './least-loaded.js'
import { createPowerOfTwoChoices } from './power-of-two-choices.js'
import { createRoundRobin } from './round-robin.js'
import { type Candidate, type Selection, type SelectionName, selectionByName } from './selection.js'

const names: readonly SelectionName[] = ['round-robin', 'least-loaded', 'power-of-two-choices', 'consistent-hash']

type Loaded = Candidate & { work: number }

function candidate(id: string, work = 0): Loaded {
  const made: Loaded = { id, work, load: () => made.work }
  return made
}

const candidates = (count: number): Loaded[] =>
  Array.from({ length: count }, (_, index) => candidate(`worker-${index}`))

const chosen = (selection: Selection, from: readonly Candidate[], key?: string): string | undefined =>
  selection.choose(from, key)?.id

describe.each(names)('%s', (name) => {
  const make = () => selectionByName(name, { random: createSeededRandom(1) })

  it('is called by its name, and chooses nobody from nobody and the only one from one', () => {
    expect(make().name).toBe(name)
    expect(chosen(make(), [], 'key')).toBeUndefined()
    expect([chosen(make(), candidates(1), 'key'), chosen(make(), candidates(1))]).toEqual(['worker-0', 'worker-0'])
  })

  it('chooses one of the candidates, whoever they are and whatever their loads', () => {
    const work = fc.oneof(fc.nat(3), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1))
    const list = fc.uniqueArray(fc.record({ id: fc.string({ maxLength: 3 }), work }), {
      minLength: 1,
      maxLength: 6,
      selector: ({ id }) => id,
    })
    fc.assert(
      fc.property(fc.array(fc.tuple(list, fc.option(fc.string(), { nil: undefined })), { maxLength: 10 }), (rounds) => {
        const selection = make()
        for (const [of, key] of rounds) {
          const all = of.map(({ id, work: load }) => candidate(id, load))
          expect(all).toContain(selection.choose(all, key))
        }
      }),
    )
  })

  it('gives everyone a share', () => {
    const selection = make()
    const all = candidates(5)
    const seen = new Set(Array.from({ length: 200 }, (_, index) => chosen(selection, all, `key-${index}`)))
    expect(seen.size).toBe(5)
  })

  it('allocates nothing', () => {
    const selection = make()
    const all = candidates(8)
    const rounds = 100_000
    const growth = (): number => {
      const before = process.memoryUsage().heapUsed
      for (let round = 0; round < rounds; round += 1) selection.choose(all, 'key')
      return process.memoryUsage().heapUsed - before
    }
    growth()
    // What the engine itself allocates comes and goes; what the selection does would be there each time.
    const least = Math.min(...Array.from({ length: 8 }, () => Math.abs(growth())))
    // Random numbers are fractions, which an engine may have to box.
    expect(least / rounds).toBeLessThan(name === 'power-of-two-choices' ? 40 : 4)
  })

  it('gives a failover order that has each candidate once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8 }), fc.option(fc.string(), { nil: undefined }), (count, key) => {
        const all = candidates(count)
        const order = failoverOrder(make(), { candidates: all, key })
        const tried: string[] = []
        for (let next = order.next(); next !== undefined; next = order.next()) tried.push(next.id)
        expect(tried.toSorted()).toEqual(all.map(({ id }) => id))
        expect(order.next()).toBeUndefined()
      }),
    )
  })
})

describe('selectionByName', () => {
  it('refuses a name that it does not know', () =>
    expect(() => selectionByName('random' as SelectionName, { random: createSeededRandom(1) })).toThrow(
      'there is no selection "random"; there are: round-robin, least-loaded, power-of-two-choices, consistent-hash',
    ))
})

describe('createRoundRobin', () => {
  it('goes around', () => {
    const selection = createRoundRobin()
    const all = candidates(3)
    expect(Array.from({ length: 5 }, () => chosen(selection, all)?.at(-1)).join('')).toBe('01201')
  })

  it('never chooses the same twice in a row while there are others, whoever comes and goes', () => {
    fc.assert(
      fc.property(fc.array(fc.uniqueArray(fc.nat(6), { minLength: 2 }), { maxLength: 30 }), (lists) => {
        const selection = createRoundRobin()
        let last: string | undefined
        for (const list of lists) {
          const now = chosen(
            selection,
            list.map((index) => candidate(`worker-${index}`)),
          )
          expect(now).not.toBe(last)
          last = now
        }
      }),
    )
  })

  it('goes on with the one after, when the last chosen is gone', () => {
    const selection = createRoundRobin()
    const [a, b, c, d] = candidates(4) as [Loaded, Loaded, Loaded, Loaded]
    chosen(selection, [a, b, c, d])
    chosen(selection, [a, b, c, d])
    expect(chosen(selection, [a, c, d])).toBe(c.id)
    expect(chosen(selection, [d, a, c])).toBe(d.id)
  })
})

describe('createLeastLoaded', () => {
  it('chooses the least loaded, and equals in turn', () => {
    const selection = createLeastLoaded()
    const all = [candidate('a', 2), candidate('b', 1), candidate('c', 1), candidate('d', Number.NaN)]
    expect(Array.from({ length: 4 }, () => chosen(selection, all)).join('')).toBe('bcbc')
    ;(all[0] as Loaded).work = 0
    expect(chosen(selection, all)).toBe('a')
  })

  it('keeps loads within one of each other, when each choice adds to a load', () => {
    const selection = createLeastLoaded()
    const all = candidates(7)
    for (let round = 0; round < 100; round += 1) {
      const one = selection.choose(all, undefined) as Loaded
      one.work += 1
      const works = all.map(({ work }) => work)
      expect(Math.max(...works) - Math.min(...works)).toBeLessThanOrEqual(1)
    }
  })
})

describe('createPowerOfTwoChoices', () => {
  it('never chooses the most loaded of several, and draws every other', () => {
    const selection = createPowerOfTwoChoices({ random: createSeededRandom(7) })
    const all = [candidate('a', 5), candidate('b', 9), candidate('c', 1)]
    const counts = { a: 0, b: 0, c: 0 }
    for (let round = 0; round < 3_000; round += 1) counts[chosen(selection, all) as 'a'] += 1
    expect(counts.b).toBe(0)
    // Of the three pairs, two hold c.
    expect(counts.c / 3_000).toBeGreaterThan(0.63)
    expect(counts.c / 3_000).toBeLessThan(0.7)
  })

  it('spreads load far better than chance: 100,000 pieces over 100 differ from the mean by less than 10', () => {
    const selection = createPowerOfTwoChoices({ random: createSeededRandom(7) })
    const all = candidates(100)
    for (let piece = 0; piece < 100_000; piece += 1) (selection.choose(all, undefined) as Loaded).work += 1
    for (const { work } of all) expect(Math.abs(work - 1_000)).toBeLessThan(10)
  })
})

describe('createConsistentHash', () => {
  const keys = Array.from({ length: 2_000 }, (_, index) => `SYM${index}-USDT`)

  it('chooses the same for a key, in every order of the candidates and in every process', () => {
    const all = candidates(6)
    fc.assert(
      fc.property(
        fc.shuffledSubarray(all, { minLength: 6 }),
        fc.string(),
        (shuffled, key) => chosen(createConsistentHash(), shuffled, key) === chosen(createConsistentHash(), all, key),
      ),
    )
    expect(['BTC-USDT', 'ETH-USDT', 'AAPL', ''].map((key) => chosen(createConsistentHash(), all, key))).toEqual([
      'worker-0',
      'worker-2',
      'worker-0',
      'worker-3',
    ])
  })

  it('moves no key but those that must move, when one comes or goes', () => {
    const ids = fc.uniqueArray(fc.string({ maxLength: 12 }), { minLength: 2, maxLength: 12 })
    fc.assert(
      fc.property(ids, fc.nat(11), fc.array(fc.string(), { maxLength: 50 }), (names, place, more) => {
        const selection = createConsistentHash()
        const all = names.map((id) => candidate(id))
        const gone = all[place % all.length]
        const rest = all.filter((one) => one !== gone)
        for (const key of [...more, ...keys.slice(0, 50)]) {
          const before = selection.choose(all, key)
          const after = selection.choose(rest, key)
          if (before === gone) expect(rest).toContain(after)
          else expect(after).toBe(before)
        }
      }),
    )
  })

  it('chooses by id where two hash alike', () => {
    const [lower, higher] = collidingIds()
      .toSorted()
      .map((id) => candidate(id)) as [Loaded, Loaded]
    for (const key of keys.slice(0, 20)) {
      expect(createConsistentHash().choose([lower, higher], key)).toBe(lower)
      expect(createConsistentHash().choose([higher, lower], key)).toBe(lower)
    }
  })

  it.each([2, 3, 10, 50])('gives each of %d candidates its share of keys, within 15 per cent', (count) => {
    const selection = createConsistentHash()
    const all = candidates(count)
    const share = 2_000
    for (let index = 0; index < share * count; index += 1) {
      const one = selection.choose(all, `key-${index}`) as Loaded
      one.work += 1
    }
    for (const { work } of all) expect(Math.abs(work / share - 1)).toBeLessThan(0.15)
  })

  it('spreads what has no key in turn', () => {
    const selection = createConsistentHash()
    const all = candidates(3)
    expect(Array.from({ length: 4 }, () => chosen(selection, all)?.at(-1)).join('')).toBe('0120')
  })
})

describe('failoverOrder', () => {
  it('follows the selection: the next best for a key is where the key goes when the best is gone', () => {
    const all = candidates(5)
    for (let index = 0; index < 50; index += 1) {
      const key = `key-${index}`
      const order = failoverOrder(createConsistentHash(), { candidates: all, key })
      const first = order.next()
      const rest = all.filter((one) => one !== first)
      expect(order.next()).toBe(createConsistentHash().choose(rest, key))
    }
  })

  it('tries one that was given twice once', () => {
    const [a, b] = candidates(2) as [Loaded, Loaded]
    const order = failoverOrder(createRoundRobin(), { candidates: [a, a, b], key: undefined })
    expect([order.next(), order.next(), order.next()]).toEqual([a, b, undefined])
  })
})

/** Two ids of the same FNV-1a hash, by birthday. */
function collidingIds(): readonly [string, string] {
  const seen = new Map<number, string>()
  for (let index = 0; ; index += 1) {
    const id = `worker-${index}`
    let hash = 0x811c9dc5
    for (let place = 0; place < id.length; place += 1) hash = Math.imul(hash ^ id.charCodeAt(place), 0x01000193)
    const other = seen.get(hash)
    if (other !== undefined) return [other, id]
    seen.set(hash, id)
  }
}
