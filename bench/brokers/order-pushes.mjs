// How fast the pushes of an account's orders are taken in: parsed, checked, told to a listener. The same frames for each client, without a
// network between; two for each order: it rests, it has filled.
import { report } from '../measure.mjs'
import { alpacaOrderPushes } from './alpaca-order-pushes.mjs'
import { okxOrderPushes } from './okx-order-pushes.mjs'

const { venue, client, orders } = JSON.parse(process.argv[2])
const { frames, clients } = { alpaca: alpacaOrderPushes, okx: okxOrderPushes }[venue]
const warmUp = Math.min(25_000, orders)
const stream = await clients[client]()
await play(frames(warmUp, 0))
const ready = frames(orders, warmUp)
const before = stream.heard()
const { user, system } = process.cpuUsage()
const begin = performance.now()
await play(ready)
const seconds = (performance.now() - begin) / 1000
const cpu = process.cpuUsage({ user, system })
if (stream.heard() - before !== ready.length)
  throw new Error(`${stream.heard() - before} of ${ready.length} pushes were told of`)
await stream.close()
report({ perSecond: ready.length / seconds, perCpuSecond: (ready.length / (cpu.user + cpu.system)) * 1e6 })

/** A hundred frames at a time, as a busy socket brings them. */
async function play(some) {
  for (const [index, frame] of some.entries()) {
    stream.hear(frame)
    if (index % 100 === 99) await new Promise((resolve) => setImmediate(resolve))
  }
  await stream.told()
}
