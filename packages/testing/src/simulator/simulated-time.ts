import type { EpochMs } from '@tradeswarm/core'
import { settle } from '../swarm/system-settle.js'

/** The one queue of everything that happens in a simulation: by time, then in the order of asking. */
export type SimulatedTime = {
  now(): EpochMs
  at(time: EpochMs, act: () => void): void
  /** Lets everything up to `until` happen; after each act all promises that follow from it settle. Ends early when `stopped` says so. */
  run(until: EpochMs, after: () => void, stopped: () => boolean): Promise<void>
}

type Entry = { readonly time: EpochMs; readonly sequence: number; readonly act: () => void }

/** An empty queue at `start`. */
export function createSimulatedTime(start: EpochMs): SimulatedTime {
  const heap: Entry[] = []
  let now = start
  let sequence = 0
  return {
    now: () => now,
    at(time, act) {
      sequence += 1
      push(heap, { time: Math.max(time, now), sequence, act })
    },
    async run(until, after, stopped) {
      for (let next = heap[0]; next !== undefined && next.time <= until && !stopped(); next = heap[0]) {
        pop(heap)
        now = next.time
        next.act()
        await settle()
        after()
      }
      if (!stopped()) now = Math.max(now, until)
    },
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.time < b.time || (a.time === b.time && a.sequence < b.sequence)
}

function push(heap: Entry[], entry: Entry): void {
  let index = heap.push(entry) - 1
  while (index > 0) {
    const parent = (index - 1) >> 1
    if (!isBefore(entry, heap[parent] as Entry)) break
    heap[index] = heap[parent] as Entry
    index = parent
  }
  heap[index] = entry
}

function pop(heap: Entry[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let index = 0
  for (;;) {
    let child = 2 * index + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Entry, heap[child] as Entry)) child += 1
    if (!isBefore(heap[child] as Entry, last)) break
    heap[index] = heap[child] as Entry
    index = child
  }
  heap[index] = last
}
