// A kernel starts again on the journal that `record-orders.mjs` wrote, over a venue that still holds what was open. It counts from the start
// of the process until the kernel has compared its books with the venue and takes orders.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSilentLogger } from '@tradeswarm/core'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { report } from '../measure.mjs'
import { account, instrumentOf, openKernelWorld } from './kernel-world.mjs'

const { file } = JSON.parse(process.argv[2])
const { resting, balances, digest, day, symbols } = JSON.parse(readFileSync(`${file}.json`, 'utf8'))
const instruments = new Map(symbols.map((symbol) => [symbol, instrumentOf(symbol)]))
const byId = new Map(resting.map((order) => [order.clientOrderId, order]))
let asked = 0

/** A venue that answers at once. */
const venue = {
  name: 'held',
  account,
  mode: 'paper',
  open: async () => ({
    name: 'held',
    account,
    mode: 'paper',
    instrument: (symbol) => instruments.get(symbol),
    place: async () => assert.fail('nothing is to be sent'),
    cancel: async () => assert.fail('nothing is to be cancelled'),
    order: async (clientOrderId) => byId.get(clientOrderId),
    openOrders: async () => {
      asked += 1
      return resting
    },
    balances: async () => balances,
    subscribe: () => () => undefined,
    close: async () => undefined,
  }),
}

const warnings = []
const logger = {
  ...createSilentLogger(),
  warn: (message, fields) => warnings.push([message, fields]),
  child: () => logger,
  isEnabled: () => true,
}
const start = performance.now()
const world = await openKernelWorld({
  storage: createSqliteStorage(file),
  symbols,
  venue,
  logger,
  afterDay: day,
})
const end = performance.now()
const { user, system } = process.cpuUsage()
assert.equal(createHash('sha256').update(world.kernel.snapshot()).digest('hex'), digest, 'the books are others')
assert.deepEqual(warnings, [])
assert.equal(asked, 1)
assert.deepEqual(world.kernel.tradingState(), { state: 'active', reasons: [] })
await world.stop()
report({ startSeconds: (end - start) / 1000, wholeSeconds: end / 1000, cpuSeconds: (user + system) / 1e6 })
