import { createSystemSecret, messageOf, type Service, type ServiceHost, SwarmError } from '@tradeswarm/core'
import {
  type BrokerDefinition,
  type CalendarName,
  createAccountLease,
  createTradingKernel,
  type Instrument,
  type KernelEvent,
  type KernelSettings,
  type MarketDataFeed,
  type RiskPolicyInput,
  type RuleChanges,
  riskPolicy,
  type TradingCalendar,
  type TradingKernel,
  type TradingKernelOptions,
  tradingCalendar,
} from '@tradeswarm/trading'
import {
  AlertRaised,
  AssessInKernel,
  GetPortfolio,
  HaltTrading,
  OrderFilled,
  OrderUpdated,
  PositionClosed,
  SubmitOrder,
  TradingStateChanged,
} from '../messages/kernel-topics.js'
import { agentNotAuthorized } from '../risk-manager/agent-not-authorized.js'
import { holdAccount } from './hold-account.js'
import { kernelFromBooks } from './kernel-books.js'
import { createBoundedLanes, createMarketLanes } from './market-lanes.js'
import { inOrderOf, openAccounts } from './open-accounts.js'
import { parseKillSwitch } from './parse-kill-switch.js'
import { askPastBars, type PastBars } from './past-bars.js'
import { untradedSymbols } from './untraded-symbols.js'

export type KernelServiceOptions = {
  readonly brokers: readonly BrokerDefinition[]
  readonly feed: MarketDataFeed
  readonly policy: RiskPolicyInput | undefined
  readonly rules: RuleChanges | undefined
  /** Of accounts whose definition names none. */
  readonly currency: string
  readonly calendar: CalendarName
  /** Trading hours in place of an exchange's own. */
  readonly calendars: Partial<Readonly<Record<CalendarName, TradingCalendar>>>
  /** Asked once an account is held. */
  readonly pastBars: PastBars | undefined
  readonly pastBarsTimeoutMs: number
  /** What the swarm is to trade; it is told of what no account does. */
  readonly symbols: readonly string[]
  /** The account that trades a symbol, where several do; default the first that does, in the order of `brokers`. */
  readonly routes: Readonly<Record<string, string>>
  /** Cash that each account starts with: decimal texts by account. */
  readonly deposits: Readonly<Record<string, TradingKernelOptions['deposits']>>
  /** What all kernels are told alike; what is left out takes the kernel's default. */
  readonly settings: KernelSettings
  /** In real time waits are bounded, the kernels watch for what no event tells, and each account is leased against a second swarm. */
  readonly isRealTime: boolean
}

export type KernelService = Service & {
  /** The kernels by account; empty before the start. */
  readonly kernels: ReadonlyMap<string, TradingKernel>
  /** Does to every kernel what stops it, at once; to one that is yet to open before it starts, so that none is left out. */
  stopEvery(act: (kernel: TradingKernel) => Promise<void>): Promise<void>
  /** Raises an alert in each account; before the start, once it has started. It waits for nothing. */
  alertEvery(code: string, message: string): void
  /** Whether all kernels were stopped for good. */
  hasStopped(): boolean
}

