// The peer of the swarm benchmark: the same tape, the same reading of posts, the same indicators and rules and the same
// matching, as one loop over numbers. No agents, messages, journal, permits, exact money or learning: what is missing here
// is what the swarm's guarantees cost.
import { createTapeEvents, loadTape } from '@tradeswarm/backtest'
import {
  createDuplicateFilter,
  createSignalAggregator,
  deriveMarketSignals,
  normalisePost,
  scoreSentiment,
  validatePost,
} from '@tradeswarm/signals'
import { ATR, RSI, SMA } from 'trading-signals'
import { report } from '../measure.mjs'

// The defaults of the five agents and of the paper broker.
const maximumAgeMs = 3 * 86_400_000
const weights = { posts: 1, trend: 0.8, gap: 0.3, volatility: 0.3, volume: 0.3, reversion: 0.5 }
const [marketBars, indicatorBars] = [260, 120]
const [baselineSessions, baselineMinimum, postsScale] = [60, 10, 3]
const [minimumScore, minimumConfidence] = [0.3, 0.6]
const [stopMultiple, minimumStop, maximumStop, riskReward, horizon] = [2.5, 0.03, 0.05, 2, 10]
const [maximumPositions, riskFraction, maximumFraction, entryBuffer] = [5, 0.005, 0.1, 0.02]
const [fee, slippage] = [0.0005, 0.0005]

const { tape: folder, to } = JSON.parse(process.argv[2])
const tape = await loadTape(folder, to === undefined ? {} : { to })
const symbols = tape.instruments.map((instrument) => instrument.symbol)
const names = new Map(symbols.map((symbol) => [symbol, []]))
const aggregator = createSignalAggregator()
const duplicates = createDuplicateFilter({ windowMs: maximumAgeMs })
const bars = new Map(symbols.map((symbol) => [symbol, []]))
const baselines = new Map(symbols.map((symbol) => [symbol, { mean: 0, count: 0 }]))
const positions = new Map()
const account = { cash: 100_000, fills: 0 }
let orders = []
let nextPost = 0

for (const event of createTapeEvents(tape)) {
  readPosts(event.time)
  if (event.type === 'session' && event.phase === 'pre-open' && event.sessionDate >= tape.tradeFrom) decide(event.time)
  else if (event.type === 'open') fillAtOpen(event.symbol, Number(event.price))
  else if (event.type === 'bar') endOfBar(event)
  else if (event.type === 'dividend')
    account.cash += (positions.get(event.symbol)?.quantity ?? 0) * Number(event.amountPerUnit)
}
report({ fills: account.fills, equity: equity(), posts: tape.posts.length, bars: tape.bars.length })

function readPosts(time) {
  for (let item = tape.posts[nextPost]; item !== undefined && item.at <= time; item = tape.posts[nextPost]) {
    nextPost += 1
    const post = normalisePost(item)
    const { symbol, at, isRetweet } = post
    if (validatePost(post, { now: at, symbols: names, maximumAgeMs }).status === 'rejected') {
      aggregator.count('rejected', symbol, at, isRetweet)
      continue
    }
    const verdict = duplicates.check(post)
    if (verdict.status === 'copy') aggregator.count('duplicate', symbol, at, isRetweet)
    if (verdict.status !== 'original') continue
    const { score, confidence } = scoreSentiment(post.text)
    const { author, followers } = post
    aggregator.add({
      id: post.id,
      symbol,
      source: 'posts',
      score,
      confidence,
      weight: 0.5,
      at,
      isRetweet,
      author,
      followers,
    })
  }
}

function decide(now) {
  const drafts = symbols.map((symbol) => draftFor(symbol, now)).filter((draft) => draft !== undefined)
  drafts.sort((a, b) => b.strength - a.strength)
  orders = orders.filter((order) => order.kind !== 'entry')
  const worth = equity()
  for (const { symbol, direction, close, stop, target } of drafts) {
    const held = positions.get(symbol)
    if (direction < 0) {
      if (held !== undefined) orders.push({ symbol, kind: 'exit' })
      continue
    }
    if (
      held !== undefined ||
      positions.size + orders.filter((order) => order.kind === 'entry').length >= maximumPositions
    )
      continue
    const limit = close * (1 + entryBuffer)
    const size = Math.min(
      (worth * riskFraction) / (limit - stop),
      (worth * maximumFraction) / limit,
      account.cash / limit,
    )
    if (size >= 1) orders.push({ symbol, kind: 'entry', quantity: Math.floor(size), limit, stop, target })
  }
}

