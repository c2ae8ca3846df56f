import { describe, expect, it } from 'vitest'
import { createDuplicateFilter } from './duplicate-filter.js'

const check = (id: string, at: number, fingerprint = 'f', symbol = 'AAPL') => ({ id, symbol, fingerprint, at })

describe('createDuplicateFilter', () => {
  it('tells the original from its copies and counts them', () => {
    const filter = createDuplicateFilter({ windowMs: 100 })
    expect(filter.check(check('1', 0))).toEqual({ status: 'original' })
    expect(filter.check(check('2', 10))).toEqual({ status: 'copy', originalId: '1', copies: 1 })
    expect(filter.check(check('3', 20))).toEqual({ status: 'copy', originalId: '1', copies: 2 })
    expect(filter.check(check('1', 0))).toEqual({ status: 'repeated', copies: 2 })
    expect(filter.copiesOf('AAPL', 'f')).toBe(2)
    expect(filter.check(check('2', 10, 'f', 'MSFT'))).toEqual({ status: 'original' })
  })

  it('forgets after the window', () => {
    const filter = createDuplicateFilter({ windowMs: 100 })
    filter.check(check('1', 0))
    expect(filter.check(check('2', 100)).status).toBe('copy')
    expect(filter.check(check('3', 101)).status).toBe('original')
  })

  it('holds no more texts and symbols than it may', () => {
    const filter = createDuplicateFilter({ windowMs: 1_000, maximumEntries: 2, maximumSymbols: 2 })
    for (const [index, fingerprint] of ['a', 'b', 'c'].entries()) filter.check(check(String(index), index, fingerprint))
    expect(filter.stateOf('AAPL')?.map(([fingerprint]) => fingerprint)).toEqual(['b', 'c'])
    filter.check(check('9', 9, 'f', 'B'))
    filter.check(check('9', 9, 'f', 'C'))
    expect(filter.stateOf('AAPL')).toBeUndefined()
    expect(filter.stateOf('C')).toHaveLength(1)
  })

  it('goes on after a restart as if there had been none', () => {
    const before = createDuplicateFilter({ windowMs: 100 })
    before.check(check('1', 0))
    before.check(check('2', 1))
    const after = createDuplicateFilter({ windowMs: 100 })
    after.restore('AAPL', JSON.parse(JSON.stringify(before.stateOf('AAPL'))))
    expect(after.check(check('3', 2))).toEqual(before.check(check('3', 2)))
  })

  it('refuses broken states and limits by name', () => {
    const filter = createDuplicateFilter()
    expect(() => filter.restore('AAPL', [['f', 1]])).toThrow(/stored duplicates of AAPL are unreadable/)
    expect(() => createDuplicateFilter({ maximumEntries: 0 })).toThrow(/maximumEntries is 0/)
    expect(() => createDuplicateFilter({ windowMs: Number.NaN })).toThrow(/windowMs is NaN/)
  })
})
