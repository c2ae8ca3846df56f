import {
  asList,
  asPayload,
  type BookView,
  FeedOutbox,
  Listeners,
  optionalText,
  type Payload,
  RecentIds,
  SessionClock,
  type SessionPlan,
  text,
  VenueSocket,
  warnOfUnheardDay,
} from '@tradeswarm/broker-kit'
import { type EpochMs, type Logger, messageOf, type Random } from '@tradeswarm/core'
import {
  createAlwaysOpenCalendar,
  type FundingEvent,
  type MarketDataFeed,
  type MarketListener,
  type SessionEvent,
} from '@tradeswarm/trading'
import { BookKeeper } from './book-keeper.js'
import { type Channel, createChannelStream } from './channel-stream.js'
import type { FeedSettings } from './create-okx-market-data.js'
import { FundingWatch } from './funding-watch.js'
import type { MarketDataClient } from './market-data-client.js'
import { missedFunding } from './missed-funding.js'
import {
  type OkxBar,
  type OkxQuote,
  type OkxTrade,
  parseBar,
  parseBestPrices,
  parseBook,
  parseFundingRate,
  parseTrade,
} from './parse-market-data.js'
import { PushReader } from './read-push.js'

/** At least so many trades of a symbol are remembered, so that one that comes twice is told once. */
const rememberedTrades = 1_000
/** A day is told to be over so long after midnight: its last candle is on its way then. */
const graceMs = 2_000
const daysByUtc: SessionPlan = { calendar: createAlwaysOpenCalendar(), preOpenLeadMs: 15 * 60_000 }

type SymbolState = {
  quote: OkxQuote | undefined
  readonly trades: RecentIds
  /** When the last of them was. */
  tradedAt: number
  /** The day whose first price was told. */
  openedOn: string
  /** Until this instant trades are of that day. */
  opensAgainAt: number
  /** Days that were not told yet, by their first instant. */
  readonly days: Map<number, OkxBar>
}

/** Live prices: days by UTC, each day's first price, quotes, trades, the day's bar at its end, funding of swaps, and whole books. */
export class OkxFeed implements MarketDataFeed {
  readonly name = 'okx'
  readonly #settings: FeedSettings
  readonly #client: MarketDataClient
  readonly #logger: Logger
  readonly #outbox: FeedOutbox
  readonly #plan: SessionPlan
  readonly #sessions: SessionClock
  readonly #publicSocket: VenueSocket
  readonly #businessSocket: VenueSocket
  readonly #books: BookKeeper
  readonly #funding = new FundingWatch()
  readonly #states = new Map<string, SymbolState>()
  readonly #barListeners: Listeners<OkxBar>
  #catchingUp: Promise<void> | undefined
  /** Something was missed that has not been asked for yet. */
  #hasGap = false
  /** Funding of breaks that is being asked for. */
  readonly #missed = new Set<Promise<void>>()

