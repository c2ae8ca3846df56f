import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseInstant } from './parse-instant.js'

describe('reading an instant', () => {
  it('comes to what Date.parse comes to, for all instants and decimals', () => {
    const instant = fc.date({ min: new Date(0), max: new Date('2099-12-31T23:59:59.999Z'), noInvalidDate: true })
    fc.assert(
      fc.property(instant, fc.stringMatching(/^\d{0,6}$/), (date, more) => {
        const text = date.toISOString()
        expect(parseInstant(`${text.slice(0, -1)}${more}Z`)).toBe(date.getTime())
        const [whole = '', decimals = ''] = text.slice(0, -1).split('.')
        expect(parseInstant(`${whole}Z`)).toBe(Date.parse(`${whole}Z`))
        expect(parseInstant(`${whole}.${decimals.slice(0, 1)}Z`)).toBe(Date.parse(`${whole}.${decimals.slice(0, 1)}Z`))
        expect(parseInstant(`${whole}.${decimals.slice(0, 2)}Z`)).toBe(Date.parse(`${whole}.${decimals.slice(0, 2)}Z`))
      }),
    )
  })

  it('reads offsets from UTC', () => {
    expect(parseInstant('2026-01-05T10:00:00.123456789-05:00')).toBe(Date.UTC(2026, 0, 5, 15, 0, 0, 123))
  })

  it.each([
    '',
    'Z',
    'yesterday',
    '2026-13-05T15:00:00Z',
    '2026-01-05T25:00:00Z',
    '2026-01-05T15:60:00Z',
    '2026-01-05T15:00:61Z',
    '2026-01-05T15:00:0xZ',
    '2026-01-05T15:00:00.Z',
    '2026-01-05T15:00:00.12aZ',
    '2026-01-05T15-00-00Z',
  ])('takes %j for none', (text) => {
    expect(parseInstant(text)).toBeNaN()
  })
})
