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

/** A queue whose messages go to `handle`, which must not throw. */
export function createSerialQueue<Message>(handle: (message: Message) => Promise<void>): SerialQueue<Message> {
  let inbox: Message[] = []
  let tasks: (() => Promise<void>)[] = []
  /** Tasks before it are done. */
  let next = 0
  let busy = false
  const takeTask = (): (() => Promise<void>) | undefined => {
    const task = tasks[next]
    if (task === undefined) return undefined
    next += 1
    if (next === tasks.length || (next >= mostDoneTasks && next * 2 >= tasks.length)) {
      tasks = tasks.slice(next)
      next = 0
    }
    return task
  }
  const pump = async (): Promise<void> => {
    if (busy) return
    busy = true
    while (inbox.length > 0 || tasks.length > 0) {
      const messages = inbox
      inbox = []
      for (const message of messages) await handle(message)
      if (inbox.length > 0) continue
      await takeTask()?.()
    }
    busy = false
  }
  return {
    run: (task) =>
      new Promise((resolve) => {
        tasks.push(async () => {
          const outcome = (async () => task())()
          resolve(outcome)
          await outcome.catch(() => undefined)
        })
        void pump()
      }),
    post(message) {
      inbox.push(message)
      void pump()
    },
  }
}
