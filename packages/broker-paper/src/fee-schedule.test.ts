import { type Decimal, decimal, decimalText, type Side, zero } from '@tradeswarm/trading'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { affordableQuantity, type FeeSchedule, feeOf } from './fee-schedule.js'

const schedule = (basisPoints: string, perUnit: string, minimum: string): FeeSchedule => ({
  maker: decimal(basisPoints),
  taker: decimal(basisPoints),
  perUnit: decimal(perUnit),
  minimum: decimal(minimum),
  perOrder: zero,
  chargedIn: 'currency',
  places: undefined,
})

const fee = (fees: FeeSchedule, side: Side, price: Decimal, quantity: Decimal): Decimal =>
  feeOf(fees, { side, notional: price.times(quantity), quantity, liquidity: 'taker', isFirstFill: false })

test('a fee is the exact sum of its parts, at least the minimum, at most the proceeds of a sale', () => {
  const fees = schedule('5', '0.005', '1')
  expect(decimalText(fee(fees, 'buy', decimal('100.33'), decimal('30')))).toBe('1.654950'.replace(/0+$/, ''))
  expect(decimalText(fee(fees, 'buy', decimal('100'), decimal('1')))).toBe('1')
  expect(decimalText(fee(fees, 'sell', decimal('0.4'), decimal('1')))).toBe('0.4')
})

test('a fee of more than 18 decimals is rounded up there, that of a sale never beyond its proceeds', () => {
  const fees = schedule('7', '0', '0')
  const price = decimal('0.000000000001')
  expect(decimalText(fee(fees, 'buy', price, decimal('1234567.891234')))).toBe('0.000000000864197524')
  expect(decimalText(fee(fees, 'buy', price, decimal('0.000001')))).toBe('0.000000000000000001')
  expect(decimalText(fee(schedule('7', '0', '1'), 'sell', price, decimal('1.0000009')))).toBe(
    '0.000000000001000000'.replace(/0+$/, ''),
  )
  const cash = decimal('1.0007')
  const budget = {
    cash,
    unitPrice: decimal('0.9999999999999'),
    lot: decimal('0.0000001'),
    liquidity: 'taker',
    isFirstFill: false,
  } as const
  const quantity = affordableQuantity(fees, budget)
  expect(
    quantity
      .times(budget.unitPrice)
      .plus(fee(fees, 'buy', budget.unitPrice, quantity))
      .lte(cash),
  ).toBe(true)
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
            .plus(fee(fees, 'buy', decimal(String(price)), quantity))
        const quantity = affordableQuantity(fees, {
          cash: money,
          unitPrice: decimal(String(price)),
          lot: decimal(lot),
          liquidity: 'taker',
          isFirstFill: false,
        })
        expect(quantity.eq(zero) || cost(quantity).lte(money)).toBe(true)
        expect(cost(quantity.plus(decimal(lot))).gt(money)).toBe(true)
      },
    ),
  )
})
