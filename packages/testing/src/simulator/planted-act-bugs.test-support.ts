import type { Random, StorageDefinition } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import {
  createTradingKernel,
  type KernelJournalEntry,
  type KernelRecord,
  type TradingKernel,
  type TradingKernelOptions,
} from '@tradeswarm/trading'
import { exact, exactText } from './exact.js'
import { simulatedOperator } from './operator-desk.js'
import type { PlantedBug } from './planted-bugs.test-support.js'
import type { SimulationSubject } from './run-scenario.js'
import { createSessionBroker } from './session-broker.js'
import { simulatedEmergencySecret } from './simulated-names.js'

type Change = (kernel: TradingKernel, options: TradingKernelOptions) => Partial<TradingKernel>
type Line = Pick<KernelJournalEntry, 'payload'>

/** A kernel some of whose methods are others. */
function withMethods(change: Change): SimulationSubject {
  return {
    createKernel(options) {
      const kernel = createTradingKernel(options)
      return { ...kernel, ...change(kernel, options) }
    },
  }
}

/** A kernel that reads some records back as others, or not at all. */
function reading(read: (record: KernelRecord) => KernelRecord | undefined): SimulationSubject {
  return {
    createKernel({ history, ...options }) {
      const lines: Line[] | undefined =
        history === undefined
          ? undefined
          : [...history].flatMap(({ payload }) => {
              const record = read(payload as KernelRecord)
              return record === undefined ? [] : [{ payload: record }]
            })
      return createTradingKernel({ ...options, ...(lines === undefined ? {} : { history: lines }) })
    },
  }
}

/** A storage that forgets at every fifth commit how far consumers have come. */
function forgettingCursors(place: StorageDefinition): StorageDefinition {
  let commits = 0
  return {
    ...place,
    async open(options) {
      const storage = await place.open(options)
      return {
        ...storage,
        commit({ cursors, ...batch }) {
          commits += 1
          return storage.commit({ ...batch, ...(cursors === undefined || commits % 5 === 0 ? {} : { cursors }) })
        },
      }
    },
  }
}

/** A broker that keeps cancels of orders in a group to itself. */
function holdingOn(options: TradingKernelOptions): TradingKernelOptions {
  const tied = new Set<string>()
  const note = ({ payload }: Line): void => {
    const record = payload as KernelRecord
    if (record.type !== 'order-assessed' || record.header.contingency?.type !== 'one-cancels-other') return
    tied.add(record.header.request.clientOrderId)
  }
  for (const line of options.history ?? []) note(line)
  const { definition, journal } = options
  return {
    ...options,
    journal: {
      append(entry) {
        journal.append(entry)
        note(entry)
      },
      durable: () => journal.durable(),
    },
    definition: {
      ...definition,
      async open(context) {
        const broker = await definition.open(context)
        return { ...broker, cancel: async (id) => (tied.has(id) ? undefined : broker.cancel(id)) }
      },
    },
  }
}

/** Stops that go to the venue at the level that they had before a split. */
function keepingStops(): SimulationSubject {
  /** By the randomness of a life: by how much prices of a symbol were higher. */
  const ratios = new WeakMap<Random, Map<string, readonly [numerator: bigint, denominator: bigint]>>()
  return {
    createKernel(options) {
      const mine = new Map<string, readonly [bigint, bigint]>()
      ratios.set(options.brokerContext.random, mine)
      const kernel = createTradingKernel(options)
      return {
        ...kernel,
        onMarket(event) {
          if (event.type === 'split') mine.set(event.symbol, [BigInt(event.numerator), BigInt(event.denominator)])
          return kernel.onMarket(event)
        },
      }
    },
    adapter: (session, context, account) => ({
      ...createSessionBroker(session, context, account),
      async place(order) {
        context.guard.consume(order)
        const { request } = order
        const ratio = request.reduceOnly ? ratios.get(context.random)?.get(request.symbol) : undefined
        const { stopPrice } = request
        await session.place(
          ratio === undefined || stopPrice === undefined
            ? request
            : { ...request, stopPrice: exactText((exact(stopPrice) * ratio[0]) / ratio[1]) },
        )
      },
    }),
  }
}

/** Whether an act is the operator's own, as far as a mistake need look. */
function mayAct({ operator, secret }: { readonly operator: string; readonly secret?: string }): boolean {
  return operator === simulatedOperator.operator && secret === simulatedEmergencySecret
}

