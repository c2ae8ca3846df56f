import type { EpochMs } from '@tradeswarm/core'
import { SwarmError } from '@tradeswarm/core'
import { z } from 'zod'
import { aggregateObservations } from './aggregate-observations.js'
import type { AddResult, AggregatedSignal, SignalObservation } from './aggregated-signal.js'
import { type AggregatorOptions, aggregatorConfigOf } from './aggregator-options.js'
import { createMentionCounts, type MentionBucket, type MentionCounts } from './mention-counts.js'
import { createObservationWindow, type ObservationWindow } from './observation-window.js'

/** All that is kept of one symbol, as plain JSON. */
export type SignalAggregatorState = {
  readonly observations: readonly SignalObservation[]
  readonly mentions: readonly MentionBucket[]
}

/** Gathers observations per symbol and says what they amount to. Synchronous, deterministic, bounded. */
export type SignalAggregator = {
  /** Takes one observation. Numbers out of range refuse it, as a value. */
  add(observation: SignalObservation): AddResult
  /** Counts a post that carries no weight: a copy, or one that validation rejected. */
  count(kind: 'duplicate' | 'rejected', symbol: string, at: EpochMs, isRetweet?: boolean): void
  /**
   * The aggregate at `now`; undefined when the window holds no weight. Later observations have no part in it; mentions are
   * counted by quarters of the burst window, so add and count only what has fallen due.
   */
  aggregate(symbol: string, now: EpochMs): AggregatedSignal | undefined
  /** What is kept of one symbol; undefined when nothing. `now` leaves out what has aged out of the window. */
  stateOf(symbol: string, now?: EpochMs): SignalAggregatorState | undefined
  /** Takes up a stored state in place of what is kept of that symbol. Throws `INVALID_STATE` on anything else. */
  restore(symbol: string, state: unknown): void
  symbols(): readonly string[]
}

const count = z.int().nonnegative()
const stateSchema = z.object({
  observations: z.array(
    z.object({
      id: z.string(),
      symbol: z.string(),
      source: z.string(),
      author: z.string().exactOptional(),
      followers: z.number().nonnegative().exactOptional(),
      score: z.number().min(-1).max(1),
      confidence: z.number().min(0).max(1),
      weight: z.number().min(0).max(1),
      at: z.int(),
      isRetweet: z.boolean().exactOptional(),
    }),
  ),
  mentions: z.array(z.tuple([z.int(), count, count, count, count])),
})

type SymbolSignals = { readonly window: ObservationWindow; readonly mentions: MentionCounts }

/** An aggregator. Throws `INVALID_OPTION` naming the option, its value and the range. */
export function createSignalAggregator(options: AggregatorOptions = {}): SignalAggregator {
  const config = aggregatorConfigOf(options)
  const bySymbol = new Map<string, SymbolSignals>()

  const keep = (symbol: string, signals: SymbolSignals): SymbolSignals => {
    bySymbol.delete(symbol)
    bySymbol.set(symbol, signals)
    if (bySymbol.size > config.maximumSymbols) {
      for (const quietest of bySymbol.keys()) {
        bySymbol.delete(quietest)
        break
      }
    }
    return signals
  }
  const empty = (): SymbolSignals => ({
    window: createObservationWindow(config.maximumObservations),
    mentions: createMentionCounts(config),
  })
  const of = (symbol: string): SymbolSignals => keep(symbol, bySymbol.get(symbol) ?? empty())

  return {
    add(observation) {
      if (!isInRange(observation)) return { status: 'refused', reason: 'invalid-number' }
      const { window, mentions } = of(observation.symbol)
      // A minus zero would not come back from a stored state.
      const result = window.add({ ...observation, score: observation.score + 0 })
      if (result.status !== 'repeated') mentions.count('observation', observation.at, observation.isRetweet === true)
      return result
    },
    count(kind, symbol, at, isRetweet = false) {
      if (Number.isSafeInteger(at)) of(symbol).mentions.count(kind, at, isRetweet)
    },
    aggregate(symbol, now) {
      const signals = bySymbol.get(symbol)
      if (signals === undefined) return undefined
      const { window, mentions } = signals
      const observations = window.between(now - config.windowMs, now)
      return aggregateObservations({
        symbol,
        now,
        config,
        observations,
        totals: mentions.totals(now - config.windowMs, now),
        burst: mentions.burst(now),
      })
    },
    stateOf(symbol, now) {
      const signals = bySymbol.get(symbol)
      if (signals === undefined) return undefined
      const from = now === undefined ? Number.NEGATIVE_INFINITY : now - config.windowMs
      return {
        observations: signals.window.between(from, Number.POSITIVE_INFINITY),
        mentions: signals.mentions.state(),
      }
    },
    restore(symbol, state) {
      const parsed = stateSchema.safeParse(state)
      if (!parsed.success) {
        throw new SwarmError({
          code: 'INVALID_STATE',
          message: `the stored signals of ${symbol} are unreadable: ${z.prettifyError(parsed.error)}; delete that document to start afresh`,
          context: { symbol },
        })
      }
      const window = createObservationWindow(config.maximumObservations)
      for (const observation of parsed.data.observations) window.add(observation)
      keep(symbol, { window, mentions: createMentionCounts(config, parsed.data.mentions) })
    },
    symbols: () => [...bySymbol.keys()],
  }
}

function isInRange({ score, confidence, weight, at, followers }: SignalObservation): boolean {
  return (
    score >= -1 &&
    score <= 1 &&
    confidence >= 0 &&
    confidence <= 1 &&
    weight >= 0 &&
    weight <= 1 &&
    Number.isSafeInteger(at) &&
    (followers === undefined || (Number.isFinite(followers) && followers >= 0))
  )
}
