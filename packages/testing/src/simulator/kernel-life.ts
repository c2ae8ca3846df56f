import { createSilentLogger, messageOf, sha256Hex } from '@tradeswarm/core'
import {
  type Broker,
  type BrokerEvent,
  createAccountLease,
  createTradingKernel,
  type KernelJournalEntry,
  type KillSwitchRecord,
  type MarketEvent,
  type RiskPolicyInput,
  type TradingKernel,
  type TradingKernelOptions,
  type VenueMovement,
} from '@tradeswarm/trading'
import {
  alarmed,
  damaged,
  type Guarded,
  type GuardedCall,
  idsOf,
  leaseStore,
  mortal,
  settingsOf,
  timersOf,
} from './life-ports.js'
import { createLifePrices } from './life-prices.js'
import type { LifeView } from './observation.js'
import { accountOf, calendarOf } from './scenario.js'
import { createSessionCalendar } from './session-calendar.js'
import { createSimulatedJournal, entryOf, type SimulatedJournal } from './simulated-journal.js'
import { simulatedCurrency, simulatedSecret, simulatedVenueName } from './simulated-names.js'
import type { SimulatedWorld } from './simulated-world.js'
import { createUnsettledCalls, type UnsettledCalls } from './unsettled-calls.js'
import type { VenueLink } from './venue-end.js'

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
  hearMovement(movement: VenueMovement): void
  streamRestored(): void
  /** It is dead from now on: nothing it does reaches anything. */
  end(torn: number): void
  fence(): void
  readonly ended: boolean
  /** Resolves when the kernel has dealt with all that it was told of the market so far. */
  readonly heard: Promise<void>
  /** The journal has refused an entry: an operator will start it again. */
  readonly failed: boolean
  /** Why it has not started, once that is known. */
  readonly notStarted: string | undefined
  /** What it waits for: calls of its kernel to the adapter, and calls to its kernel. */
  readonly unsettled: { readonly adapter: UnsettledCalls; readonly kernel: UnsettledCalls }
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
  const told = createLifePrices()
  const history: KernelJournalEntry[] = world.durable.lines.map(entryOf)
  let ended = false
  let heard: Promise<void> = Promise.resolve()
  let fenced = false
  let running = false
  let failed = false
  let notStarted: string | undefined
  let made = false
  let appending = false
  let ahead = false
  const never = (): Promise<never> => new Promise(() => undefined)
  const dies = (point: string): boolean => {
    if (made && !ended && !fenced && world.reachPoint(life, point)) return true
    return ended
  }
  /** An await of the kernel on the world: it may die before the effect, or after it and before the answer. */
  const guarded: Guarded = async (name, work) => {
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
  const caller = `life ${number}`
  const unsettled = { adapter: createUnsettledCalls(caller, time.now), kernel: createUnsettledCalls(caller, time.now) }
  const guardedCall: GuardedCall = (name, work, about) =>
    guarded(name, () =>
      unsettled.adapter.watch(`the adapter's ${name}${about === undefined ? '' : ` of ${about}`}`, work()),
    )
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
  const link: VenueLink = world.link({
    account,
    random: random.fork('network'),
    clock,
    timers,
    conditions: world.network,
    alive: () => !ended,
    dies,
    onSent: (request) => observe({ type: 'sent', life, request }),
    onCancelSent: (clientOrderId) => observe({ type: 'cancel sent', life, clientOrderId }),
    onBalances: () => observe({ type: 'balances read', life }),
  })
  const open = (options: Parameters<TradingKernelOptions['definition']['open']>[0]): Promise<Broker> =>
    guardedCall('open', async () => {
      const guard = {
        consume(order: Parameters<typeof options.guard.consume>[0]): void {
          options.guard.consume(order)
          observe({ type: 'permit used', life, order })
        },
      }
      return mortal(await link.open({ ...options, guard }), guardedCall, () => ended)
    })
  const options: TradingKernelOptions = {
    account,
    currency: simulatedCurrency,
    definition: { name: simulatedVenueName, account, mode: link.mode, open },
    brokerContext: {
      clock,
      ids: idsOf(number),
      random: random.fork('broker'),
      logger,
      feed: { name: 'simulated', subscribe: () => () => undefined },
    },
    calendar: createSessionCalendar(calendarOf(world.scenario)),
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
    prices: told.prices,
    crossed: told.crossed,
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
    get heard() {
      return heard
    },
    get failed() {
      return failed
    },
    get notStarted() {
      return notStarted
    },
    unsettled,
    start() {
      const started = (): void => {
        if (ended) return
        running = true
        observe({ type: 'life started', life })
      }
      unsettled.kernel.watch("the kernel's start()", kernel.start()).then(started, (thrown: unknown) => {
        failed = true
        notStarted = messageOf(thrown)
      })
    },
    market(event) {
      if (ended) return
      observe({ type: 'market', life, event })
      told.note(event)
      heard = unsettled.kernel
        .watch(`the kernel's onMarket(${event.type})`, kernel.onMarket(event))
        .catch(() => undefined)
    },
    hear: (event) => link.hear(event),
    hearMovement: (movement) => link.hearMovement?.(movement),
    streamRestored: () => link.restored(),
    end(torn) {
      if (ended) return
      observe({ type: 'life ended', life })
      if (!fenced && torn > 0) journal.tear(torn)
      ended = true
      link.end()
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
