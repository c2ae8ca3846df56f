import { createSeededRandom, createSequentialIds, createSilentLogger, type EpochMs } from '@tradeswarm/core'
import {
  type Broker,
  type BrokerContext,
  createTradingKernel,
  type KernelJournalEntry,
  type OrderIntent,
  type TradingCalendar,
  type TradingKernel,
  type TradingKernelOptions,
} from '@tradeswarm/trading'
import { eventLoopTurn } from './event-loop-turn.js'

/** Where a life may end: counted down at each await on the world, before and after its effect. */
export type KernelFate = {
  /** How many awaits are left to it; below 0 it does not end. */
  left: number
  readonly onDeath: () => void
}

/** A broker that says when all that it has heard has been told. */
export type SettlingBroker = Broker & { settled(): Promise<void> }

/** A kernel over an adapter over a venue that outlives it. */
export type KernelLife<Adapter extends SettlingBroker> = {
  readonly kernel: TradingKernel
  /** The adapter itself, which no death keeps from answering; undefined before it is open. */
  readonly broker: () => Adapter | undefined
  readonly isDead: () => boolean
  /** What comes of work; undefined where the life ends before. */
  orDeath<T>(work: Promise<T>): Promise<T | undefined>
  /** What is durable of its journal. */
  survived(): readonly KernelJournalEntry[]
  /** Waits until everything that follows from what was done has been done, or the life is over. */
  quiet(): Promise<void>
  /** Lets an intent through the kernel, by default to buy 50 at the market; answers its order, if it was sent. */
  enter(fields: Partial<OrderIntent>): Promise<string | undefined>
  end(): Promise<void>
}

export type KernelLifeOptions<Adapter extends SettlingBroker> = {
  readonly definition: {
    readonly name: string
    readonly account: string
    readonly mode: 'paper' | 'demo' | 'live'
    open(context: BrokerContext): Promise<Adapter>
  }
  /** The currency of the books, what the account begins with, and the symbol that is entered by default. */
  readonly currency: string
  readonly deposits: string
  readonly symbol: string
  readonly calendar: TradingCalendar
  /** Limits that are other than the default ones. */
  readonly policy?: TradingKernelOptions['policy']
  readonly now: () => EpochMs
  /** Which life of the same account this is; what is durable of those before it; when it ends. */
  readonly number: number
  readonly history: readonly KernelJournalEntry[]
  readonly fate: KernelFate
  /** Whether the venue has something that it has not sent yet. */
  readonly hasMore: () => boolean
}

/**
 * Makes a kernel on what is durable of the lives before it, and starts it: for tests that kill one at each of its steps and look whether
 * books and venue agree afterwards (I07).
 */
export async function beginKernelLife<Adapter extends SettlingBroker>(
  options: KernelLifeOptions<Adapter>,
): Promise<KernelLife<Adapter>> {
  const { definition, currency, deposits, calendar, now, number, history, fate, hasMore } = options
  const journal: KernelJournalEntry[] = []
  let durable = 0
  let adapter: Adapter | undefined
  const ids = createSequentialIds()
  const lifeIds = { next: (prefix: string) => ids.next(`${prefix}-${number}`) }
  const mortality = createMortality(fate)
  const { guarded, isDead } = mortality
  const logger = createSilentLogger()
  const open = async (context: BrokerContext): Promise<Broker> => {
    adapter = await definition.open(context)
    return mortal(adapter, guarded, isDead)
  }
  const { name, account, mode } = definition
  const kernel = createTradingKernel({
    account,
    currency,
    definition: { name, account, mode, open },
    brokerContext: {
      clock: { now },
      ids: lifeIds,
      random: createSeededRandom(number),
      logger,
      feed: { name: 'none', subscribe: () => () => undefined },
    },
    calendar,
    journal: {
      append: (entry) => void journal.push(structuredClone(entry)),
      durable: () =>
        guarded(async () => {
          durable = journal.length
        }),
    },
    killSwitchStore: { load: async () => undefined, save: async () => undefined },
    policy: { averageVolumeSessions: 1, ...options.policy },
    deposits,
    logger,
    reconcileEveryMs: Number.MAX_SAFE_INTEGER,
    ...(history.length > 0 ? { history } : {}),
  })
  const { orDeath } = mortality
  const life: KernelLife<Adapter> = {
    kernel,
    broker: () => adapter,
    orDeath,
    isDead,
    survived: () => [...history, ...journal.slice(0, durable)],
    async quiet() {
      for (let calm = 0; calm < 4 && !isDead(); calm += 1) {
        await eventLoopTurn()
        await orDeath(kernel.settled())
        if (adapter !== undefined) await orDeath(adapter.settled())
        if (hasMore()) calm = -1
      }
    },
    async enter(fields) {
      const intent = intentOf(lifeIds.next('intent'), account, options.symbol, fields)
      const assessed = await orDeath(kernel.assess(intent))
      if (assessed === undefined) return undefined
      if (assessed.status === 'denied') throw new Error(`denied: ${JSON.stringify(assessed.findings)}`)
      const result = await orDeath(kernel.submit(intent, assessed.permitId))
      await life.quiet()
      return result?.status === 'refused' ? undefined : result?.orderId
    },
    async end() {
      mortality.die()
      await adapter?.close()
    },
  }
  await orDeath(kernel.start())
  await life.quiet()
  return life
}

