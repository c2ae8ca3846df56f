import { Fifo } from '../collections/fifo.js'
import type { ClockAndTimers } from '../time/clock.js'
import {
  assertTime,
  type Dispatcher,
  type DispatchTask,
  type Lane,
  type Mailbox,
  mailboxFull,
  maximumMailboxDepth,
  maximumParallelTasks,
  priorityRank,
} from './dispatcher.js'

/** After so many tasks in a row a mailbox lets the platform take its turn, so that timers and sockets are served under load. */
const tasksInARow = 256
/** All mailboxes together go on for so long in one turn, which is looked at after so many tasks as one may do in a row: a turn costs as much as some fifteen light ones. */
const turnMs = 5
/** So often they go on, however short their tasks are. */
const rowsInATurn = 16

type IdleWaiter = { readonly owner: string | undefined; readonly resolve: () => void }

/** Real time: each owner handles its messages in order of priority, one at a time in each lane, lanes in parallel. */
export function createConcurrentDispatcher(clock: ClockAndTimers): Dispatcher {
  const mailboxes = new Map<string, LaneMailbox>()
  const turns = new Turns(
    (turn) => {
      if (clock.soon === undefined) void Promise.resolve().then(turn)
      else clock.soon(turn)
    },
    () => clock.elapsed?.() ?? clock.now(),
  )
  let idleWaiters: readonly IdleWaiter[] = []

  const mailboxOf = (owner: string): LaneMailbox => {
    let mailbox = mailboxes.get(owner)
    if (mailbox === undefined) {
      mailbox = new LaneMailbox(owner, turns, tellIfIdle)
      mailboxes.set(owner, mailbox)
    }
    return mailbox
  }

  const isIdle = (owner: string | undefined): boolean => {
    if (owner !== undefined) return mailboxes.get(owner)?.isQuiet() ?? true
    for (const mailbox of mailboxes.values()) if (!mailbox.isQuiet()) return false
    return true
  }

  const tellIfIdle = (): void => {
    if (idleWaiters.length === 0) return
    const told = idleWaiters.filter((waiter) => isIdle(waiter.owner))
    idleWaiters = idleWaiters.filter((waiter) => !told.includes(waiter))
    for (const waiter of told) waiter.resolve()
  }

  return {
    ...(clock.elapsed === undefined ? {} : { elapsed: () => clock.elapsed?.() ?? clock.now() }),
    ...(clock.soon === undefined ? {} : { soon: (callback: () => void) => clock.soon?.(callback) }),
    virtual: false,
    now: () => clock.now(),
    at: (time, callback, priority) => clock.at(assertTime(time), callback, priority),
    enqueue: (task) => mailboxOf(task.owner).enqueue(task),
    mailbox: mailboxOf,
    drop: (task) => mailboxes.get(task.owner)?.drop(task),
    pause(owner) {
      mailboxOf(owner).paused = true
      tellIfIdle()
    },
    resume: (owner) => mailboxOf(owner).resume(),
    discard(owner) {
      const dropped = mailboxes.get(owner)?.discard() ?? []
      tellIfIdle()
      return dropped
    },
    depth: (owner) => mailboxes.get(owner)?.depth ?? 0,
    idle: (owner) =>
      isIdle(owner)
        ? Promise.resolve()
        : new Promise((resolve) => {
            idleWaiters = [...idleWaiters, { owner, resolve }]
          }),
  }
}

/**
 * How many tasks all mailboxes together may still begin before the platform takes its turn: agents that set off one another are busy without end
 * though each has little to do. Those that must wait for the next turn begin it in the order in which they came.
 */
class Turns {
  left = tasksInARow
  #rows = 1
  #begunAt: number
  readonly #elapsed: () => number
  readonly #waiting = new Fifo<() => void>()
  readonly #nextTurn: (callback: () => void) => void
  #isDue = false

  constructor(nextTurn: (callback: () => void) => void, elapsed: () => number) {
    this.#nextTurn = nextTurn
    this.#elapsed = elapsed
    this.#begunAt = elapsed()
  }

