import TinyQueue from 'tinyqueue'
import { SwarmError } from '../errors/swarm-error.js'
import type { EpochMs } from '../time/clock.js'
import {
  assertTime,
  type Dispatcher,
  type DispatchTask,
  type InstantEnd,
  mailboxFull,
  maximumMailboxDepth,
  priorityRank,
} from './dispatcher.js'

type Due = {
  readonly time: EpochMs
  readonly rank: number
  readonly sequence: number
  run: (() => void | Promise<void>) | undefined
  readonly owner?: string
  readonly task?: DispatchTask
}

/** A dispatcher whose time moves only when it is told to. */
export type VirtualDispatcher = Dispatcher & {
  readonly virtual: true
  /** The time of the next thing due, or undefined when nothing is left. */
  nextTime(): EpochMs | undefined
  /** Moves to the next instant at which something is due, runs all of it one by one, then ends the instant. False when nothing was left. */
  step(): Promise<boolean>
  /** Awaited at the end of each instant, in the order of adding. */
  onInstantEnd(callback: InstantEnd): void
}

/** After each task so many turns of the queue of microtasks pass: what it set off without waiting for it happens before the next, however it is run. */
const turnsOfConsequences = 4

/** More than this within one instant is taken for messages that cause each other without end. */
const maximumTasksPerInstant = 1_000_000

/**
 * Virtual time. Whatever is due runs one at a time in order of (time, priority, sequence), so the same inputs
 * give the same order on every machine.
 */
export function createVirtualDispatcher(options: { readonly start: EpochMs }): VirtualDispatcher {
  const queue = new TinyQueue<Due>([], (a, b) => a.time - b.time || a.rank - b.rank || a.sequence - b.sequence)
  const paused = new Map<string, Due[]>()
  const depths = new Map<string, number>()
  /** Dropped while they waited for their turn, which passes without them. */
  const dropped = new Set<DispatchTask>()
  const instantEnds: InstantEnd[] = []
  let now = options.start
  let sequence = 0
  let stepping = false

  const settle = (owner: string | undefined): void => {
    if (owner !== undefined) depths.set(owner, (depths.get(owner) ?? 1) - 1)
  }

  const runDue = async (due: Due): Promise<void> => {
    if (due.task !== undefined && dropped.delete(due.task)) return
    const held = due.owner === undefined ? undefined : paused.get(due.owner)
    if (held) {
      held.push(due)
      return
    }
    settle(due.owner)
    await due.run?.()
    for (let turn = 0; turn < turnsOfConsequences; turn += 1) await Promise.resolve()
  }

  const runInstant = async (): Promise<void> => {
    let count = 0
    for (let next = queue.peek(); next !== undefined && next.time <= now; next = queue.peek()) {
      queue.pop()
      if (next.run === undefined) continue
      count += 1
      if (count > maximumTasksPerInstant) throw endlessInstant(now, next.owner)
      await runDue(next)
    }
  }

  const skipCancelled = (): Due | undefined => {
    while (queue.peek() !== undefined && queue.peek()?.run === undefined) queue.pop()
    return queue.peek()
  }

  const enqueue = (task: DispatchTask): void => {
    const depth = depths.get(task.owner) ?? 0
    if (depth >= maximumMailboxDepth && task.again !== true) throw mailboxFull(task.owner)
    depths.set(task.owner, depth + 1)
    sequence += 1
    queue.push({
      time: now,
      rank: priorityRank[task.priority],
      sequence: task.again ? -sequence : sequence,
      run: () => task.run(),
      owner: task.owner,
      task,
    })
  }

  return {
    virtual: true,
    now: () => now,
    at(time, callback, priority = 'normal') {
      const due: Due = {
        time: Math.max(assertTime(time), now),
        rank: priorityRank[priority],
        sequence: ++sequence,
        run: callback,
      }
      queue.push(due)
      return () => {
        due.run = undefined
      }
    },
    enqueue,
    mailbox: (owner) => ({
      get depth() {
        return depths.get(owner) ?? 0
      },
      enqueue,
    }),
    drop(task) {
      const held = paused.get(task.owner)
      const place = held?.findIndex((due) => due.task === task) ?? -1
      if (place >= 0) held?.splice(place, 1)
      else dropped.add(task)
      settle(task.owner)
    },
    pause(owner) {
      if (!paused.has(owner)) paused.set(owner, [])
    },
    resume(owner) {
      const held = paused.get(owner) ?? []
      paused.delete(owner)
      for (const due of held) queue.push({ ...due, time: now })
    },
    discard(owner) {
      const kept: Due[] = []
      const tasks = (paused.get(owner) ?? []).flatMap((due) => due.task ?? [])
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
        if (next.owner !== owner) kept.push(next)
        else if (next.task !== undefined && !dropped.delete(next.task)) tasks.push(next.task)
      }
      for (const due of kept) queue.push(due)
      if (paused.has(owner)) paused.set(owner, [])
      depths.delete(owner)
      return tasks
    },
    depth: (owner) => depths.get(owner) ?? 0,
    nextTime: () => skipCancelled()?.time,
    async step() {
      if (stepping) throw stepRunning()
      const next = skipCancelled()
      if (next === undefined) return false
      stepping = true
      try {
        now = Math.max(now, next.time)
        await runInstant()
        for (const end of instantEnds) await end(now)
      } finally {
        stepping = false
      }
      return true
    },
    onInstantEnd(callback) {
      instantEnds.push(callback)
    },
    idle: () => runInstant(),
  }
}

function stepRunning(): SwarmError {
  return new SwarmError({
    code: 'STEP_RUNNING',
    message: 'a step of virtual time was asked for while another ran: await each step',
  })
}

function endlessInstant(time: EpochMs, owner: string | undefined): SwarmError {
  return new SwarmError({
    code: 'ENDLESS_INSTANT',
    message: `more than ${maximumTasksPerInstant} tasks ran at virtual time ${new Date(time).toISOString()}, the last for ${owner ?? 'a timer'}: do agents answer each other's messages without end?`,
    context: { time, owner, maximumTasksPerInstant },
  })
}
