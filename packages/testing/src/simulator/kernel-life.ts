import {
  type Clock,
  createSequentialIds,
  createSilentLogger,
  type Ids,
  SwarmError,
  sha256Hex,
  type Timers,
} from '@tradeswarm/core'
import {
  type Broker,
  type BrokerEvent,
  createAccountLease,
  createTradingKernel,
  type KernelJournalEntry,
  type KillSwitchRecord,
  type LeaseStore,
  type MarketEvent,
  type RiskPolicyInput,
  type StockSplitEvent,
  type TradingKernel,
  type TradingKernelOptions,
} from '@tradeswarm/trading'
import { exact, exactText } from './exact.js'
import type { LifeView } from './observation.js'
import { accountOf } from './scenario.js'
import { createSessionCalendar } from './session-calendar.js'
import { createSimulatedJournal, entryOf, type SimulatedJournal } from './simulated-journal.js'
import type { SimulatedTime } from './simulated-time.js'
import type { SimulatedWorld } from './simulated-world.js'
import { openVenueSession } from './venue-session.js'

/** The account of every simulation, its currency, and the secret that resets the kill switch. */
export const simulatedAccount = 'simulated'
export const simulatedCurrency = 'USD'
export const simulatedSecret = 'open sesame'
/** The secret that flattening and freezing ask for, where they do. */
export const simulatedEmergencySecret = 'break glass'

/** The strategy that an agent acts for. */
export function simulatedStrategy(agent: number): string {
  return agent % 2 === 1 ? 'simulated' : 'momentum'
}

/** Makes the kernel under test; what stands between kernel and ports is put there. */
export type KernelFactory = (options: TradingKernelOptions) => TradingKernel

/** One life of a kernel, in the hands of the simulation. */
export type KernelLife = LifeView & {
  readonly journal: SimulatedJournal
  /** Starts it; `running` turns true when that has answered. */
  start(): void
  /** Tells it of the market, unless it is gone. */
  market(event: MarketEvent): void
  hear(event: BrokerEvent): void
  streamRestored(): void
  /** It is dead from now on: nothing it does reaches anything. */
  end(torn: number): void
  fence(): void
  readonly ended: boolean
  /** The journal has refused an entry: an operator will start it again. */
  readonly failed: boolean
}

