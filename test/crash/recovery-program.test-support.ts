import { Agent, createSwarm, createSystemClock, SwarmError } from '@tradeswarm/core'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { keys, Sink, Wanted, Worked } from './chain-agents.test-support.js'

// The program whose agents fall under load: `FILE`. Each of two workers is killed twice in the midst of a handler and hangs twice,
// while publishers go on for every key. It prints one line of JSON: how long each was away, and what the handlers that were given up
// could still do.
const [, , file = ''] = process.argv
const handlerTimeoutMs = 200
const workers = 2
const faultsEach = 4
const messagesBetweenFaults = 25

const clock = createSystemClock()
const elapsed = (): number => clock.elapsed?.() ?? 0
const nextTurn = (): Promise<void> => new Promise((resolve) => clock.soon?.(resolve))
const release = Promise.withResolvers<void>()

type Fall = { readonly kind: 'killed' | 'hung'; readonly at: number; readonly life: number }
type Fate = { lives: number; messages: number; faults: number; fall: Fall | undefined }

const fates = new Map<string, Fate>()
const away: { readonly kind: string; readonly ms: number }[] = []
const zombies = { refused: 0, heard: 0 }
const allBack = Promise.withResolvers<void>()

class Worker extends Agent<typeof Worker> {
  static readonly role = 'worker'
  static readonly publishes = [Worked]
  #life = 0

  protected override onStart() {
    const fate = fates.get(this.id) ?? { lives: 0, messages: 0, faults: 0, fall: undefined }
    fates.set(this.id, fate)
    fate.lives += 1
    this.#life = fate.lives
    const { id } = this
    this.subscribe(Wanted, async (step, context) => {
      const { key, n } = step
      this.#noteBack(fate)
      const { last = 0, sum = 0 } = context.state.get<{ last: number; sum: number }>(key) ?? {}
      if (last !== n - 1) context.state.set('disorder', `${key}: ${n} after ${last}`)
      context.state.set(key, { last: n, sum: sum + n })
      await context.publish(Worked, step)
      if (!this.#mustFall(fate)) return
      if (fate.fall?.kind === 'killed') {
        await swarm.agent(id).kill()
        await nextTurn()
      } else await release.promise
      await actAsZombie(() => context.publish(Worked, step))
      await actAsZombie(async () => context.state.set(key, { last: -1, sum: -1 }))
    })
  }

  #noteBack(fate: Fate): void {
    const { fall } = fate
    if (fall === undefined || fall.life === this.#life) return
    away.push({ kind: fall.kind, ms: elapsed() - fall.at })
    fate.fall = undefined
    if (away.length === workers * faultsEach) allBack.resolve()
  }

  #mustFall(fate: Fate): boolean {
    fate.messages += 1
    if (fate.fall !== undefined || fate.faults >= faultsEach || fate.messages < messagesBetweenFaults) return false
    fate.messages = 0
    fate.faults += 1
    fate.fall = { kind: fate.faults % 2 === 1 ? 'killed' : 'hung', at: elapsed(), life: this.#life }
    return true
  }
}

async function actAsZombie(act: () => Promise<unknown>): Promise<void> {
  try {
    await act()
    zombies.heard += 1
  } catch (error) {
    if (!SwarmError.isInstance(error, 'CONTEXT_REVOKED')) throw error
    zombies.refused += 1
  }
}

const swarm = createSwarm({
  agents: [
    { agent: Worker, replicas: workers },
    { agent: Sink, config: { total: Number.POSITIVE_INFINITY } },
  ],
  storage: createSqliteStorage(file),
  handlerTimeoutMs,
  maximumTries: 10,
})
await swarm.start()
let isOver = false
const publishing = keys.map(async (key) => {
  for (let n = 1; !isOver; n += 1) {
    await swarm.publish(Wanted, { key, n })
    // The load is bounded by the mailboxes alone, were it not for the file that is read whole in the end.
    await nextTurn()
  }
})
await allBack.promise
isOver = true
await Promise.all(publishing)
release.resolve()
await nextTurn()
const restarts = swarm.status().agents.map((agent) => agent.restarts)
await swarm.stop()
process.stdout.write(`${JSON.stringify({ away, zombies, restarts })}\n`)
