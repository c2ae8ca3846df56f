import { describe, expect, it } from 'vitest'
import { createSequentialIds } from './sequential-ids.js'
import { createSystemIds } from './system-ids.js'

describe('ids', () => {
  it('count up per prefix, the same in every source', () => {
    const ids = createSequentialIds()
    expect([ids.next('fill'), ids.next('order'), ids.next('fill')]).toEqual(['fill-1', 'order-1', 'fill-2'])
    expect(createSequentialIds().next('fill')).toBe('fill-1')
  })

  it('of the machine start with their prefix and do not repeat', () => {
    const sources = [createSystemIds(), createSystemIds()]
    const made = new Set(sources.flatMap((ids) => Array.from({ length: 1_000 }, () => ids.next('order'))))
    expect(made.size).toBe(2_000)
    expect([...made].every((id) => /^order-[0-9a-f-]{36}-\d+$/.test(id))).toBe(true)
  })

  it.each([
    ['order', 'permit', 'order', 'permit'],
    ['order', 'permit', 'fill', 'order', 'order', 'fill', 'permit', 'permit', 'order'],
  ])('of the machine have their own prefix and count on, whichever take turns: %s %s %s %s', (...prefixes) => {
    const ids = createSystemIds()
    const made = [...prefixes, ...prefixes].map((prefix) => ids.next(prefix))
    const origin = made[0]?.slice('order-'.length, -'-1'.length)
    expect(made).toEqual([...prefixes, ...prefixes].map((prefix, index) => `${prefix}-${origin}-${index + 1}`))
  })
})
