import { expect, test } from 'vitest'
import { brokerCases } from './broker-cases.js'

test('every case of the contract has a number of its own', () => {
  const numbers = brokerCases.map(({ id }) => id)
  expect(numbers).toEqual([...new Set(numbers)])
})
