import { join } from 'node:path'
import { Agent, createSwarm, createSystemClock, defineTopic, type Overflow, SwarmError } from '@tradeswarm/core'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { z } from 'zod'

// The program under overload: `FOLDER DELIVERY OVERFLOW TURNS`. In each turn of the event loop a subscriber ends at most ten messages,
// one for each key, and is sent a thousand; where the topic blocks, a thousand publishers wait for room. It prints one line of JSON that
// says what became of them.
const [, , folder = '', delivery = '', overflow = '', turns = ''] = process.argv
const perTurn = 1_000
const symbols = 10
const capacity = 500
/** Where the topic blocks: each waits until its message is accepted. */
const publishers = 1_000

const shape = z.object({ symbol: z.string(), publisher: z.number(), n: z.number(), depth: z.array(z.number()) })
const Flood = defineTopic('flood', {
  schema: shape,
  delivery: delivery === 'durable' ? 'durable' : 'ephemeral',
  overflow: overflow as Overflow,
  key: ({ symbol }) => symbol,
})
const clock = createSystemClock()
const nextTurn = (): Promise<void> => new Promise((resolve) => clock.soon?.(resolve))

let handled = 0
let mostWaiting = 0
let disorder = 0
const last = new Map<number, number>()

class Slow extends Agent<typeof Slow> {
  static readonly role = 'slow'

  protected override onStart() {
    this.subscribe(
      Flood,
      async ({ publisher, n }) => {
        await nextTurn()
        handled += 1
        if (n <= (last.get(publisher) ?? -1)) disorder += 1
        last.set(publisher, n)
      },
      { capacity },
    )
  }
}

const swarm = createSwarm({
  agents: [Slow],
  storage: createSqliteStorage(join(folder, `${delivery}-${overflow}.db`)),
})
await swarm.start()

let published = 0
let accepted = 0
let rejected = 0
let next = 0
const sent = new Map<number, number>()

/** A quote with a book of a kilobyte. The messages of one publisher have one key. */
async function publishOne(publisher: number): Promise<void> {
  const n = next++
  const symbol = `s${publisher % symbols}`
  published += 1
  try {
    await swarm.publish(Flood, {
      symbol,
      publisher,
      n,
      depth: Array.from({ length: 100 }, (_, index) => n + index / 7),
    })
    accepted += 1
    sent.set(publisher, Math.max(n, sent.get(publisher) ?? 0))
  } catch (error) {
    if (!SwarmError.isInstance(error, 'MAILBOX_FULL')) throw error
    rejected += 1
  }
}

function noteWaiting(): void {
  mostWaiting = Math.max(mostWaiting, swarm.status().agents[0]?.mailboxDepth ?? 0)
}

const total = Number(turns) * perTurn
if (overflow === 'block') {
  await Promise.all(
    Array.from({ length: publishers }, async (_, publisher) => {
      while (next < total) {
        await publishOne(publisher)
        if (next % 10 === 0) noteWaiting()
      }
    }),
  )
} else {
  for (let turn = 0; turn < Number(turns); turn += 1) {
    const burst = Array.from({ length: perTurn }, (_, index) => publishOne(index % symbols))
    await nextTurn()
    noteWaiting()
    await Promise.all(burst)
  }
}
const [agent] = swarm.status().agents
await swarm.stop()
process.stdout.write(
  `${JSON.stringify({
    published,
    accepted,
    rejected,
    handled,
    handledUnderLoad: agent?.handled,
    dropped: swarm.status().agents[0]?.dropped,
    deadLetters: swarm.status().agents[0]?.deadLetters,
    mostWaiting,
    disorder,
    hasLatest: [...sent].every(([publisher, n]) => last.get(publisher) === n),
  })}\n`,
)
