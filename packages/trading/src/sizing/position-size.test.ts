import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decimal } from '../money/decimal.js'
import { sizeByEqualWeight, sizeByFraction, sizeByRisk } from './position-size.js'

const base = { equity: '100000', entryPrice: '50', stopPrice: '47.5', lotSize: '1', availableCash: '100000' }

describe('fixed risk to the stop', () => {
  test('half a per cent of the equity is at stake unless told otherwise', () => {
    expect(sizeByRisk(base)).toEqual({ status: 'sized', quantity: '200', notional: '10000', boundBy: 'target' })
    expect(sizeByRisk({ ...base, riskFraction: 0.01 })).toMatchObject({ quantity: '400' })
    expect(sizeByRisk({ ...base, stopPrice: '52.5' })).toMatchObject({ quantity: '200' })
  })

  test('the size is rounded down to the lot', () => {
    expect(sizeByRisk({ ...base, stopPrice: '47' })).toMatchObject({ quantity: '166' })
    expect(sizeByRisk({ ...base, stopPrice: '47', lotSize: '0.001' })).toMatchObject({
      quantity: '166.666',
      notional: '8333.3',
    })
    expect(sizeByRisk({ ...base, stopPrice: '47', lotSize: '100' })).toMatchObject({ quantity: '100' })
  })

  test('the cap and the cash bound it, and the answer says which', () => {
    expect(sizeByRisk({ ...base, maximumNotional: '5020' })).toEqual({
      status: 'sized',
      quantity: '100',
      notional: '5000',
      boundBy: 'maximum-notional',
    })
    expect(sizeByRisk({ ...base, availableCash: '1000' })).toMatchObject({ quantity: '20', boundBy: 'available-cash' })
    expect(sizeByRisk({ ...base, availableCash: '1000', cashBufferFraction: 0.05 })).toMatchObject({ quantity: '19' })
  })

  test('what does not fit is 0 with the reason', () => {
    const code = (change: object) => sizeByRisk({ ...base, ...change })
    expect(code({ stopPrice: '50' })).toMatchObject({ status: 'zero', quantity: '0', code: 'STOP_AT_ENTRY' })
    expect(code({ equity: '-3' })).toMatchObject({ code: 'EQUITY_NOT_POSITIVE', message: 'the equity is -3' })
    expect(code({ availableCash: '0' })).toMatchObject({ code: 'NO_CASH' })
    expect(code({ availableCash: '49.99' })).toMatchObject({
      code: 'QUANTITY_BELOW_MINIMUM',
      message: 'less than one lot of 1 at 50 fits the available-cash',
    })
    expect(code({ maximumNotional: '-1' })).toMatchObject({ code: 'QUANTITY_BELOW_MINIMUM' })
    expect(code({ minimumNotional: '10000.01' })).toMatchObject({ code: 'NOTIONAL_BELOW_MINIMUM' })
  })

  test('wrong options are refused by name', () => {
    expect(() => sizeByRisk({ ...base, riskFraction: 1.5 })).toThrow('riskFraction: 1.5')
    expect(() => sizeByRisk({ ...base, riskFraction: 0 })).toThrow('riskFraction: 0')
    expect(() => sizeByRisk({ ...base, riskFraction: Number.NaN })).toThrow('riskFraction: NaN')
    expect(() => sizeByRisk({ ...base, entryPrice: '0' })).toThrow('entryPrice: 0')
    expect(() => sizeByRisk({ ...base, lotSize: '-1' })).toThrow('lotSize: -1')
    expect(() => sizeByRisk({ ...base, equity: 'NaN' })).toThrow('equity')
    expect(() => sizeByRisk({ ...base, cashBufferFraction: -0.1 })).toThrow('cashBufferFraction')
  })
})

test('a fixed fraction of the equity is invested', () => {
  expect(sizeByFraction({ ...base, fraction: 0.1 })).toMatchObject({ quantity: '200', notional: '10000' })
  expect(sizeByFraction({ ...base, fraction: 1, cashBufferFraction: 0.01 })).toMatchObject({
    quantity: '1980',
    boundBy: 'available-cash',
  })
})

