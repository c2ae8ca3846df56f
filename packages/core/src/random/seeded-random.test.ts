import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Random } from './random.js'
import { createSeededRandom } from './seeded-random.js'

function draw(random: Random, count: number): readonly number[] {
  return Array.from({ length: count }, () => random.next())
}

describe('createSeededRandom', () => {
  it('gives these numbers for these seeds, for ever', () => {
    expect(draw(createSeededRandom(42), 3)).toEqual([0.3154848017729819, 0.47903960244730115, 0.29688228690065444])
    expect(draw(createSeededRandom('swarm').fork('analyst'), 3)).toEqual([
      0.8590912474319339, 0.3360367729328573, 0.8481605448760092,
    ])
  })

  it('gives a fork that depends on seed and name, not on what was drawn before', () => {
    const fresh = createSeededRandom(7)
    const used = createSeededRandom(7)
    draw(used, 100)
    expect(draw(used.fork('a'), 5)).toEqual(draw(fresh.fork('a'), 5))
    expect(draw(fresh.fork('b'), 5)).not.toEqual(draw(fresh.fork('a'), 5))
  })

  it('does not disturb the stream that it forks from', () => {
    const forked = createSeededRandom(7)
    draw(forked.fork('a'), 10)
    expect(draw(forked, 5)).toEqual(draw(createSeededRandom(7), 5))
  })

  it('tells nested forks and names with slashes apart', () => {
    const random = createSeededRandom(1)
    const streams = [
      random.fork('a/b'),
      random.fork('a').fork('b'),
      random.fork('a~1b'),
      createSeededRandom('1/a/b'),
      createSeededRandom('1/a').fork('b'),
    ]
    const firsts = streams.map((stream) => draw(stream, 2).join())
    expect(new Set(firsts).size).toBe(streams.length)
  })

  it('gives forks of a hundred thousand names a hundred thousand streams', () => {
    const random = createSeededRandom(1)
    const firsts = new Set(Array.from({ length: 100_000 }, (_, index) => draw(random.fork(`n${index}`), 2).join()))
    expect(firsts.size).toBe(100_000)
  })

  it('is uniform: chi-square over 64 bins stays below the 99.9 % quantile, for a stream and across forks', () => {
    const bins = 64
    const draws = 64_000
    // Quantile of the chi-square distribution with 63 degrees of freedom.
    const quantile999 = 103.4
    const chiSquare = (numbers: readonly number[]): number => {
      const counts = Array.from({ length: bins }, () => 0)
      for (const value of numbers) counts[Math.floor(value * bins)] = (counts[Math.floor(value * bins)] ?? 0) + 1
      return counts.reduce((sum, count) => sum + (count - draws / bins) ** 2 / (draws / bins), 0)
    }
    const random = createSeededRandom('uniform')
    expect(chiSquare(draw(random, draws))).toBeLessThan(quantile999)
    expect(chiSquare(Array.from({ length: draws }, (_, index) => random.fork(String(index)).next()))).toBeLessThan(
      quantile999,
    )
  })

  it('stays within [0, 1) for every seed', () => {
    fc.assert(
      fc.property(fc.string(), (seed) => draw(createSeededRandom(seed), 50).every((value) => value >= 0 && value < 1)),
    )
  })
})