const never = (): Promise<never> => new Promise(() => undefined)

type Guarded = <T>(work: () => Promise<T>) => Promise<T>

/** Counts a life down. Nothing that the dead wait for comes. */
function createMortality(fate: KernelFate) {
  let dead = false
  const dies = (): boolean => {
    if (dead) return true
    fate.left -= 1
    if (fate.left !== 0) return false
    dead = true
    fate.onDeath()
    return true
  }
  const guarded: Guarded = async (work) => {
    if (dies()) return never()
    const answer = work()
    if (dies()) {
      answer.catch(() => undefined)
      return never()
    }
    try {
      const result = await answer
      return dead ? await never() : result
    } catch (thrown) {
      if (dead) return never()
      throw thrown
    }
  }
  async function orDeath<T>(work: Promise<T>): Promise<T | undefined> {
    let isOver = false
    let result: T | undefined
    let failure: unknown
    work.then(
      (value) => {
        isOver = true
        result = value
      },
      (thrown: unknown) => {
        isOver = true
        failure = thrown
      },
    )
    while (!isOver && !dead) await eventLoopTurn()
    if (failure !== undefined && !dead) throw failure as Error
    return result
  }
  return {
    guarded,
    orDeath,
    isDead: () => dead,
    die: () => {
      dead = true
    },
  }
}

function intentOf(intentId: string, account: string, symbol: string, fields: Partial<OrderIntent>): OrderIntent {
  return {
    intentId,
    account,
    agent: 'trader',
    strategy: 'test',
    symbol,
    side: 'buy',
    type: 'market',
    quantity: '50',
    timeInForce: 'day',
    exits: { stopPrice: '95', targetPrice: '110', maximumSessions: 5 },
    decidedAt: 0,
    causationId: 'cause',
    correlationId: 'chain',
    ...fields,
  }
}

/** A broker each of whose methods is a point at which its owner may die. */
function mortal(broker: Broker, guarded: Guarded, isDead: () => boolean): Broker {
  const { name, account, mode, capabilities, replace, recall, executions, movements, time } = broker
  return {
    name,
    account,
    mode,
    ...(capabilities && { capabilities }),
    instrument: (symbol) => broker.instrument(symbol),
    place: (order) => guarded(() => broker.place(order)),
    cancel: (id) => guarded(() => broker.cancel(id)),
    order: (id) => guarded(() => broker.order(id)),
    openOrders: () => guarded(() => broker.openOrders()),
    balances: () => guarded(() => broker.balances()),
    subscribe: (listener) => broker.subscribe((event) => (isDead() ? undefined : listener(event))),
    close: () => broker.close(),
    ...(replace && { replace: (id, order) => guarded(() => replace.call(broker, id, order)) }),
    ...(recall && { recall: (orders) => recall.call(broker, orders) }),
    ...(executions && { executions: (since) => guarded(() => executions.call(broker, since)) }),
    ...(movements && { movements: (since) => guarded(() => movements.call(broker, since)) }),
    ...(time && { time: () => guarded(() => time.call(broker)) }),
  }
}