test('equal weights share the equity exactly', () => {
  expect(sizeByEqualWeight({ ...base, positions: 3 })).toMatchObject({ quantity: '666' })
  expect(sizeByEqualWeight({ ...base, positions: 3, lotSize: '0.0001' })).toMatchObject({ quantity: '666.6666' })
  expect(() => sizeByEqualWeight({ ...base, positions: 0 })).toThrow('positions: 0')
})

test('no size passes a bound, and one lot more would', () => {
  const text = (least: number, most: number, places: number) =>
    fc.integer({ min: least, max: most }).map((units) => (units / 10 ** places).toFixed(places))
  fc.assert(
    fc.property(
      fc.record({
        equity: text(1, 10 ** 9, 2),
        entryPrice: text(1, 10 ** 7, 4),
        stopPrice: text(1, 10 ** 7, 4),
        lotSize: fc.constantFrom('1', '0.01', '0.00000001', '100'),
        availableCash: text(1, 10 ** 9, 2),
        maximumNotional: text(0, 10 ** 9, 2),
        cashBufferFraction: fc.constantFrom(0, 0.01),
      }),
      (options) => {
        fc.pre(options.entryPrice !== options.stopPrice)
        const size = sizeByRisk(options)
        const [price, stop, lot] = [decimal(options.entryPrice), decimal(options.stopPrice), decimal(options.lotSize)]
        const fits = (quantity: typeof lot) =>
          quantity.times(price.minus(stop).abs()).lte(decimal(options.equity).times(decimal('0.005'))) &&
          quantity.times(price).lte(decimal(options.maximumNotional)) &&
          quantity
            .times(price)
            .times(decimal(options.cashBufferFraction === 0 ? '1' : '1.01'))
            .lte(decimal(options.availableCash))
        const quantity = decimal(size.quantity)
        expect([fits(quantity), fits(quantity.plus(lot))]).toEqual([true, false])
      },
    ),
  )
})

describe('units that stand for many, and other currencies', () => {
  test('a multiplier counts in what is at stake, in the cap and in the cash', () => {
    const contract = { ...base, multiplier: '10' }
    expect(sizeByRisk(contract)).toMatchObject({ quantity: '20', notional: '10000', boundBy: 'target' })
    expect(sizeByRisk({ ...contract, maximumNotional: '4000' })).toMatchObject({ quantity: '8' })
    expect(sizeByRisk({ ...contract, availableCash: '1499' })).toMatchObject({ quantity: '2', notional: '1000' })
  })

  test('equity and cap are in the currency of the account, prices and cash in that of the symbol', () => {
    const foreign = { ...base, rate: '2' }
    expect(sizeByRisk(foreign)).toMatchObject({ quantity: '100', notional: '5000' })
    expect(sizeByRisk({ ...foreign, maximumNotional: '4000' })).toMatchObject({ quantity: '40' })
    expect(sizeByRisk({ ...foreign, availableCash: '500' })).toMatchObject({
      quantity: '10',
      boundBy: 'available-cash',
    })
  })

  test('leverage makes cash margin, and the buffer is kept back of all that it stands for', () => {
    const short = { ...base, availableCash: '1000' }
    expect(sizeByRisk({ ...short, leverage: 5 })).toMatchObject({ quantity: '100', notional: '5000' })
    expect(sizeByRisk({ ...short, leverage: 5, cashBufferFraction: 0.05 })).toMatchObject({ quantity: '80' })
  })

  test.each([
    [{ multiplier: '0' }, 'multiplier'],
    [{ rate: '-1' }, 'rate'],
    [{ leverage: 0.5 }, 'leverage'],
    [{ leverage: Number.NaN }, 'leverage'],
  ])('%j is refused by its field', (fields, field) => {
    expect(() => sizeByRisk({ ...base, ...fields })).toThrow(field)
  })
})
