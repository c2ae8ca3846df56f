import { expect, test } from 'vitest'
import { noted, nothingNoted } from './noted.js'

test('an id finds what was noted under it, and a name that every object has finds nothing', () => {
  const facts = { 'trade-1': true }
  expect(noted(facts, 'trade-1')).toBe(true)
  for (const id of ['trade-2', '__proto__', 'constructor']) {
    expect(noted(facts, id)).toBeUndefined()
    expect(noted(nothingNoted, id)).toBeUndefined()
  }
  expect(noted({ ['__proto__']: 'kept' }, '__proto__')).toBe('kept')
})
