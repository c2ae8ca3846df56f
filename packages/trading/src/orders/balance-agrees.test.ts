import { describe, expect, test } from 'vitest'
import { decimal } from '../money/decimal.js'
import { balanceAgrees } from './balance-agrees.js'

const agrees = (booked: string, told: string, precision?: { significantDigits: number; decimals: number }): boolean =>
  balanceAgrees(decimal(booked), decimal(told), precision)

test('a balance of a venue that does not say how it rounds is compared to the last digit', () => {
  expect(agrees('99997.4995', '99997.49950')).toBe(true)
  expect(agrees('99997.4995', '99997.499500000000000001')).toBe(false)
})

describe('a balance that is told rounded', () => {
  const precision = { significantDigits: 15, decimals: 10 }
  test.each([
    // A number of double precision, printed: 99.89469657 has become 99.89469657000001.
    ['99.89469657', '99.89469657000001', true],
    ['99.8946965701', '99.8946965702', true],
    ['99.8946965701', '99.8946965703', false],
    ['123456789012.345678', '123456789012.346', true],
    ['123456789012.345678', '123456789012.348', false],
    ['123456789012345678', '123456789012346000', true],
    ['123456789012345678', '123456789012347000', false],
    ['0', '0.00000000000000001', true],
    ['0', '0.0000000002', false],
    ['-99.89469657', '-99.89469657000001', true],
    ['-1', '1', false],
  ])('agrees to the coarser of its digits and decimals: %s told as %s', (booked, told, isSame) => {
    expect(agrees(booked, told, precision)).toBe(isSame)
  })
})
