import fc from 'fast-check'
import { expect, test } from 'vitest'
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
      for (const { symbol, orderId, opens } of steps) {
        if (opens) {
          open.add(symbol, orderId)
          plain.set(symbol, (plain.get(symbol) ?? new Set()).add(orderId))
        } else {
          open.delete(symbol, orderId)
          plain.get(symbol)?.delete(orderId)
          if (plain.get(symbol)?.size === 0) plain.delete(symbol)
        }
        expect(open.symbols()).toEqual([...plain.keys()])
        expect(open.orderIds()).toEqual([...plain.values()].flatMap((orderIds) => [...orderIds]))
        for (const each of ['AAA', 'BBB', 'CCC', '__proto__', 'DDD']) {
          expect(open.get(each)).toEqual(plain.get(each))
          expect(open.has(each)).toBe(plain.has(each))
        }
      }
    }),
  )
})
