import type { EpochMs } from '@tradeswarm/core'
import type { SessionDate } from '../instruments/trading-calendar.js'
import type { BarEvent, OpenEvent, QuoteEvent, StockSplitEvent, TradeEvent } from '../market/market-event.js'
import { type Decimal, decimal, decimalText, divide, zero } from '../money/decimal.js'
import type { MarketView } from '../orders/execution/choose-order.js'
import { correlation } from '../risk/correlation.js'
import { createReturnBook, type ReturnBook } from '../risk/portfolio/return-book.js'
import type { LastPrice } from '../risk/risk-context.js'
import { SymbolMarks } from './symbol-marks.js'

/** Sessions kept of each symbol; the policy asks for at most 250 returns. */
const keptSessions = 251

/** Decimals kept of a price that a split has changed; as many as the ledger takes of a price. */
const splitPlaces = 12

type Close = { readonly sessionDate: SessionDate; readonly close: number; readonly volume: Decimal }

/**
 * The last prices, and the history that rules ask about. Fed by market events, it is input and no part of the books. A price that is not
 * above 0 is none: no stop follows it and no exit is due by it.
 */
export type MarketBook = {
  takeOpen(event: OpenEvent): void
  /** What it closed at is no price of now where somebody has traded since. */
  takeBar(event: BarEvent, isOvertaken?: boolean): void
  /** Bid and ask beside the last price of a symbol; without one they are dropped. */
  takeQuote(quote: QuoteEvent): void
  /** A trade at the market on a date of the exchange. */
  takeTrade(trade: TradeEvent, sessionDate: SessionDate): void
  /** After a split prices and volumes of before are what they would have been with the new units. */
  takeSplit(split: StockSplitEvent): void
  /** Symbols whose last price has changed since somebody emptied it. */
  readonly changed: SymbolMarks
  /** The same, for somebody else. */
  readonly repriced: SymbolMarks
  /** Counts the bars taken: what is worked out of history holds as long as it stays. */
  readonly bars: number
  /** Closes of all symbols on one axis of sessions, for the statistics of the portfolio. */
  readonly returns: ReturnBook
  last(symbol: string): LastPrice | undefined
  /** When somebody last traded, an open and a close included; undefined where that was not seen. */
  tradedAt(symbol: string): EpochMs | undefined
  /** The last quote of a symbol, until the next trade. */
  quoteOf(symbol: string): QuoteEvent | undefined
  /** All symbols that a price was seen of. */
  symbols(): readonly string[]
  /** Bid, ask and what is offered there, as far as they are known, and the last price; decimal texts. */
  view(symbol: string): MarketView
  /** The last price alone; no method of the book, so that it may be handed on as it is. */
  readonly priceOf: (symbol: string) => Decimal | undefined
  /** Mean volume of the last sessions, to 6 decimals; undefined while there are fewer. */
  averageVolume(symbol: string, sessions: number): Decimal | undefined
  /** Correlation of daily returns over the last sessions that both traded; undefined while there are fewer. */
  correlation(symbol: string, other: string, sessions: number): number | undefined
}