/** Mistakes in what the families of acts try, each to be found. */
export const plantedActBugs: readonly PlantedBug[] = [
  {
    name: 'a halt of a scope that is answered and ignored',
    feature: 'scoped halts',
    foundBy: ['I13'],
    subject: withMethods((kernel) => ({
      halt: async (state, reason, details = {}) =>
        details.scope === undefined ? kernel.halt(state, reason, details) : undefined,
    })),
  },
  {
    name: 'a kill of a scope that a restart forgets',
    feature: 'scoped halts',
    foundBy: ['I14', 'I13', 'I23', 'I10'],
    subject: {
      createKernel({ history, ...options }) {
        const isScopedKill = ({ payload }: Line): boolean => {
          const record = payload as KernelRecord
          return record.type === 'halted' && record.cause === 'kill-switch' && record.scope !== undefined
        }
        return createTradingKernel({
          ...options,
          killSwitchStore: { load: async () => undefined, save: async () => undefined },
          ...(history === undefined ? {} : { history: [...history].filter((line) => !isScopedKill(line)) }),
        })
      },
    },
  },
  {
    name: 'a freeze that lets exits go on',
    feature: 'emergencies',
    foundBy: ['I13'],
    subject: withMethods((kernel) => ({
      freeze: (asked) => (mayAct(asked) ? kernel.halt('halted', asked.reason) : kernel.freeze(asked)),
    })),
  },
  {
    name: 'a flattening that leaves nothing',
    feature: 'emergencies',
    foundBy: ['I13'],
    subject: withMethods((kernel) => ({
      async flatten(asked) {
        if (!mayAct(asked)) await kernel.flatten(asked)
        else await kernel.halt('reducing', asked.reason, asked.scope === undefined ? {} : { scope: asked.scope })
      },
    })),
  },
  {
    name: 'an end of a freeze that is answered as failed, and done',
    feature: 'emergencies',
    foundBy: ['I13'],
    subject: withMethods((kernel) => ({
      async unfreeze(asked) {
        await kernel.unfreeze(asked)
        throw new Error('the database is locked')
      },
    })),
  },
  {
    name: 'an end of a halt that is answered as failed, and done',
    feature: 'scoped halts',
    foundBy: ['I13'],
    subject: withMethods((kernel) => ({
      async resume(asked) {
        await kernel.resume(asked)
        throw new Error('the database is locked')
      },
    })),
  },
  {
    name: 'a kernel that takes any name for an operator',
    feature: 'trespasses',
    foundBy: ['I14'],
    subject: {
      createKernel(options) {
        const { operators: _, ...open } = options
        return createTradingKernel(open)
      },
    },
  },
  {
    name: 'orders above the limit that ask nobody',
    feature: 'approvals',
    foundBy: ['I10'],
    subject: {
      createKernel(options) {
        const { approvalAboveFraction: _, approvalAboveNotional: __, ...policy } = options.policy ?? {}
        return createTradingKernel({ ...options, policy })
      },
    },
  },
  {
    name: 'a token of an approval that is good again after a restart',
    feature: 'approvals',
    foundBy: ['I10', 'I23'],
    subject: reading((record) => (record.type === 'approval-settled' ? undefined : record)),
  },
  {
    name: 'an order whose partner was executed and that is not cancelled',
    feature: 'contingencies',
    foundBy: ['I07'],
    subject: { createKernel: (options) => createTradingKernel(holdingOn(options)) },
  },
  {
    name: 'a restart that forgets what ties orders together',
    feature: 'contingencies',
    foundBy: ['I07', 'I23'],
    subject: reading((record) => {
      if (record.type !== 'order-assessed') return record
      const { contingency: _, ...header } = record.header
      return { ...record, header }
    }),
  },
  {
    name: 'an order that is not post-only any more when it is sent',
    feature: 'order types',
    foundBy: ['I10'],
    subject: withMethods((kernel) => {
      type Intent = Parameters<TradingKernel['assess']>[0]
      const plain = (intent: Intent): Intent => {
        if (typeof intent !== 'object' || intent === null) return intent
        const { postOnly: _, ...rest } = intent
        return rest
      }
      return {
        assess: (intent) => kernel.assess(plain(intent)),
        submit: (intent, permitId) => kernel.submit(plain(intent), permitId),
      }
    }),
  },
  {
    name: 'a dividend that is booked twice',
    feature: 'corporate actions',
    foundBy: ['I19'],
    subject: withMethods((kernel) => ({
      async onMarket(event) {
        await kernel.onMarket(event)
        if (event.type === 'dividend') await kernel.onMarket({ ...event, sessionDate: `${event.sessionDate} again` })
      },
    })),
  },
  {
    name: 'a split that is not applied to the stop',
    feature: 'corporate actions',
    foundBy: ['I10'],
    subject: keepingStops(),
  },
  {
    name: 'a split that the books do not hear of',
    feature: 'corporate actions',
    foundBy: ['I21', 'I29', 'I12', 'I11'],
    subject: withMethods((kernel) => ({
      onMarket: async (event) => (event.type === 'split' ? undefined : kernel.onMarket(event)),
    })),
  },
  {
    name: 'a movement that is booked again when it is told again',
    feature: 'movements',
    foundBy: ['I18'],
    subject: withMethods((kernel) => ({
      async book(movement, authorisation) {
        await kernel.book(movement, authorisation)
        await kernel.book({ ...movement, eventId: `${movement.eventId} again` }, authorisation)
      },
    })),
  },
  {
    name: 'parts of an order that are twice as large as was permitted',
    feature: 'executions',
    foundBy: ['I10', 'I41', 'I07'],
    subject: {
      adapter: (session, context, account) => ({
        ...createSessionBroker(session, context, account),
        async place(order) {
          context.guard.consume(order)
          const { request } = order
          const isPart = request.timeInForce === 'ioc' && request.type === 'limit' && !request.reduceOnly
          await session.place(isPart ? { ...request, quantity: exactText(exact(request.quantity) * 2n) } : request)
        },
      }),
    },
  },
  {
    name: 'a bus that forgets what was handled',
    feature: 'swarm',
    foundBy: ['I35', 'I36'],
    subject: { swarmStorage: () => forgettingCursors(createMemoryStorage()) },
  },
]
