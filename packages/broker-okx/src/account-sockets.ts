import { asList, VenueSocket } from '@tradeswarm/broker-kit'
import type { EpochMs, Logger, Random } from '@tradeswarm/core'
import type { AccountWatch } from './account-watch.js'
import { type Channel, createChannelStream } from './channel-stream.js'
import { OrderPushReader } from './order-push-reader.js'
import type { OkxSettings } from './parse-okx-options.js'
import { type OkxAlgo, type OkxOrder, type OrderUpdate, parseAlgo, parseOrderUpdate } from './parse-order.js'

export type AccountSocketsParts = {
  readonly connection: OkxSettings['connection']
  readonly random: Random
  readonly logger: Logger
  readonly watch: AccountWatch
  readonly time: (isInDoubt: boolean) => Promise<EpochMs>
  /** What is known of an order by the venue's id. */
  readonly known: (id: string) => OkxOrder | undefined
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
  const { connection, random, logger, watch, time, known, onOrder, onAlgo, onGap } = parts
  const { credentials, streamUrl, scrub } = connection
  const reader = new OrderPushReader(known)
  const onText = (text: string): boolean => {
    const update = reader.read(text)
    if (update !== undefined) onOrder(update)
    return update !== undefined
  }
  const socketOf = (name: string, channels: readonly Channel[]): VenueSocket => {
    const stream = createChannelStream({
      url: `${streamUrl}/${name}`,
      name,
      channels,
      credentials,
      scrub,
      time,
      logger,
      onGap,
      onText,
      onPush(channel, message) {
        if (channel === 'account') watch.takeBalances(message)
        else if (channel === 'positions') watch.takePositions(message)
        else
          for (const row of asList(message['data'] ?? [], 'a push'))
            if (channel === 'orders') onOrder(parseOrderUpdate(row))
            else onAlgo(parseAlgo(row))
      },
    })
    return new VenueSocket(stream, connection, random.fork(name), logger)
  }
  return [socketOf('private', privateChannels), socketOf('business', businessChannels)]
}
