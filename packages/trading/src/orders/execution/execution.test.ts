import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Decimal, decimal, decimalText, zero } from '../../money/decimal.js'
import type { OrderTerms } from '../order-request.js'
import { chasePrice, chooseOrder } from './choose-order.js'
import type { ParentOrder } from './parent-order.js'
import { nextParticipationChildren } from './participation.js'
import { nextTwapChildren, twapInstants } from './twap.js'

const parent = (quantity: string, lotSize = '1'): ParentOrder => ({
  terms: { symbol: 'AAA', side: 'buy', type: 'market', quantity, timeInForce: 'ioc' },
  lotSize,
  startAt: 1_000,
  endAt: 11_000,
})
const nothing = { filledQuantity: '0', outstandingQuantity: '0' }

describe('slices over time', () => {
  test('each slice takes its share, and the last one what is left', () => {
    let filled = zero
    const taken: string[] = []
    for (const now of [...twapInstants(parent('10'), { slices: 4 }), 11_000]) {
      for (const { quantity } of nextTwapChildren(
        parent('10'),
        { filledQuantity: decimalText(filled), outstandingQuantity: '0' },
        { slices: 4, now },
      )) {
        taken.push(quantity)
        filled = filled.plus(decimal(quantity))
      }
    }
    expect(taken).toEqual(['2', '3', '2', '3'])
  })

  test('nothing before the start, everything after the end, and what a slice missed in the next', () => {
    expect(nextTwapChildren(parent('10'), nothing, { slices: 5, now: 999 })).toEqual([])
    expect(nextTwapChildren(parent('10'), nothing, { slices: 5, now: 5_000 })).toMatchObject([{ quantity: '6' }])
    expect(nextTwapChildren(parent('10'), nothing, { slices: 5, now: 11_000 })).toMatchObject([{ quantity: '10' }])
  })

  test.each([0, 1.5, Number.NaN, 10_001])('%d slices are refused', (slices) => {
    expect(() => nextTwapChildren(parent('10'), nothing, { slices, now: 0 })).toThrow('slices is')
  })
})

describe('a share of the volume', () => {
  const ask = (tradedVolume: string, now = 5_000, progress = nothing): readonly OrderTerms[] =>
    nextParticipationChildren(parent('100'), progress, { maximumVolumeFraction: 0.1, tradedVolume, now })

  test('it follows what was traded, floored to lots, and never exceeds the parent', () => {
    expect(ask('9')).toEqual([])
    expect(ask('255')).toMatchObject([{ quantity: '25' }])
    expect(ask('255', 5_000, { filledQuantity: '10', outstandingQuantity: '12' })).toMatchObject([{ quantity: '3' }])
    expect(ask('99999')).toMatchObject([{ quantity: '100' }])
    expect(ask('255', 999)).toEqual([])
    expect(ask('255', 11_000)).toEqual([])
  })
})

test('I07 whatever fills, ends and trades, the children of a parent never exceed it', () => {
  const step = fc.record({
    waitMs: fc.integer({ min: 0, max: 3_000 }),
    volume: fc.integer({ min: 0, max: 4_000 }),
    fillPercent: fc.integer({ min: 0, max: 100 }),
    ends: fc.boolean(),
  })
  const run = fc.record({
    hundredths: fc.integer({ min: 1, max: 1_000_000 }),
    lotSize: fc.constantFrom('1', '0.01', '7'),
    slices: fc.integer({ min: 1, max: 20 }),
    byVolume: fc.boolean(),
    steps: fc.array(step, { maxLength: 25 }),
  })
  fc.assert(
    fc.property(run, ({ hundredths, lotSize, slices, byVolume, steps }) => {
      const order = parent((hundredths / 100).toFixed(2), lotSize)
      const total = decimal(order.terms.quantity)
      let [now, volume] = [0, 0]
      let [filled, outstanding]: [Decimal, Decimal] = [zero, zero]
      for (const each of steps) {
        now += each.waitMs
        volume += each.volume
        const progress = { filledQuantity: decimalText(filled), outstandingQuantity: decimalText(outstanding) }
        const options = { maximumVolumeFraction: 0.3, tradedVolume: String(volume), now }
        const children = byVolume
          ? nextParticipationChildren(order, progress, options)
          : nextTwapChildren(order, progress, { slices, now })
        for (const { quantity } of children) {
          expect(decimal(quantity).mod(decimal(lotSize)).eq(zero)).toBe(true)
          outstanding = outstanding.plus(decimal(quantity))
        }
        expect(filled.plus(outstanding).lte(total)).toBe(true)
        const fill = outstanding.times(decimal(String(each.fillPercent))).times(decimal('0.01'))
        filled = filled.plus(fill)
        outstanding = each.ends ? zero : outstanding.minus(fill)
      }
    }),
  )
})

describe('the choice of an order', () => {
  const wanted = { symbol: 'AAA', side: 'buy', quantity: '10' } as const
  const tight = { bid: '99.98', ask: '100', bidSize: '50', askSize: '50' }
  const wide = { bid: '98', ask: '100', bidSize: '50', askSize: '50' }
  const choose = (view: object, urgency: 'low' | 'normal' | 'high', side: 'buy' | 'sell' = 'buy') =>
    chooseOrder({ ...wanted, side }, view, { urgency, tickSize: '0.05' })

  test.each([
    ['urgent, tight and deep: the market', tight, 'high', 'buy', { type: 'market', timeInForce: 'ioc' }],
    ['urgent and wide: a limit that reaches', wide, 'high', 'buy', { limitPrice: '100.5', timeInForce: 'ioc' }],
    ['urgent and thin', { ...tight, askSize: '5' }, 'high', 'buy', { type: 'limit', limitPrice: '100.5' }],
    ['normal and tight', tight, 'normal', 'sell', { limitPrice: '99.5', timeInForce: 'ioc' }],
    ['normal and wide: at our side', wide, 'normal', 'buy', { limitPrice: '98', timeInForce: 'day' }],
    ['no hurry', tight, 'low', 'sell', { limitPrice: '100', timeInForce: 'day' }],
    ['the last price alone', { last: '100' }, 'high', 'buy', { type: 'limit', limitPrice: '100.5' }],
  ] as const)('%s', (_, view, urgency, side, order) => {
    expect(choose(view, urgency, side)).toMatchObject(order)
  })

  test.each([[{}], [{ bid: '101', ask: '100' }], [{ bid: '0', ask: '1' }]])('nothing is sent on %o', (view) => {
    expect(choose(view, 'high')).toBeUndefined()
  })

  test.each(['urgent', undefined])('an urgency of %s is refused', (urgency) => {
    expect(() => choose(tight, urgency as never)).toThrow(/^chooseOrder: urgency is .*; there are low, normal, high$/)
  })

  test('a limit is chased on its own side, within bounds, and never comes to trade by that', () => {
    const options = { tickSize: '0.05', worstPrice: '99.5', moves: 0, maximumMoves: 3 }
    const resting = { side: 'buy', limitPrice: '98' } as const
    expect(chasePrice(resting, { bid: '99', ask: '100' }, options)).toBe('99')
    expect(chasePrice(resting, { bid: '99.9', ask: '100' }, options)).toBe('99.5')
    expect(chasePrice(resting, { bid: '98.02', ask: '100' }, options)).toBeUndefined()
    expect(chasePrice(resting, { bid: '99', ask: '100' }, { ...options, moves: 3 })).toBeUndefined()
    expect(chasePrice(resting, { last: '99' }, options)).toBeUndefined()
    expect(chasePrice(resting, { bid: '101', ask: '100' }, options)).toBeUndefined()
  })
})
