import { expect, it } from 'vitest'
import { RegistryIndex } from './registry-bucket.js'

it('an index keeps nothing of a value that nobody has any more', () => {
  const index = new RegistryIndex<string>()
  const [one, two] = [
    { entry: 'one', expiresMs: 10 },
    { entry: 'two', expiresMs: 20 },
  ]
  index.add('role', one)
  index.add('role', two)
  index.delete('role', one)
  expect(index.get('role')?.live(0)).toEqual(['two'])
  index.delete('role', two)
  index.delete('role', two)
  expect(index.get('role')).toBeUndefined()
})
