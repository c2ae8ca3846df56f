import { createSeededRandom, createSequentialIds, createSilentLogger, type EpochMs } from '@tradeswarm/core'
import type { FakeOkx } from '@tradeswarm/testing/fakes'
import {
  type Broker,
  type BrokerContext,
  createAlwaysOpenCalendar,
  createTradingKernel,
  type KernelJournalEntry,
  type MarketEvent,
  type OrderIntent,
  type TradingKernel,
} from '@tradeswarm/trading'
import { createOkxBroker } from './create-okx-broker.js'
import { turn } from './fake-account.test-support.js'
import type { OkxBroker } from './okx-broker.js'

/** Where a life may end: counted down at each await on the world, before and after its effect. */
export type Fate = {
  /** How many awaits are left to it. */
  left: number
  readonly onDeath: () => void
}

/** A kernel over the adapter over a fake that outlives it. */
export type KernelLife = {
  readonly kernel: TradingKernel
  readonly broker: () => OkxBroker | undefined
  readonly isDead: () => boolean
  /** What comes of work; undefined where the life ends before. */
  orDeath<T>(work: Promise<T>): Promise<T | undefined>
  /** What is durable of its journal. */
  survived(): readonly KernelJournalEntry[]
  /** Waits until everything that follows from what was done has been done, or the life is over. */
  quiet(): Promise<void>
  enter(fields: Partial<OrderIntent>): Promise<string | undefined>
  end(): Promise<void>
}

export const calendar = createAlwaysOpenCalendar()

export type LifeOptions = {
  readonly fake: FakeOkx
  readonly now: () => EpochMs
  readonly number: number
  readonly history: readonly KernelJournalEntry[]
  readonly fate: Fate
  /** How the adapter waits for an order that got no answer: the last time until nothing can come of it any more. */
  readonly outcomeWaitsMs: readonly number[]
}

const never = (): Promise<never> => new Promise(() => undefined)

/** Makes a kernel on what is durable of the lives before it, and starts it. */
export async function beginLife({
  fake,
  now,
  number,
  history,
  fate,
  outcomeWaitsMs,
}: LifeOptions): Promise<KernelLife> {
  const journal: KernelJournalEntry[] = []
  let durable = 0
  let dead = false
  let adapter: OkxBroker | undefined
  const ids = createSequentialIds()
  const lifeIds = { next: (prefix: string) => ids.next(`${prefix}-${number}`) }
  const dies = (): boolean => {
    if (dead) return true
    fate.left -= 1
    if (fate.left !== 0) return false
    dead = true
    fate.onDeath()
    return true
  }
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
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
  const logger = createSilentLogger()
  const open = async (context: BrokerContext): Promise<Broker> => {
    adapter = await createOkxBroker({
      key: fake.keyId,
      secret: fake.secret,
      passphrase: fake.passphrase,
      symbols: ['AAA-USD', 'BBB-USD'],
      currency: 'USD',
      urls: { rest: fake.url },
      rateMultiplier: 1_000,
      requestTimeoutMs: 2_000,
      requestLifetimeMs: 1_000,
      outcomeWaitsMs,
    }).open(context)
    return mortal(adapter, guarded, () => dead)
  }
  const kernel = createTradingKernel({
    account: 'okx',
    currency: 'USD',
    definition: { name: 'okx', account: 'okx', mode: 'demo', open },
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
    policy: { averageVolumeSessions: 1 },
    deposits: '100000',
    logger,
    reconcileEveryMs: Number.MAX_SAFE_INTEGER,
    ...(history.length > 0 ? { history } : {}),
  })
  /** Nothing that a dead kernel waits for comes. */
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
    while (!isOver && !dead) await turn()
    if (failure !== undefined && !dead) throw failure as Error
    return result
  }
  const life: KernelLife = {
    kernel,
    broker: () => adapter,
    orDeath,
    isDead: () => dead,
    survived: () => [...history, ...journal.slice(0, durable)],
    async quiet() {
      for (let calm = 0; calm < 4 && !dead; calm += 1) {
        await turn()
        await orDeath(kernel.settled())
        if (adapter !== undefined) await orDeath(adapter.settled())
        if (fake.unsent > 0) calm = -1
      }
    },
    async enter(fields) {
      const intent = intentOf(lifeIds.next('intent'), fields)
      const assessed = await orDeath(kernel.assess(intent))
      if (assessed === undefined) return undefined
      if (assessed.status === 'denied') throw new Error(`denied: ${JSON.stringify(assessed.findings)}`)
      const result = await orDeath(kernel.submit(intent, assessed.permitId))
      await life.quiet()
      return result?.status === 'refused' ? undefined : result?.orderId
    },
    async end() {
      dead = true
      await adapter?.close()
    },
  }
  await orDeath(kernel.start())
  await life.quiet()
  return life
}

/** Tells the venue and then the kernel what the market does. */
export async function tellMarket(fake: FakeOkx, life: KernelLife | undefined, event: MarketEvent): Promise<void> {
  await fake.market.emit(event)
  if (life === undefined || life.isDead()) return
  await life.quiet()
  await life.orDeath(life.kernel.onMarket(event))
  await life.quiet()
}

function intentOf(intentId: string, fields: Partial<OrderIntent>): OrderIntent {
  return {
    intentId,
    account: 'okx',
    agent: 'trader',
    strategy: 'test',
    symbol: 'AAA-USD',
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
function mortal(broker: OkxBroker, guarded: <T>(work: () => Promise<T>) => Promise<T>, isDead: () => boolean): Broker {
  return {
    name: broker.name,
    account: broker.account,
    mode: broker.mode,
    capabilities: broker.capabilities,
    instrument: (symbol) => broker.instrument(symbol),
    place: (order) => guarded(() => broker.place(order)),
    cancel: (id) => guarded(() => broker.cancel(id)),
    order: (id) => guarded(() => broker.order(id)),
    openOrders: () => guarded(() => broker.openOrders()),
    executions: (since) => guarded(() => broker.executions(since)),
    movements: (since) => guarded(() => broker.movements(since)),
    time: () => guarded(() => broker.time()),
    balances: () => guarded(() => broker.balances()),
    subscribe: (listener) => broker.subscribe((event) => (isDead() ? undefined : listener(event))),
    close: () => broker.close(),
  }
}
