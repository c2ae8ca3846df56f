import type { ClockAndTimers } from '@tradeswarm/core'
import type { Broker } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import type { BrokerHarness } from './broker-harness.js'
import type { FaultBench } from './fault-bench.js'
import type { FaultCase } from './fault-case.js'
import type { FaultyVenue } from './faulty-venue.js'
import { caseLimitMs, runFaultCase } from './run-fault-case.js'

const never = (): Promise<never> => new Promise(() => undefined)
const clock: ClockAndTimers = { now: () => 0, at: () => () => undefined }

/** A venue at which nothing ever happens, and how often it was closed. */
function deadVenue(): { readonly harness: BrokerHarness; closed(): number } {
  let closed = 0
  const broker = {
    name: 'dead',
    account: 'bench',
    mode: 'paper',
    subscribe: () => () => undefined,
    place: async () => undefined,
    cancel: never,
  }
  const venue = {
    clock,
    definition: { open: async () => broker as unknown as Broker },
    emit: async () => undefined,
    settled: async () => undefined,
    troubleStream: (_: string, happen: () => Promise<void>) => happen(),
    async close() {
      closed += 1
    },
  }
  const faults = async (): Promise<FaultyVenue> => Object.freeze(venue) as unknown as FaultyVenue
  return { harness: { capabilities: [], faults, define: () => undefined as never }, closed: () => closed }
}

test.each<[string, FaultCase['run'], RegExp]>([
  [
    'a fill that is never told',
    (bench) => bench.until(() => false, 'the fill is told'),
    /it did not come about within \d+ ms: the fill is told$/,
  ],
  ['a call that never ends', (bench) => bench.broker.cancel('order1'), /within 150 ms: broker\.cancel\(\) has ended$/],
  [
    'the innermost of several',
    (bench: FaultBench) => bench.venue.troubleStream('break', () => bench.broker.cancel('order1')),
    /within 150 ms: broker\.cancel\(\) has ended$/,
  ],
  [
    'a clock that stands still',
    (bench) => bench.pass(500),
    /within 150 ms: 500 ms have passed by the clock of the venue$/,
  ],
])('a case that does not end says what it waits for: %s', async (_, run, message) => {
  const { harness, closed } = deadVenue()
  const failed = runFaultCase(harness, { id: 'B999', title: 'none', run }, { limitMs: 150 })
  await expect(failed).rejects.toThrow(message)
  expect(closed()).toBeGreaterThan(0)
})

test('a double that never starts, and an account that is never opened, are named', async () => {
  const { harness } = deadVenue()
  const one: FaultCase = { id: 'B999', title: 'none', run: async () => undefined }
  await expect(runFaultCase({ ...harness, faults: never }, one, { limitMs: 50 })).rejects.toThrow(
    'B999: it did not come about within 50 ms: the double is started',
  )
  const faults = async () => ({ ...(await deadVenue().harness.faults?.({} as never)), definition: { open: never } })
  await expect(runFaultCase({ ...harness, faults: faults as never }, one, { limitMs: 50 })).rejects.toThrow(
    'within 50 ms: the account is opened',
  )
})

test('a case that ends in time is closed once, whatever its limit', async () => {
  for (const limitMs of [undefined, 10_000]) {
    const { harness, closed } = deadVenue()
    await runFaultCase(
      harness,
      { id: 'B999', title: 'none', run: async (bench) => void (await bench.place()) },
      { limitMs },
    )
    expect(closed()).toBe(1)
  }
})

test('a case has ended before its test runs out of time', () => {
  expect(caseLimitMs(5_000)).toBe(4_500)
  for (const none of [0, Number.POSITIVE_INFINITY, Number.NaN]) expect(caseLimitMs(none)).toBeUndefined()
})
