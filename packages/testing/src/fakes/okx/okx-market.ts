import type { EpochMs } from '@tradeswarm/core'
import { type Decimal, decimal, decimalText, type MarketEvent, zero } from '@tradeswarm/trading'
import { type Candle, CandleStore } from './candle-store.js'
import type { FakeOkxOptions } from './fake-okx-options.js'
import { type BookChange, OkxBook, type PlainLevel } from './okx-book.js'
import type { OkxInstruments, OkxListing } from './okx-instruments.js'
import type { VenueIds } from './venue-ids.js'

/** A trade of others, as the API tells it. */
export type PublicTrade = {
  readonly instId: string
  readonly tradeId: string
  readonly px: string
  readonly sz: string
  readonly side: 'buy' | 'sell'
  readonly source: string
  readonly ts: string
}

/** What is known of one instrument's market. */
export type InstrumentMarket = {
  readonly listing: OkxListing
  readonly book: OkxBook
  readonly candles: CandleStore
  /** Oldest first. */
  readonly trades: PublicTrade[]
  last: string
  lastSize: string
  quote: { readonly bid: string; readonly ask: string; readonly bidSize: string; readonly askSize: string } | undefined
  time: EpochMs
  /** Of trades since the fake began: a day is not outlived. */
  open: string
  high: string
  low: string
  volume: Decimal
  volumeInCoin: Decimal
  funding: { readonly rate: string; readonly time: EpochMs } | undefined
  /** Those that were paid, oldest first. */
  readonly fundings: { readonly rate: string; readonly time: EpochMs }[]
}

/** What a market event has changed. */
export type MarketNews = {
  readonly market: InstrumentMarket
  readonly book?: BookChange
  readonly trade?: PublicTrade
  /** A day that was told as a whole. */
  readonly day?: Candle
  readonly funding?: true
}

const keptTrades = 2_000
const keptFundings = 400
const unsaidSize = '100'

/** What the market has said so far, by instrument. */
export class OkxMarket {
  readonly #markets = new Map<string, InstrumentMarket>()
  readonly #ids: VenueIds
  readonly #depths = new Map<string, { readonly bids: readonly PlainLevel[]; readonly asks: readonly PlainLevel[] }>()

