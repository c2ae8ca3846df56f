import { type Storage, verifyJournal } from '@tradeswarm/core'
import { expect } from 'vitest'
import { keys } from './chain-agents.test-support.js'

type Step = { readonly key: string; readonly n: number }

/** The numbers of each key in the messages of a topic, in the order of the journal; archived ones included. */
async function numbersByKey(storage: Storage, topic: string): Promise<Map<string, number[]>> {
  const numbers = new Map<string, number[]>(keys.map((key) => [key, []]))
  for await (const entry of storage.journal.read({ kinds: ['message'] })) {
    const message = JSON.parse(entry.text) as { topic: string; payload: Step }
    if (message.topic === topic) numbers.get(message.payload.key)?.push(message.payload.n)
  }
  return numbers
}

/**
 * Asserts that a chain which was run to its end has lost nothing and done nothing twice: each number of each key, from 1 on, was
 * published, worked and settled once, in order, and the counters in the state say the same. Returns how many each key has.
 */
export async function assertChainWhole(storage: Storage): Promise<Map<string, number>> {
  expect(await verifyJournal(storage.journal)).toMatchObject({
    ok: true,
    entries: (await storage.journal.head()).sequence,
  })
  const counts = new Map<string, number>()
  const wanted = await numbersByKey(storage, 'chain.wanted')
  for (const [key, numbers] of wanted) {
    counts.set(key, numbers.length)
    expect(numbers, `published for ${key}`).toEqual(numbers.map((_, index) => index + 1))
  }
  for (const topic of ['chain.worked', 'chain.settled'])
    expect(await numbersByKey(storage, topic), topic).toEqual(wanted)
  for (const [key, count] of counts) {
    const total = { last: count, sum: (count * (count + 1)) / 2 }
    expect(
      await documentsOf(storage, key, ['worker', 'worker-2', 'worker-3']),
      `what workers counted for ${key}`,
    ).toEqual([total])
    expect(await documentsOf(storage, key, ['sink']), `what the sink counted for ${key}`).toEqual([total])
  }
  expect(await documentsOf(storage, 'disorder', ['worker', 'worker-2', 'worker-3', 'sink'])).toEqual([])
  expect(await storage.records.count('dead-letters')).toBe(0)
  return counts
}

async function documentsOf(storage: Storage, document: string, agents: readonly string[]): Promise<unknown[]> {
  const found = await Promise.all(agents.map((agent) => storage.keyValue.get(`state/${agent}/${document}`)))
  return found.flatMap((entry) => (entry === undefined ? [] : [(JSON.parse(entry.value) as { value: unknown }).value]))
}
