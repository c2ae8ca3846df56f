import type { KeyValueStore } from '../storage/key-value-store.js'
import type { KeyValueWrite, Storage } from '../storage/storage.js'
import { Consumer } from './consumer.js'
import type { PendingBatch } from './pending-batch.js'

/** Below it lie a mark for each known consumer, `acks/NAME`, and what it has acknowledged ahead of its cursor, `acks/NAME/BLOCK`. */
const prefix = 'acks/'

/** Holds the entry behind which a start began, from the first thing written during it until all agents have subscribed. */
const startMark = 'acks-from'

/** Idle consumers are moved along once so many entries have been written since: so much is read at most after a crash. */
const entriesBetweenSweeps = 65_536

/** All consumers of a swarm's journal, with what each has acknowledged. */
export type Consumers = {
  /**
   * The consumer of a name. One that the storage does not know begins behind the entry `start`, or where an earlier start began that
   * was cut short.
   */
  open(name: string, start: number): Consumer
  /** True when an agent of this swarm has subscribed as it. */
  isOpen(name: string): boolean
  /** Forgets one that no agent has subscribed as. Returns what is to be written with that, nothing where it was not known. */
  forget(name: string): readonly KeyValueWrite[]
  /** All agents have started: the consumers that there are will be known with the next commit. */
  started(): void
  /** Reads what earlier swarms on the storage have acknowledged. To be called before any is opened. */
  load(storage: Storage): Promise<void>
  /** Adds what has been acknowledged since the last call to a batch. */
  contribute(batch: PendingBatch): void
  hasChanges(): boolean
  /** Marks every consumer to be written with the next commit. */
  touchAll(): void
}

/** `durableSequence` is the last entry that is known to be written; `onChange` is called when there is something to write again. */
export function createConsumers(durableSequence: () => number, onChange: () => void): Consumers {
  const consumers = new Map<string, Consumer>()
  const known = new Map<string, { cursor: number; blocks: { key: string; value: string }[] }>()
  const changed = new Set<Consumer>()
  const fresh = new Set<string>()
  let sweptAt = 0
  /** Where a start began that was cut short. */
  let cutShortAt: number | undefined
  /** Whether the storage holds a mark of this start, is to hold one, or is to forget it. */
  let mark: 'none' | 'wanted' | 'written' | 'unwanted' = 'wanted'
  let openedAt = 0

  const noteChange = (consumer: Consumer): void => {
    if (consumer.isNoted) return
    if (changed.size === 0) onChange()
    note(consumer)
  }

  const note = (consumer: Consumer): void => {
    consumer.isNoted = true
    changed.add(consumer)
  }

  const touchAll = (): void => {
    for (const consumer of consumers.values()) note(consumer)
  }

  return {
    open(name, start) {
      const existing = consumers.get(name)
      if (existing !== undefined) return existing
      const earlier = known.get(name)
      const consumer = new Consumer(name, earlier?.cursor ?? cutShortAt ?? start, noteChange)
      for (const { value } of earlier?.blocks ?? []) consumer.restore(value)
      consumers.set(name, consumer)
      if (earlier === undefined) {
        fresh.add(name)
        note(consumer)
      }
      return consumer
    },
    isOpen: (name) => consumers.has(name),
    forget(name) {
      const earlier = known.get(name)
      if (earlier === undefined) return []
      known.delete(name)
      return [{ key: `${prefix}${name}` }, ...earlier.blocks.map(({ key }) => ({ key }))]
    },
    started() {
      mark = mark === 'written' ? 'unwanted' : 'none'
    },
    async load(storage) {
      openedAt = durableSequence()
      const earlier = await storage.keyValue.get(startMark)
      if (earlier !== undefined) {
        cutShortAt = Number(earlier.value)
        mark = 'written'
      }
      for await (const { key, value } of everyEntry(storage.keyValue)) {
        const [name = '', block] = key.slice(prefix.length).split('/')
        if (block === undefined) known.set(name, { cursor: await storage.journal.cursor(name), blocks: [] })
        else known.get(name)?.blocks.push({ key, value })
      }
    },
    contribute(batch) {
      const durable = durableSequence()
      if (durable - sweptAt >= entriesBetweenSweeps) {
        sweptAt = durable
        touchAll()
      }
      for (const consumer of changed) {
        consumer.isNoted = false
        batch.cursors.push({ consumer: consumer.name, sequence: consumer.cursor(durable) })
        for (const write of consumer.takeChanges(prefix)) batch.keyValue.push(write)
      }
      changed.clear()
      for (const name of fresh) batch.keyValue.push({ key: `${prefix}${name}`, value: '' })
      fresh.clear()
      if (mark === 'wanted') {
        batch.keyValue.push({ key: startMark, value: String(openedAt) })
        mark = 'written'
      } else if (mark === 'unwanted') {
        batch.keyValue.push({ key: startMark })
        mark = 'none'
      }
    },
    hasChanges: () => changed.size > 0 || mark === 'unwanted',
    touchAll,
  }
}

/** A mark comes before the documents below it: a slash follows its name. */
async function* everyEntry(keyValue: KeyValueStore): AsyncGenerator<{ readonly key: string; readonly value: string }> {
  let after: string | undefined
  do {
    const page = await keyValue.list(after === undefined ? { prefix } : { prefix, after })
    yield* page
    after = page.at(-1)?.key
  } while (after !== undefined)
}
