/**
 * One thing at a time: tasks in the order in which they were asked for, and before each of them all messages that have come in.
 * Unbounded: a venue's word must not be lost; what may be refused is refused before it gets here.
 */
export type SerialQueue<Message> = {
  /** Runs a task when its turn comes. Rejects with what the task throws; the queue goes on. */
  run<T>(task: () => T | Promise<T>): Promise<T>
  /**
   * Runs a task whose first part needs no waiting and whose rest may go on beside those of others: while rests are under way, the first parts
   * of tasks of this kind that come next are run. A message, or a task of another kind, waits for all that has begun, and what comes after it
   * waits for that.
   */
  join<T>(begin: () => Begun<T>): Promise<T>
  /** Hands in a message without waiting for it. */
  post(message: Message): void
}

/** What the first part of a task came to: all of it; what is left; or, with nothing done yet, that it has to be run by itself. */
export type Begun<T> =
  | { readonly value: T }
  | { readonly rest: () => Promise<T> }
  | { readonly alone: () => T | Promise<T> }

/** So many tasks are under way together at most. */
const mostJoined = 256

/** So many tasks that are done are kept in the list before they are cut off. */
const mostDoneTasks = 1_024

export type SerialQueueOptions<Message> = {
  /** Takes a message; a promise only where it has to wait for something. */
  readonly handle: (message: Message) => Promise<void> | undefined
  /** Told what `handle` throws; the queue goes on. Must not throw. Default: it is not told. */
  readonly failed?: (message: Message, thrown: unknown) => void
  /** Called after each message and each task, before whoever asked for it hears of its end. Must not throw. */
  readonly after?: () => void
}

type Task = {
  readonly run: () => unknown
  readonly begin: (() => Begun<unknown>) | undefined
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: unknown) => void
}

const nothing = (): void => undefined

