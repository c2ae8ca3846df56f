import type { WebSocket } from 'ws'
import { MarketDataStream, type MarketDataStreamOptions } from './market-data-stream.js'

const feeds = ['iex', 'sip', 'delayed_sip', 'test'] as const

/** The endpoints of market data of shares, one for each feed: all tell the same market, and each takes a connection of its own. */
export class StockStreams {
  readonly #byPath: ReadonlyMap<string, MarketDataStream>

  /** `isPaidFor`: prices of all exchanges as they come are. */
  constructor(options: MarketDataStreamOptions, isPaidFor: boolean) {
    this.#byPath = new Map(
      feeds.map((feed) => [
        `/v2/${feed}`,
        new MarketDataStream({ ...options, isSubscribed: isPaidFor || feed !== 'sip' }),
      ]),
    )
  }

  has(path: string): boolean {
    return this.#byPath.has(path)
  }

  attach(path: string, socket: WebSocket): void {
    this.#byPath.get(path)?.attach(socket)
  }

  publish(messages: readonly Record<string, unknown>[]): void {
    for (const stream of this.#byPath.values()) stream.publish(messages)
  }

  cut(): void {
    for (const stream of this.#byPath.values()) stream.cut()
  }

  get sent(): number {
    return this.#sum(({ sent }) => sent)
  }

  get connected(): number {
    return this.#sum(({ connected }) => connected)
  }

  #sum(figureOf: (stream: MarketDataStream) => number): number {
    return [...this.#byPath.values()].reduce((sum, stream) => sum + figureOf(stream), 0)
  }
}
