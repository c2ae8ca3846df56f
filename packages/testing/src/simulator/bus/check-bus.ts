import type { Storage } from '@tradeswarm/core'
import { verifyJournal } from '@tradeswarm/core'
import type { Report } from '../checkers/checker.js'
import type { BusConditions, BusStep, Counted } from './bus-agents.js'
import { busTopics, stepName } from './bus-agents.js'

/** What the source was told, and what it knows that nobody can digest. */
export type BusTruth = {
  readonly acknowledged: ReadonlyMap<string, number>
  readonly conditions: BusConditions
}

/**
 * Judges a bus by what is stored when all is over: first in, first out for each key, no acknowledged message lost, nothing effective twice
 * (I35), and a poison message given up while the others went on (I36). It reads the journal and the agents' documents, and no code of the bus.
 */
export async function checkBus(
  storage: Storage,
  { acknowledged, conditions }: BusTruth,
  report: Report,
): Promise<void> {
  const { ok } = await verifyJournal(storage.journal)
  if (!ok) report('I23', 'the journal of the bus does not verify')
  const published = await numbersByKey(storage, busTopics.priceSeen.name)
  if (acknowledged.size === 0) report('I35', 'nothing that was published was ever acknowledged')
  for (const [symbol, count] of acknowledged) {
    const numbers = published.get(symbol) ?? []
    // One more may be written than was acknowledged.
    const isWhole =
      numbers.every((n, index) => n === index + 1) && numbers.length - count <= 1 && numbers.length >= count
    if (!isWhole) report('I35', `prices of ${symbol} in the journal: ${numbers.join(' ')}, acknowledged were ${count}`)
    const digestible = numbers.filter((n) => !conditions.poison.has(stepName({ symbol, n })))
    for (const topic of [busTopics.signalMade, busTopics.orderAsked]) {
      const passed = (await numbersByKey(storage, topic.name)).get(symbol) ?? []
      if (passed.join() !== digestible.join())
        report('I35', `${topic.name} of ${symbol}: ${passed.join(' ')}; it should be ${digestible.join(' ')}`)
    }
    const expected: Counted = {
      last: digestible.at(-1) ?? 0,
      count: digestible.length,
      sum: digestible.reduce((sum, n) => sum + n, 0),
    }
    for (const agents of [['analyst', 'analyst-2'], ['trader'], ['recorder']])
      await checkCount(storage, agents, symbol, expected, report)
  }
  const dead = await storage.records.count('dead-letters')
  const poisoned = [...published].flatMap(([symbol, numbers]) =>
    numbers.filter((n) => conditions.poison.has(stepName({ symbol, n }))),
  )
  if (dead !== poisoned.length) report('I36', `${dead} messages were given up, ${poisoned.length} are poison`)
}

async function checkCount(
  storage: Storage,
  agents: readonly string[],
  symbol: string,
  expected: Counted,
  report: Report,
): Promise<void> {
  const sum = { last: 0, count: 0, sum: 0 }
  for (const agent of agents) {
    const saved = await storage.keyValue.get(`state/${agent}/${symbol}`)
    if (saved === undefined) continue
    const { value } = JSON.parse(saved.value) as { readonly value: Counted }
    sum.last = Math.max(sum.last, value.last)
    sum.count += value.count
    sum.sum += value.sum
  }
  const [seen, wanted] = [sum, expected].map(({ last, count, sum: total }) => `${count} up to ${last}, in sum ${total}`)
  if (seen !== wanted) report('I35', `${agents[0]} has counted ${seen} of ${symbol}; it should be ${wanted}`)
}

/** The numbers of each key in the messages of a topic, in the order of the journal. */
async function numbersByKey(storage: Storage, topic: string): Promise<ReadonlyMap<string, readonly number[]>> {
  const numbers = new Map<string, number[]>()
  for await (const entry of storage.journal.read({ kinds: ['message'] })) {
    const message = JSON.parse(entry.text) as { readonly topic: string; readonly payload: BusStep }
    if (message.topic !== topic) continue
    const { symbol, n } = message.payload
    numbers.set(symbol, [...(numbers.get(symbol) ?? []), n])
  }
  return numbers
}
