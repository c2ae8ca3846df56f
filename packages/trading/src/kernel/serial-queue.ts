/**
 * One thing at a time: tasks in the order in which they were asked for, and before each of them all messages that have come in.
 * Unbounded: a venue's word must not be lost; what may be refused is refused before it gets here.
 */
export type SerialQueue<Message> = {
  /** Runs a task when its turn comes. Rejects with what the task throws; the queue goes on. */
  run<T>(task: () => T | Promise<T>): Promise<T>
  /** Hands in a message without waiting for it. */
  post(message: Message): void
}

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
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: unknown) => void
}

/** A queue. What needs no waiting is done within the call that asks for it, if nothing else is under way. */
export function createSerialQueue<Message>(options: SerialQueueOptions<Message>): SerialQueue<Message> {
  const { handle, failed, after } = options
  let inbox: Message[] = []
  let tasks: Task[] = []
  /** Tasks before it are done. */
  let next = 0
  let busy = false
  const takeTask = (): Task | undefined => {
    const task = tasks[next]
    if (task === undefined) return undefined
    next += 1
    if (next === tasks.length || (next >= mostDoneTasks && next * 2 >= tasks.length)) {
      tasks = tasks.slice(next)
      next = 0
    }
    return task
  }
  const done = async (task: Task, pending: Promise<unknown>): Promise<void> => {
    try {
      const value = await pending
      after?.()
      task.resolve(value)
    } catch (thrown) {
      after?.()
      task.reject(thrown)
    }
  }
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
  const pump = async (): Promise<void> => {
    busy = true
    while (inbox.length > 0 || tasks.length > 0) {
      const messages = inbox
      if (messages.length > 0) inbox = []
      for (const message of messages) {
        // A turn at least, so that whoever was answered before goes on before what comes next: in virtual time that order is in the journal.
        await hear(message)
      }
      if (inbox.length > 0) continue
      const task = takeTask()
      const pending = task === undefined ? undefined : perform(task)
      if (pending !== undefined) await pending
    }
    busy = false
  }
  return {
    run: <T>(run: () => T | Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        tasks.push({ run, resolve: resolve as Task['resolve'], reject })
        if (!busy) void pump()
      }),
    post(message) {
      inbox.push(message)
      if (!busy) void pump()
    },
  }
}