/** An empty book. */
export function createMarketBook(): MarketBook {
  const prices = new Map<string, LastPrice>()
  const trades = new Map<string, EpochMs>()
  /** The last quotes, until the next trade: what was offered then may be gone after it. */
  const quotes = new Map<string, QuoteEvent>()
  const closes = new Map<string, Close[]>()
  const changed = new SymbolMarks()
  const repriced = new SymbolMarks()
  const noteChange = (symbol: string): void => {
    changed.add(symbol)
    repriced.add(symbol)
  }
  /** Of each symbol the sessions of its splits, which may be told again. */
  const splits = new Map<string, readonly SessionDate[]>()
  const averages = new Map<string, { readonly sessions: number; readonly volume: Decimal }>()
  const returns = createReturnBook()
  // Counted in a field: an object literal with a getter is slow at each look at any of it.
  const book: MarketBook & { bars: number } = {
    bars: 0,
    returns,
    changed,
    repriced,
    takeQuote(quote) {
      const { symbol, bid, ask, time } = quote
      const last = prices.get(symbol)
      if (last === undefined) return
      const sides = { bid: decimal(bid, `bid of ${symbol}`), ask: decimal(ask, `ask of ${symbol}`) }
      quotes.set(symbol, quote)
      prices.set(symbol, { ...last, ...sides, time })
    },
    takeTrade({ symbol, price: text, time }, sessionDate) {
      const price = decimal(text, `price of ${symbol}`)
      if (!price.gt(zero)) return
      quotes.delete(symbol)
      const last = prices.get(symbol)
      const sides = last?.bid === undefined || last.ask === undefined ? {} : { bid: last.bid, ask: last.ask }
      prices.set(symbol, { ...sides, price, time, sessionDate })
      trades.set(symbol, time)
      noteChange(symbol)
    },
    takeSplit({ symbol, numerator, denominator, sessionDate: splitDate, time: splitAt }) {
      const known = splits.get(symbol) ?? []
      if (known.includes(splitDate)) return
      splits.set(symbol, [...known, splitDate])
      const up = decimal(String(numerator))
      const down = decimal(String(denominator))
      const last = prices.get(symbol)
      if (last !== undefined && last.time < splitAt) {
        const { price, time, sessionDate } = last
        const adjusted = divide(price.times(down), up, splitPlaces, 'half-even')
        prices.set(symbol, { price: adjusted, time, sessionDate })
        noteChange(symbol)
      }
      averages.delete(symbol)
      returns.takeSplit(symbol, numerator, denominator, splitDate)
      const kept = closes.get(symbol)
      if (kept === undefined) return
      for (const [index, close] of kept.entries()) {
        if (close.sessionDate >= splitDate) continue
        kept[index] = {
          ...close,
          close: (close.close * denominator) / numerator,
          volume: divide(close.volume.times(up), down, splitPlaces, 'half-even'),
        }
      }
    },
    takeOpen({ symbol, price: text, time, sessionDate }) {
      const price = decimal(text, `open of ${symbol}`)
      if (!price.gt(zero)) return
      noteChange(symbol)
      prices.set(symbol, { price, time, sessionDate })
      trades.set(symbol, time)
    },
    takeBar({ symbol, close, volume, time, sessionDate }, isOvertaken = false) {
      const price = decimal(close, `close of ${symbol}`)
      if (!price.gt(zero)) return
      if (!isOvertaken) {
        prices.set(symbol, { price, time, sessionDate })
        trades.set(symbol, time)
        noteChange(symbol)
      }
      averages.delete(symbol)
      returns.takeBar({ symbol, sessionDate, close })
      book.bars += 1
      const kept = closes.get(symbol) ?? []
      kept.push({ sessionDate, close: Number(close), volume: decimal(volume, `volume of ${symbol}`) })
      if (kept.length > keptSessions) kept.shift()
      closes.set(symbol, kept)
    },
    last: (symbol) => prices.get(symbol),
    tradedAt: (symbol) => trades.get(symbol),
    view(symbol) {
      const last = prices.get(symbol)
      if (last === undefined) return {}
      const { bidSize, askSize } = quotes.get(symbol) ?? {}
      return {
        last: decimalText(last.price),
        ...(last.bid === undefined ? {} : { bid: decimalText(last.bid) }),
        ...(last.ask === undefined ? {} : { ask: decimalText(last.ask) }),
        ...(bidSize === undefined || last.bid === undefined ? {} : { bidSize }),
        ...(askSize === undefined || last.ask === undefined ? {} : { askSize }),
      }
    },
    quoteOf: (symbol) => quotes.get(symbol),
    symbols: () => [...prices.keys()],
    priceOf: (symbol) => prices.get(symbol)?.price,
    averageVolume(symbol, sessions) {
      const known = averages.get(symbol)
      if (known?.sessions === sessions) return known.volume
      const kept = closes.get(symbol)
      if (kept === undefined || kept.length < sessions) return undefined
      const sum = kept.slice(-sessions).reduce((total, { volume }) => total.plus(volume), zero)
      const average = divide(sum, decimal(String(sessions)), 6, 'down')
      averages.set(symbol, { sessions, volume: average })
      return average
    },
    correlation(symbol, other, sessions) {
      const [a, b] = sharedReturns(closes.get(symbol) ?? [], closes.get(other) ?? [], sessions)
      return a.length < sessions ? undefined : correlation(a, b)
    },
  }
  return book
}

/** Returns between the last sessions that both symbols have a close of, newest first. */
function sharedReturns(a: readonly Close[], b: readonly Close[], wanted: number): readonly [number[], number[]] {
  const returnsA: number[] = []
  const returnsB: number[] = []
  let laterA: Close | undefined
  let laterB: Close | undefined
  let indexA = a.length - 1
  let indexB = b.length - 1
  while (indexA >= 0 && indexB >= 0 && returnsA.length < wanted) {
    const closeA = a[indexA] as Close
    const closeB = b[indexB] as Close
    if (closeA.sessionDate > closeB.sessionDate) indexA -= 1
    else if (closeB.sessionDate > closeA.sessionDate) indexB -= 1
    else {
      if (laterA !== undefined && laterB !== undefined) {
        returnsA.push(laterA.close / closeA.close - 1)
        returnsB.push(laterB.close / closeB.close - 1)
      }
      laterA = closeA
      laterB = closeB
      indexA -= 1
      indexB -= 1
    }
  }
  return [returnsA, returnsB]
}
