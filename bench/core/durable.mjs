// Publishes durable signals, a thousand in flight, to one handler. `way`: `handler`, an agent whose handlers publish a hundred each,
// in one transaction; or `outside`, each by itself from outside the swarm. The clock of each part stops when all are handled and
// everything, acknowledgements included, is in the storage. `storage`: `memory` or `sqlite`, the latter with fsync.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, createSwarm, defineTopic } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { z } from 'zod'
import { report } from '../measure.mjs'
import { rateOf } from './rates.mjs'
import { signalOf, signalSchema } from './signal.mjs'
import { createTally } from './tally.mjs'

const { storage: kind, way, signals, swarmOptions = {} } = JSON.parse(process.argv[2])
const maximumInFlight = 1000
const signalsPerTick = 100

const Tick = defineTopic('feed.tick', {
  schema: z.object({ from: z.int() }),
  delivery: 'ephemeral',
  // Ten ticks side by side.
  key: ({ from }) => String((from / signalsPerTick) % (maximumInFlight / signalsPerTick)),
})

const SignalObserved = defineTopic('signal.observed', {
  schema: signalSchema,
  delivery: 'durable',
  key: (signal) => signal.symbol,
})
let tally = createTally()
let onHandled = () => undefined

class Sink extends Agent {
  static role = 'sink'

  onStart() {
    this.subscribe(SignalObserved, (signal) => {
      tally.saw(signal)
      onHandled()
    })
  }
}

class Feed extends Agent {
  static role = 'feed'
  static publishes = [SignalObserved]

  onStart() {
    this.subscribe(Tick, async ({ from }, context) => {
      for (let offset = 0; offset < signalsPerTick; offset += 1)
        await context.publish(SignalObserved, signalOf(from + offset))
    })
  }
}

const place = mkdtempSync(join(tmpdir(), 'tradeswarm-bench-'))
try {
  const storage =
    kind === 'sqlite' ? createSqliteStorage(join(place, 'run.db'), { synchronous: 'full' }) : createMemoryStorage()
  const swarm = createSwarm({ agents: [Feed, Sink], storage, ...swarmOptions })
  await swarm.start()
  const publishMany = way === 'handler' ? ticker(swarm) : publisher(swarm)
  // Each part is one call; the journal grows with each, so their number is fixed. The first three, about a second, are the warm-up.
  await publishMany()
  await publishMany()
  const figures = await rateOf(publishMany, { warmUpMs: 1, windows: 5, windowMs: 1 })
  const { sequence } = swarm.journalHead()
  await swarm.stop()
  const sent = publishMany.sent()
  tally.assertSaw(sent)
  assert.ok(sequence >= sent, `the journal holds ${sequence} entries after ${sent} durable signals`)
  await assertAllAcknowledged(storage, sequence)
  report(figures)
} finally {
  rmSync(place, { recursive: true, force: true })
}

function publisher(swarm) {
  let sent = 0
  const publishMany = async () => {
    const target = sent + signals
    const finished = Promise.withResolvers()
    let unanswered = 0
    const accepted = () => {
      unanswered -= 1
      fill()
    }
    // As many as there is room for; called whenever one has been handled or accepted.
    const fill = () => {
      while (sent < target && sent - tally.count < maximumInFlight) {
        unanswered += 1
        swarm.publish(SignalObserved, signalOf(sent)).then(accepted, finished.reject)
        sent += 1
      }
      if (tally.count === target && unanswered === 0) finished.resolve()
    }
    let filling = false
    onHandled = () => {
      if (filling) return
      filling = true
      queueMicrotask(() => {
        filling = false
        fill()
      })
    }
    fill()
    await finished.promise
    await swarm.checkpoint()
    return signals
  }
  publishMany.sent = () => sent
  return publishMany
}

/** Ticks for the feed, as many at once as there is room for. */
function ticker(swarm) {
  let sent = 0
  const publishMany = async () => {
    const target = sent + signals
    while (sent < target) {
      await tally.until(sent - maximumInFlight + signalsPerTick)
      await swarm.publish(Tick, { from: sent })
      sent += signalsPerTick
    }
    await tally.until(target)
    await swarm.checkpoint()
    return signals
  }
  publishMany.sent = () => sent
  return publishMany
}

/** A new swarm on the same storage finds the journal whole and is given nothing again. */
async function assertAllAcknowledged(storage, sequence) {
  tally = createTally()
  onHandled = () => undefined
  const again = createSwarm({ agents: [Sink], storage, ...swarmOptions })
  await again.start()
  await new Promise((resolve) => setTimeout(resolve, 100))
  assert.ok(again.journalHead().sequence >= sequence, 'the journal is shorter after a restart')
  await again.stop()
  assert.equal(tally.count, 0, `${tally.count} acknowledged signals were handled again after a restart`)
}
