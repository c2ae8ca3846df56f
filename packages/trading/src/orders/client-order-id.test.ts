import { sha256Hex } from '@tradeswarm/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ClientOrderIdParts, clientOrderId, isClientOrderId } from './client-order-id.js'

const parts: fc.Arbitrary<ClientOrderIdParts> = fc.record({
  orderId: fc.string(),
  account: fc.string(),
  attempt: fc.integer({ min: 1, max: 99 }),
  revision: fc.nat(99),
})

test('I06 the client order id is a pure function of its parts and legal at every venue', () => {
  fc.assert(
    fc.property(parts, (given) => {
      const id = clientOrderId(given)
      expect(id).toBe(clientOrderId({ ...given }))
      expect(isClientOrderId(id)).toBe(true)
      expect(id).toMatch(/^[a-z0-9]{32}$/)
      // What an order was sent under before a restart must come out again.
      expect(id).toBe(`ts${sha256Hex(JSON.stringify(Object.values(given))).slice(0, 30)}`)
    }),
  )
})

test('I06 different parts give different ids', () => {
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      expect(clientOrderId(a) === clientOrderId(b)).toBe(
        JSON.stringify(Object.values(a)) === JSON.stringify(Object.values(b)),
      )
    }),
  )
  expect(clientOrderId({ orderId: 'a', account: 'bc', attempt: 1, revision: 0 })).not.toBe(
    clientOrderId({ orderId: 'ab', account: 'c', attempt: 1, revision: 0 }),
  )
})

test.each([[''], ['a'.repeat(33)], ['a-b'], ['a b'], ['é'], [undefined], [5]])('%j is no client order id', (text) => {
  expect(isClientOrderId(text)).toBe(false)
  expect(isClientOrderId('aZ9')).toBe(true)
})
