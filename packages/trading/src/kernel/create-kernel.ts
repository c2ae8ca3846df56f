import { messageOf, SwarmError } from '@tradeswarm/core'
import type { BrokerEvent, VenueMovement } from '../orders/broker.js'
import { adoptPosition } from './adopt-position.js'
import { amendOrder } from './amend-desk.js'
import { amendedOrders } from './amended-orders.js'
import { denyApproval } from './approval-desk.js'
import { createSecretGate, type SecretGate } from './authorise.js'
import { bookMovement } from './book-movement.js'
import { boundedBroker } from './bounded-broker.js'
import { takeBrokerEvent } from './broker-desk.js'
import { checkAuthorisation, checkHalt, checkReduce, checkStop } from './check-act.js'
import { checkMitigationWishes, checkOrderToConsider } from './check-outlook.js'
import { checkRequiredOptions } from './check-required-options.js'
import { keepContingencies } from './contingency-desk.js'
import { assertEmergency, cancelEverything, flatten, keepFreeze, latchFreeze, unfreeze } from './emergency-desk.js'
import { createEventDeliveries } from './event-deliveries.js'
import { cancelHaltedEntries, changePolicy, halt, haltViews, reduceForAgent, resume } from './halt-desk.js'
import { approveIntent, assessIntent, beginSubmit } from './intent-desk.js'
import type { TradingKernel } from './kernel.js'
import { runtimeFrom } from './kernel-from-options.js'
import { checkOptionNames, kernelDefaults, type TradingKernelOptions } from './kernel-options.js'
import { alert, type KernelRuntime, tradingStateIn } from './kernel-runtime.js'
import { captureKernelState, kernelSnapshot } from './kernel-snapshot.js'
import { afterKill, keepKillSwitch, latchKillSwitch, resetKillSwitch, restoreKillSwitch } from './kill-desk.js'
import { keptOrTold } from './lasting-act.js'
import { takeMarketEvent } from './market-desk.js'
import { openBroker } from './open-broker.js'
import { requestCancel } from './order-desk.js'
import { portfolioView } from './portfolio-view.js'
import { protect } from './protection-desk.js'
import { reconcile } from './reconcile.js'
import { startFirstDay } from './risk-day.js'
import { mitigationsOf, scenariosOf } from './risk-outlook.js'
import { createSerialQueue } from './serial-queue.js'
import { takeVenueMovement } from './venue-movements.js'
import { askTime, createLeaseKeeper, createWatch, type Rounds } from './watch.js'
import { createWithin } from './within.js'
import { workOrders } from './working-desk.js'

/**
 * The kernel of one account. All calls and all events of the venue go through one queue, one at a time; its state changes by what it
 * journals and by nothing else. Throws `INVALID_OPTION`, `INVALID_KEY`, `INVALID_RISK_POLICY`, `INVALID_DECIMAL`, `KERNEL_JOURNAL_INVALID`,
 * `KERNEL_SNAPSHOT_INVALID`.
 */
