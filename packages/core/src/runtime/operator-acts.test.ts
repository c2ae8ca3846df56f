import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineTopic } from '../messages/topic.js'
import { createGate } from '../testing-support/fake-clock.test-support.js'
import { realTimeSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'
import type { Swarm } from './swarm.js'

const Order = defineTopic('order.wanted', { schema: z.object({ n: z.number() }), delivery: 'durable' })

class Worker extends Agent<typeof Worker> {
  static readonly role = 'worker'
  static readonly config = z.object({ heard: z.custom<number[]>(), limit: z.number().default(1) })

  protected override onStart() {
    this.subscribe(Order, ({ n }) => {
      this.config.heard.push(n)
      if (n < 0) throw new Error('no such order')
    })
  }
}

async function started() {
  const heard: number[] = []
  const made = realTimeSwarm({ maximumTries: 1, agents: [{ agent: Worker, config: { heard } }] })
  await made.swarm.start()
  await made.swarm.publish(Order, { n: -1 })
  await settle()
  const acts = () => made.storage.entries.filter(({ kind }) => kind === 'operator').map(({ text }) => text)
  const what = () => ({ agents: made.swarm.status().agents, heard: [...heard] })
  return { ...made, acts, what, heard }
}

const letterOf = async (swarm: Swarm): Promise<string> => (await swarm.deadLetters.list())[0]?.id ?? ''

describe('what an operator does', () => {
  it.each([
    ['pause', (swarm: Swarm) => swarm.agent('worker').pause()],
    ['stop', (swarm: Swarm) => swarm.agent('worker').stop()],
    ['restart', (swarm: Swarm) => swarm.agent('worker').restart()],
    ['kill-agent', (swarm: Swarm) => swarm.agent('worker').kill()],
    ['reconfigure', (swarm: Swarm) => swarm.agent('worker').reconfigure({ heard: [], limit: 2 })],
    ['scale', (swarm: Swarm) => swarm.scale('worker', 3)],
    ['replay', (swarm: Swarm) => swarm.replay({ agent: 'worker', from: 1 })],
    ['requeue-dead-letter', async (swarm: Swarm) => swarm.deadLetters.requeue(await letterOf(swarm))],
    ['discard-dead-letter', async (swarm: Swarm) => swarm.deadLetters.discard(await letterOf(swarm))],
  ] as const)('(%s) takes effect, and resolves, only once it is in the journal', async (act, perform) => {
    const { swarm, clock, storage, acts, what } = await started()
    const gate = createGate()
    storage.beforeCommit = () => gate.passed
    const before = what()
    let isDone = false
    const performed = perform(swarm).then(() => {
      isDone = true
    })
    await settle()
    expect([isDone, acts(), what()]).toEqual([false, [], before])
    gate.open()
    await clock.advance(1_000)
    await performed
    expect(acts()).toEqual([expect.stringContaining(`"act":"${act}"`)])
    if (act !== 'reconfigure' && act !== 'discard-dead-letter') expect(what()).not.toEqual(before)
    await swarm.stop()
  })

  it('does not take effect when the journal cannot be written', async () => {
    const { swarm, storage } = await started()
    storage.beforeCommit = () => {
      throw new Error('disk full')
    }
    await expect(swarm.scale('worker', 2)).rejects.toMatchObject({ code: 'JOURNAL_FAILED' })
    expect(swarm.status().agents).toHaveLength(1)
  })

  it.each([
    ['pause', (swarm: Swarm) => swarm.agent('worker').pause()],
    ['reconfigure', (swarm: Swarm) => swarm.agent('worker').reconfigure({ heard: [], limit: 2 })],
    ['scale', (swarm: Swarm) => swarm.scale('worker', 3)],
  ] as const)(
    '(%s) whose record may be written later is told as in doubt, and taken back then',
    async (act, perform) => {
      const { swarm, storage, acts, what } = await started()
      storage.beforeCommit = () => {
        throw new Error('disk full')
      }
      const before = what().heard
      await expect(perform(swarm)).rejects.toMatchObject({
        code: 'JOURNAL_FAILED',
        retryability: 'unknown-outcome',
        message: expect.stringMatching(
          new RegExp(`^${act} was not done\\. Whether its record is in the journal nobody knows`),
        ),
        context: { act },
      })
      expect(acts()).toEqual([])
      storage.beforeCommit = () => undefined
      await swarm.resume()
      await settle()
      const [id] = storage.entries.filter(({ kind }) => kind === 'operator').map((entry) => entry.id)
      expect(acts()).toEqual([
        expect.stringContaining(`"act":"${act}"`),
        JSON.stringify({ act: 'left-undone', of: id }),
      ])
      expect(swarm.status().agents).toMatchObject([{ state: 'running' }])
      expect(what().heard).toEqual(before)
      await perform(swarm)
      expect(acts()).toHaveLength(3)
      await swarm.stop()
    },
  )

  it('is refused where the swarm was stopped meanwhile', async () => {
    const { swarm, storage } = await started()
    const gate = createGate()
    storage.beforeCommit = () => gate.passed
    const starting = swarm.agent('worker').restart()
    const refused = expect(starting).rejects.toMatchObject({ code: 'SWARM_NOT_RUNNING' })
    await settle()
    const stopping = swarm.stop()
    gate.open()
    await Promise.all([refused, stopping])
    expect(swarm.status().agents).toMatchObject([{ state: 'stopped', restarts: 0 }])
  })

  it('with a replica that was scaled away is refused, also when another has its id', async () => {
    const { swarm, acts } = await started()
    await swarm.scale('worker', 2)
    const { pause, resume, stop, start, restart, kill, release, reconfigure, status } = swarm.agent('worker-2')
    for (const replicas of [1, 2]) {
      await swarm.scale('worker', replicas)
      const before = acts().length
      for (const act of [pause, resume, stop, start, restart, kill, release, () => reconfigure({ heard: [] })])
        await expect(act()).rejects.toMatchObject({
          code: 'AGENT_NOT_FOUND',
          message: expect.stringContaining('worker-2 was scaled away'),
        })
      expect([acts().length, status().state]).toEqual([before, 'stopped'])
    }
    await swarm.agent('worker-2').pause()
    expect(swarm.agent('worker-2').status().state).toBe('paused')
    await swarm.stop()
  })

  it('may be noted by whoever acts himself, and is durable when that resolves', async () => {
    const { swarm, acts } = await started()
    await swarm.noteOperatorAct({ act: 'my-own' })
    expect(acts()).toEqual(['{"act":"my-own"}'])
    await expect(swarm.noteOperatorAct({ act: 'not-plain', value: Number.NaN })).rejects.toMatchObject({
      code: 'NOT_CANONICAL',
    })
  })
})
