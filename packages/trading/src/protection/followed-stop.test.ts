import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimal } from '../money/decimal.js'
import type { ExitPlan } from '../orders/order-request.js'
import { followedStop, reachedExit } from './followed-stop.js'

const plan: ExitPlan = { stopPrice: '95', targetPrice: '110', maximumSessions: 5 }
const long = (more: Partial<ExitPlan>) =>
  ({ side: 'long', plan: { ...plan, ...more }, entryNotional: '1000.50', entryQuantity: '10' }) as const
const short = (more: Partial<ExitPlan>) =>
  ({
    side: 'short',
    plan: { ...plan, stopPrice: '105', targetPrice: '90', ...more },
    entryNotional: '1000.50',
    entryQuantity: '10',
  }) as const

test.each([
  ['a trail by an amount', long({ trailAmount: '4' }), '104', '100'],
  ['a trail by a fraction, rounded towards the market', long({ trailFraction: '0.033' }), '101.7', '98.35'],
  ['a price that does not tighten it', long({ trailAmount: '4' }), '98', undefined],
  ['a price short of break-even', long({ breakEvenPrice: '103' }), '102.99', undefined],
  ['the break-even price', long({ breakEvenPrice: '103' }), '103', '100.05'],
  ['both: the tighter one', long({ breakEvenPrice: '103', trailAmount: '2' }), '103', '101'],
  ['a trail of a short', short({ trailAmount: '4' }), '96', '100'],
  ['break-even of a short', short({ breakEvenPrice: '97' }), '97', '100.05'],
  ['a trail below a tick: never at the price itself', long({ trailAmount: '0.001' }), '100', undefined],
  ['no trail at all', long({}), '109', undefined],
])('%s', (_, trip, price, level) => {
  expect(followedStop(trip, decimal(price), '0.05')).toBe(level)
})

test('I29 whatever the prices, the stop never gets looser and never reaches the price', () => {
  const prices = fc.array(fc.integer({ min: 5_000, max: 15_000 }), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(prices, fc.constantFrom('long', 'short'), fc.integer({ min: 1, max: 900 }), (walk, side, trail) => {
      let trip = side === 'long' ? long({ trailAmount: String(trail / 100) }) : short({ trailFraction: '0.04' })
      for (const cents of walk) {
        const price = decimal((cents / 100).toFixed(2))
        const level = followedStop(trip, price, '0.05')
        if (level === undefined) continue
        const [before, after] = [decimal(trip.plan.stopPrice), decimal(level)]
        expect(side === 'long' ? after.gt(before) && after.lt(price) : after.lt(before) && after.gt(price)).toBe(true)
        trip = { ...trip, plan: { ...trip.plan, stopPrice: level } } as typeof trip
      }
    }),
  )
})

test('a watched level is reached from its own side, and the stop comes first', () => {
  const both = { stop: true, target: true }
  expect(reachedExit(long({}), decimal('110'), both)).toBe('exit-target')
  expect(reachedExit(long({}), decimal('95'), both)).toBe('exit-stop')
  expect(reachedExit(long({}), decimal('95'), { stop: false, target: true })).toBeUndefined()
  expect(reachedExit(short({}), decimal('90'), both)).toBe('exit-target')
  expect(reachedExit(short({}), decimal('106'), both)).toBe('exit-stop')
  expect(reachedExit(long({}), decimal('100'), both)).toBeUndefined()
})