  /** For whoever finds nothing left: true until the next turn, or there is more now. */
  isOver(): boolean {
    if (this.left > 0) return false
    if (this.#rows >= rowsInATurn || this.#elapsed() - this.#begunAt >= turnMs) return true
    this.#rows += 1
    this.left = tasksInARow
    return false
  }

  wait(pump: () => void): void {
    this.#waiting.push(pump)
    this.#callNext()
  }

  readonly #begin = (): void => {
    this.#isDue = false
    this.left = tasksInARow
    this.#rows = 1
    this.#begunAt = this.#elapsed()
    // Those that come back meanwhile wait for the turn after.
    for (let count = this.#waiting.length; count > 0 && !this.isOver(); count -= 1) this.#waiting.shift()?.()
    if (this.#waiting.length > 0) this.#callNext()
  }

  #callNext(): void {
    if (this.#isDue) return
    this.#isDue = true
    this.#nextTurn(this.#begin)
  }
}

type ReadyQueues = readonly [Fifo<DispatchTask>, Fifo<DispatchTask>, Fifo<DispatchTask>, Fifo<DispatchTask>]

/** What waits for one owner. */
class LaneMailbox implements Mailbox {
  depth = 0
  paused = false
  #running = 0
  #runningCritical = 0
  #pumpIsDue = false
  /** The first task of each busy lane, by priority. An idle agent has none. */
  #ready: ReadyQueues | undefined
  /** Lanes in which tasks wait behind the first. */
  #crowded: Set<Lane> | undefined
  /** Dropped while they were the first of their lane, at most one of each: their turn passes without them. */
  #dropped: Set<DispatchTask> | undefined
  readonly #owner: string
  readonly #turns: Turns
  readonly #onQuiet: () => void

  constructor(owner: string, turns: Turns, onQuiet: () => void) {
    this.#owner = owner
    this.#turns = turns
    this.#onQuiet = onQuiet
  }

  isQuiet(): boolean {
    return this.#running === 0 && (this.paused || this.depth === 0)
  }

  enqueue(task: DispatchTask): void {
    if (this.depth >= maximumMailboxDepth && task.again !== true) throw mailboxFull(this.#owner)
    this.depth += 1
    const { lane } = task
    if (lane.busy) {
      lane.waiting ??= new Fifo()
      if (task.again === true) lane.waiting.unshift(task)
      else lane.waiting.push(task)
      if (lane.waiting.length > 1) return
      this.#crowded ??= new Set()
      this.#crowded.add(lane)
      return
    }
    lane.busy = true
    this.#makeReady(task)
    this.#pumpSoon()
  }

  drop(task: DispatchTask): void {
    this.depth -= 1
    const { waiting } = task.lane
    if (waiting?.peek() === task) {
      waiting.shift()
      if (waiting.length === 0) this.#crowded?.delete(task.lane)
      return
    }
    this.#dropped ??= new Set()
    this.#dropped.add(task)
  }

  resume(): void {
    this.paused = false
    this.#pumpSoon()
  }

  discard(): readonly DispatchTask[] {
    const tasks: DispatchTask[] = []
    for (const queue of this.#ready ?? []) {
      for (const task of queue.drain()) {
        task.lane.busy = false
        if (this.#dropped?.delete(task) !== true) tasks.push(task)
        if (task.lane.waiting !== undefined) tasks.push(...task.lane.waiting.drain())
      }
    }
    for (const lane of this.#crowded ?? []) tasks.push(...(lane.waiting?.drain() ?? []))
    this.#crowded?.clear()
    this.depth = 0
    return tasks
  }

  #makeReady(task: DispatchTask): void {
    this.#ready ??= [new Fifo(), new Fifo(), new Fifo(), new Fifo()]
    const queue = this.#ready[priorityRank[task.priority]]
    if (task.again === true) queue.unshift(task)
    else queue.push(task)
  }

  /** In a microtask, so that whoever published goes on first. */
  #pumpSoon(): void {
    if (this.#pumpIsDue || this.paused) return
    this.#pumpIsDue = true
    void Promise.resolve().then(this.#pump)
  }

  readonly #pump = (): void => {
    this.#pumpIsDue = false
    for (let count = 0; !this.paused; count += 1) {
      const task = this.#next()
      if (task === undefined) break
      if (count >= tasksInARow || (this.#turns.left === 0 && this.#turns.isOver())) {
        this.#ready?.[priorityRank[task.priority]].unshift(task)
        this.#pumpIsDue = true
        this.#turns.wait(this.#pump)
        return
      }
      this.#turns.left -= 1
      this.#run(task)
    }
    if (this.#running === 0) this.#onQuiet()
  }

  #next(): DispatchTask | undefined {
    if (this.#ready === undefined) return undefined
    const [critical, high, normal, low] = this.#ready
    if (critical.length > 0) return critical.shift()
    if (this.#running - this.#runningCritical >= maximumParallelTasks) return undefined
    if (high.length > 0) return high.shift()
    return normal.length > 0 ? normal.shift() : low.shift()
  }

  #run(task: DispatchTask): void {
    if (this.#dropped?.delete(task) === true) {
      this.#freeLane(task.lane)
      return
    }
    this.depth -= 1
    this.#running += 1
    if (task.priority === 'critical') this.#runningCritical += 1
    const running = task.run()
    if (running === undefined) this.#ended(task)
    else
      void running.then(() => {
        this.#ended(task)
        if (this.paused) this.#onQuiet()
        else this.#pumpSoon()
      })
  }

  #ended({ lane, priority }: DispatchTask): void {
    this.#running -= 1
    if (priority === 'critical') this.#runningCritical -= 1
    this.#freeLane(lane)
  }

  #freeLane(lane: Lane): void {
    const next = lane.waiting?.shift()
    if (next === undefined) {
      lane.busy = false
      return
    }
    if (lane.waiting?.length === 0) this.#crowded?.delete(lane)
    this.#makeReady(next)
  }
}
