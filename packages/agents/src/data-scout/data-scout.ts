import { Agent, type HandlerContext, type PayloadOf } from '@tradeswarm/core'
import { deriveMarketSignals, normalisePost, scoreSentiment, validatePost } from '@tradeswarm/signals'
import { MarketBar, MarketSession } from '../messages/market-topics.js'
import {
  PostReceived,
  ReadText,
  SignalAggregated,
  SignalObserved,
  SignalRoundCompleted,
} from '../messages/signal-topics.js'
import { dataScoutConfig } from './data-scout-config.js'
import { loadScoutMemory, type ScoutMemory } from './scout-memory.js'

type Context = HandlerContext<typeof DataScout>

/**
 * Gathers posts and bars, judges them, and before each session says what is known about each symbol.
 * It is the only agent that reads the untrusted texts, and only numbers and enums leave it.
 */
export class DataScout extends Agent<typeof DataScout> {
  static readonly role: string = 'data-scout'
  static readonly capabilities = ['signals']
  static readonly publishes = [SignalObserved, SignalAggregated, SignalRoundCompleted]
  static readonly requests = [ReadText]
  static readonly config = dataScoutConfig

  #memory: ScoutMemory | undefined
  #names: ReadonlyMap<string, readonly string[]> = new Map()
  readonly #synthetic = new Set<string>()

  protected override onStart(): void {
    this.#names = new Map(this.config.symbols.map((symbol) => [symbol, this.config.names[symbol] ?? []]))
    this.subscribe(PostReceived, (post, context) => this.#read(post, context))
    this.subscribe(MarketBar, (bar, context) => this.#keepBar(bar, context))
    this.subscribe(MarketSession, async (session, context) => {
      const isStale = context.clock.now() - session.time > this.config.maximumLagMs
      if (session.phase === 'pre-open' && !isStale) await this.#aggregate(session.sessionDate, context)
    })
  }

  #remember(context: Context): ScoutMemory {
    this.#memory ??= loadScoutMemory(context.state, this.config)
    return this.#memory
  }

  async #read(received: PayloadOf<typeof PostReceived>, context: Context): Promise<void> {
    const { aggregator, duplicates, keepPosts } = this.#remember(context)
    const { text } = await context.request(ReadText, { hash: received.textHash })
    const { source, synthetic, weight, symbol, at } = received
    const post = normalisePost({
      id: received.id,
      symbol,
      text,
      at,
      ...(received.author === undefined ? {} : { author: received.author }),
      ...(received.followers === undefined ? {} : { followers: received.followers }),
    })
    if (synthetic) this.#synthetic.add(source)
    const validation = validatePost(post, {
      now: context.clock.now(),
      symbols: this.#names,
      maximumAgeMs: this.config.maximumPostAgeMs,
    })
    if (validation.status === 'rejected') {
      aggregator.count('rejected', symbol, at, post.isRetweet)
      return keepPosts(context.state, symbol)
    }
    const verdict = duplicates.check(post)
    if (verdict.status !== 'original') {
      if (verdict.status === 'copy') aggregator.count('duplicate', symbol, at, post.isRetweet)
      return keepPosts(context.state, symbol)
    }
    const { score, confidence } = scoreSentiment(post.text)
    aggregator.add({
      id: post.id,
      symbol,
      source,
      score,
      confidence,
      weight,
      at,
      isRetweet: post.isRetweet,
      ...(post.author === undefined ? {} : { author: post.author }),
      ...(post.followers === undefined ? {} : { followers: post.followers }),
    })
    keepPosts(context.state, symbol)
    await context.publish(SignalObserved, {
      symbol,
      source,
      synthetic,
      postId: post.id,
      at,
      score,
      confidence,
      isRetweet: post.isRetweet,
    })
  }

  #keepBar(bar: PayloadOf<typeof MarketBar>, context: Context): void {
    this.#remember(context).addBar(context.state, bar.symbol, {
      sessionDate: bar.sessionDate,
      open: Number(bar.open),
      high: Number(bar.high),
      low: Number(bar.low),
      close: Number(bar.close),
      volume: Number(bar.volume),
    })
  }

  async #aggregate(sessionDate: string, context: Context): Promise<void> {
    const { aggregator, bars } = this.#remember(context)
    const at = context.clock.now()
    const symbols: string[] = []
    for (const symbol of this.config.symbols) {
      const opinion = aggregator.aggregate(symbol, at)
      const market = deriveMarketSignals(bars(symbol))
      if (opinion === undefined && market.length === 0) continue
      symbols.push(symbol)
      const { score, confidence, burst, quality, contributors } = opinion ?? {}
      const posts =
        score === undefined || confidence === undefined
          ? undefined
          : { score, confidence, burst, quality, contributors: [...(contributors ?? [])] }
      await context.publish(
        SignalAggregated,
        {
          symbol,
          sessionDate,
          at,
          synthetic: this.#synthetic.size > 0,
          market: [...market],
          ...(posts === undefined ? {} : { posts: posts as never }),
        },
        { cause: 'none' },
      )
    }
    await context.publish(SignalRoundCompleted, { sessionDate, at, symbols })
  }
}
