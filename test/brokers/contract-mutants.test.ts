import { type BrokerHarness, runBrokerCase } from '@tradeswarm/testing'
import { describe, expect, it } from 'vitest'
import { shareRoles } from '../../packages/broker-alpaca/src/fake-account.test-support.js'
import { faultyAlpaca } from '../../packages/broker-alpaca/src/faulty-venue.test-support.js'
import { spotRoles } from '../../packages/broker-okx/src/fake-account.test-support.js'
import { faultyOkx } from '../../packages/broker-okx/src/faulty-venue.test-support.js'
import { type Mutant, mutants, withBroker } from './contract-mutants.test-support.js'

// A broken adapter is waited for in vain: not for long.
const patienceMs = 1_500
const capabilities = ['replace', 'partial-fills', 'executions', 'clock'] as const

const venues = {
  Alpaca: (transport: Mutant['transport'], heartbeatMs?: number, requestsPerMinute?: number) => ({
    faults: faultyAlpaca({
      patienceMs,
      ...(transport === undefined ? {} : { transport }),
      options: {
        ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
        ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
      },
    }),
    capabilities: [...capabilities, 'sessions'] as const,
    instruments: shareRoles,
  }),
  OKX: (transport: Mutant['transport'], heartbeatMs?: number, rateMultiplier?: number) => ({
    faults: faultyOkx({
      patienceMs,
      ...(transport === undefined ? {} : { transport }),
      options: {
        ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
        ...(rateMultiplier === undefined ? {} : { rateMultiplier }),
      },
    }),
    capabilities,
    instruments: spotRoles,
  }),
}

function harnessOf(name: keyof typeof venues, { transport, options = {}, broker }: Mutant): BrokerHarness {
  const { heartbeatMs, requestsPerMinute, rateMultiplier } = options
  const { faults, ...rest } = venues[name](transport, heartbeatMs, name === 'OKX' ? rateMultiplier : requestsPerMinute)
  return {
    ...rest,
    define: () => {
      throw new Error('cases about failures only')
    },
    async faults(setup) {
      const venue = await faults(setup)
      return { ...venue, definition: withBroker(venue.definition, broker) }
    },
  }
}

describe.each(['Alpaca', 'OKX'] as const)('the contract finds an adapter of %s that', (name) => {
  for (const mutant of mutants)
    it.each(mutant.cases)(`${mutant.name}: %s`, async (id) => {
      const run = runBrokerCase(harnessOf(name, mutant), id, { patienceMs })
      const thrown = await run.then(
        () => undefined,
        (error: unknown) => error,
      )
      expect(thrown).toBeInstanceOf(Error)
      // Found, and not kept from being opened.
      expect(thrown).not.toMatchObject({ code: 'INVALID_OPTION' })
    })
})