/** Makes a kernel on what is durable. It is observed from its first record on. */
export function beginKernelLife(
  world: SimulatedWorld,
  number: number,
  policy: RiskPolicyInput,
  makeKernel: KernelFactory = createTradingKernel,
): KernelLife {
  const { observe, time } = world
  const account = accountOf(world.scenario)
  const logger = createSilentLogger()
  const random = world.random.fork(`life ${number}`)
  const prices = new Map<string, string>()
  const crossed = new Set<string>()
  const history: KernelJournalEntry[] = world.durable.lines.map(entryOf)
  let ended = false
  let fenced = false
  let running = false
  let failed = false
  let made = false
  let appending = false
  let ahead = false
  let venueSession: ReturnType<typeof openVenueSession> | undefined
  const never = (): Promise<never> => new Promise(() => undefined)
  const dies = (point: string): boolean => {
    if (made && !ended && !fenced && world.reachPoint(life, point)) return true
    return ended
  }
  /** An await of the kernel on the world: it may die before the effect, or after it and before the answer. */
  const guarded = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    if (ended || dies(`${name}, before`)) return never()
    const answer = work()
    if (dies(`${name}, under way`)) {
      // Nobody is left to hear of it.
      answer.catch(() => undefined)
      return never()
    }
    try {
      const result = await answer
      return ended || dies(`${name}, answered`) ? await never() : result
    } catch (thrown) {
      if (ended || dies(`${name}, failed`)) return never()
      throw thrown
    }
  }
  const journal = createSimulatedJournal({
    durable: world.durable,
    conditions: world.storage,
    flushMs: world.flushMs,
    wait: world.wait,
    isFenced: () => fenced,
    isDead: () => ended,
    dies,
    onAppend: (entry) => observe({ type: 'appended', life, entry }),
    onDurable: (entries) => observe({ type: 'durable', life, entries }),
  })
  const clock = { now: () => time.now() + world.skewMs(), elapsed: () => time.now() }
  const timers = timersOf(time, clock, () => ended)
  const ttlMs = world.scenario.leaseTtlMs
  const lease =
    ttlMs === undefined
      ? undefined
      : createAccountLease({
          account,
          owner: `life-${number}`,
          store: leaseStore(
            world,
            number,
            guarded,
            () => fenced,
            (until, isHolder) => observe({ type: 'account held', life, until, isHolder }),
          ),
          clock,
          timers,
          ttlMs,
        })
  const open = (options: Parameters<TradingKernelOptions['definition']['open']>[0]): Promise<Broker> =>
    guarded('open', async () => {
      venueSession = openVenueSession({
        time,
        random: random.fork('network'),
        venue: world.venue,
        rules: world.scenario.venue,
        instruments: world.scenario.instruments,
        conditions: world.network,
        clientNow: clock.now,
        alive: () => !ended,
        onSent: (request) => observe({ type: 'sent', life, request }),
        onCancelSent: (clientOrderId) => observe({ type: 'cancel sent', life, clientOrderId }),
        onBalances: () => observe({ type: 'balances read', life }),
        cover: world.cover,
      })
      const guard = {
        consume(order: Parameters<typeof options.guard.consume>[0]): void {
          options.guard.consume(order)
          observe({ type: 'permit used', life, order })
        },
      }
      const broker = await world.adapter(venueSession.session, { ...options, guard }, account)
      return mortal(broker, guarded, () => ended)
    })
  const options: TradingKernelOptions = {
    account,
    currency: simulatedCurrency,
    definition: { name: 'simulated', account, mode: 'demo', open },
    brokerContext: {
      clock,
      ids: idsOf(number),
      random: random.fork('broker'),
      logger,
      feed: { name: 'simulated', subscribe: () => () => undefined },
    },
    calendar: createSessionCalendar(),
    policy,
    journal: {
      append(entry) {
        appending = true
        try {
          journal.append(entry)
          ahead = false
        } catch (thrown) {
          failed = true
          if (entry.kind === 'ledger') ahead = true
          throw thrown
        } finally {
          appending = false
        }
      },
      durable: () => journal.durable(),
    },
    killSwitchStore: {
      load: () => guarded('kill switch load', async () => world.loadKillSwitch()),
      save: (record: KillSwitchRecord) => guarded('kill switch save', () => world.saveKillSwitch(record)),
    },
    killSwitchSecretHash: sha256Hex(simulatedSecret),
    ...settingsOf(world.scenario),
    deposits: world.scenario.deposits,
    reconcileEveryMs: world.scenario.reconcileEveryMs,
    automaticHalts: world.scenario.automaticHalts,
    ...(lease === undefined ? {} : { lease, timers }),
    ...(history.length > 0 ? { history: world.storage.corrupt ? damaged(world, history) : history } : {}),
    logger,
  }
  const life: KernelLife = {
    number,
    journal,
    prices,
    crossed,
    now: clock.now,
    entries: () => journal.all(),
    get kernel() {
      return kernel
    },
    get running() {
      return running && !ended
    },
    get appending() {
      return appending
    },
    get aheadOfJournal() {
      return ahead
    },
    get fenced() {
      return fenced
    },
    get ended() {
      return ended
    },
    get failed() {
      return failed
    },
    start() {
      const started = (): void => {
        if (ended) return
        running = true
        observe({ type: 'life started', life })
      }
      kernel.start().then(started, () => {
        failed = true
      })
    },
    market(event) {
      if (ended) return
      observe({ type: 'market', life, event })
      if (event.type === 'open') notePrice(prices, event.symbol, event.price)
      if (event.type === 'bar') notePrice(prices, event.symbol, event.close)
      if (event.type === 'trade') notePrice(prices, event.symbol, event.price)
      if (event.type === 'split') noteSplit(prices, event)
      if (event.type === 'open' || event.type === 'bar' || event.type === 'split') crossed.delete(event.symbol)
      if (event.type === 'quote' && Number(event.bid) > Number(event.ask)) crossed.add(event.symbol)
      kernel.onMarket(event).catch(() => undefined)
    },
    hear: (event) => venueSession?.hear(event),
    streamRestored: () => venueSession?.restored(),
    end(torn) {
      if (ended) return
      observe({ type: 'life ended', life })
      if (!fenced && torn > 0) journal.tear(torn)
      ended = true
    },
    fence() {
      fenced = true
      observe({ type: 'taken over', life })
    },
  }
  observe({ type: 'life begun', life, history })
  const kernel = makeKernel(options)
  made = true
  kernel.subscribe((event) => {
    if (!ended) observe({ type: 'told', life, event })
  })
  kernel.subscribe(() => alarmed(world))
  return life
}

type Guarded = <T>(name: string, work: () => Promise<T>) => Promise<T>

