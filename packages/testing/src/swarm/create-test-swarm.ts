import {
  type CallOptions,
  createJsonLogger,
  createSeededRandom,
  createSwarm,
  type Duration,
  type EpochMs,
  type Message,
  type MessageOptions,
  type PayloadInputOf,
  type PayloadOf,
  type Request,
  type StorageDefinition,
  type Swarm,
  type SwarmAlert,
  type SwarmOptions,
  type Topic,
} from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { z } from 'zod'
import { type CrashPoint, createCommitFaults } from './commit-faults.js'
import { createContinuedIds } from './continued-ids.js'
import { createPublishedRecord } from './published-record.js'
import { createSimulatedClock, type SimulatedClock } from './simulated-clock.js'
import { beginLife, type SwarmLife } from './swarm-life.js'
import { settle } from './system-settle.js'
import { defineProbe, type TestCall, TestCallMade } from './test-probe.js'

/** What a swarm under test is made of: all that any swarm is, but for its world, which the test drives. */
export type TestSwarmOptions = Omit<SwarmOptions, 'storage' | 'runtime'> & {
  /** Default: in memory, of this test's own. */
  readonly storage?: StorageDefinition
  /** Of all randomness; default 1. */
  readonly seed?: number
  /** The time at which it begins; default 2026-01-01T00:00:00Z. */
  readonly start?: EpochMs
}

/** One line that was logged: `time`, `level`, `message` and its fields. */
export type TestLogLine = Readonly<Record<string, unknown>>

/** A swarm under test, with the clock and the storage in the hands of the test. */
export type TestSwarm = {
  /** The swarm as its operator handles it; after `restart` another one. */
  readonly swarm: Swarm
  readonly clock: SimulatedClock
  /** Everything that was logged, over all lives, from `debug` up. */
  readonly log: readonly TestLogLine[]
  /** Every alert that was raised, over all lives. */
  readonly alerts: readonly SwarmAlert[]
  /** Starts the swarm. Throws as `Swarm.start` does. */
  start(): Promise<void>
  /** Lets the agents finish, moving the time on where they need it, and stops the swarm. Throws as `Swarm.stop` does. */
  stop(): Promise<void>
  /** Publishes as `operator`, and lets all that follows from it without time going on happen. Throws as `Swarm.publish` does, or `SWARM_CRASHED`. */
  publish<T extends Topic>(topic: T, payload: PayloadInputOf<T>, options?: MessageOptions): Promise<string>
  /** Makes a request, as an agent of the role `test-probe`. Where the answer takes time, advance the clock before you await it. */
  request<R extends Request>(
    request: R,
    input: z.input<R['input']>,
    options?: CallOptions,
  ): Promise<z.output<R['output']>>
  /** Moves the time on, and lets everything happen that falls due, in order. */
  advance(duration: Duration): Promise<void>
  /** Lets everything happen that can without time going on. */
  settle(): Promise<void>
  /** The payloads that were published on a topic so far, in order, over all lives. */
  published<T extends Topic>(topic: T): readonly PayloadOf<T>[]
  /** As `published`, with their envelopes. */
  messages<T extends Topic>(topic: T): readonly Message<PayloadOf<T>>[]
  /** What an agent keeps under a key, or undefined; of a swarm that runs after a checkpoint, else as the storage has it. */
  document(agent: string, key: string): Promise<unknown>
  /**
   * Drops the swarm at once as a kill would: no `onStop`, nothing more is written, no message and no timer is handled. Code of a handler that
   * waits for something of its own may go on, as nothing can kill it, but reaches neither bus nor storage. With a point it happens there.
   */
  crash(at?: CrashPoint): void
  /** Makes the swarm anew on the same storage and starts it; one that still runs is dropped by `crash` before. Time, ids, log and what was published go on. */
  restart(): Promise<void>
  /** From now on each commit fails; by default as on a full disk. The swarm suspends itself. */
  breakStorage(error?: Error): void
  /** Commits succeed again. `swarm.resume()` goes on. */
  mendStorage(): void
}

