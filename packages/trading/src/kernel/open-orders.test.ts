import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { OrderRecord } from '../orders/order-record.js'
import { OpenOrders } from './open-orders.js'

const step = fc.record({
  symbol: fc.constantFrom('AAA', 'BBB', 'CCC', '__proto__'),
  orderId: fc.constantFrom('o1', 'o2', 'o3'),
  opens: fc.boolean(),
})

test('open orders are those that a map of sets holds which has no set that is empty, in its order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const open = new OpenOrders()
      const plain = new Map<string, Set<string>>()
      for (const [version, { symbol, orderId, opens }] of steps.entries()) {
        if (opens) {
          open.put(recordOf(symbol, orderId, version))
          plain.set(symbol, (plain.get(symbol) ?? new Set()).add(orderId))
        } else {
          open.delete(symbol, orderId)
          plain.get(symbol)?.delete(orderId)
          if (plain.get(symbol)?.size === 0) plain.delete(symbol)
        }
        expect(open.symbols()).toEqual([...plain.keys()])
        expect(open.orderIds()).toEqual([...plain.values()].flatMap((orderIds) => [...orderIds]))
        for (const each of ['AAA', 'BBB', 'CCC', '__proto__', 'DDD']) {
          expect(open.of(each).map(({ header }) => header.orderId)).toEqual([...(plain.get(each) ?? [])])
          expect(open.has(each)).toBe(plain.has(each))
        }
      }
    }),
  )
})

test('a list of them stays what it is while they change, and the next holds their latest versions', () => {
  const open = new OpenOrders()
  const [first, second, changed] = [recordOf('AAA', 'o1', 1), recordOf('AAA', 'o2', 1), recordOf('AAA', 'o1', 2)]
  open.put(first)
  open.put(second)
  const before = open.of('AAA')
  open.put(changed)
  expect(open.of('AAA')).toEqual([changed, second])
  open.delete('AAA', 'o2')
  expect(open.of('AAA')).toEqual([changed])
  expect(before).toEqual([first, second])
})

function recordOf(symbol: string, orderId: string, version: number): OrderRecord {
  return { header: { orderId, request: { symbol } }, state: { version } } as unknown as OrderRecord
}
