import { decimal, decimalText, zero } from '@tradeswarm/trading'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { affordableQuantity, type FeeSchedule, feeOf } from './fee-schedule.js'

const schedule = (basisPoints: string, perUnit: string, minimum: string): FeeSchedule => ({
  basisPoints: decimal(basisPoints),
  perUnit: decimal(perUnit),
  minimum: decimal(minimum),
})

test('a fee is the exact sum of its parts, at least the minimum, at most the proceeds of a sale', () => {
  const fees = schedule('5', '0.005', '1')
  expect(decimalText(feeOf(fees, 'buy', decimal('100.33'), decimal('30')))).toBe('1.654950'.replace(/0+$/, ''))
  expect(decimalText(feeOf(fees, 'buy', decimal('100'), decimal('1')))).toBe('1')
  expect(decimalText(feeOf(fees, 'sell', decimal('0.4'), decimal('1')))).toBe('0.4')
})

test('the affordable quantity is affordable, and one lot more is not', () => {
  const integer = (max: number) => fc.integer({ min: 0, max })
  fc.assert(
    fc.property(
      integer(500),
      integer(100),
      integer(500),
      integer(10_000_000),
      fc.integer({ min: 1, max: 50_000 }),
      fc.constantFrom('1', '0.001', '5'),
      (bps, unit, minimum, cash, price, lot) => {
        const fees = schedule(String(bps), (unit / 1000).toFixed(3), (minimum / 100).toFixed(2))
        const money = decimal((cash / 100).toFixed(2))
        const cost = (quantity: ReturnType<typeof decimal>) =>
          decimal(String(price))
            .times(quantity)
            .plus(feeOf(fees, 'buy', decimal(String(price)), quantity))
        const quantity = affordableQuantity(fees, money, decimal(String(price)), decimal(lot))
        expect(quantity.eq(zero) || cost(quantity).lte(money)).toBe(true)
        expect(cost(quantity.plus(decimal(lot))).gt(money)).toBe(true)
      },
    ),
  )
})
