import { describe, test } from 'vitest'
import { accountCases } from './account-cases.js'
import { admissionCases } from './admission-cases.js'
import { amendmentCases } from './amendment-cases.js'
import { openBrokerBench } from './broker-bench.js'
import type { BrokerCase } from './broker-case.js'
import type { BrokerHarness } from './broker-harness.js'
import { contractCases } from './contract-cases.js'
import { lifecycleCases } from './lifecycle-cases.js'
import { matchingCases } from './matching-cases.js'
import { orderTypeCases } from './order-type-cases.js'
import { pairCases } from './pair-cases.js'
import { protectionCases } from './protection-cases.js'
import { quoteCases } from './quote-cases.js'

const cases: readonly BrokerCase[] = [
  ...admissionCases,
  ...matchingCases,
  ...lifecycleCases,
  ...protectionCases,
  ...accountCases,
  ...orderTypeCases,
  ...amendmentCases,
  ...quoteCases,
  ...contractCases,
  ...pairCases,
]

/** Runs every numbered case of the `Broker` port against an adapter. Call it at the top of a vitest file. */
export function brokerContract(name: string, harness: BrokerHarness): void {
  describe(`${name} keeps the contract of a broker`, () => {
    for (const one of cases) {
      const missing = (one.needs ?? []).filter((capability) => !harness.capabilities.includes(capability))
      const reason = missing.length === 0 ? '' : ` (skipped: ${name} lacks ${missing.join(', ')})`
      test.skipIf(missing.length > 0)(`${one.id} ${one.title}${reason}`, async () => {
        await one.run(await openBrokerBench(harness, one.setup))
      })
    }
  })
}
