import { VenueSocket } from '@tradeswarm/broker-kit'
import type { EpochMs, Logger, Random } from '@tradeswarm/core'
import { algosIn, type Channel, createAccountStream, orderUpdatesIn } from './account-streams.js'
import type { AccountWatch } from './account-watch.js'
import type { OkxSettings } from './parse-okx-options.js'
import type { OkxAlgo, OrderUpdate } from './parse-order.js'

export type AccountSocketsParts = {
  readonly connection: OkxSettings['connection']
  readonly random: Random
  readonly logger: Logger
  readonly watch: AccountWatch
  readonly time: (isInDoubt: boolean) => Promise<EpochMs>
  readonly onOrder: (update: OrderUpdate) => void
  readonly onAlgo: (algo: OkxAlgo) => void
  readonly onGap: () => void
}

const privateChannels: readonly Channel[] = [
  { channel: 'orders', instType: 'ANY' },
  { channel: 'account' },
  { channel: 'positions', instType: 'ANY' },
]
const businessChannels: readonly Channel[] = [
  { channel: 'orders-algo', instType: 'ANY' },
  { channel: 'algo-advance', instType: 'ANY' },
]

/** The two sockets of an account, not yet connected: OKX tells of orders on one, and of algo orders on another. */
export function openAccountSockets(parts: AccountSocketsParts): readonly VenueSocket[] {
  const { connection, random, logger, watch, time, onOrder, onAlgo, onGap } = parts
  const { credentials, streamUrl, scrub } = connection
  const socketOf = (name: string, channels: readonly Channel[]): VenueSocket => {
    const stream = createAccountStream({
      url: `${streamUrl}/${name}`,
      name,
      channels,
      credentials,
      scrub,
      time,
      logger,
      onGap,
      onPush(channel, message) {
        if (channel === 'orders') for (const update of orderUpdatesIn(message)) onOrder(update)
        else if (channel === 'account') watch.takeBalances(message)
        else if (channel === 'positions') watch.takePositions(message)
        else for (const algo of algosIn(message)) onAlgo(algo)
      },
    })
    return new VenueSocket(stream, connection, random.fork(name), logger)
  }
  return [socketOf('private', privateChannels), socketOf('business', businessChannels)]
}
