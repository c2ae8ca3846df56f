import {
  type ClockAndTimers,
  createSilentLogger,
  createSwarm,
  type Service,
  type Storage,
  type StorageDefinition,
  type Swarm,
  SwarmError,
} from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import type { OrderIntent } from '@tradeswarm/trading'
import { createContinuedIds } from '../../swarm/continued-ids.js'
import { beginLife, type SwarmLife } from '../../swarm/swarm-life.js'
import type { KernelLife } from '../kernel-life.js'
import type { Patience } from '../patience.js'
import { tradedInstruments } from '../scenario.js'
import { simulatedAccount } from '../simulated-names.js'
import type { SimulatedTime } from '../simulated-time.js'
import type { SimulatedWorld } from '../simulated-world.js'
import { createUnsettledCalls, type UnsettledCalls } from '../unsettled-calls.js'
import { type BusConditions, type BusStep, busAgents, busTopics, stepName, Trade } from './bus-agents.js'
import { watchedStorage } from './watched-storage.js'

/** The small swarm of a simulation: it lives and dies with the kernel, on a storage that survives both. */
export type BusDesk = {
  readonly conditions: BusConditions
  /** The numbers that were published and acknowledged, by symbol. */
  readonly acknowledged: ReadonlyMap<string, number>
  begin(life: KernelLife): void
  end(): void
  /** The next price of each symbol is published, when the one before it was acknowledged. */
  tick(): void
  /** An operator looks after it: what was suspended goes on when the storage works. */
  supervise(): void
  swarm(): Swarm | undefined
  /** What is stored, when all is over. */
  read<Result>(work: (storage: Storage) => Promise<Result>, patience: Patience): Promise<Result>
  /** What its storage has not answered, where that is the subject's. */
  readonly unsettled: UnsettledCalls
}

/** No swarm yet. */
export function createBusDesk(world: SimulatedWorld, given?: StorageDefinition): BusDesk {
  const { time, scenario, storage } = world
  const unsettled = createUnsettledCalls('the swarm', time.now)
  const place = given === undefined ? createMemoryStorage() : watchedStorage(given, unsettled)
  const ids = createContinuedIds()
  const acknowledged = new Map<string, number>()
  /** The symbols whose price is on its way, and in which life. */
  const onTheWay = new Map<string, SwarmLife>()
  const conditions: BusConditions = { poison: new Set(), slowMs: 0, wait: world.wait, cover: world.cover }
  let lives = 0
  let current: { readonly life: SwarmLife; readonly swarm: Swarm; started: boolean } | undefined
  let gone: Promise<void> = Promise.resolve()

  const publishNext = (symbol: string): void => {
    const mine = current
    if (mine?.started !== true || onTheWay.get(symbol) === mine.life) return
    const step: BusStep = { symbol, n: (acknowledged.get(symbol) ?? 0) + 1, price: world.venue.price(symbol) }
    onTheWay.set(symbol, mine.life)
    // Under the id that it had before a crash: what was written then is not written twice.
    const published = mine.swarm.publish(busTopics.priceSeen, step, { id: `price-${stepName(step)}` })
    mine.life.outlive(published).then(
      () => {
        acknowledged.set(symbol, step.n)
        onTheWay.delete(symbol)
      },
      () => onTheWay.delete(symbol),
    )
  }

  return {
    conditions,
    acknowledged,
    begin(kernelLife) {
      lives += 1
      const number = lives
      void gone.then(async () => {
        if (kernelLife.ended || number !== lives) return
        const life = beginLife(clockOf(time))
        const watch = {
          before(): void {
            if (storage.full || storage.failing)
              throw new SwarmError({ code: 'STORAGE_FULL', message: 'the disk is full', retryability: 'retryable' })
            world.reachPoint(kernelLife, 'commit of the bus, before')
          },
          after(): void {
            world.reachPoint(kernelLife, 'commit of the bus, after')
          },
        }
        const swarm = createSwarm({
          agents: busAgents(conditions),
          services: [kernelGate(world, kernelLife)],
          storage: ids.continueFrom(life.storage(place, watch)),
          retryBackoff: { firstMs: 20, maximumMs: 200 },
          // What only looks round now and then would cost more than all that it finds.
          healthCheckMs: 600_000,
          leaseMs: 1_200_000,
          telemetry: false,
          runtime: {
            dispatcher: life.dispatcher,
            ids,
            random: world.random.fork(`bus ${number}`),
            logger: createSilentLogger(),
          },
        })
        const mine = { life, swarm, started: false }
        current = mine
        await life.outlive(swarm.start()).then(
          () => {
            mine.started = true
          },
          () => undefined,
        )
      })
    },
    end() {
      lives += 1
      const mine = current
      current = undefined
      if (mine !== undefined) gone = mine.life.end().catch(() => undefined)
    },
    tick() {
      for (const { symbol } of tradedInstruments(scenario)) publishNext(symbol)
    },
    supervise() {
      if (current?.started !== true || current.swarm.status().state !== 'suspended' || storage.full || storage.failing)
        return
      world.cover('suspended swarm resumed')
      current.swarm.resume().catch(() => undefined)
    },
    swarm: () => (current?.started === true ? current.swarm : undefined),
    async read(work, patience) {
      const opened = await patience.wait('open() of the storage', place.open({ clock: clockOf(time) }))
      try {
        return await patience.wait('reading the storage', work(opened))
      } finally {
        await patience.wait('close() of the storage', opened.close())
      }
    },
    unsettled,
  }
}

function clockOf(time: SimulatedTime): ClockAndTimers {
  return {
    now: time.now,
    elapsed: time.now,
    at(when, callback) {
      let cancelled = false
      time.at(when, () => {
        if (!cancelled) void callback()
      })
      return () => {
        cancelled = true
      }
    },
  }
}

/** Answers for the kernel on the bus. The same step asked again is the same intent. */
function kernelGate({ observe, time }: SimulatedWorld, life: KernelLife): Service {
  const made = new Map<string, OrderIntent>()
  return {
    name: 'kernel',
    responds: [Trade],
    async start(host) {
      host.respond(Trade, async (step) => {
        const intent = made.get(stepName(step)) ?? intentOf(step, time.now())
        made.set(stepName(step), intent)
        if (!life.running) return { outcome: 'not running' }
        observe({
          type: 'asked',
          intentId: intent.intentId,
          prices: new Map(life.prices),
          crossed: new Set(life.crossed),
          intent,
        })
        const assessed = await life.kernel.assess(intent)
        if (assessed.status === 'denied') return { outcome: 'denied' }
        const { status } = await life.kernel.submit(intent, assessed.permitId)
        return { outcome: status }
      })
    },
    stop: async () => undefined,
  }
}

function intentOf({ symbol, n, price }: BusStep, now: number): OrderIntent {
  const level = Number(price)
  return {
    intentId: `bus ${symbol} ${n}`,
    account: simulatedAccount,
    agent: 'agent-3',
    strategy: 'simulated',
    symbol,
    side: 'buy',
    type: 'limit',
    limitPrice: price,
    quantity: '5',
    timeInForce: 'day',
    exits: { stopPrice: (level * 0.98).toFixed(2), targetPrice: (level * 1.01).toFixed(2), maximumSessions: 1 },
    decidedAt: now,
    causationId: `price ${symbol} ${n}`,
    correlationId: `chain ${symbol} ${n}`,
  }
}
