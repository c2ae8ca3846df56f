// Two large entries on the paper broker: one worked evenly over six minutes, one as a fifth of what the market trades.
import { createPaperBroker } from '@tradeswarm/broker-paper'
import { createSeededRandom, createSequentialIds, createSilentLogger } from '@tradeswarm/core'
import {
  createTradingKernel,
  type Instrument,
  type MarketEvent,
  type MarketListener,
  type OrderIntent,
  tradingCalendar,
} from '@tradeswarm/trading'

const grid = { currency: 'USD', tickSize: '0.01', lotSize: '1', minimumNotional: '1', calendar: 'always-open' } as const
const instruments: Instrument[] = ['AAA', 'BBB'].map((symbol) => ({
  symbol,
  asset: symbol,
  kind: 'crypto-spot',
  ...grid,
}))

const minuteMs = 60_000
const day = Date.UTC(2026, 0, 6)
let now = day - minuteMs
const clock = { now: () => now }
const listeners = new Set<MarketListener>()
const feed = {
  name: 'tape',
  subscribe(listener: MarketListener) {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
}
const ids = createSequentialIds()
const logger = createSilentLogger()

const kernel = createTradingKernel({
  account: 'paper',
  currency: 'USD',
  definition: createPaperBroker({ instruments, cash: { USD: '100000' } }),
  brokerContext: { clock, ids, random: createSeededRandom(1), logger, feed },
  calendar: tradingCalendar('always-open'),
  policy: { averageVolumeSessions: 1, maximumQuoteAgeMs: minuteMs },
  journal: { append: () => undefined, durable: async () => undefined },
  killSwitchStore: { load: async () => undefined, save: async () => undefined },
  deposits: '100000',
  logger,
})

async function emit(event: MarketEvent): Promise<void> {
  now = event.time
  for (const listener of listeners) await listener(event)
  await kernel.settled()
  await kernel.onMarket(event)
  await kernel.settled()
}

// The order and its parts are told alike: a part names the order that it is part of.
kernel.subscribe((event) => {
  if (event.type !== 'order' || event.purpose !== 'entry') return
  const isPart = event.parentOrderId !== undefined
  if (event.status !== 'filled' && (isPart || event.status !== 'submitted')) return
  const minute = String((event.time - day) / minuteMs).padStart(2)
  console.log(`${minute} min  ${isPart ? '  ' : ''}${event.orderId} ${event.status}, ${event.filledQuantity} filled`)
})

const intent = (symbol: string, execution: NonNullable<OrderIntent['execution']>): OrderIntent => ({
  intentId: `buy-${symbol}`,
  account: 'paper',
  agent: 'trader',
  strategy: 'example',
  symbol,
  side: 'buy',
  type: 'limit',
  quantity: '60',
  limitPrice: '101',
  timeInForce: 'gtd',
  expiresAt: day + 6 * minuteMs,
  execution,
  exits: { stopPrice: '95', targetPrice: '112', maximumSessions: 5 },
  decidedAt: now,
  causationId: 'example',
  correlationId: 'example',
})

await kernel.start()
const quiet = { open: '100', high: '100', low: '100', close: '100', volume: '250000' } as const
for (const { symbol } of instruments) {
  const bar = { type: 'bar', symbol, timeframe: '1d', sessionDate: '2026-01-05', start: day - 86_400_000 } as const
  await emit({ ...bar, ...quiet, time: day })
}

async function submit(wanted: OrderIntent): Promise<void> {
  const assessed = await kernel.assess(wanted)
  if (assessed.status === 'denied') throw new Error(assessed.findings[0]?.message)
  await kernel.submit(wanted, assessed.permitId)
  await kernel.settled()
}
await submit(intent('AAA', { style: 'twap', slices: 4, urgency: 'high' }))
await submit(intent('BBB', { style: 'participation', maximumVolumeFraction: 0.2, urgency: 'high' }))
console.log(`set aside: ${kernel.portfolio().cash.USD?.locked} USD`)

// What the market does, by the minute: its best prices, and what was traded.
const traded = ['30', '45', '90', '120', '40']
for (const [minute, quantity] of traded.entries()) {
  for (const { symbol } of instruments) {
    const at = { symbol, time: day + (minute + 1) * minuteMs }
    await emit({ type: 'quote', ...at, bid: '99.98', ask: '100', bidSize: '200', askSize: '200' })
    await emit({ type: 'trade', ...at, price: '100', quantity })
  }
}
await emit({ type: 'trade', symbol: 'BBB', time: day + 6 * minuteMs, price: '100', quantity: '5' })
for (const { symbol, quantity, averagePrice } of kernel.portfolio().positions)
  console.log(`${quantity} ${symbol} held at ${averagePrice}, to be left at ${kernel.exits(symbol)?.stopPrice}`)
await kernel.stop()
