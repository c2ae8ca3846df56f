// One assessment of an entry, whole, as an agent's question to the kernel: intent read and hashed, all rules, permit, reservation, journal.
// The account holds positions in all other symbols, with stop and target at the venue. The permit is withdrawn before the next
// question, outside of the time.
import assert from 'node:assert/strict'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { report } from '../measure.mjs'
import { intentOf, send } from './intents.mjs'
import { openKernelWorld, symbolsOf, widePolicy } from './kernel-world.mjs'

const { positions, assessments } = JSON.parse(process.argv[2])
const world = await openKernelWorld({
  storage: createMemoryStorage(),
  symbols: symbolsOf(positions + 1),
  policy: { ...widePolicy, minimumRiskReward: 1 },
})
const { kernel, symbols } = world
const [free = '', ...held] = symbols
const exits = { stopPrice: '1.00', targetPrice: '1000.00', maximumSessions: 1000 }
await world.during(() => Promise.all(held.map((symbol) => send(kernel, intentOf(symbol, 'buy', { exits })))))
await world.nextOpen()
await kernel.settled()
assert.equal(kernel.portfolio().positions.length, positions)

let orderId = ''
kernel.subscribe((event) => {
  if (event.type === 'order') orderId = event.orderId
})
const times = []
await world.during(async () => {
  for (let count = 0; count < 2 * assessments; count += 1) {
    const intent = intentOf(free, 'buy', { exits })
    const start = performance.now()
    const assessment = await kernel.assess(intent)
    const elapsed = performance.now() - start
    assert.equal(assessment.status, 'permitted', JSON.stringify(assessment))
    // The first half is the warm-up.
    if (count >= assessments) times.push(elapsed * 1000)
    await kernel.cancel(orderId, 'asked only')
  }
})
await world.stop()
times.sort((a, b) => a - b)
report({ medianUs: times[times.length >> 1], p99Us: times[Math.ceil(times.length * 0.99) - 1] })
