import { assertKnownOptions, nearestName, SwarmError } from '@tradeswarm/core'
import { describe, test } from 'vitest'
import { openBrokerBench } from './broker-bench.js'
import { brokerCases } from './broker-cases.js'
import { type BrokerHarness, brokerCapabilities } from './broker-harness.js'

/** Runs every numbered case of the `Broker` port against an adapter. Call it at the top of a vitest file. */
export function brokerContract(name: string, harness: BrokerHarness): void {
  assertHarness(name, harness)
  assertCapabilities(name, harness)
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

/** Told once, and not by each of the cases. Throws `INVALID_OPTION`, naming what is missing. */
function assertHarness(name: string, harness: BrokerHarness): void {
  const refuse = (option: keyof BrokerHarness, wanted: string): void => {
    assertKnownOptions(`brokerContract: harness of ${name}`, harness, ['capabilities', 'define'])
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `brokerContract: harness of ${name}: ${option} is ${typeof harness[option]}; give ${wanted}`,
      context: { option },
    })
  }
  if (typeof harness?.define !== 'function') refuse('define', 'a function of a setup that returns a broker definition')
  if (!Array.isArray(harness.capabilities)) refuse('capabilities', 'a list, empty for a broker that has none')
}

/** A capability that there is not would have its cases skipped, as if the broker lacked it. Throws `INVALID_OPTION`. */
function assertCapabilities(name: string, { capabilities }: BrokerHarness): void {
  const unknown = capabilities.find((capability) => !brokerCapabilities.includes(capability))
  if (unknown === undefined) return
  const nearest = nearestName(unknown, brokerCapabilities)
  const hint = nearest === undefined ? `there are: ${brokerCapabilities.join(', ')}` : `did you mean "${nearest}"?`
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `brokerContract: capabilities of ${name}: there is no "${unknown as string}"; ${hint}`,
    context: { option: 'capabilities' },
  })
}