function draftFor(symbol, now) {
  const history = bars.get(symbol)
  const opinion = aggregator.aggregate(symbol, now)
  const indicators = indicatorsOf(history)
  if (indicators === undefined) return undefined
  const factors = []
  const baseline = baselines.get(symbol)
  if (opinion !== undefined) {
    if (baseline.count >= baselineMinimum) {
      factors.push({
        kind: 'posts',
        score: clamp((opinion.score - baseline.mean) * postsScale, -1, 1),
        confidence: opinion.confidence,
      })
    }
    const weight = baseline.count < baselineSessions ? 1 / (baseline.count + 1) : 2 / (baselineSessions + 1)
    baseline.mean += weight * (opinion.score - baseline.mean)
    baseline.count += 1
  }
  factors.push(...deriveMarketSignals(history))
  if (indicators.rsi < 30)
    factors.push({ kind: 'reversion', score: clamp((30 - indicators.rsi) / 15, 0, 1), confidence: 0.6 })
  if (indicators.rsi > 70)
    factors.push({ kind: 'reversion', score: -clamp((indicators.rsi - 70) / 15, 0, 1), confidence: 0.6 })
  let [total, sum, size] = [0, 0, 0]
  for (const { kind, score, confidence } of factors) {
    total += weights[kind] * confidence
    sum += weights[kind] * confidence * score
    size += Math.abs(weights[kind] * confidence * score)
  }
  const score = total === 0 ? 0 : sum / total
  const confidence = size === 0 ? 0 : (size + Math.abs(sum)) / (2 * size)
  if (Math.abs(score) < minimumScore || confidence < minimumConfidence || indicators.atr === undefined) return undefined
  const { close, atr } = indicators
  const distance = clamp((stopMultiple * atr) / close, minimumStop, maximumStop)
  return {
    symbol,
    direction: Math.sign(score),
    strength: Math.abs(score) * confidence,
    close,
    stop: close * (1 - distance),
    target: close * (1 + distance * riskReward),
  }
}

function indicatorsOf(history) {
  const [rsi, atr, sma] = [new RSI(14), new ATR(14), new SMA(50)]
  for (const bar of history.slice(-indicatorBars)) {
    rsi.add(bar.close)
    atr.add(bar)
    sma.add(bar.close)
  }
  const last = history.at(-1)
  return last && { close: last.close, rsi: rsi.getResult() ?? undefined, atr: atr.getResult() ?? undefined }
}

function fillAtOpen(symbol, open) {
  for (const order of orders) {
    if (order.symbol !== symbol) continue
    if (order.kind === 'exit') sell(symbol, open)
    else if (open <= order.limit) buy(order, open)
  }
  orders = orders.filter((order) => order.symbol !== symbol)
  const held = positions.get(symbol)
  if (held !== undefined && (open <= held.stop || open >= held.target || held.sessions >= horizon)) sell(symbol, open)
}

function endOfBar({ symbol, open, high, low, close, volume }) {
  const bar = { open: Number(open), high: Number(high), low: Number(low), close: Number(close), volume: Number(volume) }
  const history = bars.get(symbol)
  history.push(bar)
  if (history.length > marketBars) history.shift()
  const held = positions.get(symbol)
  if (held === undefined) return
  held.sessions += 1
  if (bar.low <= held.stop) sell(symbol, Math.min(held.stop, bar.open))
  else if (bar.high > held.target) sell(symbol, held.target)
}

function buy({ symbol, quantity, limit, stop, target }, open) {
  const price = Math.min(limit, open * (1 + slippage))
  account.cash -= price * quantity * (1 + fee)
  account.fills += 1
  positions.set(symbol, { quantity, stop, target, sessions: 0 })
}

function sell(symbol, reference) {
  const { quantity } = positions.get(symbol)
  account.cash += reference * (1 - slippage) * quantity * (1 - fee)
  account.fills += 1
  positions.delete(symbol)
}

function equity() {
  let worth = account.cash
  for (const [symbol, { quantity }] of positions) worth += quantity * (bars.get(symbol).at(-1)?.close ?? 0)
  return worth
}

function clamp(value, minimum, maximum) {
  return Math.min(maximum, Math.max(minimum, value))
}
