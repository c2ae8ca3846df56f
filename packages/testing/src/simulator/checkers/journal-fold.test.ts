import type { KernelRecord } from '@tradeswarm/trading'
import { describe, expect, test } from 'vitest'
import { exact } from '../exact.js'
import { createJournalFold, type JournalFold } from './journal-fold.js'

const exits = { stopPrice: '1', targetPrice: '9', maximumSessions: 3 }

/** Books in which an execution of an order of this kind moves so many units of AAA, of which a lot is 0.01. */
function booksOf() {
  const fold = createJournalFold(new Map([['AAA', exact('0.01')]]))
  let count = 0
  const apply = (record: unknown): void => fold.apply(record as KernelRecord)
  const fill = (units: string, kind: 'entry' | 'exit' = 'entry'): string => {
    count += 1
    const [side, quantity] = units.startsWith('-') ? ['sell', units.slice(1)] : ['buy', units]
    const orderId = `order-${count}`
    const request = { symbol: 'AAA', clientOrderId: `c${count}`, side, quantity, reduceOnly: kind === 'exit' }
    const header = { orderId, request, ...(kind === 'entry' ? { exits } : {}) }
    apply({ type: 'order-assessed', header, verdict: { permit: {} } })
    const figures = { tradeId: `t${count}`, price: '5', quantity, fee: '0', feeCurrency: 'USD' }
    const event = { type: 'fill', eventId: `e${count}`, time: count, symbol: 'AAA', asset: 'AAA', side, orderId }
    apply({ type: 'booked', event: { ...event, ...figures } })
    return figures.tradeId
  }
  const bust = (tradeId: string): void =>
    apply({ type: 'booked', event: { type: 'bust', eventId: `bust ${tradeId}`, time: 99, symbol: 'AAA', tradeId } })
  const flatten = (): void => apply({ type: 'flattened', symbols: ['AAA'] })
  return { fold, fill, bust, flatten }
}

const isToLeave = ({ toLeave }: JournalFold): boolean => toLeave.has('AAA')

describe('I13 after all was to be left', () => {
  test('what a bust brings back is to be left too, and what an exit makes of it', () => {
    const { fold, fill, bust, flatten } = booksOf()
    const bought = fill('5')
    flatten()
    fill('-5', 'exit')
    bust(bought)
    expect(isToLeave(fold)).toBe(true)
    fill('7', 'exit')
    expect([isToLeave(fold), fold.planned.get('AAA')]).toEqual([true, undefined])
  })

  test.each([
    ['flat', '-5'],
    ['less than a lot', '-4.995'],
  ])('who enters from %s enters anew', (_, left) => {
    const { fold, fill, flatten } = booksOf()
    fill('5')
    flatten()
    fill(left, 'exit')
    expect([isToLeave(fold), fold.planned.get('AAA')]).toEqual([true, undefined])
    fill('3')
    expect([isToLeave(fold), fold.planned.get('AAA')]).toEqual([false, 'long'])
  })

  test('an entry that takes what a bust brought back through zero enters anew, and one that does not changes nothing', () => {
    const { fold, fill, bust, flatten } = booksOf()
    const bought = fill('5')
    flatten()
    fill('-5', 'exit')
    bust(bought)
    fill('3')
    expect([isToLeave(fold), fold.planned.get('AAA')]).toEqual([true, undefined])
    fill('3')
    expect([isToLeave(fold), fold.planned.get('AAA')]).toEqual([false, 'long'])
  })

  test('an entry beside a whole lot that was not left yet enters nothing anew', () => {
    const { fold, fill, flatten } = booksOf()
    fill('5')
    flatten()
    fill('-4.99', 'exit')
    fill('3')
    expect(isToLeave(fold)).toBe(true)
  })
})

test('I29 what an entry opened is planned until nothing is left of it, or what is left lies on the other side', () => {
  const { fold, fill, bust } = booksOf()
  const bought = fill('5')
  expect(fold.planned.get('AAA')).toBe('long')
  fill('-2', 'exit')
  expect(fold.planned.get('AAA')).toBe('long')
  bust(bought)
  expect(fold.planned.get('AAA')).toBeUndefined()
  fill('-1')
  expect(fold.planned.get('AAA')).toBeUndefined()
  fill('3', 'exit')
  fill('-1')
  expect(fold.planned.get('AAA')).toBe('short')
})

test.each(['a bust of the entry', 'an exit too many'] as const)(
  'I29 what %s leaves on the other side is to be left',
  (why) => {
    const { fold, fill, bust } = booksOf()
    const bought = fill('5')
    fill('-5', 'exit')
    expect(isToLeave(fold)).toBe(false)
    if (why === 'an exit too many') fill('-5', 'exit')
    else bust(bought)
    expect(isToLeave(fold)).toBe(true)
    fill('5', 'exit')
    fill('3')
    expect(isToLeave(fold)).toBe(false)
  },
)

test('I29 what a bust of an exit brings back is held under its plan', () => {
  const { fold, fill, bust } = booksOf()
  fill('5')
  bust(fill('-5', 'exit'))
  expect(isToLeave(fold)).toBe(false)
})
