import type { EpochMs } from '@tradeswarm/core'
import type { BookLevel } from './book-checksum.js'
import { candleJson, dayBar } from './candle-store.js'
import type { FakeOkxConditions } from './fault-board.js'
import { type FundingParts, fundingJson } from './funding-view.js'
import { markJson } from './market-routes.js'
import type { BookChange } from './okx-book.js'
import { instrumentJson, type OkxInstruments, type OkxListing } from './okx-instruments.js'
import { type InstrumentMarket, type MarketNews, type OkxMarket, tickerJson } from './okx-market.js'
import type { Subscription } from './okx-socket.js'
import type { SocketHub } from './socket-hub.js'

export type MarketPublisherParts = {
  readonly hub: SocketHub
  readonly market: OkxMarket
  readonly instruments: OkxInstruments
  readonly conditions: FakeOkxConditions
  readonly funding: FundingParts
  readonly now: () => EpochMs
}

/** Sends market data to those who listen to it, as it comes; the venue gathers it for 10 to 100 ms. */
export class MarketPublisher {
  /** How many messages have gone out. */
  sent = 0
  readonly #parts: MarketPublisherParts
  /** The bar that a candle channel has told last, by channel and instrument. */
  readonly #told = new Map<string, { readonly start: EpochMs; readonly at: EpochMs }>()

  constructor(parts: MarketPublisherParts) {
    this.#parts = parts
  }

  publish({ market, book, trade, day, funding }: MarketNews): void {
    const { instId, instType } = market.listing
    if (book !== undefined) this.publishBook(market, book)
    this.#toAll('tickers', instId, () => [tickerJson(market)])
    if (trade !== undefined) {
      this.#toAll('trades', instId, () => [{ ...trade, count: '1', seqId: market.book.seqId }])
      this.#toAll('trades-all', instId, () => [trade])
    }
    if (day === undefined) this.#candles(market)
    else this.#toAll(`candle${dayBar}`, instId, () => [candleJson(day, dayBar, this.#parts.now())])
    if (book !== undefined)
      this.#toAll('mark-price', instId, () => [markJson(instId, instType, this.#parts.market, this.#parts.now())])
    if (funding === true) this.#toAll('funding-rate', instId, () => [fundingJson(market, this.#parts.funding)])
  }

  /** An instrument has changed. */
  publishInstrument(listing: OkxListing): void {
    for (const subscription of this.#parts.hub.listeners('instruments'))
      if (subscription.arg['instType'] === listing.instType)
        this.#push(subscription, { data: [instrumentJson(listing)] })
  }

  /** A change of a book, as each of its channels tells it. */
  publishBook(market: InstrumentMarket, change: BookChange): void {
    const { hub, conditions } = this.#parts
    const { instId } = market.listing
    this.#toAll('bbo-tbt', instId, () => [snapshotOf(market, 1)])
    for (const subscription of hub.listeners('books', instId)) {
      if (conditions.loseBookUpdates) continue
      const { bids, asks, prevSeqId, seqId } = change
      const levels = { asks, bids, ts: String(market.time), checksum: this.#checksum(market) }
      this.#push(subscription, { action: 'update', data: [{ ...levels, prevSeqId, seqId }] })
    }
    this.#toAll('books5', instId, () => [{ ...snapshotOf(market, 5), instId }])
  }

  /** What a subscription begins with. */
  begin(subscription: Subscription): void {
    const { arg } = subscription
    const { instruments, market: markets, funding, now } = this.#parts
    const market = markets.find(String(arg['instId']))
    if (arg.channel === 'instruments') {
      const listed = instruments.all.filter(({ instType }) => instType === arg['instType'])
      this.#push(subscription, { data: listed.map(instrumentJson) })
    }
    if (market === undefined) return
    const { instId, instType } = market.listing
    if (arg.channel === 'tickers' && market.time > 0) this.#push(subscription, { data: [tickerJson(market)] })
    if (arg.channel === 'books') this.#bookSnapshot(subscription, market)
    if (arg.channel === 'books5') this.#push(subscription, { data: [{ ...snapshotOf(market, 5), instId }] })
    if (arg.channel === 'bbo-tbt') this.#push(subscription, { data: [snapshotOf(market, 1)] })
    if (arg.channel === 'mark-price') this.#push(subscription, { data: [markJson(instId, instType, markets, now())] })
    if (arg.channel === 'funding-rate') this.#push(subscription, { data: [fundingJson(market, funding)] })
    if (arg.channel.startsWith('candle')) {
      const bar = arg.channel.slice('candle'.length)
      const candle = market.candles.current(bar, now())
      if (candle !== undefined) this.#push(subscription, { data: [candleJson(candle, bar, now())] })
    }
  }

  #bookSnapshot(subscription: Subscription, market: InstrumentMarket): void {
    const { bids, asks } = market.book.sides
    const levels = { asks, bids, ts: String(market.time), checksum: this.#checksum(market) }
    const data = [{ ...levels, prevSeqId: -1, seqId: market.book.seqId }]
    this.#push(subscription, { action: 'snapshot', data })
  }

  #checksum({ book }: InstrumentMarket): number {
    const { checksums, wrongChecksums } = this.#parts.conditions
    if (wrongChecksums) return book.checksum() + 1
    return checksums ? book.checksum() : 0
  }

  /** The bar of now to those who listen; the one before it once more, complete, when it has ended. */
  #candles(market: InstrumentMarket): void {
    const { hub, now } = this.#parts
    const { instId } = market.listing
    for (const channel of hub.candleChannels(instId)) {
      const bar = channel.slice('candle'.length)
      const time = now()
      const key = `${channel} ${instId}`
      const before = this.#told.get(key)
      const current = market.candles.current(bar, time)
      if (before !== undefined && before.start !== current?.start) {
        const ended = market.candles.current(bar, before.at)
        if (ended !== undefined) this.#toAll(channel, instId, () => [candleJson(ended, bar, time)])
        this.#told.delete(key)
      }
      if (current === undefined) continue
      this.#told.set(key, { start: current.start, at: time })
      this.#toAll(channel, instId, () => [candleJson(current, bar, time)])
    }
  }

  #toAll(channel: string, instId: string, make: () => readonly unknown[]): void {
    const listeners = this.#parts.hub.listeners(channel, instId)
    if (listeners.size === 0) return
    const data = make()
    for (const subscription of listeners) this.#push(subscription, { data })
  }

  #push({ connection, arg }: Subscription, message: object): void {
    if (connection.send({ arg, ...message })) this.sent += 1
  }
}

function snapshotOf({ book, time }: InstrumentMarket, depth: number): object {
  const cut = (side: readonly BookLevel[]): readonly BookLevel[] => side.slice(0, depth)
  return { asks: cut(book.sides.asks), bids: cut(book.sides.bids), ts: String(time), seqId: book.seqId }
}
