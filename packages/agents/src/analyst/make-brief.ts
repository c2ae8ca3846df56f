import type { PortfolioView } from '@tradeswarm/trading'
import type { Brief } from '../models/brief.js'
import type { AnalystConfig } from './analyst-config.js'
import type { AnalystCase } from './case-file.js'
import { findPatterns } from './find-patterns.js'
import { levelsFor } from './recommend.js'

/** What a brief is made of beside the case. */
export type BriefBasis = {
  readonly config: AnalystConfig
  readonly readings: Brief['readings'] | undefined
  readonly correlations: Brief['correlations']
  /** See `posts.lead` of the brief. */
  readonly lead: number | undefined
  readonly portfolio: PortfolioView
}

/** A case as a model is told of it: rounded, so that what it repeats can be found again. Pure. */
export function makeBrief(found: AnalystCase, basis: BriefBasis): Brief {
  const { signal, indicators, byRules } = found
  const price = priceOf(indicators)
  const posts = postsOf(found, basis.lead)
  const market = Object.fromEntries(signal.market.map(({ kind, score }) => [kind, rounded(score, 3)])) as Pick<
    Brief,
    'trend' | 'gap' | 'volatility' | 'volume'
  >
  const { readings } = basis
  const levels = levelsOf(found, basis.config)
  const patterns = findPatterns({
    price,
    ...market,
    ...(posts === undefined ? {} : { posts }),
    ...(readings === undefined ? {} : { readings }),
    concentration: signal.posts?.quality.concentration,
  })
  return {
    symbol: signal.symbol,
    price,
    ...(posts === undefined ? {} : { posts }),
    ...(readings === undefined ? {} : { readings }),
    ...market,
    patterns: [...patterns],
    correlations: basis.correlations,
    rules:
      byRules === undefined
        ? { action: 'none' }
        : {
            action: byRules.direction,
            score: rounded(byRules.score, 3),
            confidence: rounded(byRules.confidence, 3),
          },
    ...(levels === undefined ? {} : { levels }),
    portfolio: portfolioOf(signal.symbol, basis.portfolio),
  }
}

function priceOf({ close, sma50, atr, rsi }: AnalystCase['indicators']): Brief['price'] {
  const isUsable = (value: number | undefined): value is number => value !== undefined && Number.isFinite(value)
  return {
    close: rounded(close, 4),
    ...(isUsable(sma50) && sma50 > 0
      ? { sma50: rounded(sma50, 4), aboveSma50Percent: rounded((close / sma50 - 1) * 100, 2) }
      : {}),
    ...(isUsable(atr) && close > 0 ? { atr: rounded(atr, 4), atrPercent: rounded((atr / close) * 100, 2) } : {}),
    ...(isUsable(rsi) ? { rsi: rounded(Math.min(100, Math.max(0, rsi)), 1) } : {}),
  }
}

function postsOf({ signal, baseline }: AnalystCase, lead: number | undefined): Brief['posts'] {
  const { posts } = signal
  if (posts === undefined) return undefined
  const { quality } = posts
  return {
    score: rounded(posts.score, 3),
    usualScore: rounded(baseline.mean, 3),
    distance: rounded(posts.score - baseline.mean, 3),
    confidence: rounded(posts.confidence, 3),
    mentions: quality.mentions,
    authors: quality.uniqueAuthors,
    copiedPercent: rounded(quality.duplicateShare * 100, 1),
    agreement: rounded(quality.agreement, 3),
    burst: rounded(posts.burst.zScore, 2),
    ...(lead === undefined ? {} : { lead: rounded(lead, 2) }),
  }
}

function levelsOf({ indicators, tickSize }: AnalystCase, config: AnalystConfig): Brief['levels'] {
  const levels = levelsFor({ indicators, tickSize, config })
  if (levels === undefined) return undefined
  const [entry, stop, target] = [Number(levels.entryPrice), Number(levels.stopPrice), Number(levels.targetPrice)]
  return {
    entry,
    stop,
    target,
    stopPercent: rounded((1 - stop / entry) * 100, 2),
    targetPercent: rounded((target / entry - 1) * 100, 2),
    horizonSessions: config.horizonSessions,
  }
}

/** Per cent of the equity: no balance leaves the process. Without equity nothing can be said of it. */
function portfolioOf(symbol: string, { equity, cash, currency, positions }: PortfolioView): Brief['portfolio'] {
  const whole = Number(equity ?? '0')
  const percent = (amount: number): number => (whole > 0 ? rounded((amount / whole) * 100, 1) : 0)
  const held = positions.find((position) => position.symbol === symbol)
  const value = Number(held?.marketValue ?? '0')
  const cost = Number(held?.openCost ?? '0')
  return {
    heldPercent: percent(value),
    ...(held?.marketValue !== undefined && cost > 0 ? { unrealisedPercent: rounded((value / cost - 1) * 100, 1) } : {}),
    freeCashPercent: percent(Number(cash[currency]?.free ?? '0')),
    openPositions: positions.length,
  }
}

function rounded(value: number, decimals: number): number {
  let scale = 1
  for (let digit = 0; digit < decimals; digit += 1) scale *= 10
  const result = Math.round(value * scale) / scale
  // No brief says −0.
  return result === 0 || !Number.isFinite(result) ? 0 : result
}
