import {
  type BookView,
  FeedOutbox,
  Listeners,
  RecentIds,
  SessionClock,
  VenueSocket,
  warnOfUnheardDay,
} from '@tradeswarm/broker-kit'
import { type EpochMs, type Logger, messageOf, type Random } from '@tradeswarm/core'
import type { MarketDataFeed, MarketListener, SessionEvent } from '@tradeswarm/trading'
import { BookDesk } from './book-desk.js'
import { checkListed } from './check-listed.js'
import type { FeedSettings } from './create-alpaca-market-data.js'
import { isPair, type MarketDataClient } from './market-data-client.js'
import { bookRequests, createMarketStream, type MarketStreamListener } from './market-stream.js'
import type { AlpacaBar, AlpacaBook, AlpacaQuote, AlpacaTrade, WithdrawnTrade } from './parse-market-data.js'

const dayMs = 86_400_000
/** At least so many trades of a symbol are remembered, so that one that comes twice is told once. */
const rememberedTrades = 1_000

/**
 * A day is told to be over so long after its close: the bar of the minute in which the closing auction prints, and with it the day's last, comes
 * a minute after the close.
 */
const settleMs = 75_000

type SymbolState = {
  quote: AlpacaQuote | undefined
  readonly trades: RecentIds
  /** When the last of them was. */
  tradedAt: number
  /** The trade whose price was told last. */
  last: AlpacaTrade | undefined
  /** The one that was withdrawn last: it may be told as the latest once more. */
  withdrawn: AlpacaTrade | undefined
  /** The session whose first price was told. */
  openedOn: string
  day: AlpacaBar | undefined
  /** After a break nobody knows whether that is all of the day, until more of it is heard. */
  isDayDoubted: boolean
}

/** A day whose end was not heard. */
type UnheardDay = { readonly sessionDate: string; readonly time: EpochMs; readonly symbols: readonly string[] }

/** Live prices: sessions by the calendar, each session's first price, quotes, trades, the day's bar at the close, and whole books of crypto. */
export class AlpacaFeed implements MarketDataFeed, MarketStreamListener {
  readonly name = 'alpaca'
  readonly #settings: FeedSettings
  readonly #client: MarketDataClient
  readonly #logger: Logger
  readonly #outbox: FeedOutbox
  readonly #sessions: SessionClock
  readonly #stockSocket: VenueSocket | undefined
  readonly #cryptoSocket: VenueSocket | undefined
  readonly #books: BookDesk
  readonly #states = new Map<string, SymbolState>()
  readonly #barListeners: Listeners<AlpacaBar>
  #catchingUp: Promise<void> | undefined
  /** Something was missed that has not been asked for yet. */
  #hasGap = false
  #isOpened = false
  #unheardDays: UnheardDay[] = []