/**
 * A swarm in simulated real time: seeded randomness, ids that count up, a clock that stands still until the test moves it. Nothing is opened
 * before `start()`. Throws what `createSwarm` throws, and `INVALID_OPTION`.
 */
export function createTestSwarm(options: TestSwarmOptions): TestSwarm {
  const { storage: place = createMemoryStorage(), seed = 1, start, ...swarmOptions } = options
  const clock = createSimulatedClock(start === undefined ? {} : { start })
  const random = createSeededRandom(seed)
  const ids = createContinuedIds()
  const faults = createCommitFaults(() => void life.end())
  const record = createPublishedRecord()
  const log: TestLogLine[] = []
  const alerts: SwarmAlert[] = []
  const logger = createJsonLogger({
    clock,
    level: 'debug',
    write: (line) => void log.push(logLine.parse(JSON.parse(line))),
  })
  const probe = defineProbe(options.agents, options.services ?? [], record.add)
  let calls = 0
  let lives = 0
  let life: SwarmLife
  let swarm: Swarm

  const make = (): void => {
    lives += 1
    life = beginLife(clock)
    const mine = life
    swarm = createSwarm({
      ...swarmOptions,
      agents: [...options.agents, probe],
      storage: ids.continueFrom(mine.storage(place, faults)),
      onAlert(alert) {
        alerts.push(alert)
        options.onAlert?.(alert)
      },
      runtime: { dispatcher: mine.dispatcher, ids, random: random.fork(`life ${lives}`), logger },
    })
  }

  make()
  return {
    get swarm() {
      return swarm
    },
    clock,
    log,
    alerts,
    async start() {
      await life.outlive(swarm.start())
      await settle()
    },
    async stop() {
      if (life.hasEnded) return
      let isOver = false
      const stopping = life.outlive(swarm.stop()).finally(() => {
        isOver = true
      })
      stopping.catch(() => undefined)
      await settle()
      // A handler that hangs is given up at its deadline, for which the time has to go on.
      for (let steps = 0; !isOver && steps < longestStopSteps; steps += 1) await clock.advance(stopStepMs)
      await stopping
    },
    async publish(topic, payload, messageOptions) {
      const id = await life.outlive(swarm.publish(topic, payload, messageOptions))
      await settle()
      return id
    },
    request(request, input, callOptions = {}) {
      calls += 1
      const number = calls
      const answer = new Promise<unknown>((resolve, reject) => {
        const call: TestCall = { number, request, input, options: callOptions, isSettled: false, resolve, reject }
        swarm.publish(TestCallMade, call).catch(reject)
      })
      const outlived = life.outlive(answer)
      // A test may move the clock before it awaits what has failed by then.
      outlived.catch(() => undefined)
      return outlived as Promise<never>
    },
    advance: (duration) => clock.advance(duration),
    settle,
    published: (topic) => record.of(topic).map(({ payload }) => payload),
    messages: (topic) => record.of(topic),
    async document(agent, key) {
      if (swarm.status().state === 'running' && !life.hasEnded) await swarm.checkpoint()
      const saved = await life.read(place, (storage) => storage.keyValue.get(`state/${agent}/${key}`))
      return saved === undefined ? undefined : savedDocument.parse(JSON.parse(saved.value)).value
    },
    crash(at) {
      if (at === undefined) void life.end()
      else faults.arm(at)
    },
    async restart() {
      await life.end()
      faults.disarm()
      make()
      await life.outlive(swarm.start())
      await settle()
    },
    breakStorage: (error) => faults.break(error),
    mendStorage: () => faults.mend(),
  }
}

const stopStepMs = 1_000
/** An hour: what takes longer to stop never will. */
const longestStopSteps = 3_600

const logLine = z.record(z.string(), z.unknown())
const savedDocument = z.object({ value: z.unknown() })
