import type { Ids } from '../ids/ids.js'
import { createSequentialIds } from '../ids/sequential-ids.js'
import { createJsonLogger } from '../logging/json-logger.js'
import { createSeededRandom } from '../random/seeded-random.js'
import { createConcurrentDispatcher } from '../runtime/concurrent-dispatcher.js'
import { createSwarm } from '../runtime/create-swarm.js'
import type { Swarm } from '../runtime/swarm.js'
import type { SwarmOptions } from '../runtime/swarm-options.js'
import { createVirtualDispatcher, type VirtualDispatcher } from '../runtime/virtual-dispatcher.js'
import { createFakeClock, type FakeClock } from './fake-clock.test-support.js'
import { createStorageDouble, type StorageDouble } from './storage-double.test-support.js'

type Options = Omit<SwarmOptions, 'storage' | 'runtime'> & {
  readonly storage?: StorageDouble
  /** Default: sequential from 1, the same in every swarm. Two on one storage need ids that differ. */
  readonly ids?: Ids
}

export type LogLine = Readonly<Record<string, unknown>>

/** A swarm in real time under a clock that the test drives, not started yet. */
export function realTimeSwarm({ ids, ...options }: Options): {
  swarm: Swarm
  clock: FakeClock
  storage: StorageDouble
  log: LogLine[]
} {
  const clock = createFakeClock()
  const storage = options.storage ?? createStorageDouble()
  const log: LogLine[] = []
  const swarm = createSwarm({
    ...options,
    storage,
    runtime: {
      dispatcher: createConcurrentDispatcher(clock),
      ids: ids ?? createSequentialIds(),
      random: createSeededRandom(1),
      logger: createJsonLogger({ clock, write: (line) => void log.push(JSON.parse(line) as LogLine) }),
    },
  })
  return { swarm, clock, storage, log }
}

/** A swarm in virtual time, not started yet. */
export function virtualSwarm({ ids, ...options }: Options): {
  swarm: Swarm
  dispatcher: VirtualDispatcher
  storage: StorageDouble
  runUntil: (time: number) => Promise<void>
} {
  const dispatcher = createVirtualDispatcher({ start: 0 })
  const storage = options.storage ?? createStorageDouble()
  const swarm = createSwarm({
    ...options,
    storage,
    runtime: { dispatcher, ids: ids ?? createSequentialIds(), random: createSeededRandom(1) },
  })
  const runUntil = async (time: number): Promise<void> => {
    for (let next = dispatcher.nextTime(); next !== undefined && next <= time; next = dispatcher.nextTime())
      await dispatcher.step()
  }
  return { swarm, dispatcher, storage, runUntil }
}
