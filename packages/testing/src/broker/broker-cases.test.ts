import { expect, test } from 'vitest'
import { brokerCases, faultCases } from './broker-cases.js'
import { brokerContract, runBrokerCase } from './broker-contract.js'
import type { BrokerHarness } from './broker-harness.js'

test('every case of the contract has a number of its own', () => {
  const numbers = [...brokerCases, ...faultCases].map(({ id }) => id)
  expect(numbers).toEqual([...new Set(numbers)])
})

test('a capability that there is not is refused, or its cases would be skipped', () => {
  const harness = { capabilities: ['quotes', 'stop-orderz'], define: () => undefined } as unknown as BrokerHarness
  expect(() => brokerContract('mine', harness)).toThrow(
    'capabilities of mine: there is no "stop-orderz"; did you mean "stop-orders"?',
  )
})

test('a harness that lacks something is refused at once, and not by each of the cases', () => {
  const contract = (harness: unknown) => () => brokerContract('mine', harness as BrokerHarness)
  expect(contract({ capabilities: [], defin: () => undefined })).toThrow(
    'brokerContract: harness of mine: there is no option defin; did you mean define?',
  )
  expect(contract({ capabilities: [] })).toThrow(/define is undefined; give a function of a setup/)
  expect(contract({ define: () => undefined })).toThrow(/capabilities is undefined; give a list/)
  const whole = { capabilities: [], define: () => undefined }
  expect(contract({ ...whole, faults: true })).toThrow(/faults is boolean; give a function of a setup/)
  expect(contract({ ...whole, capabilities: ['faults'] })).toThrow(/"faults" is not declared, but given/)
  expect(contract({ ...whole, instruments: { AAB: { symbol: 'X' } } })).toThrow(/no option AAB; did you mean AAA/)
  expect(contract({ ...whole, elsewhere: ['auctionz'] })).toThrow(/there is no "auctionz"; did you mean "auctions"/)
  expect(contract(undefined)).toThrow(/its options are undefined/)
})

test('one case is run by its number, and one that was not run is not taken for one that has passed', async () => {
  const harness = { capabilities: [], define: () => undefined } as unknown as BrokerHarness
  const refusal = {
    code: 'INVALID_OPTION',
    message: expect.stringContaining('B123 was not run, since the harness lacks faults'),
  }
  await expect(runBrokerCase(harness, 'B123')).rejects.toMatchObject(refusal)
  await expect(runBrokerCase(harness, 'B999')).rejects.toThrow('there is no case B999')
})