  constructor(instruments: OkxInstruments, ids: VenueIds, candles: FakeOkxOptions['candles'] = {}) {
    this.#ids = ids
    for (const listing of instruments.all) {
      this.#markets.set(listing.instId, {
        listing,
        book: new OkxBook(123_456),
        candles: new CandleStore(listing, candles[listing.instId]),
        trades: [],
        last: '',
        lastSize: '',
        quote: undefined,
        time: 0,
        open: '',
        high: '',
        low: '',
        volume: zero,
        volumeInCoin: zero,
        funding: undefined,
        fundings: [],
      })
    }
  }

  find(instId: string): InstrumentMarket | undefined {
    return this.#markets.get(instId)
  }

  all(): Iterable<InstrumentMarket> {
    return this.#markets.values()
  }

  /** The last price, or before the first trade the bid; empty where there is neither. */
  lastPrice(instId: string): string {
    const market = this.#markets.get(instId)
    return market?.last || market?.quote?.bid || ''
  }

  /** The price that margin goes by: between the sides of the quote, else the last. */
  markPrice(instId: string): string {
    const quote = this.#markets.get(instId)?.quote
    if (quote === undefined) return this.lastPrice(instId)
    return decimalText(decimal(quote.bid).plus(decimal(quote.ask)).times(half))
  }

  farSide(instId: string, side: 'buy' | 'sell'): Decimal | undefined {
    const quote = this.#markets.get(instId)?.quote
    return quote === undefined ? undefined : decimal(side === 'buy' ? quote.ask : quote.bid)
  }

  /** The whole depth that the next quote of an instrument comes with. */
  deepen(instId: string, bids: readonly PlainLevel[], asks: readonly PlainLevel[]): void {
    this.#depths.set(instId, { bids, asks })
  }

  /** Notes an event, and answers what it has changed; undefined where it is about nothing listed. */
  note(event: MarketEvent): MarketNews | undefined {
    const market = 'symbol' in event ? this.#markets.get(event.symbol) : undefined
    if (market === undefined) return undefined
    switch (event.type) {
      case 'quote':
        return this.#quote(market, event)
      case 'trade':
        return { market, trade: this.#trade(market, event.time, event.price, event.quantity) }
      case 'open':
        return { market, trade: this.#trade(market, event.time, event.price, decimalText(market.listing.minimum)) }
      case 'bar':
        return { market, day: this.#day(market, event) }
      case 'funding':
        market.funding = { rate: event.rate, time: event.time }
        market.fundings.push(market.funding)
        if (market.fundings.length > keptFundings) market.fundings.shift()
        return { market, funding: true }
      default:
        return undefined
    }
  }

  #quote(market: InstrumentMarket, event: Extract<MarketEvent, { type: 'quote' }>): MarketNews {
    const { bid, ask, bidSize = unsaidSize, askSize = unsaidSize } = event
    market.quote = { bid, ask, bidSize, askSize }
    market.time = event.time
    const depth = this.#depths.get(event.symbol) ?? { bids: [[bid, bidSize]], asks: [[ask, askSize]] }
    this.#depths.delete(event.symbol)
    const book = market.book.replace(depth.bids, depth.asks)
    return book === undefined ? { market } : { market, book }
  }

  #day(market: InstrumentMarket, event: Extract<MarketEvent, { type: 'bar' }>): Candle {
    const [open, high, low, close] = [event.open, event.high, event.low, event.close].map((text) => decimal(text)) as [
      Decimal,
      Decimal,
      Decimal,
      Decimal,
    ]
    market.last = event.close
    market.time = event.time
    return market.candles.noteDay(
      Date.parse(`${event.sessionDate}T00:00:00Z`),
      { open, high, low, close },
      decimal(event.volume),
    )
  }

  #trade(market: InstrumentMarket, time: EpochMs, price: string, quantity: string): PublicTrade {
    const { instId, unit, instType } = market.listing
    const [at, units] = [decimal(price), decimal(quantity)]
    const side = sideOf(market, at)
    const trade = {
      instId,
      tradeId: this.#ids.nextTrade(instId),
      px: price,
      sz: quantity,
      side,
      source: '0',
      ts: String(time),
    }
    market.trades.push(trade)
    if (market.trades.length > 2 * keptTrades) market.trades.splice(0, keptTrades)
    market.last = price
    market.lastSize = quantity
    market.time = time
    if (market.open === '') market.open = price
    if (market.high === '' || at.gt(decimal(market.high))) market.high = price
    if (market.low === '' || at.lt(decimal(market.low))) market.low = price
    market.volume = market.volume.plus(units)
    const coins = units.times(unit)
    market.volumeInCoin = market.volumeInCoin.plus(instType === 'SWAP' ? coins : coins.times(at))
    market.candles.note(time, at, units)
    return trade
  }
}

const half = decimal('0.5')

/** Who took: nobody says, so it is told by the side that the price lies at. */
function sideOf({ quote, last }: InstrumentMarket, price: Decimal): 'buy' | 'sell' {
  if (quote !== undefined && price.gte(decimal(quote.ask))) return 'buy'
  if (quote !== undefined && price.lte(decimal(quote.bid))) return 'sell'
  return last === '' || price.gte(decimal(last)) ? 'buy' : 'sell'
}

/** The instrument's ticker as `market/ticker` and the tickers channel tell it. */
export function tickerJson(market: InstrumentMarket): Record<string, unknown> {
  const { listing, quote, last, open } = market
  const price = last || quote?.bid || ''
  return {
    instType: listing.instType,
    instId: listing.instId,
    last: price,
    lastSz: market.lastSize || '0',
    askPx: quote?.ask ?? '',
    askSz: quote?.askSize ?? '',
    bidPx: quote?.bid ?? '',
    bidSz: quote?.bidSize ?? '',
    open24h: open || price,
    high24h: market.high || price,
    low24h: market.low || price,
    volCcy24h: decimalText(market.volumeInCoin),
    vol24h: decimalText(market.volume),
    sodUtc0: open || price,
    sodUtc8: open || price,
    ts: String(market.time),
  }
}
