import type { Clock, Timers } from '@tradeswarm/core'
import type { WebSocket } from 'ws'
import { parse, textOf } from '../shared/json-text.js'
import type { BookRow } from './fake-books.js'
import type { FakeConditions } from './fault-board.js'

const channels = ['trades', 'quotes', 'bars', 'updatedBars', 'dailyBars', 'statuses', 'lulds', 'orderbooks'] as const
type Channel = (typeof channels)[number]

const channelOf: Readonly<Record<string, Channel>> = {
  t: 'trades',
  q: 'quotes',
  b: 'bars',
  d: 'dailyBars',
  o: 'orderbooks',
}
const loginMs = 10_000

type Listener = { readonly socket: WebSocket; authorized: boolean; readonly wanted: Record<Channel, Set<string>> }

export type MarketDataStreamOptions = {
  readonly keyId: string
  readonly secret: string
  readonly symbolLimit: number
  readonly conditions: FakeConditions
  readonly clock: Clock & Timers
  /** False where the plan does not include this feed: a login is refused. */
  readonly isSubscribed?: boolean
  /** Whole order books; an endpoint of shares has none. */
  readonly wholeBook?: (symbol: string) => BookRow | undefined
}

/** One market data endpoint: arrays of messages, one connection at a time. */
export class MarketDataStream {
  readonly #options: MarketDataStreamOptions
  readonly #listeners = new Set<Listener>()
  /** How many frames of data have gone out. */
  sent = 0

  constructor(options: MarketDataStreamOptions) {
    this.#options = options
  }

  get connected(): number {
    return this.#standing().length
  }

  /** A connection whose end was heard counts no more. */
  #standing(): readonly Listener[] {
    return [...this.#listeners].filter(({ socket }) => socket.readyState === socket.OPEN)
  }

  attach(socket: WebSocket): void {
    const { clock } = this.#options
    const wanted = Object.fromEntries(channels.map((channel) => [channel, new Set<string>()])) as Listener['wanted']
    const listener: Listener = { socket, authorized: false, wanted }
    this.#listeners.add(listener)
    const cancel = clock.at(clock.now() + loginMs, () => {
      if (listener.authorized) return
      this.#fail(listener, 404, 'auth timeout')
      socket.close()
    })
    socket.on('close', () => {
      cancel()
      this.#listeners.delete(listener)
    })
    socket.on('error', () => undefined)
    socket.on('message', (data) => this.#hear(listener, parse(textOf(data))))
    this.#say(listener, { T: 'success', msg: 'connected' })
  }

  publish(messages: readonly Record<string, unknown>[]): void {
    for (const listener of this.#listeners) {
      const due = messages.filter((message) => isWanted(listener, message))
      if (due.length === 0 || this.#options.conditions.frozenMarketData) continue
      this.sent += 1
      listener.socket.send(JSON.stringify(due))
    }
  }

  cut(): void {
    for (const { socket } of this.#listeners) socket.terminate()
  }

  #say({ socket }: Listener, message: Record<string, unknown>): void {
    if (!this.#options.conditions.frozenMarketData) socket.send(JSON.stringify([message]))
  }

  /** What is subscribed to begins with the whole book. */
  #sayBook(listener: Listener, symbol: string): void {
    const book = this.#options.wholeBook?.(symbol)
    if (book !== undefined) this.#say(listener, { T: 'o', S: symbol, ...book, r: true })
  }

  #fail(listener: Listener, code: number, msg: string): void {
    this.#say(listener, { T: 'error', code, msg })
  }

  #hear(listener: Listener, message: Record<string, unknown>): void {
    switch (message['action']) {
      case 'auth':
        this.#login(listener, message)
        return
      case 'subscribe':
      case 'unsubscribe':
        this.#change(listener, message)
        return
      default:
        this.#fail(listener, 400, 'invalid syntax')
    }
  }

  #login(listener: Listener, { key, secret }: Record<string, unknown>): void {
    if (listener.authorized) {
      this.#fail(listener, 403, 'already authenticated')
      return
    }
    if (key !== this.#options.keyId || secret !== this.#options.secret) {
      this.#fail(listener, 402, 'auth failed')
      listener.socket.close()
      return
    }
    if (this.#options.isSubscribed === false) {
      this.#fail(listener, 409, 'insufficient subscription')
      listener.socket.close()
      return
    }
    if (this.#standing().some((one) => one !== listener && one.authorized)) {
      this.#fail(listener, 406, 'connection limit exceeded')
      listener.socket.close()
      return
    }
    listener.authorized = true
    this.#say(listener, { T: 'success', msg: 'authenticated' })
  }

  #change(listener: Listener, message: Record<string, unknown>): void {
    if (!listener.authorized) {
      this.#fail(listener, 401, 'not authenticated')
      return
    }
    const asked = (channel: Channel): readonly string[] => {
      const symbols = message[channel]
      return Array.isArray(symbols) ? symbols.filter((one): one is string => typeof one === 'string') : []
    }
    const { wholeBook } = this.#options
    if (wholeBook === undefined && asked('orderbooks').length > 0) {
      this.#fail(listener, 410, 'invalid subscribe action for this feed')
      return
    }
    const newBooks = asked('orderbooks').filter((symbol) => !listener.wanted.orderbooks.has(symbol))
    if (message['action'] === 'subscribe') {
      const all = new Set(channels.flatMap((channel) => [...listener.wanted[channel], ...asked(channel)]))
      all.delete('*')
      if (all.size > this.#options.symbolLimit) {
        this.#fail(listener, 405, 'symbol limit exceeded')
        return
      }
      for (const channel of channels) for (const symbol of asked(channel)) listener.wanted[channel].add(symbol)
    } else {
      for (const channel of channels) for (const symbol of asked(channel)) listener.wanted[channel].delete(symbol)
    }
    const now = Object.fromEntries(channels.map((channel) => [channel, [...listener.wanted[channel]]]))
    this.#say(listener, { T: 'subscription', ...now, corrections: now['trades'], cancelErrors: now['trades'] })
    if (message['action'] === 'subscribe') for (const symbol of newBooks) this.#sayBook(listener, symbol)
  }
}

function isWanted({ authorized, wanted }: Listener, message: Record<string, unknown>): boolean {
  const channel = channelOf[message['T'] as string]
  if (!authorized || channel === undefined) return false
  return wanted[channel].has('*') || wanted[channel].has(message['S'] as string)
}
