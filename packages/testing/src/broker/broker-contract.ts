import { describe, test } from 'vitest'
import { openBrokerBench } from './broker-bench.js'
import { brokerCases } from './broker-cases.js'
import type { BrokerHarness } from './broker-harness.js'

/** Runs every numbered case of the `Broker` port against an adapter. Call it at the top of a vitest file. */
export function brokerContract(name: string, harness: BrokerHarness): void {
  describe(`${name} keeps the contract of a broker`, () => {
    for (const one of brokerCases) {
      const missing = (one.needs ?? []).filter((capability) => !harness.capabilities.includes(capability))
      const reason = missing.length === 0 ? '' : ` (skipped: ${name} lacks ${missing.join(', ')})`
      test.skipIf(missing.length > 0)(`${one.id} ${one.title}${reason}`, async () => {
        await one.run(await openBrokerBench(harness, one.setup))
      })
    }
  })
}