function settingsOf({
  approvalLifetimeMs,
  guardsEmergencies,
  operators,
}: SimulatedWorld['scenario']): Partial<TradingKernelOptions> {
  return {
    ...(approvalLifetimeMs === undefined ? {} : { approvalLifetimeMs }),
    ...(guardsEmergencies === true ? { emergencySecretHash: sha256Hex(simulatedEmergencySecret) } : {}),
    ...(operators === undefined ? {} : { operators }),
  }
}

/** What is durable as a storage reads it that finds a row damaged; whoever is told of it mends it. */
function* damaged(
  { storage, cover }: SimulatedWorld,
  history: readonly KernelJournalEntry[],
): Generator<KernelJournalEntry> {
  yield* history.slice(0, -1)
  storage.corrupt = false
  cover('corrupt row')
  throw new SwarmError({ code: 'JOURNAL_CORRUPT', message: 'the last row of the journal cannot be read' })
}

/** What a sink of alerts does that is out of order. */
function alarmed({ alertSink, cover }: SimulatedWorld): Promise<void> | undefined {
  if (alertSink.fault === 'none') return undefined
  cover(`alert sink ${alertSink.fault}`)
  return alertSink.fault === 'hanging' ? new Promise(() => undefined) : Promise.reject(new Error('the sink is down'))
}

/** Timers of one life, by its clock; a dead one hears of none. */
function timersOf(time: SimulatedTime, clock: Clock, isDead: () => boolean): Pick<Timers, 'at'> {
  return {
    at(when, callback) {
      let cancelled = false
      time.at(time.now() + Math.max(0, when - clock.now()), () => {
        if (!cancelled && !isDead()) void callback()
      })
      return () => {
        cancelled = true
      }
    },
  }
}

/** The store of the lease as one life reaches it; a life that was taken over is cut off from it. */
function leaseStore(
  { lease, time, scenario }: SimulatedWorld,
  number: number,
  guarded: Guarded,
  isCutOff: () => boolean,
  onHeld: (until: number, isHolder: () => boolean) => void,
): LeaseStore {
  const store = lease.connect({ isCutOff })
  return {
    get: (key) => guarded('lease read', () => store.get(key)),
    async save(key, value, ifRevision) {
      const until = time.now() + (scenario.leaseTtlMs ?? 0)
      await guarded('lease write', () => store.save(key, value, ifRevision))
      onHeld(until, () => lease.holder() === `life-${number}`)
    },
  }
}

/** A broker each of whose methods is a point at which its owner may die. */
function mortal(broker: Broker, guarded: Guarded, isDead: () => boolean): Broker {
  const { capabilities, executions, time, replace } = broker
  return {
    name: broker.name,
    account: broker.account,
    mode: broker.mode,
    ...(capabilities === undefined ? {} : { capabilities }),
    instrument: (symbol) => broker.instrument(symbol),
    place: (order) => guarded('place', () => broker.place(order)),
    cancel: (clientOrderId) => guarded('cancel', () => broker.cancel(clientOrderId)),
    ...(replace === undefined ? {} : { replace: (id, order) => guarded('replace', () => replace(id, order)) }),
    order: (clientOrderId) => guarded('order', () => broker.order(clientOrderId)),
    openOrders: () => guarded('openOrders', () => broker.openOrders()),
    ...(executions === undefined ? {} : { executions: (since) => guarded('executions', () => executions(since)) }),
    ...(time === undefined ? {} : { time: () => guarded('time', () => time()) }),
    balances: () => guarded('balances', () => broker.balances()),
    subscribe: (listener) => broker.subscribe((event) => (isDead() ? undefined : listener(event))),
    close: () => broker.close(),
  }
}

/** After a split the last price is what it would have been with the new units. */
function noteSplit(prices: Map<string, string>, { symbol, numerator, denominator }: StockSplitEvent): void {
  const price = prices.get(symbol)
  if (price !== undefined) prices.set(symbol, exactText((exact(price) * BigInt(denominator)) / BigInt(numerator)))
}

/** Ids that no other life makes. */
function idsOf(life: number): Ids {
  const ids = createSequentialIds()
  return { next: (prefix) => ids.next(`${prefix}-${life}`) }
}

/** A price that is no plain amount above 0 is not one: a kernel goes on with the last that was. */
function notePrice(prices: Map<string, string>, symbol: string, price: string): void {
  if (/^(?!0+(\.0+)?$)\d{1,30}(\.\d{1,30})?$/.test(price)) prices.set(symbol, price)
}
