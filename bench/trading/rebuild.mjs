// Records a run, then makes the books anew from its journal alone: read from the storage, parsed, applied. `what`: `swarm`, the five
// agents over the bundled tape; or `kernel`, a bare kernel that is sent one order after the other.
import assert from 'node:assert/strict'
import { defineTradingSwarm } from '@tradeswarm/agents'
import { backtest, bundledTape } from '@tradeswarm/backtest'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { rebuildKernelState } from '@tradeswarm/trading'
import { report } from '../measure.mjs'
import { intentOf, send } from './intents.mjs'
import { openKernelWorld, symbolsOf, widePolicy } from './kernel-world.mjs'

const { what, symbols: count, rounds } = JSON.parse(process.argv[2])
const definition = createMemoryStorage()
const { recordedMs, snapshot } = what === 'swarm' ? await recordSwarm() : await recordKernel()

const storage = await definition.open({ clock: { now: () => 0 } })
const times = []
let records = 0
for (let turn = 0; turn < 5; turn += 1) {
  const start = performance.now()
  const entries = []
  for await (const { text } of storage.journal.read({ kinds: ['risk', 'order', 'ledger'] }))
    entries.push({ payload: JSON.parse(text) })
  const rebuilt = rebuildKernelState(entries)
  times.push(performance.now() - start)
  records = entries.length
  assert.equal(rebuilt, snapshot, 'the journal does not come to the books')
}
await storage.close()
// The first is what a process that has just started needs; nothing of the recording helps it but code that is compiled already.
report({ recordedMs, rebuiltMs: times[0], fastestMs: Math.min(...times), times: recordedMs / times[0], records })

async function recordSwarm() {
  const tape = await bundledTape()
  const swarm = defineTradingSwarm({ symbols: tape.instruments.map(({ symbol }) => symbol) })
  let running
  const start = performance.now()
  await backtest({
    tape,
    swarm,
    cash: { USD: '100000' },
    storage: definition,
    onStarted: (started) => {
      running = started
    },
  })
  return { recordedMs: performance.now() - start, snapshot: running.kernel().snapshot() }
}

async function recordKernel() {
  const policy = { ...widePolicy, requireProtectiveStop: false }
  const start = performance.now()
  const world = await openKernelWorld({ storage: definition, symbols: symbolsOf(count), policy, virtual: true })
  for (let round = 0; round < rounds; round += 1) {
    const side = round % 2 === 0 ? 'buy' : 'sell'
    await world.during(() => Promise.all(world.symbols.map((symbol) => send(world.kernel, intentOf(symbol, side)))))
    await world.nextOpen()
  }
  const snapshot = world.kernel.snapshot()
  await world.stop()
  return { recordedMs: performance.now() - start, snapshot }
}
