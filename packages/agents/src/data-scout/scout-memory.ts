import type { AgentState } from '@tradeswarm/core'
import {
  createDuplicateFilter,
  createSignalAggregator,
  type DuplicateFilter,
  type MarketBar,
  type SignalAggregator,
} from '@tradeswarm/signals'
import type { DataScoutConfig } from './data-scout-config.js'

/** What the Data Scout knows: posts by symbol, texts it has seen, finished bars. Its documents make it survive a restart. */
export type ScoutMemory = {
  readonly aggregator: SignalAggregator
  readonly duplicates: DuplicateFilter
  bars(symbol: string): readonly MarketBar[]
  addBar(state: AgentState, symbol: string, bar: MarketBar): void
  /** Marks a symbol's posts as changed. */
  keepPosts(state: AgentState, symbol: string): void
}

const postsPrefix = 'posts/'
const barsPrefix = 'bars/'

export function loadScoutMemory(state: AgentState, config: DataScoutConfig): ScoutMemory {
  const aggregator = createSignalAggregator(config.aggregation)
  const duplicates = createDuplicateFilter({ windowMs: config.maximumPostAgeMs })
  for (const key of state.keys(postsPrefix)) {
    const symbol = key.slice(postsPrefix.length)
    const saved = JSON.parse(JSON.stringify(state.get(key))) as {
      readonly posts?: unknown
      readonly duplicates?: unknown
    }
    if (saved.posts !== undefined) aggregator.restore(symbol, saved.posts)
    if (saved.duplicates !== undefined) duplicates.restore(symbol, saved.duplicates)
  }
  const bars = (symbol: string, from: AgentState = state): readonly MarketBar[] =>
    from.get<readonly MarketBar[]>(`${barsPrefix}${symbol}`) ?? []
  const cache = new Map<string, readonly MarketBar[]>(
    state.keys(barsPrefix).map((key) => [key.slice(barsPrefix.length), state.get<readonly MarketBar[]>(key) ?? []]),
  )
  const documents = new Map<string, object>()

  return {
    aggregator,
    duplicates,
    bars: (symbol) => cache.get(symbol) ?? [],
    addBar(current, symbol, bar) {
      const known = bars(symbol, current)
      const next = [...known.slice(known.length >= config.maximumBars ? 1 : 0), bar]
      cache.set(symbol, next)
      current.set(`${barsPrefix}${symbol}`, next)
    },
    keepPosts(current, symbol) {
      // The document is written out only when it is saved: a window of posts is too large to copy for each post.
      const document = documents.get(symbol) ?? {
        toJSON: () => ({ posts: aggregator.stateOf(symbol), duplicates: duplicates.stateOf(symbol) }),
      }
      documents.set(symbol, document)
      current.set(`${postsPrefix}${symbol}`, document)
    },
  }
}
