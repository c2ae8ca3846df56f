import { assertKnownOptions, nearestName, SwarmError } from '@tradeswarm/core'
import { describe, test } from 'vitest'
import { openBrokerBench } from './broker-bench.js'
import { type BrokerCapability, brokerCapabilities } from './broker-capability.js'
import { brokerCases, faultCases } from './broker-cases.js'
import { type BrokerHarness, benchRoles } from './broker-harness.js'
import { caseLimitMs, type FaultCaseLimits, runFaultCase } from './run-fault-case.js'

/** Runs every numbered case of the `Broker` port against an adapter. Call it at the top of a vitest file. */
export function brokerContract(name: string, harness: BrokerHarness): void {
  assertHarness(name, harness)
  assertCapabilities(name, harness)
  const offered = capabilitiesOf(harness)
  describe(`${name} keeps the contract of a broker`, () => {
    for (const one of contractCases(harness)) {
      const missing = one.needs.filter((capability) => !offered.includes(capability))
      const reason = missing.length === 0 ? '' : ` (skipped: ${name} lacks ${missing.join(', ')})`
      test.skipIf(missing.length > 0)(`${one.id} ${one.title}${reason}`, ({ task }) =>
        one.run(caseLimitMs(task.timeout)),
      )
    }
  })
}

/**
 * Runs one case by its number, as to see whether it fails for a broker that is wrong. Resolves when it has passed, throws why it fails, and
 * `INVALID_OPTION` where it was not run: there is no such case, or the harness lacks what it is about.
 */
export async function runBrokerCase(
  harness: BrokerHarness,
  id: string,
  options: { readonly patienceMs?: number } = {},
): Promise<void> {
  const found = contractCases(harness, options).find((one) => one.id === id)
  if (found === undefined)
    throw new SwarmError({ code: 'INVALID_OPTION', message: `runBrokerCase: there is no case ${id}`, context: { id } })
  const offered = capabilitiesOf(harness)
  const missing = found.needs.filter((capability) => !offered.includes(capability))
  // Whoever breaks a broker on purpose would take a case that was not run for one that has passed.
  if (missing.length > 0)
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `runBrokerCase: ${id} was not run, since the harness lacks ${missing.join(', ')}; declare it, or choose another case`,
      context: { id, missing },
    })
  await found.run()
}

type ContractCase = {
  readonly id: string
  readonly title: string
  readonly needs: readonly BrokerCapability[]
  run(limitMs?: number): Promise<void>
}

function contractCases(
  harness: BrokerHarness,
  options: Pick<FaultCaseLimits, 'patienceMs'> = {},
): readonly ContractCase[] {
  const plain = brokerCases.map(
    (one): ContractCase => ({
      ...one,
      needs: one.needs ?? [],
      run: async () => one.run(await openBrokerBench(harness, one.setup)),
    }),
  )
  const failing = faultCases.map(
    (one): ContractCase => ({
      ...one,
      needs: ['faults', ...(one.needs ?? [])],
      run: (limitMs) => runFaultCase(harness, one, { ...options, limitMs }),
    }),
  )
  return [...plain, ...failing]
}

function capabilitiesOf({ capabilities, faults }: BrokerHarness): readonly BrokerCapability[] {
  return faults === undefined ? capabilities : [...capabilities, 'faults']
}

/** Told once, and not by each of the cases. Throws `INVALID_OPTION`, naming what is missing. */
function assertHarness(name: string, harness: BrokerHarness): void {
  const refuse = (option: keyof BrokerHarness, wanted: string): void => {
    assertKnownOptions(`brokerContract: harness of ${name}`, harness, [
      'capabilities',
      'instruments',
      'elsewhere',
      'define',
      'faults',
    ])
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `brokerContract: harness of ${name}: ${option} is ${typeof harness[option]}; give ${wanted}`,
      context: { option },
    })
  }
  if (typeof harness?.define !== 'function') refuse('define', 'a function of a setup that returns a broker definition')
  if (!Array.isArray(harness.capabilities)) refuse('capabilities', 'a list, empty for a broker that has none')
  if (harness.faults !== undefined && typeof harness.faults !== 'function')
    refuse('faults', 'a function of a setup that starts a venue, or leave it out')
  if (harness.instruments !== undefined)
    assertKnownOptions(`brokerContract: instruments of ${name}`, harness.instruments, benchRoles)
}

/** A capability that there is not would have its cases skipped, as if the broker lacked it. Throws `INVALID_OPTION`. */
function assertCapabilities(name: string, { capabilities, elsewhere = [] }: BrokerHarness): void {
  if (capabilities.includes('faults'))
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `brokerContract: capabilities of ${name}: "faults" is not declared, but given: leave it out, and give the harness its option faults`,
      context: { option: 'capabilities' },
    })
  const unknown = [...capabilities, ...elsewhere].find((capability) => !brokerCapabilities.includes(capability))
  if (unknown === undefined) return
  const nearest = nearestName(unknown, brokerCapabilities)
  const hint = nearest === undefined ? `there are: ${brokerCapabilities.join(', ')}` : `did you mean "${nearest}"?`
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `brokerContract: capabilities of ${name}: there is no "${unknown as string}"; ${hint}`,
    context: { option: 'capabilities' },
  })
}
