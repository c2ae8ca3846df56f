import {
  type ClockAndTimers,
  createConcurrentDispatcher,
  type Dispatcher,
  type Storage,
  type StorageDefinition,
  SwarmError,
  type WriteBatch,
} from '@tradeswarm/core'

/** Told of each commit before the storage sees it, and again when it is written. What it throws is the commit's fate. */
export type CommitWatch = { before(batch: WriteBatch): void; after(batch: WriteBatch): void }

/**
 * What lies between one life of a swarm and the world. Once it has ended nothing comes through any more, in either direction: its timers do not
 * fire, its messages are not handled, and what it asks of the storage is never answered, as nobody answers a process that is gone.
 */
export type SwarmLife = {
  readonly dispatcher: Dispatcher
  readonly hasEnded: boolean
  storage(definition: StorageDefinition, watch: CommitWatch): StorageDefinition
  /** Rejects with `SWARM_CRASHED` once the life has ended, for what it would have answered it answers no more. */
  outlive<Result>(work: Promise<Result>): Promise<Result>
  /** Reads what is stored, past the gate; opens the storage for it when this life has not, or no longer. */
  read<Result>(definition: StorageDefinition, work: (storage: Storage) => Promise<Result>): Promise<Result>
  /** As a kill would, in the midst of whatever happens. Resolves when the storage is free for the next life. */
  end(): Promise<void>
}

/** A life on a clock that goes on after it. */
export function beginLife(clock: ClockAndTimers): SwarmLife {
  let ended = false
  const owners = new Set<string>()
  const dispatcher = createConcurrentDispatcher({
    now: () => clock.now(),
    at: (time, callback) => clock.at(time, () => (ended ? undefined : callback())),
  })
  const death = Promise.withResolvers<never>()
  death.promise.catch(() => undefined)
  let opened: Storage | undefined

  const unlessEnded = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (ended) return never()
    const result = await work()
    return ended ? never() : result
  }

  const gate = (storage: Storage, watch: CommitWatch): Storage => ({
    journal: storage.journal,
    keyValue: storage.keyValue,
    records: storage.records,
    blobs: storage.blobs,
    commit: (batch) =>
      unlessEnded(async () => {
        watch.before(batch)
        // The watch may have ended this life.
        if (ended) return never()
        await storage.commit(batch)
        watch.after(batch)
      }),
    close: () =>
      unlessEnded(() => {
        opened = undefined
        return storage.close()
      }),
  })

  const enqueue = (task: Parameters<typeof dispatcher.enqueue>[0]): void => {
    if (ended) return
    owners.add(task.owner)
    dispatcher.enqueue(task)
  }

  return {
    dispatcher: {
      ...dispatcher,
      enqueue,
      mailbox(owner) {
        const mailbox = dispatcher.mailbox(owner)
        return {
          get depth() {
            return mailbox.depth
          },
          enqueue,
        }
      },
      resume(owner) {
        if (!ended) dispatcher.resume(owner)
      },
    },
    get hasEnded() {
      return ended
    },
    storage: (definition, watch) => ({
      name: definition.name,
      async open(options) {
        opened = await definition.open(options)
        return gate(opened, watch)
      },
    }),
    outlive: (work) => Promise.race([work, death.promise]),
    async read(definition, work) {
      if (opened !== undefined && !ended) return work(opened)
      const storage = await definition.open({ clock })
      try {
        return await work(storage)
      } finally {
        await storage.close()
      }
    },
    async end() {
      if (ended) return
      ended = true
      death.reject(crashed())
      for (const owner of owners) {
        dispatcher.pause(owner)
        dispatcher.discard(owner)
      }
      // The system takes a dead process's files and locks back.
      await opened?.close().catch(() => undefined)
    },
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined)
}

function crashed(): SwarmError {
  return new SwarmError({
    code: 'SWARM_CRASHED',
    message: 'the swarm was dropped by crash(): nobody is left to answer; call restart()',
    retryability: 'unknown-outcome',
  })
}