/** Runs a trading kernel for each account, answers for it on the bus, and tells the bus what it does. */
export function createKernelService(options: KernelServiceOptions): KernelService {
  const kernels = new Map<string, TradingKernel>()
  const { maxPositionFraction } = riskPolicy(options.policy)

  const calendarOf = (name: CalendarName): TradingCalendar => options.calendars[name] ?? tradingCalendar(name)
  const kernelOf = (account: string): TradingKernel => {
    const kernel = kernels.get(account)
    if (kernel) return kernel
    throw new SwarmError({
      code: 'ACCOUNT_NOT_FOUND',
      message: `there is no account "${account}"; there are: ${[...kernels.keys()].join(', ')}`,
      context: { account },
    })
  }

  const routeOf = (symbol: string): { readonly account: string; readonly instrument: Instrument } => {
    const routed = Object.hasOwn(options.routes, symbol) ? options.routes[symbol] : undefined
    for (const [account, kernel] of kernels) {
      const instrument = routed === undefined || routed === account ? kernel.instrument(symbol) : undefined
      if (instrument !== undefined) return { account, instrument }
    }
    throw new SwarmError({
      code: 'INSTRUMENT_NOT_FOUND',
      message:
        routed === undefined
          ? `no account trades "${symbol}"; there are: ${[...kernels.keys()].join(', ')}`
          : `account "${routed}", to which "${symbol}" is routed, does not trade it`,
      context: { symbol },
    })
  }

  let unsubscribe: () => void = () => undefined
  const earlyAlerts: (readonly [code: string, message: string])[] = []
  let running: ServiceHost | undefined
  let hasStopped = false
  /** What has stopped the kernels before all of them were open; undefined once they are. */
  let earlyStops: ((kernel: TradingKernel) => Promise<void>)[] | undefined = []
  /** Keep the books of each kernel, so that the next start need not read them from the whole journal. */
  const saves: (() => Promise<void>)[] = []

  const open = (definition: BrokerDefinition, host: ServiceHost): Promise<void> => {
    const realTime = options.isRealTime ? realTimeParts(host, definition.account) : undefined
    return holdAccount(realTime?.lease, host, (lease) =>
      openHeld(definition, host, { ...realTime, ...(lease === undefined ? {} : { lease }) }),
    )
  }

  const openHeld = async (
    definition: BrokerDefinition,
    host: ServiceHost,
    realTime: Partial<RealTimeParts>,
  ): Promise<void> => {
    const { account } = definition
    const timeoutMs = options.isRealTime ? options.pastBarsTimeoutMs : undefined
    const pastBars =
      options.pastBars === undefined
        ? undefined
        : await askPastBars(options.pastBars, { clock: host.clock, timeoutMs, alert: alertEvery })
    const killSwitchKey = `kill-switch/${account}`
    const { kernel, books } = await kernelFromBooks(host, account, (stored) =>
      createTradingKernel({
        account,
        currency: definition.currency ?? options.currency,
        definition,
        brokerContext: {
          clock: host.clock,
          ids: host.ids,
          random: host.random.fork(account),
          logger: host.logger,
          feed: options.feed,
        },
        calendar: calendarOf(definition.calendar ?? options.calendar),
        ...(options.policy === undefined ? {} : { policy: options.policy }),
        ...(options.rules === undefined ? {} : { rules: options.rules }),
        ...stored,
        killSwitchStore: {
          load: async () => parseKillSwitch((await host.keyValue.get(killSwitchKey))?.value),
          save: (record) => host.saveNow(killSwitchKey, JSON.stringify(record)),
        },
        deposits: (Object.hasOwn(options.deposits, account) ? options.deposits[account] : undefined) ?? '0',
        ...options.settings,
        ...(pastBars === undefined ? {} : { pastBars }),
        ...realTime,
        logger: host.logger,
      }),
    )
    const stops = [...(earlyStops ?? [])]
    kernels.set(account, kernel)
    kernel.subscribe((event) => tell(host, account, event))
    for (const stop of stops) await stop(kernel)
    await kernel.start()
    if (!options.isRealTime) return
    saves.push(() => books.save(kernel))
    await books.save(kernel)
    books.follow(kernel)
  }

  const alertEvery = (code: string, message: string): void => {
    const host = running
    if (host === undefined) {
      earlyAlerts.push([code, message])
      return
    }
    host.logger.warn('kernel alert', { code, message })
    const failed = (thrown: unknown): void =>
      host.logger.error('an alert could not be published', { code, error: messageOf(thrown) })
    for (const account of kernels.keys())
      host.publish(AlertRaised, { account, code, message, time: host.clock.now() }).catch(failed)
  }

  return {
    name: 'kernel',
    publishes: [OrderUpdated, OrderFilled, PositionClosed, TradingStateChanged, AlertRaised],
    responds: [AssessInKernel, SubmitOrder, GetPortfolio, HaltTrading],
    kernels,
    async stopEvery(act) {
      earlyStops?.push(act)
      await Promise.all([...kernels.values()].map(act))
    },
    alertEvery,
    hasStopped: () => hasStopped,
    async start(host) {
      await openAccounts(options.brokers, (definition) => open(definition, host), options.isRealTime)
      inOrderOf(options.brokers, kernels)
      earlyStops = undefined
      running = host
      for (const message of untradedSymbols(options, kernels)) alertEvery('SYMBOL_NOT_TRADED', message)
      for (const [code, message] of earlyAlerts.splice(0)) alertEvery(code, message)
      const { clock: timers, logger } = host
      const lanes = options.isRealTime ? createBoundedLanes(kernels, { logger, timers }) : createMarketLanes(kernels)
      // After the brokers.
      unsubscribe = options.feed.subscribe((event) => lanes.take(event))
      host.respond(AssessInKernel, (intent) => kernelOf(intent.account).assess(intent) as never)
      host.respond(SubmitOrder, ({ intent, permitId }, { caller }) =>
        intent.agent === caller
          ? (kernelOf(intent.account).submit(intent, permitId) as never)
          : { status: 'refused' as const, findings: [agentNotAuthorized(intent, caller)] },
      )
      host.respond(HaltTrading, async ({ account, reason, scope }, { caller }) => {
        await kernelOf(account).reduce(`${caller}: ${reason}`, scope)
        return { state: kernelOf(account).tradingState(scope).state }
      })
      host.respond(GetPortfolio, ({ symbol }) => {
        const { account, instrument } = routeOf(symbol)
        const kernel = kernelOf(account)
        return {
          account,
          portfolio: kernel.portfolio(),
          tradingState: kernel.tradingState().state,
          instrument,
          maxPositionFraction,
        } as never
      })
    },
    async stop() {
      unsubscribe()
      running = undefined
      hasStopped = true
      // Each stops whatever becomes of the others.
      const stopped = await Promise.allSettled([...kernels.values()].map((kernel) => kernel.stop()))
      for (const save of saves.splice(0)) await save()
      throwFirst(stopped)
    },
  }
}

