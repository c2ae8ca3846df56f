import { type Clock, createSequentialIds, type Ids, SwarmError, sha256Hex, type Timers } from '@tradeswarm/core'
import type { Broker, KernelJournalEntry, LeaseStore, TradingKernelOptions } from '@tradeswarm/trading'
import { simulatedEmergencySecret, simulatedVenueName } from './simulated-names.js'
import type { SimulatedTime } from './simulated-time.js'
import type { SimulatedWorld } from './simulated-world.js'

/** An await of a kernel on the world, at which its owner may die. */
export type Guarded = <T>(name: string, work: () => Promise<T>) => Promise<T>

/** As that, of a call to the adapter; `about` says which order it is about, where it is about one. */
export type GuardedCall = <T>(name: string, work: () => Promise<T>, about?: string) => Promise<T>

/** What a scenario sets of a kernel. */
export function settingsOf({
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
export function* damaged(
  { storage, cover }: SimulatedWorld,
  history: readonly KernelJournalEntry[],
): Generator<KernelJournalEntry> {
  yield* history.slice(0, -1)
  storage.corrupt = false
  cover('corrupt row')
  throw new SwarmError({ code: 'JOURNAL_CORRUPT', message: 'the last row of the journal cannot be read' })
}

/** What a sink of alerts does that is out of order. */
export function alarmed({ alertSink, cover }: SimulatedWorld): Promise<void> | undefined {
  if (alertSink.fault === 'none') return undefined
  cover(`alert sink ${alertSink.fault}`)
  return alertSink.fault === 'hanging' ? new Promise(() => undefined) : Promise.reject(new Error('the sink is down'))
}

/** Timers of one life, by its clock; a dead one hears of none. */
export function timersOf(time: SimulatedTime, clock: Clock, isDead: () => boolean): Pick<Timers, 'at'> {
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
export function leaseStore(
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
export function mortal(broker: Broker, guarded: GuardedCall, isDead: () => boolean): Broker {
  const { capabilities, executions, movements, time, replace, recall } = broker
  return {
    name: simulatedVenueName,
    account: broker.account,
    mode: broker.mode,
    ...(capabilities === undefined ? {} : { capabilities }),
    instrument: (symbol) => broker.instrument(symbol),
    place: (order) => guarded('place', () => broker.place(order), order.request.clientOrderId),
    cancel: (clientOrderId) => guarded('cancel', () => broker.cancel(clientOrderId), clientOrderId),
    ...(replace === undefined
      ? {}
      : { replace: (id, order) => guarded('replace', () => replace.call(broker, id, order), id) }),
    ...(recall === undefined ? {} : { recall: (orders) => recall.call(broker, orders) }),
    order: (clientOrderId) => guarded('order', () => broker.order(clientOrderId), clientOrderId),
    openOrders: () => guarded('openOrders', () => broker.openOrders()),
    ...(executions === undefined
      ? {}
      : { executions: (since) => guarded('executions', () => executions.call(broker, since)) }),
    ...(movements === undefined
      ? {}
      : { movements: (since) => guarded('movements', () => movements.call(broker, since)) }),
    ...(time === undefined ? {} : { time: () => guarded('time', () => time.call(broker)) }),
    balances: () => guarded('balances', () => broker.balances()),
    subscribe: (listener) => broker.subscribe((event) => (isDead() ? undefined : listener(event))),
    close: () => broker.close(),
  }
}

/** Ids that no other life makes. */
export function idsOf(life: number): Ids {
  const ids = createSequentialIds()
  return { next: (prefix) => ids.next(`${prefix}-${life}`) }
}
