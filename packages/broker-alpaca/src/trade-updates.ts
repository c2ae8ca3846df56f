import type { SocketProtocol, SocketWord } from '@tradeswarm/broker-kit'
import { asPayload } from '@tradeswarm/broker-kit'
import { type Logger, messageOf } from '@tradeswarm/core'
import { alpacaErrors, keyRemedy } from './alpaca-error.js'
import type { ConnectionSettings } from './parse-alpaca-options.js'
import { type AlpacaOrder, parseTradeUpdate, type TradeUpdate } from './parse-order.js'
import { TradeUpdateReader } from './trade-update-reader.js'

export type TradeUpdatesParts = {
  readonly url: string
  readonly connection: ConnectionSettings
  readonly logger: Logger
  /** What is known of an order by the venue's id. */
  readonly known: (id: string) => AlpacaOrder | undefined
  readonly onUpdate: (update: TradeUpdate) => void
  /** Something may have been missed: after a break, or a message that could not be read. */
  readonly onGap: () => void
}

const listen = { action: 'listen', data: { streams: ['trade_updates'] } }

/** The stream of order updates: log in, listen; a repeated `listen` is answered, and so shows that the server is there. */
export function createTradeUpdates({
  url,
  connection,
  logger,
  known,
  onUpdate,
  onGap,
}: TradeUpdatesParts): SocketProtocol {
  const { key, secret } = connection.login
  const onAuthorization = (data: unknown, send: (message: unknown) => void): SocketWord | undefined => {
    if (asPayload(data, 'an authorization')['status'] === 'authorized') {
      send(listen)
      return undefined
    }
    return { type: 'refused', error: alpacaErrors.unauthorized('the stream of order updates', 401, keyRemedy) }
  }
  const reader = new TradeUpdateReader(known)
  const unreadable = (thrown: unknown): void => {
    logger.error('an order update could not be read', { error: messageOf(thrown) })
    onGap()
  }
  return {
    url,
    name: 'trade_updates',
    onText(text) {
      try {
        const update = reader.read(text)
        if (update !== undefined) onUpdate(update)
        return update !== undefined
      } catch (thrown) {
        unreadable(thrown)
        return true
      }
    },
    onOpen: (send) => send({ action: 'auth', key, secret }),
    probe: () => listen,
    onRestored: onGap,
    onMessage(message, send) {
      try {
        const { stream, data } = asPayload(message, 'a message')
        if (stream === 'authorization') return onAuthorization(data, send)
        if (stream === 'listening') return { type: 'ready' }
        if (stream === 'trade_updates') onUpdate(parseTradeUpdate(data))
      } catch (thrown) {
        unreadable(thrown)
      }
      return undefined
    },
  }
}
