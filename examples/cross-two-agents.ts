// One agent leaves what another wants to enter: crossed within the account, before the venue. Then the rest is left in parts.
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

const symbol = 'AAA'
const calendar = 'always-open'
const grid = { currency: 'USD', tickSize: '0.01', lotSize: '1', minimumNotional: '1', calendar } as const
const instrument: Instrument = { symbol, asset: symbol, kind: 'crypto-spot', ...grid }

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
  definition: createPaperBroker({ instruments: [instrument], cash: { USD: '100000' } }),
  brokerContext: { clock, ids, random: createSeededRandom(1), logger, feed },
  calendar: tradingCalendar(calendar),
  policy: { netting: 'internal-cross', averageVolumeSessions: 1, maximumQuoteAgeMs: 10 * minuteMs },
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

// Both owners are told of a cross as of a fill, each with the other's intent.
kernel.subscribe((event) => {
  if (event.type !== 'fill') return
  const { intentId, side, quantity, price, fee, cross } = event
  const where = cross === undefined ? 'at the venue' : `crossed with ${cross.intentId} of ${cross.agent}`
  const minute = Math.max(0, Math.floor((event.time - day) / minuteMs))
  console.log(`${minute} min  ${intentId}: ${side} ${quantity} at ${price}, fee ${fee}, ${where}`)
})

const common = { account: 'paper', strategy: 'example', symbol, causationId: 'example', correlationId: 'example' }
async function submit(wanted: Omit<OrderIntent, keyof typeof common | 'decidedAt'>): Promise<void> {
  const intent = { ...common, ...wanted, decidedAt: now }
  const assessed = await kernel.assess(intent)
  if (assessed.status === 'denied') throw new Error(assessed.findings[0]?.message)
  await kernel.submit(intent, assessed.permitId)
  await kernel.settled()
}

async function trade(minute: number): Promise<void> {
  const time = day + minute * minuteMs
  await emit({ type: 'quote', symbol, time, bid: '99.98', ask: '100.02', bidSize: '500', askSize: '500' })
}

await kernel.start()
const bar = { type: 'bar', symbol, timeframe: '1d', sessionDate: '2026-01-05', start: day - 86_400_000 } as const
await emit({ ...bar, open: '100', high: '100', low: '100', close: '100', volume: '250000', time: day })
await trade(1)

const annsPlan = { stopPrice: '95', targetPrice: '110', maximumSessions: 5 }
const bobsPlan = { stopPrice: '94', targetPrice: '112', maximumSessions: 5 }
await submit({
  intentId: 'ann-enters',
  agent: 'ann',
  side: 'buy',
  type: 'market',
  quantity: '40',
  timeInForce: 'day',
  exits: annsPlan,
})
await trade(2)

// Bob's entry rests at the bid. Ann's exit would meet it: the venue gives it back first, and 40 change hands.
const rests = { side: 'buy', type: 'limit', limitPrice: '99.98', timeInForce: 'gtc' } as const
await submit({ intentId: 'bob-enters', agent: 'bob', quantity: '40', exits: bobsPlan, ...rests })
const { realised, positions } = kernel.portfolio()
await submit({ intentId: 'ann-leaves', agent: 'ann', side: 'sell', type: 'market', quantity: '40', timeInForce: 'day' })
const after = kernel.portfolio()
console.log(`the account: ${positions[0]?.quantity} held before, ${after.positions[0]?.quantity} after,`)
console.log(`             ${realised} realised before, ${after.realised} after`)
console.log(`its stop is Bob's: ${kernel.exits(symbol)?.stopPrice}`)

// Bob leaves in four parts, one a minute; his stop stays for what is not sold yet.
await submit({
  intentId: 'bob-leaves',
  agent: 'bob',
  side: 'sell',
  type: 'market',
  quantity: '40',
  timeInForce: 'gtd',
  expiresAt: now + 4 * minuteMs,
  execution: { style: 'twap', slices: 4 },
})
for (const minute of [3, 4, 5, 6]) await trade(minute)
await kernel.stop()
