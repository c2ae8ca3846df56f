import { createSeededRandom, createSequentialIds, createSilentLogger } from '@tradeswarm/core'
import { createManualFeed } from '@tradeswarm/testing'
import {
  type Broker,
  createAlwaysOpenCalendar,
  createTradingKernel,
  type Instrument,
  type KernelEvent,
  type KernelJournal,
  type MarketEvent,
  type OrderIntent,
  type PermitGuard,
  type RiskPolicyInput,
  type TradingKernel,
} from '@tradeswarm/trading'
import { createPaperBroker } from './create-paper-broker.js'
import type { PaperBrokerOptions } from './paper-broker-options.js'
import type { PaperOperator } from './paper-operator.js'

const calendar = createAlwaysOpenCalendar()
const startTime = Date.UTC(2026, 0, 5)

const grid = { tickSize: '0.1', lotSize: '1', minimumNotional: '1', calendar: 'always-open' } as const

/** A perpetual, a share in euros, a coin in dollars and one in that coin, and what the euro is worth. */
export const tradedHere: readonly Instrument[] = [
  { ...grid, symbol: 'BTC-SWAP', asset: 'BTC-SWAP', kind: 'perpetual', currency: 'USD', multiplier: '0.01' },
  { ...grid, symbol: 'SAP', asset: 'SAP', kind: 'equity', currency: 'EUR' },
  { ...grid, symbol: 'SAP-SWAP', asset: 'SAP-SWAP', kind: 'perpetual', currency: 'EUR', multiplier: '10' },
  { ...grid, symbol: 'EUR-USD', asset: 'EUR', kind: 'fx-spot', currency: 'USD', tickSize: '0.0001', lotSize: '0.01' },
]

/** A share in dollars that can be sold short, beside those. */
export const acme: Instrument = {
  ...grid,
  symbol: 'ACME',
  asset: 'ACME',
  kind: 'equity',
  currency: 'USD',
  tickSize: '0.01',
  shortable: true,
}

const prices: Readonly<Record<string, string>> = {
  'BTC-SWAP': '30000',
  SAP: '200',
  'SAP-SWAP': '200',
  'EUR-USD': '1.1',
}

/** Limits that let nearly everything pass: what is tested here is what the books make of it. */
const roomy: RiskPolicyInput = {
  maxPositionFraction: 1,
  maxOrderFraction: 1,
  maxSymbolExposureFraction: 1,
  maxCorrelatedExposureFraction: 1,
  maxStressLossFraction: 1,
  maxDailyLossFraction: 1,
  maxDrawdownFraction: 1,
  priceCollarFraction: 1,
  cooldownAfterLossMs: 0,
  requireProtectiveStop: false,
  minimumPrice: '0',
}

type Entry = Parameters<KernelJournal['append']>[0]

/** Stands for a process that was killed: what it awaits never comes. */
const never = new Promise<never>(() => undefined)

/**
 * A kernel on a paper venue that lives on when the kernel is killed. Time moves by the market alone. Without `tellsMovements` the venue does
 * not tell of movements as they happen, but when it is asked.
 */
