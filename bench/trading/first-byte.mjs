// How long a recommendation takes from the Trader's mailbox to the broker: the five agents, the Analyst's place taken by one that
// recommends what it is told to, on SQLite with an fsync for each commit. The clock starts before the Trader's handler and stops
// where the broker is called. What was sent is cancelled before the next recommendation.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTradingSwarm, defineTradingSwarm, RecommendationIssued } from '@tradeswarm/agents'
import { createPaperBroker } from '@tradeswarm/broker-paper'
import { Agent, createSilentLogger, defineMiddleware, defineTopic } from '@tradeswarm/core'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { z } from 'zod'
import { startWatchdog } from '../core/watchdog.mjs'
import { report } from '../measure.mjs'
import { account, dayMs, instrumentOf, symbolsOf, widePolicy } from './kernel-world.mjs'

const { recommendations, warmUp } = JSON.parse(process.argv[2])
/** As many as the rule on volume looks back on. */
const warmUpDays = 20
const price = '100.00'
const symbols = symbolsOf(recommendations + warmUp)
const Recommend = defineTopic('bench.recommend', { schema: z.object({ symbol: z.string() }), delivery: 'durable' })

class ToldAnalyst extends Agent {
  static role = 'analyst'
  static publishes = [RecommendationIssued]

  onStart() {
    this.subscribe(Recommend, async ({ symbol }, context) => {
      await context.publish(RecommendationIssued, recommendationOf(symbol, context.message.id))
    })
  }
}

let receivedAt = 0
let onPlaced = () => undefined
const timing = defineMiddleware({
  name: 'timing',
  handle: ({ role, name }, next) => {
    if (role === 'trader' && name === RecommendationIssued.name) receivedAt = performance.now()
    return next()
  },
})

const instruments = symbols.map(instrumentOf)
const paper = createPaperBroker({ account, instruments, cash: { USD: '100000000' } })
const watched = {
  ...paper,
  async open(context) {
    const broker = await paper.open(context)
    const place = broker.place.bind(broker)
    broker.place = (order) => {
      const at = performance.now()
      const placed = place(order)
      onPlaced({ at, clientOrderId: order.request.clientOrderId })
      return placed
    }
    return broker
  },
}

const listeners = new Set()
const feed = {
  name: 'driven',
  subscribe(listener) {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
}
const place = mkdtempSync(join(tmpdir(), 'tradeswarm-bench-'))
try {
  const swarm = createTradingSwarm(
    defineTradingSwarm({
      symbols,
      brokers: [watched],
      policy: widePolicy,
      replace: { analyst: ToldAnalyst },
      config: { trader: { maximumPositions: symbols.length } },
    }),
    {
      storage: createSqliteStorage(join(place, 'run.db'), { synchronous: 'full' }),
      feed,
      instruments,
      deposits: { [account]: '100000000' },
      middleware: [timing],
      runtime: { logger: createSilentLogger() },
    },
  )
  await swarm.start()
  await showMarket()
  const times = []
  for (const [index, symbol] of symbols.entries()) {
    const elapsed = await recommend(swarm, symbol)
    if (index >= warmUp) times.push(elapsed)
  }
  await swarm.stop()
  times.sort((a, b) => a - b)
  const at = (share) => times[Math.ceil(times.length * share) - 1]
  report({ p50Ms: at(0.5), p99Ms: at(0.99), longestMs: at(1) })
} finally {
  rmSync(place, { recursive: true, force: true })
}

/** The last sessions before now, as they are on the machine's clock. */
async function showMarket() {
  const midnight = Math.floor(Date.now() / dayMs) * dayMs
  for (let day = warmUpDays; day > 0; day -= 1) {
    const start = midnight - day * dayMs
    const sessionDate = new Date(start).toISOString().slice(0, 10)
    const at = { timeframe: '1d', sessionDate, start, time: start + dayMs - 1, volume: '1000000' }
    const prices = { open: price, high: '101.00', low: '99.00', close: price }
    await Promise.all(symbols.map((symbol) => emit({ type: 'bar', symbol, ...at, ...prices })))
  }
}

async function emit(event) {
  for (const listener of listeners) await listener(event)
}

async function recommend(swarm, symbol) {
  const watchdog = startWatchdog(`the order for ${symbol}`)
  const placed = new Promise((resolve) => {
    onPlaced = resolve
  })
  const sent = new Promise((resolve) => {
    const unsubscribe = swarm.kernel().subscribe((event) => {
      if (event.type !== 'order' || event.symbol !== symbol || event.status !== 'accepted') return
      unsubscribe()
      resolve(event.orderId)
    })
  })
  await swarm.publish(Recommend, { symbol })
  const { at } = await placed
  const elapsed = at - receivedAt
  await swarm.kernel().cancel(await sent, 'measured')
  await swarm.kernel().settled()
  watchdog.end()
  assert.ok(elapsed > 0)
  return elapsed
}

function recommendationOf(symbol, signalMessageId) {
  return {
    symbol,
    sessionDate: new Date().toISOString().slice(0, 10),
    direction: 'enter-long',
    setup: 'bench',
    score: 1,
    confidence: 1,
    horizonSessions: 3,
    referencePrice: price,
    entryPrice: price,
    stopPrice: '97.00',
    targetPrice: '106.00',
    riskReward: 2,
    rank: 1,
    reasons: [],
    signalMessageId,
    parametersVersion: 0,
  }
}
