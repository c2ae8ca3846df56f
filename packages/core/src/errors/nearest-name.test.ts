import { expect, test } from 'vitest'
import { nearestName } from './nearest-name.js'

const known = ['policy', 'symbols', 'sources', 'riskFraction', 'maximumPositions']

test.each([
  ['polciy', 'policy'],
  ['plicy', 'policy'],
  ['symbol', 'symbols'],
  ['source', 'sources'],
  ['riskFracton', 'riskFraction'],
  ['RISKFRACTION', 'riskFraction'],
  ['maxPositions', 'maximumPositions'],
])('%s is nearest to %s', (misspelt, nearest) => {
  expect(nearestName(misspelt, known)).toBe(nearest)
})

test.each(['', 'x', 'colour', 'leverage', 'a'.repeat(100_000)])('nothing is near to %j', (misspelt) => {
  expect(nearestName(misspelt, known)).toBeUndefined()
})