  constructor(settings: FeedSettings, client: MarketDataClient, random: Random, logger: Logger) {
    this.#settings = settings
    this.#client = client
    this.#logger = logger
    this.#outbox = new FeedOutbox(logger)
    this.#barListeners = new Listeners(({ symbol }, thrown) =>
      logger.error('a listener of bars failed', { symbol, error: messageOf(thrown) }),
    )
    const { connection, symbols, bookSymbols } = settings
    this.#plan = settings.sessions ?? daysByUtc
    this.#sessions = new SessionClock(connection.clock, this.#plan, (event) => this.#onSession(event), graceMs)
    const askAnew = (symbol: string): void => this.#askForBook(symbol)
    this.#books = new BookKeeper({ symbols: bookSymbols, clock: connection.clock, askAnew, logger })
    const reader = new PushReader(symbols)
    const onText = (pushed: string): boolean => this.#onText(reader, pushed)
    const socketOf = (name: string, channels: readonly Channel[]): VenueSocket => {
      const { streamUrl, scrub } = connection
      const stream = createChannelStream({
        url: `${streamUrl}/${name}`,
        name,
        channels,
        credentials: undefined,
        scrub,
        time: async () => connection.clock.now(),
        logger,
        onPush: (channel, message) => this.#onPush(channel, message),
        onText,
        onBegin: () => {
          if (name === 'public') this.#books.begin()
        },
        onUnreadable: (channel, symbol) => {
          if (channel === undefined || channel === 'books') this.#books.doubt(symbol)
        },
        onGap: () => this.#onGap(),
      })
      return new VenueSocket(stream, connection, random.fork(name), logger)
    }
    const swaps = symbols.filter(isSwap)
    this.#publicSocket = socketOf('public', [
      ...of('bbo-tbt', symbols),
      ...of('trades', symbols),
      ...of('funding-rate', swaps),
      ...of('mark-price', swaps),
      ...of('books', bookSymbols),
    ])
    this.#businessSocket = socketOf('business', [...of('candle1m', symbols), ...of('candle1Dutc', symbols)])
  }

  /** Connects and subscribes. Throws what keeps it from that. */
  async open(): Promise<this> {
    if (this.#settings.symbols.length === 0) return this
    try {
      await Promise.all([this.#publicSocket.open(), this.#businessSocket.open()])
    } catch (thrown) {
      await this.close()
      throw thrown
    }
    return this
  }

  /** Whoever comes first is told the session that is open. */
  subscribe(listener: MarketListener): () => void {
    const leave = this.#outbox.subscribe(listener)
    this.#sessions.start()
    return leave
  }

  /** Minute bars as they end. */
  subscribeBars(listener: (bar: OkxBar) => void): () => void {
    return this.#barListeners.subscribe(listener)
  }

  /** Books of `bookSymbols` after each change, whole and checked. */
  subscribeBooks(listener: (book: BookView) => void): () => void {
    return this.#books.subscribe(listener)
  }

  /** The book of one of `bookSymbols`, up to 400 levels of each side; undefined while it is asked for anew, and while the stream is down. */
  book(symbol: string, depth?: number): BookView | undefined {
    return this.#publicSocket.isReady ? this.#books.view(symbol, depth) : undefined
  }

  /** Whether every stream is up. */
  get isUp(): boolean {
    return this.#publicSocket.isReady && this.#businessSocket.isReady
  }

  /** Quotes that gave way to later ones before they were heard, trades that were dropped since nobody kept up, books that were lost. */
  get counters(): { readonly conflated: number; readonly dropped: number; readonly lostBooks: number } {
    return { conflated: this.#outbox.conflated, dropped: this.#outbox.dropped, lostBooks: this.#books.lost }
  }

  /** Resolves when all that was heard so far has been told. */
  async settled(): Promise<void> {
    await this.#catchingUp
    await Promise.all(this.#missed)
    await this.#outbox.settled()
  }

  /** Resolves when its connections are gone. */
  async close(): Promise<void> {
    this.#sessions.close()
    await Promise.all([this.#publicSocket.close(), this.#businessSocket.close()])
  }

  #onText(reader: PushReader, pushed: string): boolean {
    const quote = reader.quote(pushed)
    if (quote !== undefined) this.#onQuote(quote)
    const trade = quote === undefined ? reader.trade(pushed) : undefined
    if (trade !== undefined) this.#onTrade(trade)
    return quote !== undefined || trade !== undefined
  }

  #onPush(channel: string, message: Payload): void {
    const symbol = text(asPayload(message['arg'], 'a push'), 'instId', 'a push')
    const rows = asList(message['data'] ?? [], 'a push')
    for (const row of rows) {
      if (channel === 'bbo-tbt') this.#onQuote(parseBestPrices(symbol, row))
      else if (channel === 'trades') this.#onTrade(parseTrade(row))
      else if (channel === 'books')
        this.#books.take(symbol, message['action'] === 'snapshot' ? 'snapshot' : 'update', parseBook(row))
      else if (channel === 'candle1m') this.#onMinute(parseBar(symbol, row))
      else if (channel === 'candle1Dutc') this.#onDay(parseBar(symbol, row))
      else if (channel === 'mark-price') this.#onMarkPrice(symbol, asPayload(row, 'a mark price'))
      else if (channel === 'funding-rate') {
        const due = this.#funding.take(parseFundingRate(row), this.#settings.connection.clock.now())
        if (due?.missedUntil !== undefined) this.#tellMissed(due.event, due.missedUntil)
        else if (due !== undefined) this.#outbox.push(due.event)
      }
    }
  }

  #onQuote(quote: OkxQuote | undefined): void {
    if (quote === undefined) return
    const { symbol, time, bid, ask, bidSize, askSize } = quote
    const state = this.#stateOf(symbol)
    if (state.quote !== undefined && !isNews(quote, state.quote)) return
    state.quote = quote
    this.#outbox.push({ type: 'quote', symbol, time, bid, ask, bidSize, askSize })
  }

  #onTrade({ symbol, time, price, quantity, id }: OkxTrade): void {
    const state = this.#stateOf(symbol)
    if (!state.trades.isNew(id)) return
    state.tradedAt = Math.max(state.tradedAt, time)
    // A trade that comes late belongs to a day that has begun long ago.
    if (time >= state.opensAgainAt) this.#beginDay(symbol, state, time, price)
    this.#outbox.push({ type: 'trade', symbol, time, price, quantity })
  }

  #beginDay(symbol: string, state: SymbolState, time: number, price: string): void {
    const session = this.#plan.calendar.openSession(time)
    if (session === undefined) return
    state.opensAgainAt = session.close
    if (session.date <= state.openedOn) return
    state.openedOn = session.date
    this.#outbox.push({ type: 'open', symbol, sessionDate: session.date, time, price })
  }

  /** A swap that has not traded yet has none. */
  #onMarkPrice(symbol: string, payload: Payload): void {
    const price = optionalText(payload, 'markPx')
    if (price !== undefined) this.#funding.notePrice(symbol, price)
  }

  #tellMissed(event: FundingEvent, until: EpochMs): void {
    const tell = async (): Promise<void> => {
      for (const one of await missedFunding(this.#client, event, until, this.#logger)) this.#outbox.push(one)
    }
    const telling = tell().finally(() => this.#missed.delete(telling))
    this.#missed.add(telling)
  }

  #onMinute(bar: OkxBar): void {
    if (bar.isFinal) this.#barListeners.tellAtOnce(bar)
  }

  #onDay(bar: OkxBar): void {
    const { days } = this.#stateOf(bar.symbol)
    if (days.get(bar.start)?.isFinal !== true) days.set(bar.start, bar)
  }

  /** What was missed of quotes does not matter, the latest do. */
  #onGap(): void {
    this.#hasGap = true
    this.#catchingUp ??= this.#catchUp().finally(() => {
      this.#catchingUp = undefined
    })
  }

  async #catchUp(): Promise<void> {
    const { symbols } = this.#settings
    while (this.#hasGap) {
      this.#hasGap = false
      try {
        for (const trade of await this.#client.latestTrades(symbols)) this.#onLatestTrade(trade)
        for (const quote of await this.#client.latestQuotes(symbols)) this.#onQuote(quote)
      } catch (thrown) {
        this.#logger.warn('the latest prices could not be asked for after a break', { error: messageOf(thrown) })
      }
    }
  }

  /** What was the latest when it was asked for may be older than what the stream has told since. */
  #onLatestTrade(trade: OkxTrade): void {
    if (trade.time >= this.#stateOf(trade.symbol).tradedAt) this.#onTrade(trade)
  }

  #askForBook(symbol: string): void {
    const args = of('books', [symbol])
    this.#logger.warn('a book is not whole any more and is asked for anew', { symbol })
    this.#publicSocket.send({ op: 'unsubscribe', args })
    this.#publicSocket.send({ op: 'subscribe', args })
  }

  #onSession(event: SessionEvent): void {
    if (event.phase === 'close') this.#tellDays(event)
    this.#outbox.push(event)
  }

  #tellDays({ sessionDate, time }: SessionEvent): void {
    for (const [symbol, { days }] of this.#states) {
      const bar = days.get(Date.parse(sessionDate))
      for (const start of days.keys()) if (start < time) days.delete(start)
      // What is not over, as after a break, is no bar of a day.
      if (bar?.isFinal !== true) {
        warnOfUnheardDay(this.#logger, symbol, sessionDate)
        continue
      }
      const { open, high, low, close, volume } = bar
      this.#outbox.push({
        type: 'bar',
        timeframe: '1d',
        symbol,
        sessionDate,
        start: this.#plan.calendar.session(sessionDate)?.open ?? bar.start,
        time,
        open,
        high,
        low,
        close,
        volume,
      })
    }
  }

  #stateOf(symbol: string): SymbolState {
    const known = this.#states.get(symbol)
    if (known !== undefined) return known
    const state: SymbolState = {
      quote: undefined,
      trades: new RecentIds(rememberedTrades),
      tradedAt: 0,
      openedOn: '',
      opensAgainAt: 0,
      days: new Map(),
    }
    this.#states.set(symbol, state)
    return state
  }
}

function of(channel: string, symbols: readonly string[]): readonly Channel[] {
  return symbols.map((instId) => ({ channel, instId }))
}

function isSwap(symbol: string): boolean {
  return symbol.endsWith('-SWAP')
}

/** Whether a quote is later than the last one, or another of the same instant. */
function isNews(quote: OkxQuote, last: OkxQuote): boolean {
  if (quote.time !== last.time) return quote.time > last.time
  const isSame = quote.bid === last.bid && quote.ask === last.ask
  return !(isSame && quote.bidSize === last.bidSize && quote.askSize === last.askSize)
}
