import { type Logger, messageOf, SwarmError } from '@tradeswarm/core'
import type { TradingCalendar } from '../instruments/trading-calendar.js'
import { decimal } from '../money/decimal.js'
import type { BrokerContext, BrokerDefinition, BrokerEvent } from '../orders/broker.js'
import { createKillSwitch, type KillSwitchStore } from '../risk/kill-switch.js'
import { type RiskPolicyInput, riskPolicy } from '../risk/risk-policy.js'
import { bookLastWord, takeBrokerEvent } from './broker-desk.js'
import { createKernelRuntime } from './create-kernel-runtime.js'
import {
  changePolicy,
  halt,
  keepKillSwitch,
  latchKillSwitch,
  noteKillSwitch,
  reduceForAgent,
  resetKillSwitch,
  resume,
} from './halt-desk.js'
import { assessIntent, submitIntent } from './intent-desk.js'
import type { KernelEvent, KernelJournal, TradingKernel } from './kernel.js'
import type { KernelJournalEntry, KernelRecord } from './kernel-record.js'
import { alert, commit, type KernelRuntime, tradingState } from './kernel-runtime.js'
import { emptyKernelState, kernelSnapshot } from './kernel-state.js'
import { startFirstDay, takeMarketEvent } from './market-desk.js'
import { requestCancel } from './order-desk.js'
import { portfolioView } from './portfolio-view.js'
import { cancelUnprotective, protect } from './protection-desk.js'
import { replayRecords } from './rebuild-kernel-state.js'
import { reconcile } from './reconcile.js'
import { createSerialQueue } from './serial-queue.js'

/** What a kernel is made of. */
export type TradingKernelOptions = {
  readonly account: string
  /** Cash, fees and results are in it. */
  readonly currency: string
  readonly definition: BrokerDefinition
  /** What the broker is opened with; the kernel adds the guard of its permits. */
  readonly brokerContext: Omit<BrokerContext, 'guard'>
  /** The exchange whose sessions make the risk day. */
  readonly calendar: TradingCalendar
  /** What differs from the default limits. With a history, the policy that the history ends with goes on. */
  readonly policy?: RiskPolicyInput
  readonly journal: KernelJournal
  readonly killSwitchStore: KillSwitchStore
  /** Cash that a new account starts with; a decimal text. Not used when there is a history. */
  readonly deposits: string
  /** What an earlier kernel of this account appended to its journal, in order. */
  readonly history?: Iterable<Pick<KernelJournalEntry, 'payload'>>
  /** SHA-256 (hex) of the secret that resets the kill switch. Without it no reset is possible. */
  readonly killSwitchSecretHash?: string
  readonly logger: Logger
}

/**
 * The kernel of one account. All calls and all events of the venue go through one queue, one at a time; its state changes by what it
 * journals and by nothing else. Throws `INVALID_OPTION`, `INVALID_RISK_POLICY`, `INVALID_DECIMAL`, `KERNEL_JOURNAL_INVALID`.
 */
