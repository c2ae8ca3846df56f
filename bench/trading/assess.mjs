// One assessment, whole, as an agent's question to the kernel: intent read and hashed, every rule, permit, reservation, journal; and one
// that the limits deny. The policy states every option, so that there is no rule with nothing to do, and the rules look back on as many
// days as they do by default. The account holds positions in all other symbols, with stop and target at the venue. Every question comes
// at a moment of its own, as prices are what they were; the permit of the one before is withdrawn outside of the time.
import assert from 'node:assert/strict'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { report } from '../measure.mjs'
import { intentOf, send } from './intents.mjs'
import { openKernelWorld, symbolsOf, widePolicy } from './kernel-world.mjs'

const { positions, assessments, everyOption = true } = JSON.parse(process.argv[2])
const symbols = symbolsOf(positions + 1)
const [free = '', ...held] = symbols
const minutes = (count) => count * 60_000

/** What is left out of it in `widePolicy` is asked by default. No order of the benchmark comes near its limits but the one that is to be denied. */
const everything = {
  minimumRiskReward: 1,
  maximumClockSkewMs: 1_000,
  deniedSymbols: ['NONE-USD'],
  allowedSymbols: symbols,
  maxGrossExposureFraction: 10,
  maxNetExposureFraction: 10,
  maxLeverage: 10,
  initialMarginFraction: 0.5,
  maxOpenOrders: 1_000,
  maxOrderRate: { burst: 10_000, intervalMs: 1 },
  maxRepeatedExecutions: { count: 100, windowMs: minutes(1) },
  maxDuplicateOrders: { count: 100, windowMs: minutes(1) },
  consecutiveLosses: { count: 5, pauseMs: minutes(60) },
  stopLossGuard: { count: 5, windowMs: minutes(60) },
  lowProfitSymbol: { trades: 5, windowMs: minutes(60), minimumResult: '-1000' },
  rejectionStreak: { count: 5, pauseMs: minutes(10) },
  patternDayTrading: { minimumEquity: '25000', maxDayTrades: 3, sessions: 5 },
  maxValueAtRiskFraction: 1,
  maxConditionalValueAtRiskFraction: 1,
  betaBenchmark: held[0],
  maxBeta: 100,
  approvalAboveNotional: '50000000',
  approvalAboveFraction: 0.5,
  principals: ['trader', undefined].map((agent) => ({
    ...(agent === undefined ? { strategy: 'bench' } : { agent }),
    symbols,
    sides: ['buy'],
    capital: '50000000',
    maxDrawdown: '10000000',
    maxOrderRate: { burst: 10_000, intervalMs: 1 },
    modelBudget: '100',
  })),
}

const world = await openKernelWorld({
  storage: createMemoryStorage(),
  symbols,
  policy: { ...widePolicy, ...(everyOption ? everything : {}) },
  warmUpDays: 255,
  riskInputs: { modelSpend: () => '1.25' },
})
const { kernel } = world
const exits = { stopPrice: '1.00', targetPrice: '1000.00', maximumSessions: 1000 }
await world.during(() => Promise.all(held.map((symbol) => send(kernel, intentOf(symbol, 'buy', { exits })))))
await world.nextOpen()
await kernel.settled()
assert.equal(kernel.portfolio().positions.length, positions)

let orderId = ''
kernel.subscribe((event) => {
  if (event.type === 'order') orderId = event.orderId
})
const permitted = []
const denied = []
let sinceOpenMs = 60_000

/** Asks a second later than the last time; the first half is the warm-up. */
async function ask(times, fields, status) {
  const intent = intentOf(free, 'buy', { exits, ...fields })
  sinceOpenMs += 1_000
  await world.during(async () => {
    const start = performance.now()
    const assessment = await kernel.assess(intent)
    times.push((performance.now() - start) * 1000)
    assert.equal(assessment.status, status, JSON.stringify(assessment))
    assert.equal(status === 'permitted' ? assessment.warnings.length : 0, 0)
    if (status === 'permitted') await kernel.cancel(orderId, 'asked only')
  }, sinceOpenMs)
}

for (let count = 0; count < 2 * assessments; count += 1) {
  await ask(permitted, {}, 'permitted')
  // Above what one order may be worth, and one position.
  if (count % 4 === 0) await ask(denied, { quantity: '300000' }, 'denied')
}
await world.stop()
report({ ...figuresOf('permitted', permitted), ...figuresOf('denied', denied) })

function figuresOf(name, times) {
  const measured = times.slice(times.length >> 1).sort((a, b) => a - b)
  const at = (share) => measured[Math.ceil(measured.length * share) - 1]
  // While the engine compiles the rules.
  const first = times.slice(0, times.length / 6).sort((a, b) => a - b)
  const mean = measured.reduce((sum, time) => sum + time, 0) / measured.length
  return {
    [`${name}MedianUs`]: at(0.5),
    [`${name}MeanUs`]: mean,
    [`${name}P99Us`]: at(0.99),
    [`${name}FirstUs`]: first[first.length >> 1],
  }
}