function throwFirst(outcomes: readonly PromiseSettledResult<unknown>[]): void {
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

/** What a kernel has in real time alone. */
type RealTimeParts = Required<Pick<TradingKernelOptions, 'timers' | 'lease' | 'permitKey'>>

function realTimeParts(host: ServiceHost, account: string): RealTimeParts {
  const timers = host.clock
  return {
    timers,
    permitKey: createSystemSecret(),
    lease: createAccountLease({
      account,
      owner: host.ids.next('kernel'),
      store: {
        get: (key) => host.keyValue.get(key),
        save: (key, value, ifRevision) => host.saveNow(key, value, { ifRevision }),
      },
      clock: host.clock,
      timers,
    }),
  }
}

async function tell(host: ServiceHost, account: string, event: KernelEvent): Promise<void> {
  switch (event.type) {
    case 'order': {
      const { type: _type, ...order } = event
      await host.publish(OrderUpdated, { account, ...order }, event)
      return
    }
    case 'fill': {
      const { type: _type, ...fill } = event
      await host.publish(OrderFilled, { account, ...fill }, event)
      return
    }
    case 'position-closed':
      await host.publish(PositionClosed, { account, ...event.position }, event.position)
      return
    case 'trading-state':
      await host.publish(TradingStateChanged, {
        account,
        state: event.state,
        reason: event.reason,
        time: event.time,
        ...(event.scope === undefined ? {} : { scope: event.scope }),
      })
      return
    case 'portfolio':
      // For who asks the kernel itself: on the bus fills and closed positions are told.
      return
    case 'alert': {
      const { type: _type, ...alert } = event
      await host.publish(AlertRaised, { account, ...alert })
    }
  }
}
