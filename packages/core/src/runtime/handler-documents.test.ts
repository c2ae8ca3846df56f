import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineTopic } from '../messages/topic.js'
import { defineDocument } from '../state/define-document.js'
import { mergeConflict } from '../state/merge-conflict.js'
import { createGate } from '../testing-support/fake-clock.test-support.js'
import { realTimeSwarm } from '../testing-support/swarm-bench.test-support.js'
import { settle } from '../testing-support/system-settle.test-support.js'
import { Agent } from './agent.js'
import type { HandlerContext } from './agent-types.js'

const Add = defineTopic('add', {
  schema: z.object({ who: z.string(), amount: z.number() }),
  delivery: 'durable',
  key: ({ who }) => who,
})

type Work = (event: { who: string; amount: number }, context: HandlerContext<typeof Keeper>) => unknown

class Keeper extends Agent<typeof Keeper> {
  static readonly role = 'keeper'
  static readonly documents = {
    total: defineDocument({ merge: 'counter', history: 3 }),
    names: defineDocument({ merge: 'set' }),
    highest: defineDocument({ merge: 'maximum' }),
    owner: defineDocument({ merge: () => mergeConflict('two owners'), schema: z.string().max(10) }),
  }
  static readonly config = z.object({ work: z.custom<Work>() })
  protected override onStart() {
    this.subscribe(Add, async (event, context) => void (await this.config.work(event, context)))
  }
}

async function keeping(work: Work) {
  const parts = realTimeSwarm({ agents: [{ agent: Keeper, config: { work } }] })
  await parts.swarm.start()
  return parts
}

describe('documents that handlers of different keys write at once', () => {
  it('are merged as they were declared: no handler runs twice, and none of both is lost', async () => {
    const gate = createGate()
    let runs = 0
    const { swarm, storage } = await keeping(async ({ who, amount }, { state }) => {
      runs += 1
      state.set('total', (state.get<number>('total') ?? 0) + amount)
      state.set('names', [...(state.get<string[]>('names') ?? []), who])
      state.set('highest', Math.max(state.get<number>('highest') ?? 0, amount))
      await gate.passed
    })
    for (const [who, amount] of [
      ['ann', 5],
      ['bob', 7],
      ['cid', 1],
    ] as const)
      await swarm.publish(Add, { who, amount })
    await settle()
    expect(runs).toBe(3)
    gate.open()
    await settle()
    expect(runs).toBe(3)
    expect(swarm.agent('keeper').status()).toMatchObject({ handled: 3, failed: 0 })
    await swarm.stop()
    const saved = (key: string) =>
      JSON.parse(storage.keyValues.get(`state/keeper/${key}`) ?? '{}') as { value: unknown }
    expect([saved('total').value, saved('names').value, saved('highest').value]).toEqual([13, ['ann', 'bob', 'cid'], 7])
  })

  it('that are not declared make the later handler run anew, on what the first has written', async () => {
    const gate = createGate()
    const seen: unknown[] = []
    const { swarm } = await keeping(async ({ who }, { state }) => {
      const before = state.get<string[]>('plain') ?? []
      seen.push([who, before])
      state.set('plain', [...before, who])
      await gate.passed
    })
    for (const who of ['ann', 'bob']) await swarm.publish(Add, { who, amount: 1 })
    await settle()
    gate.open()
    await settle()
    expect(seen).toEqual([
      ['ann', []],
      ['bob', []],
      ['bob', ['ann']],
    ])
    expect(swarm.agent('keeper').status()).toMatchObject({ handled: 2, failed: 0 })
    await swarm.stop()
  })

  it('and cannot be merged are kept as a conflict, which is logged and seen by the next handler, who resolves it', async () => {
    const gate = createGate()
    const { swarm, log, storage } = await keeping(async ({ who }, { state }) => {
      if (who === 'judge') {
        expect(state.conflicts('owner')).toMatchObject([{ value: 'bob', reason: 'two owners' }])
        expect(state.get('owner')).toBe('ann')
        state.resolveConflict('owner', 'both')
        return
      }
      state.set('owner', who)
      await gate.passed
    })
    for (const who of ['ann', 'bob']) await swarm.publish(Add, { who, amount: 1 })
    await settle()
    gate.open()
    await settle()
    expect(log.filter(({ reason }) => reason === 'two owners')).toMatchObject([
      { level: 'warn', agent: 'keeper', document: 'owner' },
    ])
    await swarm.publish(Add, { who: 'judge', amount: 0 })
    await settle()
    expect(swarm.agent('keeper').status()).toMatchObject({ handled: 3, failed: 0 })
    await swarm.stop()
    expect(JSON.parse(storage.keyValues.get('state/keeper/owner') ?? '{}')).toMatchObject({ value: 'both' })
  })

  it('have a history, bounded as declared, which a handler can read, compare and go back in', async () => {
    const told: unknown[] = []
    const { swarm, clock } = await keeping(({ amount }, { state }) => {
      if (amount > 0) state.set('total', amount)
      else if (amount < 0) state.rollback('total', 3)
      else {
        told.push(state.history('total').map(({ version, value }) => [version, value]))
        told.push(state.diff('total', 3, 5))
      }
    })
    for (const amount of [1, 2, 3, 4, 5, 0, -1, 0]) {
      await swarm.publish(Add, { who: 'ann', amount })
      await settle()
    }
    expect(told[0]).toEqual([
      [5, 5],
      [4, 4],
      [3, 3],
    ])
    expect(told[1]).toHaveLength(1)
    await clock.advance(1_000)
    expect(told[2]).toEqual([
      [6, 3],
      [5, 5],
      [4, 4],
    ])
    expect(await swarm.deadLetters.list()).toMatchObject([{ error: expect.stringMatching(/version 3/) }])
    await swarm.stop()
  })

  it('that break their schema fail the handler, naming agent and document, and nothing is written', async () => {
    const { swarm, clock, storage } = await keeping((_event, { state }) =>
      state.set('owner', 'a name that is too long'),
    )
    await swarm.publish(Add, { who: 'ann', amount: 1 })
    await clock.advance(1_000)
    expect(await swarm.deadLetters.list()).toMatchObject([
      { error: expect.stringMatching(/owner.*keeper|keeper.*owner/) },
    ])
    await swarm.stop()
    expect(storage.keyValues.has('state/keeper/owner')).toBe(false)
  })

  it('survive with their history and conflicts in the next swarm on the storage', async () => {
    const gate = createGate()
    const first = await keeping(async ({ who }, { state }) => {
      state.set('owner', who)
      await gate.passed
    })
    for (const who of ['ann', 'bob']) await first.swarm.publish(Add, { who, amount: 1 })
    await settle()
    gate.open()
    await settle()
    await first.swarm.stop()
    const told: unknown[] = []
    const work: Work = (_event, { state }) =>
      void told.push(
        state.get('owner'),
        state.conflicts().map(({ value }) => value),
      )
    const { swarm } = realTimeSwarm({ agents: [{ agent: Keeper, config: { work } }], storage: first.storage })
    await swarm.start()
    await swarm.publish(Add, { who: 'ann', amount: 0 })
    await settle()
    expect(told).toEqual(['ann', ['bob']])
    await swarm.stop()
  })
})
