import { brokerContract, type FaultyVenue } from '@tradeswarm/testing'
import type { Broker } from '@tradeswarm/trading'

/** A broker that tells nothing at all, at a venue that takes everything: whoever waits for a fill waits in vain. */
const broker = {
  name: 'silent',
  account: 'bench',
  mode: 'paper',
  subscribe: () => () => undefined,
  place: async () => undefined,
}

const venue = {
  clock: { now: () => 0, at: () => () => undefined },
  definition: { open: async () => broker as unknown as Broker },
  emit: async () => undefined,
  settled: async () => undefined,
  troubleStream: (_: string, happen: () => Promise<void>) => happen(),
  close: async () => undefined,
}

brokerContract('silent', {
  capabilities: [],
  define: () => {
    throw new Error('cases about failures only')
  },
  faults: async () => venue as unknown as FaultyVenue,
})
