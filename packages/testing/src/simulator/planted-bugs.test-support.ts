import { SwarmError } from '@tradeswarm/core'
import {
  type Broker,
  type BrokerDefinition,
  createTradingKernel,
  type KernelJournalEntry,
  type KernelRecord,
  type PermitGuard,
  type PermittedOrder,
  type TradingKernelOptions,
} from '@tradeswarm/trading'
import type { SimulationSubject } from './run-scenario.js'
import { createSessionBroker } from './session-broker.js'

/** A mistake that somebody might make, put between the kernel and its ports, and the invariants by which it may be found. */
export type PlantedBug = {
  readonly name: string
  readonly subject: SimulationSubject
  /** The family of acts without which it cannot be seen: seeds that do not have it are not played. */
  readonly feature?: string
  readonly foundBy: readonly string[]
}

/** The kernel with other options. */
function planting(change: (options: TradingKernelOptions) => TradingKernelOptions): SimulationSubject {
  return { createKernel: (options) => createTradingKernel(change(options)) }
}

/** The broker with other methods; `guardOf` is put in the place of the kernel's guard. */
function withBroker(
  definition: BrokerDefinition,
  change: (broker: Broker) => Partial<Broker>,
  guardOf: (guard: PermitGuard) => PermitGuard = (guard) => guard,
): BrokerDefinition {
  return {
    ...definition,
    async open(context) {
      const broker = await definition.open({ ...context, guard: guardOf(context.guard) })
      return { ...broker, ...change(broker) }
    },
  }
}

/** A guard that takes a used permit for a good one. */
const forgetful = (guard: PermitGuard): PermitGuard => ({
  consume(order) {
    try {
      guard.consume(order)
    } catch (thrown) {
      if (!SwarmError.isInstance(thrown, 'PERMIT_USED')) throw thrown
    }
  },
})

/** Sends whatever it has sent before once more, when the next order comes. */
function repeatingOlder(broker: Broker): Partial<Broker> {
  let older: PermittedOrder | undefined
  return {
    async place(order) {
      if (older !== undefined) await broker.place(older).catch(() => undefined)
      older = order
      await broker.place(order)
    },
  }
}

/** Every third execution is never told. */
function losingFills(broker: Broker): Partial<Broker> {
  return {
    subscribe: (listener) =>
      broker.subscribe((event) => {
        const isLost = event.type === 'filled' && Number(event.execution.tradeId.slice('trade-'.length)) % 3 === 0
        return isLost ? undefined : listener(event)
      }),
  }
}

/** What got no answer is not there any more, for all that anybody hears of it. */
function forgettingTimeOuts(broker: Broker): Partial<Broker> {
  const forgotten = new Set<string>()
  return {
    place: (order) =>
      broker.place(order).catch((thrown: unknown) => {
        if (!SwarmError.isInstance(thrown, 'TIMEOUT')) throw thrown
        forgotten.add(order.request.clientOrderId)
        throw new SwarmError({ code: 'REFUSED', message: 'surely it did not arrive' })
      }),
    order: async (id) => (forgotten.has(id) ? undefined : broker.order(id)),
    openOrders: async () => (await broker.openOrders()).filter(({ clientOrderId }) => !forgotten.has(clientOrderId)),
    subscribe: (listener) => broker.subscribe((event) => (event.type === 'accepted' ? undefined : listener(event))),
  }
}

/** An assessment as somebody reads it back who forgets what was set aside. */
function withoutReservation({ payload }: Pick<KernelJournalEntry, 'payload'>): Pick<KernelJournalEntry, 'payload'> {
  const record = payload as KernelRecord
  if (record.type !== 'order-assessed') return { payload }
  const { reservation: _, ...verdict } = record.verdict
  return { payload: { ...record, verdict } }
}

/** A kill as somebody reads it back who takes it for a word of the Risk Manager. */
function milder({ payload }: Pick<KernelJournalEntry, 'payload'>): Pick<KernelJournalEntry, 'payload'> {
  const record = payload as KernelRecord
  if (record.type !== 'halted' || record.cause !== 'kill-switch') return { payload }
  return { payload: { ...record, cause: 'agent', state: 'reducing' } }
}

/** The mistakes that the simulator must find. */
export const plantedBugs: readonly PlantedBug[] = [
  {
    name: 'an adapter that sends again after a time-out',
    foundBy: ['I17', 'I09', 'I07'],
    subject: {
      adapter: (session, context, account) => ({
        ...createSessionBroker(session, context, account),
        async place(order) {
          context.guard.consume(order)
          await session.place(order.request).catch((thrown: unknown) => {
            if (SwarmError.isInstance(thrown, 'TIMEOUT')) return session.place(order.request)
            throw thrown
          })
        },
      }),
    },
  },
  {
    name: 'a permit that is used again',
    foundBy: ['I10'],
    subject: planting((options) => ({
      ...options,
      definition: withBroker(options.definition, repeatingOlder, forgetful),
    })),
  },
  {
    name: 'a fill that is lost',
    foundBy: ['I01', 'I02', 'I03'],
    subject: planting((options) => ({ ...options, definition: withBroker(options.definition, losingFills) })),
  },
  {
    name: 'a limit that is off by one',
    foundBy: ['I11'],
    subject: planting((options) => ({
      ...options,
      policy: { ...options.policy, maxOpenPositions: (options.policy?.maxOpenPositions ?? 10) + 1 },
    })),
  },
  {
    name: 'a reservation that a restart forgets',
    foundBy: ['I11', 'I23'],
    subject: planting(({ history, ...options }) => ({
      ...options,
      ...(history === undefined ? {} : { history: [...history].map(withoutReservation) }),
    })),
  },
  {
    name: 'an order that leaves before it is written',
    foundBy: ['I06'],
    subject: planting((options) => ({
      ...options,
      journal: { append: (entry) => options.journal.append(entry), durable: async () => undefined },
    })),
  },
  {
    name: 'an old owner that goes on although its journal refuses',
    foundBy: ['I06', 'I39'],
    subject: planting((options) => ({
      ...options,
      journal: {
        append: (entry) => options.journal.append(entry),
        durable: () => options.journal.durable().catch(() => undefined),
      },
    })),
  },
  {
    name: 'an owner that goes on although its hold on the account has lapsed',
    foundBy: ['I39'],
    subject: planting((options) => ({
      ...options,
      ...(options.lease === undefined ? {} : { lease: { ...options.lease, lapsed: () => undefined } }),
    })),
  },
  {
    name: 'an adapter that amends by a second order',
    foundBy: ['I41', 'I01', 'I02', 'I29'],
    subject: {
      adapter(session, context, account) {
        const broker = createSessionBroker(session, context, account)
        if (broker.replace === undefined) return broker
        return {
          ...broker,
          async replace(_, order) {
            context.guard.consume(order)
            await session.place(order.request)
          },
        }
      },
    },
  },
  {
    name: 'a kill switch that forgets itself at a restart',
    foundBy: ['I14', 'I23'],
    subject: planting(({ history, ...options }) => ({
      ...options,
      killSwitchStore: { load: async () => undefined, save: async () => undefined },
      ...(history === undefined ? {} : { history: [...history].map(milder) }),
    })),
  },
  {
    name: 'an adapter that takes a time-out for a refusal, and forgets the order',
    foundBy: ['I01', 'I02', 'I03', 'I07', 'I29'],
    subject: planting((options) => ({
      ...options,
      definition: withBroker(options.definition, forgettingTimeOuts),
    })),
  },
]