/** A queue. What needs no waiting is done within the call that asks for it, if nothing else is under way. */
export function createSerialQueue<Message>(options: SerialQueueOptions<Message>): SerialQueue<Message> {
  const { handle, failed, after } = options
  let inbox: Message[] = []
  let tasks: Task[] = []
  /** Tasks before it are done. */
  let next = 0
  let busy = false
  /** The rests that are under way together. */
  let joined: Promise<void>[] = []
  let isJoining = false
  /** A part of a task is being run: what it asks for waits. */
  let isRunning = false
  /** Comes before all that wait. */
  let held: Task | undefined
  const takeTask = (): Task | undefined => {
    if (held !== undefined) {
      const task = held
      held = undefined
      return task
    }
    const task = tasks[next]
    if (task === undefined) return undefined
    next += 1
    if (next === tasks.length || (next >= mostDoneTasks && next * 2 >= tasks.length)) {
      tasks = tasks.slice(next)
      next = 0
    }
    return task
  }
  const done = (task: Task, pending: Promise<unknown>): Promise<void> =>
    pending.then(
      (value) => {
        after?.()
        task.resolve(value)
      },
      (thrown: unknown) => {
        after?.()
        task.reject(thrown)
      },
    )
  /** A promise only where the task makes one. */
  const perform = (task: Task): Promise<void> | undefined => {
    try {
      const value = task.run()
      if (value instanceof Promise) return done(task, value)
      after?.()
      task.resolve(value)
    } catch (thrown) {
      after?.()
      task.reject(thrown)
    }
    return undefined
  }
  const hear = (message: Message): Promise<void> | undefined => {
    try {
      const pending = handle(message)
      if (pending !== undefined)
        return pending.catch((thrown: unknown) => failed?.(message, thrown)).then(() => after?.())
    } catch (thrown) {
      failed?.(message, thrown)
    }
    after?.()
    return undefined
  }
  const canJoin = (): boolean =>
    isJoining && !isRunning && held === undefined && inbox.length === 0 && joined.length < mostJoined
  const begin = (task: Task, first: () => Begun<unknown>): void => {
    isRunning = true
    try {
      const begun = first()
      if ('alone' in begun) held = { ...task, run: begun.alone, begin: undefined }
      else if ('rest' in begun) {
        joined.push(done(task, begun.rest()))
        after?.()
      } else {
        after?.()
        task.resolve(begun.value)
      }
    } catch (thrown) {
      after?.()
      task.reject(thrown)
    }
    isRunning = false
  }
  const joinWaiting = (): void => {
    while (canJoin()) {
      const first = tasks[next]?.begin
      if (first === undefined) return
      begin(takeTask() as Task, first)
    }
  }
  const finishAll = async (): Promise<void> => {
    isJoining = true
    // The list grows while it is walked.
    for (let at = 0; at < joined.length; at += 1) {
      joinWaiting()
      await joined[at]
    }
    isJoining = false
    joined = []
  }
  /** Nothing is under way and nothing waits. */
  const isIdle = (): boolean => !busy && inbox.length === 0 && tasks.length === 0
  /** Runs the first part of a task with nothing beside it, and needs neither a place in the list nor a promise that waits where that is all. */
  const beginAlone = <T>(first: () => Begun<T>): Promise<T> => {
    busy = true
    isRunning = true
    let answer: Promise<T>
    try {
      const begun = first()
      if ('value' in begun) {
        after?.()
        answer = Promise.resolve(begun.value)
      } else answer = goOn(begun)
    } catch (thrown) {
      after?.()
      answer = new Promise(() => {
        throw thrown
      })
    }
    isRunning = false
    endTurn()
    return answer
  }
  /** What a task that has begun comes to by and by. */
  const goOn = <T>(begun: Exclude<Begun<T>, { readonly value: T }>): Promise<T> => {
    const rest = 'rest' in begun ? begun.rest() : undefined
    return new Promise<T>((resolve, reject) => {
      const run = 'alone' in begun ? begun.alone : nothing
      const task: Task = { run, begin: undefined, resolve: resolve as Task['resolve'], reject }
      if (rest === undefined) held = task
      else {
        joined.push(done(task, rest))
        after?.()
      }
    })
  }
  /** Runs a task with nothing beside it, and needs neither a place in the list nor a promise that waits where it makes none. */
  const runAlone = <T>(run: () => T | Promise<T>): Promise<T> => {
    busy = true
    try {
      const value = run()
      if (value instanceof Promise) {
        return new Promise<T>((resolve, reject) => {
          const task: Task = { run, begin: undefined, resolve: resolve as Task['resolve'], reject }
          void done(task, value).then(endTurn)
        })
      }
      after?.()
      endTurn()
      return Promise.resolve(value)
    } catch (thrown) {
      after?.()
      endTurn()
      return new Promise(() => {
        throw thrown
      })
    }
  }
  /** What was asked for within the turn that ends here comes next. */
  const endTurn = (): void => {
    if (held === undefined && joined.length === 0 && inbox.length === 0 && tasks.length === 0) busy = false
    else void pump()
  }
  const ask = (task: Task): void => {
    if (task.begin !== undefined && tasks.length === 0 && canJoin()) begin(task, task.begin)
    else tasks.push(task)
    if (!busy) void pump()
  }
  const pump = async (): Promise<void> => {
    busy = true
    if (joined.length > 0) await finishAll()
    while (inbox.length > 0 || tasks.length > 0 || held !== undefined) {
      const messages = inbox
      if (messages.length > 0) inbox = []
      // A turn at least, so that whoever was answered before goes on before what comes next: in virtual time that order is in the journal.
      for (const message of messages) await hear(message)
      if (inbox.length > 0) continue
      const task = takeTask()
      if (task?.begin !== undefined) {
        begin(task, task.begin)
        if (joined.length > 0) await finishAll()
        continue
      }
      const pending = task === undefined ? undefined : perform(task)
      if (pending !== undefined) await pending
    }
    busy = false
  }
  return {
    run: <T>(run: () => T | Promise<T>) =>
      isIdle()
        ? runAlone(run)
        : new Promise<T>((resolve, reject) => {
            ask({ run, begin: undefined, resolve: resolve as Task['resolve'], reject })
          }),
    join: <T>(first: () => Begun<T>) =>
      isIdle()
        ? beginAlone(first)
        : new Promise<T>((resolve, reject) => {
            ask({ run: nothing, begin: first, resolve: resolve as Task['resolve'], reject })
          }),
    post(message) {
      if (!isIdle()) {
        inbox.push(message)
        return
      }
      busy = true
      void (hear(message) ?? Promise.resolve()).then(endTurn)
    },
  }
}
