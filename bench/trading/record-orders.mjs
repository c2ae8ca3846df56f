// Writes a journal of many orders into a SQLite file, for `recover.mjs`: entries and the exits that closed them, and at the end limit
// orders that rest at the venue. Beside it stands what the venue holds then, and what the books came to. `killed`: the books are not
// written down at the end, but were before, by as many records as a trading swarm lets go by.
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { report } from '../measure.mjs'
import { intentOf, send } from './intents.mjs'
import { openKernelWorld, priceText, symbolsOf, widePolicy } from './kernel-world.mjs'

const { file, symbols: count, orders, open, killed = false } = JSON.parse(process.argv[2])
/** As in `kernel-books.ts`. */
const recordsBetweenSnapshots = 20_000
const world = await openKernelWorld({
  storage: createSqliteStorage(file, { synchronous: 'normal' }),
  symbols: symbolsOf(count),
  virtual: true,
  keepsSnapshot: !killed,
  policy: { ...widePolicy, requireProtectiveStop: false },
})
const { kernel, symbols } = world
const rounds = (orders - open) / count
if (!Number.isInteger(rounds) || rounds % 2 !== 0) throw new Error('orders - open must be an even number of rounds')
let perRound = 0
for (let round = 0; round < rounds; round += 1) {
  const roundsLeft = rounds - round
  const isLast = roundsLeft * perRound + open * 3 < recordsBetweenSnapshots
  if (killed && isLast && world.tail > recordsBetweenSnapshots) await world.saveBooks()
  const before = world.tail
  const side = round % 2 === 0 ? 'buy' : 'sell'
  await world.during(() => Promise.all(symbols.map((symbol) => send(kernel, intentOf(symbol, side)))))
  await world.nextOpen()
  perRound = Math.max(perRound, world.tail - before)
}
await world.during(async () => {
  for (let index = 0; index < open; index += 1) {
    // Within the collar, and below what the market is at.
    const limitPrice = (Number(priceText(world.day, index % count)) * 0.97).toFixed(2)
    const terms = { type: 'limit', limitPrice, timeInForce: 'gtc', quantity: '1' }
    await send(kernel, intentOf(symbols[index % count], 'buy', terms))
  }
  await kernel.settled()
})
const snapshot = kernel.snapshot()
const { orders: recorded } = JSON.parse(snapshot)
const resting = recorded
  .filter(({ state }) => state.status === 'accepted')
  .map(({ header: { request }, state }) => ({
    clientOrderId: request.clientOrderId,
    venueOrderId: state.venueOrderId,
    symbol: request.symbol,
    status: 'open',
    quantity: request.quantity,
    filledQuantity: '0',
  }))
const { cash, positions } = kernel.portfolio()
// Of those that have ended the kernel keeps 10,000 at least.
if (resting.length !== open || recorded.length < Math.min(orders, 10_000 + open) || positions.length !== 0)
  throw new Error(`recorded ${recorded.length} orders, ${resting.length} of them open, ${positions.length} positions`)
const balances = Object.entries(cash).map(([asset, { total }]) => ({ asset, total }))
const digest = createHash('sha256').update(snapshot).digest('hex')
writeFileSync(`${file}.json`, JSON.stringify({ resting, balances, digest, day: world.day, symbols }))
await world.stop()
report({ orders: recorded.length, tail: world.tail })
