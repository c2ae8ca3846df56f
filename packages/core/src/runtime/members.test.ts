import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineTopic } from '../messages/topic.js'
import { createGate, type Gate } from '../testing-support/fake-clock.test-support.js'
import { realTimeSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'

const schema = z.object({ key: z.string(), n: z.number() })
const Order = defineTopic('order', { schema, delivery: 'durable', key: (event) => event.key })

type Log = { readonly begun: string[]; readonly done: string[]; readonly gates: Map<string, Gate> }

class Worker extends Agent<typeof Worker> {
  static readonly role = 'worker'
  static readonly config = z.object({ log: z.custom<Log>() })

  protected override onStart() {
    const { begun, done, gates } = this.config.log
    this.subscribe(Order, async ({ key, n }) => {
      begun.push(`${key}${n} by ${this.id}`)
      await gates.get(`${key}${n}`)?.passed
      done.push(`${key}${n}`)
    })
  }
}

/** A swarm of two replicas, and a key of the second's whose first message it is at, while another waits. */
async function busy() {
  const log: Log = { begun: [], done: [], gates: new Map() }
  const made = realTimeSwarm({ agents: [{ agent: Worker, replicas: 2, config: { log } }] })
  const { swarm } = made
  await swarm.start()
  let key = ''
  for (let index = 0; key === ''; index += 1) {
    await swarm.publish(Order, { key: `K${index}-`, n: 0 })
    await settle()
    if (log.begun.at(-1)?.endsWith('worker-2')) key = `K${index}-`
  }
  const gate = createGate()
  log.gates.set(`${key}1`, gate)
  for (const n of [1, 2]) await swarm.publish(Order, { key, n })
  await settle()
  log.begun.length = 0
  log.done.length = 0
  return { ...made, ...log, key, gate }
}

describe('a replica that leaves in mid-work', () => {
  it('keeps the next message of the key from others until it is done, also where others come meanwhile', async () => {
    const { swarm, begun, done, key, gate, clock } = await busy()
    const stopping = swarm.agent('worker-2').stop()
    await settle()
    const scaling = swarm.scale('worker', 3)
    await clock.advance(100)
    await swarm.publish(Order, { key, n: 3 })
    await clock.advance(100)
    expect(begun).toEqual([])
    gate.open()
    await Promise.all([stopping, scaling])
    await clock.advance(100)
    expect(done).toEqual([`${key}1`, `${key}2`, `${key}3`])
    await swarm.stop()
  })

  it('does what it is at once, also where all others leave and come back meanwhile', async () => {
    const { swarm, done, key, gate, clock } = await busy()
    const stopping = [swarm.agent('worker-2').stop(), swarm.agent('worker').stop()]
    await clock.advance(100)
    await swarm
      .agent('worker')
      .start()
      .catch(() => undefined)
    await clock.advance(100)
    gate.open()
    await Promise.all(stopping)
    for (const { id, state } of swarm.status().agents) if (state === 'stopped') await swarm.agent(id).start()
    await clock.advance(100)
    expect(done).toEqual([`${key}1`, `${key}2`])
    await swarm.stop()
  })
})