  constructor(settings: FeedSettings, client: MarketDataClient, random: Random, logger: Logger) {
    this.#settings = settings
    this.#client = client
    this.#logger = logger
    this.#outbox = new FeedOutbox(logger)
    this.#barListeners = new Listeners(({ symbol }, thrown) =>
      logger.error('a listener of bars failed', { symbol, error: messageOf(thrown) }),
    )
    const { connection, symbols, bookSymbols, stockStream, cryptoStream, sessions } = settings
    const { clock } = connection
    this.#sessions = new SessionClock(clock, sessions, (event) => this.#onSession(event), settleMs)
    this.#books = new BookDesk({ symbols: bookSymbols, clock, askAnew: (symbol) => this.#askForBook(symbol), logger })
    const socketOf = (url: string, some: readonly string[], ofBooks: readonly string[]): VenueSocket | undefined => {
      if (some.length === 0) return undefined
      const stream = createMarketStream({
        url,
        symbols: some,
        bookSymbols: ofBooks,
        connection,
        logger,
        listener: this,
      })
      return new VenueSocket(stream, connection, random.fork(url), logger)
    }
    const shares = symbols.filter((symbol) => !isPair(symbol))
    this.#stockSocket = socketOf(stockStream, shares, [])
    this.#cryptoSocket = socketOf(cryptoStream, symbols.filter(isPair), bookSymbols)
  }

  /** Connects and subscribes, and warns of symbols without a price. Throws what keeps it from that. */
  async open(): Promise<this> {
    const { clock } = this.#settings.connection
    const looking = checkListed(this.#client, this.#groups(), clock.now(), this.#logger)
    try {
      await Promise.all([this.#stockSocket?.open(), this.#cryptoSocket?.open(), looking])
      this.#isOpened = true
    } catch (thrown) {
      await this.close()
      throw thrown
    }
    return this
  }

  /** Whoever comes first is told the session that is open. */
  subscribe(listener: MarketListener): () => void {
    const leave = this.#outbox.subscribe(listener)
    if (this.#settings.symbols.some((symbol) => !isPair(symbol))) this.#sessions.start()
    return leave
  }

  /** Minute bars as they end. */
  subscribeBars(listener: (bar: AlpacaBar) => void): () => void {
    return this.#barListeners.subscribe(listener)
  }

  /** Books of `bookSymbols` after each change. */
  subscribeBooks(listener: (book: BookView) => void): () => void {
    return this.#books.subscribe(listener)
  }

  /** The book of one of `bookSymbols`, up to 400 levels of each side unless asked for more; undefined while it is asked for anew, and while the stream is down. */
  book(symbol: string, depth?: number): BookView | undefined {
    return this.#cryptoSocket?.isReady === true ? this.#books.view(symbol, depth) : undefined
  }

  /** Whether every stream is up. */
  get isUp(): boolean {
    return this.#stockSocket?.isReady !== false && this.#cryptoSocket?.isReady !== false
  }

  /** Quotes that gave way to later ones before they were heard, trades that were dropped since nobody kept up, books that were lost. */
  get counters(): { readonly conflated: number; readonly dropped: number; readonly lostBooks: number } {
    return { conflated: this.#outbox.conflated, dropped: this.#outbox.dropped, lostBooks: this.#books.lost }
  }

  /** Resolves when all that was heard so far has been told. */
  async settled(): Promise<void> {
    await this.#catchingUp
    await this.#outbox.settled()
  }

  /** Resolves when its connections are gone: the next feed may be opened then, also where the plan grants one at a time. */
  async close(): Promise<void> {
    this.#sessions.close()
    await Promise.all([this.#stockSocket?.close(), this.#cryptoSocket?.close()])
  }

  onQuote(quote: AlpacaQuote): void {
    const { symbol, time, bid, ask, bidSize, askSize } = quote
    const state = this.#stateOf(symbol)
    if (state.quote !== undefined && !isNews(quote, state.quote)) return
    state.quote = quote
    // A side that nobody offers is 0, and no quote.
    if (bid === '0' || ask === '0') return
    this.#outbox.push({ type: 'quote', symbol, time, bid, ask, bidSize, askSize })
  }

  /** What sets no price is not told: stops are judged by it. */
  onTrade(trade: AlpacaTrade): void {
    const { symbol, time, price, quantity, exchange, id, counts } = trade
    if (counts === 'never') return
    const state = this.#stateOf(symbol)
    // Each exchange counts for itself, and many of them anew each day.
    if (!state.trades.isNew(`${id} ${exchange} ${time}`)) return
    const session = isPair(symbol) ? undefined : this.#sessions.current()
    const isRegular = session !== undefined && time >= session.open
    if (counts === 'extended-hours' && isRegular) return
    state.tradedAt = Math.max(state.tradedAt, time)
    state.last = trade
    if (isRegular && state.openedOn !== session.date) {
      state.openedOn = session.date
      this.#outbox.push({ type: 'open', symbol, sessionDate: session.date, time, price })
    }
    this.#outbox.push({ type: 'trade', symbol, time, price, quantity })
  }

  /** A price that was told last, and is none any more, gives way to the right one: the corrected, else the latest that there is. */
  onWithdrawn({ symbol, exchange, id, corrected }: WithdrawnTrade): void {
    const state = this.#stateOf(symbol)
    const { last } = state
    if (last === undefined || !isSameTrade(last, { id, exchange })) return
    state.last = undefined
    state.withdrawn = last
    if (corrected?.counts === 'always') this.#tellInstead(corrected)
    else this.#askForMissed()
  }

  /** In the place of a price that was told: not before it. */
  #tellInstead(trade: AlpacaTrade): void {
    const { symbol, price, quantity } = trade
    const state = this.#stateOf(symbol)
    state.tradedAt = Math.max(state.tradedAt, trade.time)
    state.last = trade
    this.#outbox.push({ type: 'trade', symbol, time: state.tradedAt, price, quantity })
  }

  onMinute(bar: AlpacaBar): void {
    this.#barListeners.tellAtOnce(bar)
  }

  onDay(bar: AlpacaBar): void {
    const state = this.#stateOf(bar.symbol)
    state.day = bar
    state.isDayDoubted = false
  }

  onBook(book: AlpacaBook): void {
    this.#books.take(book)
  }

  onBooksBegin(): void {
    this.#books.begin()
  }

  onBooksDoubt(): void {
    this.#books.doubtAll()
  }

  /** What was missed of quotes does not matter, the latest do. */
  onGap(): void {
    for (const state of this.#states.values()) state.isDayDoubted = true
    this.#askForMissed()
  }

  #askForMissed(): void {
    this.#hasGap = true
    this.#catchingUp ??= this.#catchUp().finally(() => {
      this.#catchingUp = undefined
    })
  }

  async #catchUp(): Promise<void> {
    while (this.#hasGap) {
      this.#hasGap = false
      try {
        for (const group of this.#groups()) {
          for (const trade of await this.#client.latestTrades(group)) this.#onLatestTrade(trade)
          for (const quote of await this.#client.latestQuotes(group)) this.onQuote(quote)
        }
      } catch (thrown) {
        this.#logger.warn('the latest prices could not be asked for after a break', { error: messageOf(thrown) })
      }
      this.#unheardDays = await this.#tellUnheard(this.#unheardDays.splice(0))
    }
  }

  /** Pairs and shares are asked for at two places. */
  #groups(): readonly (readonly string[])[] {
    const { symbols } = this.#settings
    return [symbols.filter(isPair), symbols.filter((symbol) => !isPair(symbol))]
  }

  /** What was the latest when it was asked for may be older than what the stream has told since, unless that was withdrawn. */
  #onLatestTrade(trade: AlpacaTrade): void {
    const { last, tradedAt, withdrawn } = this.#stateOf(trade.symbol)
    if (withdrawn !== undefined && isSameTrade(trade, withdrawn)) return
    if (last === undefined && tradedAt > 0) this.#tellInstead(trade)
    else if (trade.time >= tradedAt) this.onTrade(trade)
  }

  #askForBook(symbol: string): void {
    this.#logger.warn('a book is not whole any more and is asked for anew', { symbol })
    for (const request of bookRequests(symbol)) this.#cryptoSocket?.send(request)
  }

  #onSession(event: SessionEvent): void {
    if (event.phase === 'close') this.#tellDays(event)
    this.#outbox.push(event)
  }

  #tellDays({ sessionDate, time }: SessionEvent): void {
    const isDown = this.#isOpened && this.#stockSocket?.isReady === false
    const unheard: string[] = []
    for (const symbol of this.#settings.symbols) {
      if (isPair(symbol)) continue
      const state = this.#stateOf(symbol)
      const { day, isDayDoubted } = state
      state.day = undefined
      state.isDayDoubted = false
      // What was heard of it before a break is a part of the day.
      if (isDown || isDayDoubted) unheard.push(symbol)
      // One that came after its own session was told is of no other.
      else if (day !== undefined && dateOf(day) === sessionDate) this.#tellDay(day, sessionDate, time)
    }
    if (unheard.length === 0) return
    this.#unheardDays.push({ sessionDate, time, symbols: unheard })
    this.#askForMissed()
  }

  #tellDay(
    { symbol, start: from, open, high, low, close, volume }: AlpacaBar,
    sessionDate: string,
    time: EpochMs,
  ): void {
    const start = this.#settings.sessions.calendar.session(sessionDate)?.open ?? Math.min(from, time)
    const bar = { open, high, low, close, volume }
    this.#outbox.push({ type: 'bar', timeframe: '1d', symbol, sessionDate, start, time, ...bar })
  }

  /** Days whose end was not heard are told late, as the history has them. Answers those that are to be asked for after the next break. */
  async #tellUnheard(days: readonly UnheardDay[]): Promise<UnheardDay[]> {
    const left: UnheardDay[] = []
    for (const { sessionDate, time, symbols } of days) {
      const missing = new Set(symbols)
      const from = Date.parse(sessionDate)
      let why: string | undefined
      try {
        const query = { symbols, timeframe: '1d', from, to: from + dayMs - 1 }
        for await (const { rows } of this.#client.bars(query))
          for (const bar of rows)
            if (dateOf(bar) === sessionDate && missing.delete(bar.symbol)) this.#tellDay(bar, sessionDate, time)
      } catch (thrown) {
        why = messageOf(thrown)
        left.push({ sessionDate, time, symbols: [...missing] })
      }
      for (const symbol of missing) warnOfUnheardDay(this.#logger, symbol, sessionDate, why)
    }
    return left
  }

  #stateOf(symbol: string): SymbolState {
    const known = this.#states.get(symbol)
    if (known !== undefined) return known
    const state = {
      quote: undefined,
      trades: new RecentIds(rememberedTrades),
      tradedAt: 0,
      last: undefined,
      withdrawn: undefined,
      openedOn: '',
      day: undefined,
      isDayDoubted: false,
    }
    this.#states.set(symbol, state)
    return state
  }
}

/** Bars of days begin at midnight in New York, four or five hours later by UTC. */
function dateOf({ start }: AlpacaBar): string {
  return new Date(start).toISOString().slice(0, 10)
}

function isSameTrade(one: AlpacaTrade, other: Pick<AlpacaTrade, 'id' | 'exchange'>): boolean {
  return one.id === other.id && one.exchange === other.exchange
}

/** Whether a quote is later than the last one, or another of the same instant. */
function isNews(quote: AlpacaQuote, last: AlpacaQuote): boolean {
  if (quote.time !== last.time) return quote.time > last.time
  const isSame = quote.bid === last.bid && quote.ask === last.ask
  return !(isSame && quote.bidSize === last.bidSize && quote.askSize === last.askSize)
}
