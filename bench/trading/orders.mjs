// Orders through everything: assessed, permitted, sent, filled by the paper broker at the last quote, booked. Every second one enters,
// the next leaves that position. A round of them takes a second of the kernel's clock; four hundred are a day. `virtual`: in virtual time, where a round is one commit. `protected`: entries with stop and
// target, which the kernel places at the venue and withdraws when the position is left; only the agent's orders count.
import assert from 'node:assert/strict'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { rebuildKernelState } from '@tradeswarm/trading'
import { rateOf } from '../core/rates.mjs'
import { report } from '../measure.mjs'
import { intentOf, send } from './intents.mjs'
import { openKernelWorld, symbolsOf, widePolicy } from './kernel-world.mjs'

const { symbols: count, virtual, ordersEach, protected: isProtected = false } = JSON.parse(process.argv[2])

const opened = createMemoryStorage()
let storage
const keptStorage = {
  name: opened.name,
  open: async (context) => {
    storage = await opened.open(context)
    return storage
  },
}
const world = await openKernelWorld({
  storage: keptStorage,
  symbols: symbolsOf(count),
  virtual,
  policy: { ...widePolicy, requireProtectiveStop: isProtected },
})
const { kernel, symbols } = world
let fills = 0
kernel.subscribe((event) => {
  if (event.type === 'fill') fills += 1
})
const exits = { stopPrice: '1.00', targetPrice: '1000.00', maximumSessions: 1000 }
const sent = []

const roundMs = 1000
/** Even, so that nothing is held when a day ends. */
const roundsADay = 400
/** Until then the engine compiles what it runs. */
const warmUpOrders = 25_000
let rounds = 0

/** All symbols at once, as their agents would, and each of them after a quote of its own. */
async function round(side) {
  const sinceOpenMs = roundMs * (1 + (rounds % roundsADay))
  rounds += 1
  await world.quotes(sinceOpenMs)
  await world.during(
    async () => {
      const orderIds = await Promise.all(
        symbols.map((symbol) => send(kernel, intentOf(symbol, side, side === 'buy' && isProtected ? { exits } : {}))),
      )
      sent.push(...orderIds)
      await kernel.settled()
    },
    sinceOpenMs + roundMs / 2,
  )
  if (rounds % roundsADay === 0) await world.nextOpen()
}

async function work() {
  const before = sent.length
  while (sent.length - before < ordersEach) {
    await round('buy')
    await round('sell')
  }
  await world.swarm.checkpoint()
  return sent.length - before
}

// Each part is one call: books and journal grow with each, so their number is fixed.
while (sent.length < warmUpOrders) await work()
const figures = await rateOf(work, { warmUpMs: 1, windows: 5, windowMs: 1 })
assert.equal(fills, sent.length, `${fills} fills of ${sent.length} orders`)
const snapshot = kernel.snapshot()
await assertBooked(JSON.parse(snapshot))
await assertJournalled(snapshot)
await world.stop()
report({ ...figures, orders: sent.length })

/** Every order is filled, and the books are flat. */
async function assertBooked({ orders, positions, lockedCash }) {
  const status = new Map(orders.map(({ header, state }) => [header.orderId, state.status]))
  // Of those that have ended the kernel keeps 10,000 at least; with each entry a stop and a target end.
  const kept = Math.min(isProtected ? 2 * sent.length : sent.length, 10_000)
  assert.ok(orders.length >= kept, `${orders.length} orders are in the books, of ${kept} at least`)
  for (const orderId of sent.slice(isProtected ? -kept / 2 : -kept))
    assert.equal(status.get(orderId), 'filled', `order ${orderId} is ${status.get(orderId)}`)
  assert.deepEqual(positions, [])
  assert.equal(lockedCash, '0')
}

/** What is in the storage comes to the same books, with one ledger entry for each fill. */
async function assertJournalled(snapshot) {
  const entries = []
  let booked = 0
  for await (const { kind, text } of storage.journal.read({ kinds: ['risk', 'order', 'ledger'] })) {
    const payload = JSON.parse(text)
    if (kind === 'ledger' && payload.event.type === 'filled') booked += 1
    entries.push({ payload })
  }
  assert.equal(booked, sent.length, `${booked} fills are booked of ${sent.length}`)
  assert.equal(rebuildKernelState(entries), snapshot, 'the journal does not come to the books')
}
