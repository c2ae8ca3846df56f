// How fast messages of a stream are taken in: parsed, checked and told to a listener. The same frames for each client, without a network between.
import { report } from '../measure.mjs'
import { alpacaStreams } from './alpaca-streams.mjs'
import { okxStreams } from './okx-streams.mjs'

const { venue, client, messages, perFrame } = JSON.parse(process.argv[2])
const { frames, clients } = { alpaca: alpacaStreams, okx: okxStreams }[venue]
const stream = await clients[client]()
await play(encoded(50_000))
const ready = encoded(messages)
const before = stream.heard()
const { user, system } = process.cpuUsage()
const begin = performance.now()
await play(ready)
const seconds = (performance.now() - begin) / 1000
const cpu = process.cpuUsage({ user, system })
if (stream.heard() - before !== messages)
  throw new Error(`${stream.heard() - before} of ${messages} messages were heard`)
await stream.close()
report({ perSecond: messages / seconds, perCpuSecond: (messages / (cpu.user + cpu.system)) * 1e6 })

function encoded(count) {
  return frames(count, perFrame).map((frame) => stream.encode(frame))
}

/** A hundred frames at a time, as a busy socket brings them. */
async function play(some) {
  for (const [index, frame] of some.entries()) {
    stream.hear(frame)
    if (index % 100 === 99) await new Promise((resolve) => setImmediate(resolve))
  }
  await stream.told()
}
