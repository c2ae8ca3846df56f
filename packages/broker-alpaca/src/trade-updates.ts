import type { SocketProtocol, SocketWord } from '@tradeswarm/broker-kit'
import { asPayload } from '@tradeswarm/broker-kit'
import { type Logger, messageOf } from '@tradeswarm/core'
import { alpacaErrors, keyRemedy } from './alpaca-error.js'
import type { ConnectionSettings } from './parse-alpaca-options.js'
import { parseTradeUpdate, type TradeUpdate } from './parse-order.js'

export type TradeUpdatesParts = {
  readonly url: string
  readonly connection: ConnectionSettings
  readonly logger: Logger
  readonly onUpdate: (update: TradeUpdate) => void
  /** Something may have been missed: after a break, or a message that could not be read. */
  readonly onGap: () => void
}

const listen = { action: 'listen', data: { streams: ['trade_updates'] } }

/** The stream of order updates: log in, listen; a repeated `listen` is answered, and so shows that the server is there. */
export function createTradeUpdates({ url, connection, logger, onUpdate, onGap }: TradeUpdatesParts): SocketProtocol {
  const { key, secret } = connection.login
  const onAuthorization = (data: unknown, send: (message: unknown) => void): SocketWord | undefined => {
    if (asPayload(data, 'an authorization')['status'] === 'authorized') {
      send(listen)
      return undefined
    }
    return { type: 'refused', error: alpacaErrors.unauthorized('the stream of order updates', 401, keyRemedy) }
  }
  return {
    url,
    name: 'trade_updates',
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
        logger.error('an order update could not be read', { error: messageOf(thrown) })
        onGap()
      }
      return undefined
    },
  }
}