export function createTradingKernel(options: TradingKernelOptions): TradingKernel {
  checkOptionNames(options)
  checkRequiredOptions(options)
  const { killTimeoutMs, stopTimeoutMs, venueTimeoutMs } = { ...kernelDefaults, ...options }
  const within = createWithin(options.brokerContext.clock, options.timers)
  const runtime = runtimeFrom(options, within, killTimeoutMs)
  const killGate = gateOf(runtime, options.killSwitchSecretHash)
  const emergencyGate = gateOf(runtime, options.emergencySecretHash)
  const deliveries = createEventDeliveries(options.logger)
  const { outbox } = runtime
  const tell = (): void => {
    if (outbox.length === 0) return
    // Nearly always it is one, and taking that out needs no list.
    const only = outbox.length === 1 ? outbox.pop() : undefined
    if (only !== undefined) deliveries.deliver(only)
    else for (const event of outbox.splice(0)) deliveries.deliver(event)
  }
  const queue = createSerialQueue<BrokerEvent | VenueMovement>({
    handle: (event) => {
      if ('clientOrderId' in event) return takeBrokerEvent(runtime, event)
      takeVenueMovement(runtime, event)
      return undefined
    },
    failed: ({ eventId }, thrown) =>
      alert(runtime, 'BROKER_EVENT_FAILED', `event ${eventId} was not taken: ${messageOf(thrown)}`),
    after: tell,
  })
  const turn = queue.run
  /** An act of an operator, or of the Risk Manager, is answered when it survives a crash. */
  const lasting = <T>(name: string, act: () => T | Promise<T>): Promise<T> =>
    turn(async () => {
      const answer = await act()
      await keptOrTold(runtime, name)
      return answer
    })
  /** Waits for what follows a latch, but not for ever, and not for its success: the latch holds in any case. */
  const bounded = async (act: string, work: Promise<unknown>): Promise<void> => {
    try {
      await within(killTimeoutMs, act, work)
    } catch (thrown) {
      alert(runtime, 'CANCELS_OVERDUE', `${act} holds, but not all that rests is cancelled yet: ${messageOf(thrown)}`)
    }
    tell()
  }
  let unsubscribe: (() => void) | undefined
  let unsubscribeMovements: (() => void) | undefined
  const { timers, lease } = options
  const rounds: Rounds[] = []
  if (timers !== undefined) rounds.push(createWatch({ runtime, timers, within, turn }))
  if (timers !== undefined && lease !== undefined)
    rounds.push(createLeaseKeeper({ runtime, lease, timers, within, tell }))

  const limit = timers === undefined ? undefined : { within, limitMs: venueTimeoutMs }
  const start = async (): Promise<void> => {
    if (runtime.broker !== undefined) return
    await restoreKillSwitch(runtime)
    await lease?.acquire()
    runtime.stopped = false
    runtime.startedAt = runtime.clock.now()
    const context = { ...options.brokerContext, guard: runtime.authority.guard }
    const opened = await openBroker(options.definition, context, lease, limit)
    opened.recall?.(amendedOrders(runtime))
    runtime.broker = limit === undefined ? opened : boundedBroker(opened, within, venueTimeoutMs)
    unsubscribe = runtime.broker.subscribe((event) => queue.post(event))
    unsubscribeMovements = runtime.broker.subscribeMovements?.((movement) => queue.post(movement))
    for (const each of rounds) each.start()
    await askTime(runtime, within)
    startFirstDay(runtime)
    await reconcile(runtime)
    await keepContingencies(runtime)
    if (runtime.frozen !== undefined) await cancelEverything(runtime, runtime.frozen)
    await cancelHaltedEntries(runtime)
    await workOrders(runtime)
    await runtime.journal.durable()
  }
  const stop = async (): Promise<void> => {
    const { broker } = runtime
    if (broker === undefined) return
    try {
      await runtime.journal.durable()
    } finally {
      leave()
      await broker.close()
      await lease?.release()
    }
  }
  const leave = (): void => {
    for (const each of rounds) each.stop()
    unsubscribe?.()
    unsubscribeMovements?.()
    runtime.broker = undefined
    runtime.reconciled = false
    runtime.agreedAt = undefined
    runtime.stopped = true
  }

  return {
    account: options.account,
    start: () => turn(start),
    async stop() {
      try {
        await within(stopTimeoutMs, `stopping the kernel of account ${options.account}`, turn(stop))
      } catch (thrown) {
        leave()
        if (!SwarmError.isInstance(thrown, 'TIMED_OUT')) throw thrown
        alert(runtime, 'STOP_OVERDUE', `${messageOf(thrown)}; nothing is sent any more`)
        tell()
      }
    },
    assess: (intent) => queue.join(() => ({ value: assessIntent(runtime, intent) })),
    submit: (intent, permitId) => queue.join(() => beginSubmit(runtime, intent, permitId)),
    cancel: (orderId, reason) => turn(() => cancelOrder(runtime, orderId, reason)),
    amend: (orderId, terms, reason) => turn(() => amendOrder(runtime, orderId, terms, reason)),
    book: (movement, authorisation) =>
      lasting('book', () => {
        checkAuthorisation('book', authorisation)
        bookMovement(runtime, movement, authorisation)
      }),
    adopt: (adoption, authorisation) =>
      lasting('adopt', () => {
        checkAuthorisation('adopt', authorisation)
        return adoptPosition(runtime, adoption, authorisation)
      }),
    async scenarios(order) {
      checkOrderToConsider(order)
      return turn(() => scenariosOf(runtime, order))
    },
    async mitigations(wishes) {
      if (wishes !== undefined) checkMitigationWishes(wishes)
      return turn(() => mitigationsOf(runtime, wishes))
    },
    reconcile: () => turn(() => reconcile(runtime)),
    externalOrders: () => [...runtime.externalOrders.values()],
    onMarket: (event) => turn(() => takeMarketEvent(runtime, event)),
    async settled() {
      do {
        await queue.run(() => undefined)
        if (deliveries.pending() > 0) await deliveries.settled()
      } while (deliveries.pending() > 0)
    },
    instrument: (symbol) => runtime.broker?.instrument(symbol),
    approvals() {
      const now = runtime.clock.now()
      return [...runtime.state.approvals.values()].filter(({ expiresAt }) => now <= expiresAt)
    },
    approve: (token, authorisation) =>
      turn(() => {
        checkAuthorisation('approve', authorisation)
        return approveIntent(runtime, token, authorisation)
      }),
    deny: (token, authorisation) =>
      lasting('deny', () => {
        checkAuthorisation('deny', authorisation)
        return denyApproval(runtime, token, authorisation)
      }),
    portfolio: () => portfolioView(runtime),
    tradingState: (scope) => tradingStateIn(runtime, scope),
    halts: () => haltViews(runtime),
    exits(symbol) {
      const trip = runtime.state.trips.get(symbol)
      return trip?.status === 'open' ? trip.plan : undefined
    },
    async halt(state, reason, details) {
      checkHalt(state, reason, details)
      await lasting('halt', () => halt(runtime, state, reason, details))
    },
    async reduce(reason, scope) {
      checkReduce(reason, scope)
      await lasting('reduce', () => reduceForAgent(runtime, reason, scope))
    },
    async resume(authorisation) {
      checkAuthorisation('resume', authorisation)
      await turn(() => resume(runtime, authorisation))
    },
    async changePolicy(policy, authorisation) {
      checkAuthorisation('changePolicy', authorisation)
      await turn(() => changePolicy(runtime, policy, authorisation))
    },
    async kill(reason, details = {}) {
      checkStop('kill', reason, details)
      const kept = keepKillSwitch(runtime, latchKillSwitch(runtime, reason, details), details.scope)
      const cancelled = turn(() => afterKill(runtime, reason, details.scope))
      await bounded('the kill switch', Promise.all([kept.done, cancelled]))
      kept.assertSomewhere()
    },
    async resetKillSwitch(authorisation) {
      if (killGate.isSet) checkAuthorisation('resetKillSwitch', authorisation)
      const asked = runtime.killSwitch.engagements()
      await turn(() => resetKillSwitch(runtime, killGate, authorisation, asked))
    },
    async flatten(authorisation) {
      checkAuthorisation('flatten', authorisation)
      await lasting('flatten', () => {
        assertEmergency(runtime, emergencyGate, 'flatten', authorisation)
        return flatten(runtime, authorisation)
      })
    },
    async freeze(authorisation) {
      checkAuthorisation('freeze', authorisation)
      try {
        assertEmergency(runtime, emergencyGate, 'freeze', authorisation)
      } finally {
        tell()
      }
      latchFreeze(runtime, authorisation)
      const kept = keepFreeze(runtime)
      const cancelled = lasting('freeze', () => cancelEverything(runtime, authorisation.reason))
      await bounded('the freeze', Promise.all([kept.done, cancelled]))
      kept.assertKept()
    },
    unfreeze(authorisation) {
      const { freezes } = runtime
      return turn(() => {
        checkAuthorisation('unfreeze', authorisation)
        assertEmergency(runtime, emergencyGate, 'unfreeze', authorisation)
        return unfreeze(runtime, authorisation, freezes)
      })
    },
    subscribe: (listener) => deliveries.subscribe(listener),
    capture: (taken) =>
      turn(() => {
        taken()
        return captureKernelState(runtime.state)
      }),
    snapshot: () => kernelSnapshot(runtime.state),
  }
}

function gateOf(runtime: KernelRuntime, hash: string | undefined): SecretGate {
  return createSecretGate({
    hash,
    clock: runtime.clock,
    onWrong: (message) => alert(runtime, 'WRONG_SECRET', message),
  })
}

/** Agents cancel entries, and exits that an agent asked for. Throws `ORDER_NOT_FOUND`, `ORDER_PROTECTIVE`. */
async function cancelOrder(runtime: KernelRuntime, orderId: string, reason: string): Promise<void> {
  const order = runtime.state.orders.get(orderId)
  if (order === undefined)
    throw new SwarmError({
      code: 'ORDER_NOT_FOUND',
      message: `cancel: there is no order ${orderId} in account ${runtime.state.account}`,
    })
  const { purpose, request, parentOrderId } = order.header
  if (purpose !== 'entry' && purpose !== 'exit-intent') {
    throw new SwarmError({
      code: 'ORDER_PROTECTIVE',
      message: `cancel: order ${orderId} protects the position in ${request.symbol} (${purpose}), and only the kernel cancels such orders`,
    })
  }
  await requestCancel(runtime, parentOrderId ?? orderId, reason)
  if (request.reduceOnly) await protect(runtime, request.symbol)
}
