// Starts many agents that then have nothing to do, each an entry of its own with a config, a subscription and a timer. Run it
// with --expose-gc.
import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { Agent, createSwarm, defineTopic } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { z } from 'zod'
import { report } from '../measure.mjs'
import { startWatchdog } from './watchdog.mjs'

const { agents: count, swarmOptions = {} } = JSON.parse(process.argv[2])

const Called = defineTopic('roll.called', { schema: z.object({ number: z.int() }), delivery: 'ephemeral' })
const present = new Set()
const allPresent = Promise.withResolvers()

class Idle extends Agent {
  static role = 'idle'
  static capabilities = ['waiting']
  static config = z.object({ symbol: z.string() })

  onStart() {
    this.subscribe(Called, () => {
      present.add(this.id)
      if (present.size === count) allPresent.resolve()
    })
    this.every('1h', () => undefined)
  }
}

const watchdog = startWatchdog('the agents', 60_000)
// The code has been loaded and has run once before anything is measured.
const rehearsal = swarmOf(100)
await rehearsal.start()
await rehearsal.stop()

const before = await memoryNow()
const start = performance.now()
const swarm = swarmOf(count)
await swarm.start()
const startSeconds = (performance.now() - start) / 1000
const after = await memoryNow()

const { agents } = swarm.status()
assert.equal(agents.filter((agent) => agent.state === 'running').length, count)
await swarm.publish(Called, { number: 1 })
await allPresent.promise
await swarm.stop()
watchdog.end()
report({
  startSeconds,
  heapBytesEach: (after.heapUsed - before.heapUsed) / count,
  rssBytesEach: (after.rss - before.rss) / count,
})

function swarmOf(size) {
  const entries = Array.from({ length: size }, (_, index) => ({
    agent: Idle,
    id: `idle-${index}`,
    config: { symbol: `S${index}` },
  }))
  return createSwarm({ agents: entries, storage: createMemoryStorage(), ...swarmOptions })
}

/** After whatever can be collected has been. */
async function memoryNow() {
  for (let count = 0; count < 3; count += 1) {
    await turn()
    globalThis.gc()
  }
  return process.memoryUsage()
}
