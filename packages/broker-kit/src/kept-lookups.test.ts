import { expect, it } from 'vitest'
import { KeptLookups } from './kept-lookups.js'

function lookups(look: (id: string) => Promise<string | undefined>, most = 100) {
  return new KeptLookups<string, string>({ keyOf: (id) => id, look, most })
}

it('looks each thing up once, sixteen side by side, however often it is asked for', async () => {
  const asked: string[] = []
  let open = 0
  let most = 0
  const kept = lookups(async (id) => {
    asked.push(id)
    open += 1
    most = Math.max(most, open)
    await Promise.resolve()
    open -= 1
    return `found ${id}`
  })
  const ids = Array.from({ length: 40 }, (_, index) => `order ${index % 20}`)
  await kept.fetch(ids)
  await kept.fetch(ids)
  expect(asked).toHaveLength(20)
  expect(most).toBe(16)
  expect(kept.find('order 7')).toBe('found order 7')
})

it('keeps what was found before a look-up failed, and asks again for what was not', async () => {
  let fails = true
  const asked: string[] = []
  const kept = lookups(async (id) => {
    asked.push(id)
    if (id === 'b' && fails) throw new Error('lost')
    return id === 'c' ? undefined : id
  })
  await expect(kept.fetch(['a', 'b', 'c'])).rejects.toThrow('lost')
  fails = false
  await kept.fetch(['a', 'b', 'c'])
  expect(asked).toEqual(['a', 'b', 'c', 'b', 'c'])
  expect([kept.find('a'), kept.find('b'), kept.find('c')]).toEqual(['a', 'b', undefined])
})

it('forgets the oldest', async () => {
  const kept = lookups(async (id) => id, 2)
  await kept.fetch(['a', 'b', 'c'])
  expect([kept.find('a'), kept.find('b'), kept.find('c')]).toEqual([undefined, 'b', 'c'])
})