export async function openWorld(
  options: Partial<PaperBrokerOptions> = {},
  policy: RiskPolicyInput = {},
  tellsMovements = true,
) {
  const feed = createManualFeed({ startTime })
  const logger = createSilentLogger()
  const cash = { USD: '100000', EUR: '20000' }
  const definition = createPaperBroker({
    account: 'world',
    instruments: tradedHere,
    cash,
    quoteFreshMs: 86_400_000,
    ...options,
  })
  let guard: PermitGuard | undefined
  let lives = 0
  /** How many awaits the kernel of now has before it is killed. */
  let breath = Number.POSITIVE_INFINITY
  let kill: () => void = () => undefined
  let killed: Promise<void> = never
  let durable = 0
  let refuses: (entry: Entry) => boolean = () => false
  let entries: Entry[] = []
  const events: KernelEvent[] = []
  const venue: Broker & PaperOperator = await definition.open({
    clock: feed.clock,
    ids: createSequentialIds(),
    random: createSeededRandom(1),
    logger,
    feed,
    guard: { consume: (order) => guard?.consume(order) },
  })
  const breathe = async (life: number): Promise<void> => {
    breath -= 1
    if (life !== lives || breath <= 0) {
      kill()
      await never
    }
  }

  const hearingIn =
    (life: number): NonNullable<Broker['subscribeMovements']> =>
    (listener) =>
      venue.subscribeMovements?.((movement) => {
        if (life === lives && breath > 0) return listener(movement)
      }) ?? (() => undefined)

  /** The venue as one life of the kernel sees it. */
  const seenBy = (life: number): Broker => {
    const through =
      <Args extends unknown[], Answer>(call: (...args: Args) => Promise<Answer>) =>
      async (...args: Args): Promise<Answer> => {
        await breathe(life)
        const answer = await call(...args)
        await breathe(life)
        return answer
      }
    return {
      name: venue.name,
      account: venue.account,
      mode: venue.mode,
      ...(venue.capabilities === undefined ? {} : { capabilities: venue.capabilities }),
      instrument: (symbol) => venue.instrument(symbol),
      place: through((order) => venue.place(order)),
      cancel: through((id) => venue.cancel(id)),
      replace: through(async (id, order) => venue.replace?.(id, order)),
      order: through((id) => venue.order(id)),
      openOrders: through(() => venue.openOrders()),
      executions: through(async (since) => (await venue.executions?.(since)) ?? []),
      movements: through(async (since) => (await venue.movements?.(since)) ?? []),
      ...(tellsMovements ? { subscribeMovements: hearingIn(life) } : {}),
      time: through(async () => feed.clock.now()),
      balances: through(() => venue.balances()),
      subscribe: (listener) =>
        venue.subscribe((event) => {
          if (life === lives && breath > 0) return listener(event)
        }),
      close: async () => undefined,
    }
  }

  const make = (life: number, history: readonly Entry[] | undefined, snapshot?: string): TradingKernel => {
    const ids = createSequentialIds()
    return createTradingKernel({
      account: 'world',
      currency: 'USD',
      definition: {
        name: 'paper',
        account: 'world',
        mode: 'paper',
        open: async (context) => {
          guard = context.guard
          return seenBy(life)
        },
      },
      brokerContext: {
        clock: feed.clock,
        ids: { next: (prefix) => ids.next(`life${life}-${prefix}`) },
        random: createSeededRandom(life),
        logger,
        feed: { name: 'none', subscribe: () => () => undefined },
      },
      calendar,
      journal: {
        append: (entry) => {
          if (refuses(entry)) throw new Error('the disk is full')
          if (life === lives && breath > 0) entries.push(structuredClone(entry))
        },
        durable: async () => {
          await breathe(life)
          durable = entries.length
        },
      },
      killSwitchStore: { load: async () => undefined, save: async () => undefined },
      policy: { ...roomy, ...policy },
      rules: { remove: ['SYMBOL_DENIED'] },
      deposits: cash,
      logger,
      automaticHalts: { rejectionStreak: false, entriesPerMinute: false, staleFeedMs: false, clockSkewMs: false },
      reconcileEveryMs: 60_000,
      ...(history === undefined ? {} : { history }),
      ...(snapshot === undefined ? {} : { snapshot }),
    })
  }

  const born = (history: readonly Entry[] | undefined): TradingKernel => {
    lives += 1
    killed = new Promise((resolve) => {
      kill = () => resolve()
    })
    const kernel = make(lives, history)
    kernel.subscribe((event) => void events.push(event))
    return kernel
  }

  /** Does something with the kernel, unless it is killed before that is over. */
  const attempt = async <T>(work: () => Promise<T>): Promise<T | 'killed'> =>
    Promise.race([work(), killed.then(() => 'killed' as const)])

  const emit = async (event: MarketEvent): Promise<void> => {
    await feed.emit(event)
    await attempt(() => world.kernel.onMarket(event))
    await attempt(() => world.kernel.settled())
  }
  const later = (ms = 1_000) => feed.clock.now() + ms

  const world = {
    venue,
    events,
    kernel: born(undefined),
    /** From now on the journal does not take such entries. */
    refuse(entries: (entry: Entry) => boolean) {
      refuses = entries
    },
    get now() {
      return feed.clock.now()
    },
    entries: (): readonly Entry[] => entries,
    /** Any event of the market. */
    emit,
    /** A quote and a trade at that price. */
    async price(symbol: string, price: string) {
      await emit({ type: 'quote', symbol, time: later(), bid: price, ask: price })
      await emit({ type: 'trade', symbol, time: later(), price, quantity: '1000000' })
    },
    async funding(symbol: string, rate: string, price: string) {
      await emit({ type: 'funding', symbol, time: later(), rate, price })
    },
    async pass(ms: number) {
      await emit({ type: 'trade', symbol: 'EUR-USD', time: later(ms), price: '1.1', quantity: '1' })
    },
    /** Assesses and submits; the answer is that of the authority where it denies. */
    async order(fields: Pick<OrderIntent, 'symbol' | 'side' | 'quantity'> & Partial<OrderIntent>) {
      const intent: OrderIntent = {
        intentId: `intent-${lives}-${events.length}-${entries.length}`,
        account: 'world',
        agent: 'trader',
        strategy: 'test',
        type: 'market',
        timeInForce: 'gtc',
        decidedAt: feed.clock.now(),
        causationId: 'cause',
        correlationId: 'chain',
        ...fields,
      }
      return attempt(async () => {
        const assessed = await world.kernel.assess(intent)
        if (assessed.status === 'denied') return assessed
        const result = await world.kernel.submit(intent, assessed.permitId)
        await world.kernel.settled()
        return result
      })
    },
    /** Kills the kernel after so many more awaits. */
    killIn(awaits: number) {
      if (breath > 0) breath = awaits
    },
    attempt,
    isKilled: () => breath <= 0,
    /** Kills it now, if it lives; `lost` entries of those that were not durable are gone with it. */
    die(lost = 0) {
      breath = 0
      kill()
      entries = entries.slice(0, Math.max(durable, entries.length - lost))
    },
    async start() {
      breath = Number.POSITIVE_INFINITY
      await world.kernel.start()
      await world.kernel.settled()
    },
    async restart() {
      breath = Number.POSITIVE_INFINITY
      world.kernel = born(entries.map((entry) => structuredClone(entry)))
      await world.start()
    },
    /** A kernel made of what is captured of the living one, not started. */
    async recaptured(): Promise<string> {
      const pieces = await world.kernel.capture(() => undefined)
      return make(0, [], [...pieces].join('')).snapshot()
    },
    /** A kernel made of the journal alone, not started. */
    rebuilt: (): string =>
      make(
        0,
        entries.map((entry) => structuredClone(entry)),
      ).snapshot(),
  }
  await feed.emit({
    type: 'session',
    phase: 'open',
    calendar: 'always-open',
    sessionDate: calendar.dateOf(startTime),
    time: startTime,
  })
  await world.start()
  for (const [symbol, price] of Object.entries(prices)) await world.price(symbol, price)
  return world
}

export type World = Awaited<ReturnType<typeof openWorld>>
