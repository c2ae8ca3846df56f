import TinyQueue from 'tinyqueue'
import type { ClockAndTimers } from '../time/clock.js'
import {
  assertTime,
  type Dispatcher,
  type DispatchTask,
  mailboxFull,
  maximumMailboxDepth,
  maximumParallelTasks,
  priorityRank,
} from './dispatcher.js'

type Waiting = { readonly task: DispatchTask; readonly rank: number; readonly order: number }

type Mailbox = {
  /** Tasks that may start, unless their key turns out to run. */
  readonly ready: TinyQueue<Waiting>
  /** Tasks that wait for their key. While one is here, another of its key runs or is ready. */
  readonly behind: Map<string, TinyQueue<Waiting>>
  readonly runningKeys: Set<string>
  depth: number
  paused: boolean
}

type IdleWaiter = { readonly owner: string | undefined; readonly resolve: () => void }

/** Real time: each owner handles its messages in order of priority, one at a time for each key, keys in parallel. */
export function createConcurrentDispatcher(clock: ClockAndTimers): Dispatcher {
  const mailboxes = new Map<string, Mailbox>()
  let order = 0
  let idleWaiters: readonly IdleWaiter[] = []

  const mailboxOf = (owner: string): Mailbox => {
    let mailbox = mailboxes.get(owner)
    if (!mailbox) {
      mailbox = { ready: emptyQueue(), behind: new Map(), runningKeys: new Set(), depth: 0, paused: false }
      mailboxes.set(owner, mailbox)
    }
    return mailbox
  }

  const isIdle = (owner: string | undefined): boolean => {
    if (owner === undefined) return [...mailboxes.values()].every(isQuiet)
    const mailbox = mailboxes.get(owner)
    return mailbox === undefined || isQuiet(mailbox)
  }

  const tellIfIdle = (): void => {
    if (idleWaiters.length === 0) return
    const told = idleWaiters.filter((waiter) => isIdle(waiter.owner))
    idleWaiters = idleWaiters.filter((waiter) => !told.includes(waiter))
    for (const waiter of told) waiter.resolve()
  }

  const runTask = async (mailbox: Mailbox, task: DispatchTask): Promise<void> => {
    try {
      await task.run()
    } finally {
      mailbox.runningKeys.delete(task.key)
      const queue = mailbox.behind.get(task.key)
      const next = queue?.pop()
      if (next) mailbox.ready.push(next)
      if (queue?.length === 0) mailbox.behind.delete(task.key)
      pump(mailbox)
      tellIfIdle()
    }
  }

  const pump = (mailbox: Mailbox): void => {
    for (let next = mailbox.ready.peek(); next !== undefined && !mailbox.paused; next = mailbox.ready.peek()) {
      if (mailbox.runningKeys.size >= maximumParallelTasks && next.task.priority !== 'critical') return
      mailbox.ready.pop()
      const { task } = next
      if (mailbox.runningKeys.has(task.key)) {
        putBehind(mailbox, next)
        continue
      }
      mailbox.runningKeys.add(task.key)
      mailbox.depth -= 1
      // Started in a microtask, so that whoever published goes on first.
      void Promise.resolve().then(() => runTask(mailbox, task))
    }
  }

  return {
    virtual: false,
    now: () => clock.now(),
    at: (time, callback, priority) => clock.at(assertTime(time), callback, priority),
    enqueue(task) {
      const mailbox = mailboxOf(task.owner)
      if (mailbox.depth >= maximumMailboxDepth && task.again !== true) throw mailboxFull(task.owner)
      order += 1
      const waiting = { task, rank: priorityRank[task.priority], order: task.again ? -order : order }
      mailbox.depth += 1
      if (mailbox.runningKeys.has(task.key)) return putBehind(mailbox, waiting)
      mailbox.ready.push(waiting)
      pump(mailbox)
    },
    pause(owner) {
      mailboxOf(owner).paused = true
      tellIfIdle()
    },
    resume(owner) {
      const mailbox = mailboxOf(owner)
      mailbox.paused = false
      pump(mailbox)
    },
    discard(owner) {
      const mailbox = mailboxOf(owner)
      while (mailbox.ready.pop() !== undefined);
      mailbox.behind.clear()
      mailbox.depth = 0
      tellIfIdle()
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

function emptyQueue(): TinyQueue<Waiting> {
  return new TinyQueue<Waiting>([], (a, b) => a.rank - b.rank || a.order - b.order)
}

function putBehind(mailbox: Mailbox, waiting: Waiting): void {
  const queue = mailbox.behind.get(waiting.task.key)
  if (queue) {
    queue.push(waiting)
    return
  }
  const created = emptyQueue()
  created.push(waiting)
  mailbox.behind.set(waiting.task.key, created)
}

function isQuiet(mailbox: Mailbox): boolean {
  return mailbox.runningKeys.size === 0 && (mailbox.paused || mailbox.depth === 0)
}
