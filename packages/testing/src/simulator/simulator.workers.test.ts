import { expect, test } from 'vitest'
import { simulate } from './simulate.js'

test('seeds are played in a Worker too', async () => {
  expect(await simulate({ seeds: 5 })).toEqual({ seeds: 5, violations: 0, failures: [] })
})