export function createTradingKernel(options: TradingKernelOptions): TradingKernel {
  const runtime = runtimeOf(options)
  const listeners = new Set<(event: KernelEvent) => void | Promise<void>>()
  const deliveries = new Set<Promise<void>>()
  const tell = (): void => {
    for (const event of runtime.outbox.splice(0)) for (const listener of listeners) deliver(listener, event)
  }
  const deliver = (listener: (event: KernelEvent) => void | Promise<void>, event: KernelEvent): void => {
    const failed = (thrown: unknown): void =>
      options.logger.error('a kernel listener failed', { event: event.type, error: messageOf(thrown) })
    try {
      const delivery = listener(event)
      if (delivery === undefined) return
      const tracked = delivery.catch(failed).finally(() => deliveries.delete(tracked))
      deliveries.add(tracked)
    } catch (thrown) {
      failed(thrown)
    }
  }
  const queue = createSerialQueue<BrokerEvent>(async (event) => {
    try {
      await takeBrokerEvent(runtime, event)
    } catch (thrown) {
      alert(runtime, 'BROKER_EVENT_FAILED', `event ${event.eventId} was not taken: ${messageOf(thrown)}`)
    }
    tell()
  })
  const turn = <T>(task: () => T | Promise<T>): Promise<T> =>
    queue.run(async () => {
      try {
        return await task()
      } finally {
        tell()
      }
    })
  /** An act of an operator, or of the Risk Manager, is answered when it survives a crash. */
  const lasting = (act: () => void | Promise<void>): Promise<void> =>
    turn(async () => {
      await act()
      await runtime.journal.durable()
    })
  let unsubscribe: (() => void) | undefined

  return {
    account: options.account,
    start: () =>
      turn(async () => {
        if (runtime.broker !== undefined) return
        await runtime.killSwitch.load(runtime.clock.now())
        if (runtime.state.risk.halts['kill-switch'] !== undefined && !runtime.killSwitch.engaged()) {
          await runtime.killSwitch.engage(runtime.state.risk.halts['kill-switch'].reason, runtime.clock.now())
        }
        if (runtime.killSwitch.engaged()) noteKillSwitch(runtime, runtime.killSwitch.reason())
        runtime.broker = await options.definition.open({ ...options.brokerContext, guard: runtime.authority.guard })
        unsubscribe = runtime.broker.subscribe((event) => queue.post(event))
        startFirstDay(runtime)
        await reconcile(runtime)
        if (tradingState(runtime).state === 'halted') await cancelUnprotective(runtime, undefined, 'trading is halted')
        await runtime.journal.durable()
      }),
    stop: () =>
      turn(async () => {
        const { broker } = runtime
        if (broker === undefined) return
        await runtime.journal.durable()
        unsubscribe?.()
        runtime.broker = undefined
        runtime.reconciled = false
        await broker.close()
      }),
    assess: (intent) => turn(() => assessIntent(runtime, intent)),
    submit: (intent, permitId) => turn(() => submitIntent(runtime, intent, permitId)),
    cancel: (orderId, reason) => turn(() => cancelOrder(runtime, orderId, reason)),
    onMarket: (event) => turn(() => takeMarketEvent(runtime, event)),
    async settled() {
      do {
        await queue.run(() => undefined)
        await Promise.all(deliveries)
      } while (deliveries.size > 0)
    },
    portfolio: () => portfolioView(runtime),
    tradingState: () => tradingState(runtime),
    exits(symbol) {
      const trip = runtime.state.trips.get(symbol)
      return trip?.status === 'open' ? trip.plan : undefined
    },
    halt: (state, reason) => lasting(() => halt(runtime, state, reason)),
    reduce: (reason) => lasting(() => reduceForAgent(runtime, reason)),
    resume: (authorisation) => lasting(() => resume(runtime, authorisation)),
    changePolicy: (policy, authorisation) => lasting(() => changePolicy(runtime, policy, authorisation)),
    kill(reason) {
      const stored = latchKillSwitch(runtime, reason)
      return turn(async () => {
        const isStored = await stored
        if (!isStored)
          alert(
            runtime,
            'KILL_SWITCH_NOT_STORED',
            'the kill switch holds in memory and in the journal, its own store failed',
          )
        if (runtime.broker !== undefined) await cancelUnprotective(runtime, undefined, reason)
        await keepKillSwitch(runtime, isStored)
      })
    },
    resetKillSwitch: (authorisation) =>
      turn(() => resetKillSwitch(runtime, options.killSwitchSecretHash, authorisation)),
    subscribe(listener) {
      const subscription = (event: KernelEvent): void | Promise<void> => listener(event)
      listeners.add(subscription)
      return () => {
        listeners.delete(subscription)
      }
    },
    snapshot: () => kernelSnapshot(runtime.state),
  }
}

function runtimeOf(options: TradingKernelOptions): KernelRuntime {
  const { brokerContext, calendar, journal, logger, account, currency, definition } = options
  if (definition.account !== account) {
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `createTradingKernel: account is "${account}", and the broker's account is "${definition.account}"; they must be the same`,
    })
  }
  const policy = riskPolicy(options.policy)
  const history = [...(options.history ?? [])]
  const runtime = createKernelRuntime({
    state: history.length > 0 ? replayRecords(history) : emptyKernelState(currency),
    clock: brokerContext.clock,
    ids: brokerContext.ids,
    calendar,
    logger,
    journal,
    killSwitch: createKillSwitch(options.killSwitchStore, logger),
  })
  const last = history.at(-1)
  if (last !== undefined) {
    bookLastWord(runtime, last.payload as KernelRecord)
    return runtime
  }
  const amount = decimal(options.deposits, 'deposits').toFixed()
  const time = runtime.clock.now()
  commit(runtime, { type: 'account-opened', time, account, currency, policy })
  commit(runtime, { type: 'booked', time, event: { type: 'deposit', eventId: `opening-${account}`, time, amount } })
  return runtime
}

/** Agents cancel entries, and exits that an agent asked for. Throws `ORDER_NOT_FOUND`, `ORDER_PROTECTIVE`. */
async function cancelOrder(runtime: KernelRuntime, orderId: string, reason: string): Promise<void> {
  const order = runtime.state.orders.get(orderId)
  if (order === undefined)
    throw new SwarmError({
      code: 'ORDER_NOT_FOUND',
      message: `cancel: there is no order ${orderId} in account ${runtime.state.account}`,
    })
  const { purpose, request } = order.header
  if (purpose !== 'entry' && purpose !== 'exit-intent') {
    throw new SwarmError({
      code: 'ORDER_PROTECTIVE',
      message: `cancel: order ${orderId} protects the position in ${request.symbol} (${purpose}), and only the kernel cancels such orders`,
    })
  }
  await requestCancel(runtime, orderId, reason)
  if (request.reduceOnly) await protect(runtime, request.symbol)
}
