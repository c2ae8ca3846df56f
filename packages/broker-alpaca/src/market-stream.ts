import type { Scrubber, SocketProtocol, SocketWord } from '@tradeswarm/broker-kit'
import { asPayload, badPayload, type Payload } from '@tradeswarm/broker-kit'
import { type Logger, messageOf, SwarmError } from '@tradeswarm/core'
import type { ConnectionSettings } from './parse-alpaca-options.js'
import {
  type AlpacaBar,
  type AlpacaBook,
  type AlpacaQuote,
  type AlpacaTrade,
  parseBar,
  parseBook,
  parseQuote,
  parseTrade,
  parseWithdrawn,
  type WithdrawnTrade,
} from './parse-market-data.js'
import { fromVenueSymbol, toVenueSymbol } from './symbols.js'

/** What a market data stream tells. */
export type MarketStreamListener = {
  onQuote(quote: AlpacaQuote): void
  onTrade(trade: AlpacaTrade): void
  /** A trade that may have been told was cancelled or corrected. */
  onWithdrawn(withdrawn: WithdrawnTrade): void
  /** A minute that is over. */
  onMinute(bar: AlpacaBar): void
  /** The day so far. */
  onDay(bar: AlpacaBar): void
  onBook(book: AlpacaBook): void
  /** A connection with books stands: it begins with whole ones. */
  onBooksBegin(): void
  /** What was said of books may not have been understood. */
  onBooksDoubt(): void
  /** Something may have been missed. */
  onGap(): void
}

export type MarketStreamParts = {
  readonly url: string
  readonly symbols: readonly string[]
  /** Of which of these order books are wanted; crypto only. */
  readonly bookSymbols: readonly string[]
  readonly connection: ConnectionSettings
  readonly logger: Logger
  readonly listener: MarketStreamListener
}

/** One market data endpoint: log in, subscribe; a repeated subscription changes nothing and is answered, which shows that the server is there. */
export function createMarketStream(parts: MarketStreamParts): SocketProtocol {
  const { url, symbols, bookSymbols, connection, logger, listener } = parts
  const { key, secret } = connection.login
  const names = symbols.map(toVenueSymbol)
  const hasBooks = bookSymbols.length > 0
  const subscription = {
    action: 'subscribe',
    quotes: names,
    trades: names,
    bars: names,
    dailyBars: names,
    ...(hasBooks ? { orderbooks: bookSymbols.map(toVenueSymbol) } : {}),
  }
  /** Texts made once: a symbol comes with every message. */
  const ours = new Map(names.map((name) => [name, fromVenueSymbol(name)]))
  const hearWord = (message: Payload, send: (message: unknown) => void): SocketWord | undefined => {
    switch (message['T']) {
      case 'success':
        if (message['msg'] === 'authenticated') send(subscription)
        return undefined
      case 'subscription':
        return { type: 'ready' }
      case 'error':
        return { type: 'refused', error: streamError(message, connection.scrub) }
      default:
        return undefined
    }
  }
  const hear = (message: Payload, send: (message: unknown) => void): SocketWord | undefined => {
    const symbol = ours.get(message['S'] as string)
    // What nobody has asked for is of no symbol of ours.
    if (symbol === undefined) return hearWord(message, send)
    switch (message['T']) {
      case 'q':
        listener.onQuote(parseQuote(symbol, message))
        break
      case 't':
        listener.onTrade(parseTrade(symbol, message))
        break
      case 'c':
      case 'x':
        listener.onWithdrawn(parseWithdrawn(symbol, message))
        break
      case 'b':
        listener.onMinute(parseBar(symbol, message))
        break
      case 'd':
        listener.onDay(parseBar(symbol, message))
        break
      case 'o':
        listener.onBook(parseBook(symbol, message))
        break
      default:
    }
    return undefined
  }
  return {
    url,
    name: new URL(url).pathname,
    onOpen(send) {
      if (hasBooks) listener.onBooksBegin()
      send({ action: 'auth', key, secret })
    },
    probe: () => subscription,
    onRestored: () => listener.onGap(),
    onMessage(frame, send) {
      let word: SocketWord | undefined
      const unreadable = (thrown: unknown): void => {
        logger.error('a market data message could not be read', { error: messageOf(thrown) })
        if (hasBooks) listener.onBooksDoubt()
        listener.onGap()
      }
      if (!Array.isArray(frame)) {
        unreadable(badPayload('a frame', 'whole', 'a list'))
        return undefined
      }
      // One that cannot be read takes none of the others of its frame with it.
      for (const message of frame) {
        try {
          word = hear(asPayload(message, 'a message'), send) ?? word
        } catch (thrown) {
          unreadable(thrown)
        }
      }
      return word
    },
  }
}

/** Has a whole book sent: what is subscribed to anew begins with one. */
export function bookRequests(symbol: string): readonly unknown[] {
  const orderbooks = [toVenueSymbol(symbol)]
  return [
    { action: 'unsubscribe', orderbooks },
    { action: 'subscribe', orderbooks },
  ]
}

const remedies: Readonly<Record<number, string>> = {
  402: 'check keyId and secret',
  404: 'the login came too late',
  405: 'subscribe to fewer symbols, or to another plan',
  406: 'only one connection is allowed: close the other one',
  407: 'the program hears too slowly',
  409: 'the plan does not include this feed; take "iex"',
}

/** Codes of what may pass; the others mean the keys, what was paid for, or what was asked. */
const passing: ReadonlySet<number> = new Set([404, 406, 407, 500])

function streamError(message: Payload, scrub: Scrubber): SwarmError {
  const code = typeof message['code'] === 'number' ? message['code'] : 0
  return new SwarmError({
    code: code === 402 ? 'BROKER_UNAUTHORIZED' : 'FEED_REFUSED',
    message: `Alpaca's market data stream says ${code}: ${scrub(String(message['msg'])).slice(0, 200)}; ${remedies[code] ?? 'see its documentation'}`,
    retryability: passing.has(code) ? 'retryable' : 'fatal',
    context: { code },
  })
}
