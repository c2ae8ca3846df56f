// One account with dollars and euros: a share that is paid for in euros, and a perpetual of which the margin is set aside.
import { createPaperBroker } from '@tradeswarm/broker-paper'
import { createSeededRandom, createSequentialIds, createSilentLogger } from '@tradeswarm/core'
import { createManualFeed } from '@tradeswarm/testing'
import { createAlwaysOpenCalendar, createTradingKernel, type Instrument, type OrderIntent } from '@tradeswarm/trading'

const grid = { tickSize: '0.1', lotSize: '1', minimumNotional: '1', calendar: 'always-open' } as const
const instruments: readonly Instrument[] = [
  { ...grid, symbol: 'SAP', asset: 'SAP', kind: 'equity', currency: 'EUR' },
  { ...grid, symbol: 'BTC-SWAP', asset: 'BTC-SWAP', kind: 'perpetual', currency: 'USD', multiplier: '0.01' },
  // What a euro is worth is read from a symbol that trades it.
  { ...grid, symbol: 'EUR-USD', asset: 'EUR', kind: 'fx-spot', currency: 'USD', tickSize: '0.0001' },
]
const startTime = Date.UTC(2026, 0, 5)
const feed = createManualFeed({ startTime })
const logger = createSilentLogger()
const cash = { USD: '50000', EUR: '20000' }
const kernel = createTradingKernel({
  account: 'demo',
  currency: 'USD',
  definition: createPaperBroker({ account: 'demo', instruments, cash, slippage: { basisPoints: '0' } }),
  brokerContext: { clock: feed.clock, ids: createSequentialIds(), random: createSeededRandom(1), logger, feed },
  calendar: createAlwaysOpenCalendar(),
  policy: {
    requireProtectiveStop: false,
    maxOrderFraction: 1,
    maxPositionFraction: 1,
    maxSymbolExposureFraction: 1,
    maxCorrelatedExposureFraction: 1,
  },
  rules: { remove: ['SYMBOL_DENIED'] },
  journal: { append: () => undefined, durable: async () => undefined },
  killSwitchStore: { load: async () => undefined, save: async () => undefined },
  deposits: cash,
  logger,
})
await kernel.start()
// The venue opened with the kernel, and hears the market first.
feed.subscribe((event) => kernel.onMarket(event))

let time = startTime
const say = async (symbol: string, price: string) => {
  time += 1_000
  await feed.emit({ type: 'quote', symbol, time, bid: price, ask: price })
  await feed.emit({ type: 'trade', symbol, time, price, quantity: '100' })
}
let intents = 0
const order = async (fields: Pick<OrderIntent, 'symbol' | 'side' | 'quantity'>) => {
  intents += 1
  const intent: OrderIntent = {
    ...fields,
    intentId: `intent-${intents}`,
    account: 'demo',
    agent: 'me',
    strategy: 'example',
    type: 'market',
    timeInForce: 'day',
    decidedAt: time,
    causationId: 'example',
    correlationId: 'example',
  }
  const answer = await kernel.assess(intent)
  if (answer.status === 'permitted') await kernel.submit(intent, answer.permitId)
  else for (const { code, message } of answer.findings) console.log(`${code}: ${message}`)
  await kernel.settled()
}

const sessionDate = '2026-01-05'
await feed.emit({ type: 'session', phase: 'open', calendar: 'always-open', sessionDate, time })
for (const [symbol, price] of [
  ['EUR-USD', '1.1'],
  ['SAP', '200'],
  ['BTC-SWAP', '60000'],
] as const)
  await say(symbol, price)
await order({ symbol: 'SAP', side: 'buy', quantity: '105' })
await order({ symbol: 'SAP', side: 'buy', quantity: '50' })
await order({ symbol: 'BTC-SWAP', side: 'sell', quantity: '40' })
await say('BTC-SWAP', '59000')
time += 1_000
await feed.emit({ type: 'funding', symbol: 'BTC-SWAP', time, rate: '0.0001', price: '59000' })

const { equity, positions, income, cash: held } = kernel.portfolio()
console.log({ equity, income, ...held })
console.log(
  positions.map(({ symbol, quantity, currency = 'USD', marketValue }) => ({ symbol, quantity, currency, marketValue })),
)
await kernel.stop()
