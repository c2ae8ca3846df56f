import { writeSync } from 'node:fs'
import { createSwarm } from '@tradeswarm/core'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { Oracle, Sink, Source, settledCount, Worker } from './chain-agents.test-support.js'

// The program that is killed in mid-flow: `FILE SYNCHRONOUS FROM TO [archive]`. Its source publishes the numbers FROM to TO for each key,
// and it says `ack KEY NUMBER` once each is acknowledged to it. When all has settled, it stops the swarm and says so. With `archive`
// it archives all that it can of its journal meanwhile, again and again.
const [, , file = '', synchronous = '', from = '', to = '', mode] = process.argv
const say = (line: string): void => void writeSync(1, `${line}\n`)

say('opening')
const swarm = createSwarm({
  agents: [
    { agent: Sink, config: { total: Number(to) } },
    { agent: Worker, replicas: 3 },
    Oracle,
    {
      agent: Source,
      config: {
        from: from.split(',').map(Number),
        to: Number(to),
        say: (key: string, n: number) => say(`ack ${key} ${n}`),
      },
    },
  ],
  storage: createSqliteStorage(file, { synchronous: synchronous === 'full' ? 'full' : 'normal' }),
  retryBackoff: { firstMs: 2, maximumMs: 8 },
  onAlert: ({ code, message }) => say(`alert ${code} ${message}`),
})
await swarm.start()
say('started')
const settled = settledCount()
let isSettled = false
void settled.then(() => {
  isSettled = true
})
while (mode === 'archive' && !isSettled) {
  const { segments } = await swarm.archive({ keepEntries: 10, segmentEntries: 40 })
  if (segments.length > 0) say(`archived ${segments.length}`)
}
await settled
say('settled')
await swarm.stop()
say('stopped')
