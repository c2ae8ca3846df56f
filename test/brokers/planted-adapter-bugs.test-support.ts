import type { SimulatedTransport } from '@tradeswarm/testing/fakes'
import type { Broker, BrokerDefinition, BrokerEvent, Instrument } from '@tradeswarm/trading'

/** A mistake that somebody might make in an adapter, of whichever venue, and the invariants by which it may be found. */
export type PlantedAdapterBug = {
  readonly name: string
  readonly foundBy: readonly string[]
  /** The first seed that is played, of each venue. */
  readonly from: { readonly alpaca: number; readonly okx: number }
  readonly transport?: (transport: SimulatedTransport) => SimulatedTransport
  readonly broker?: (broker: Broker, transport: CountedTransport) => Partial<Broker>
}

/** How often a stream was opened so far. */
export type CountedTransport = { readonly opened: () => number }

/** An adapter with a mistake in it. */
export function plant<Account extends { readonly transport: SimulatedTransport }>(
  open: (account: Account) => BrokerDefinition,
  { transport: change, broker: wrap }: PlantedAdapterBug,
): (account: Account) => BrokerDefinition {
  return (account) => {
    let opened = 0
    const counted: SimulatedTransport = {
      ...account.transport,
      connect(url) {
        opened += 1
        return account.transport.connect(url)
      },
    }
    const definition = open({ ...account, transport: change?.(counted) ?? counted })
    return {
      ...definition,
      async open(context) {
        const broker = await definition.open(context)
        return wrap === undefined ? broker : withMethods(broker, wrap(broker, { opened: () => opened }))
      },
    }
  }
}

function withMethods(broker: Broker, changed: Partial<Broker>): Broker {
  return new Proxy(broker, {
    get(target, name) {
      if (Object.hasOwn(changed, name)) return (changed as Record<string | symbol, unknown>)[name]
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

const placement = /\/(orders|order|order-algo)$/

/** Sends a placement once more where the first got no answer. */
function repeating(transport: SimulatedTransport): SimulatedTransport {
  return {
    ...transport,
    fetch: (url, init) =>
      transport.fetch(url, init).catch((thrown: unknown) => {
        if (init.method !== 'POST' || !placement.test(url)) throw thrown
        const { signal: _, ...again } = init
        return transport.fetch(url, again)
      }),
  }
}

/** What was executed around a break of the stream is never told, neither then nor when it is asked for. */
function losingFills(broker: Broker, { opened }: CountedTransport): Partial<Broker> {
  let heardUpTo = opened()
  const lost = new Set<string>()
  return {
    subscribe: (listener) =>
      broker.subscribe((event) => {
        if (event.type === 'filled' && opened() > heardUpTo) {
          heardUpTo = opened()
          lost.add(event.execution.tradeId)
        }
        return event.type === 'filled' && lost.has(event.execution.tradeId) ? undefined : listener(event)
      }),
    executions: async (since) =>
      ((await broker.executions?.(since)) ?? []).filter(({ execution }) => !lost.has(execution.tradeId)),
  }
}

/** Takes a cancel that was acknowledged for one that was done. */
function hastyCancels(broker: Broker): Partial<Broker> {
  const listeners = new Set<(event: BrokerEvent) => void | Promise<void>>()
  return {
    subscribe(listener) {
      listeners.add(listener)
      return broker.subscribe((event) =>
        event.type === 'canceled' || event.type === 'cancel-rejected' ? undefined : listener(event),
      )
    },
    async cancel(clientOrderId) {
      const venueOrderId = (await broker.order(clientOrderId))?.venueOrderId ?? ''
      await broker.cancel(clientOrderId)
      const time = (await broker.time?.()) ?? 0
      for (const listener of listeners)
        await listener({ type: 'canceled', eventId: `hasty ${clientOrderId}`, clientOrderId, venueOrderId, time })
    },
  }
}

/** The mistakes that the simulator must find in an adapter. */
export const plantedAdapterBugs: readonly PlantedAdapterBug[] = [
  {
    name: 'a placement that is repeated after a time-out',
    foundBy: ['I17', 'I09', 'I07'],
    from: { alpaca: 6, okx: 6 },
    transport: repeating,
  },
  {
    name: 'an execution that a break of the stream swallows',
    foundBy: ['I01', 'I02', 'I03', 'I29'],
    from: { alpaca: 6, okx: 6 },
    broker: losingFills,
  },
  {
    name: 'a cancel that is told as done when it was acknowledged',
    foundBy: ['I01', 'I02', 'I07', 'I29', 'I13'],
    from: { alpaca: 240, okx: 38 },
    broker: hastyCancels,
  },
]

/** Of a venue that moves money without a trade, as Alpaca's fake does at the end of each day: an adapter that reads none of it. */
export const unreadMovements: PlantedAdapterBug = {
  name: 'money that moves without a trade, and is not read',
  foundBy: ['I18', 'I27'],
  from: { alpaca: 1, okx: 1 },
  broker: () => ({ movements: undefined }) as unknown as Partial<Broker>,
}

/** A contract counts as one coin, whatever it stands for. */
function forgettingMultipliers(broker: Broker): Partial<Broker> {
  return {
    instrument(symbol) {
      const { multiplier: _, ...listed } = broker.instrument(symbol) ?? {}
      return 'symbol' in listed ? (listed as Instrument) : undefined
    },
  }
}

/** What has moved is told under an id of the connection by which it was heard of. */
function renamedMovements(broker: Broker, { opened }: CountedTransport): Partial<Broker> {
  return {
    movements: async (since) =>
      ((await broker.movements?.(since)) ?? []).map((one) => ({ ...one, eventId: `${one.eventId}/${opened()}` })),
  }
}

/** What has moved around a break of the stream is never told. */
function losingMovements(broker: Broker, { opened }: CountedTransport): Partial<Broker> {
  let heardUpTo = opened()
  const [told, lost] = [new Set<string>(), new Set<string>()]
  return {
    async movements(since) {
      const moved = (await broker.movements?.(since)) ?? []
      if (opened() > heardUpTo) for (const { eventId } of moved) if (!told.has(eventId)) lost.add(eventId)
      heardUpTo = opened()
      for (const { eventId } of moved) told.add(eventId)
      return moved.filter(({ eventId }) => !lost.has(eventId))
    },
  }
}

/** Mistakes that only show where swaps are traded, at OKX. */
export const plantedSwapBugs: readonly PlantedAdapterBug[] = [
  {
    name: 'a contract that counts as one coin',
    foundBy: ['I11', 'I18'],
    from: { alpaca: 1, okx: 4 },
    broker: forgettingMultipliers,
  },
  {
    name: 'funding that is told again under another id after a break',
    foundBy: ['I18'],
    from: { alpaca: 1, okx: 24 },
    broker: renamedMovements,
  },
  {
    name: 'funding that a break of the stream swallows',
    foundBy: ['I18'],
    from: { alpaca: 1, okx: 35 },
    broker: losingMovements,
  },
  {
    name: 'funding of which only what was received is told',
    foundBy: ['I18'],
    from: { alpaca: 1, okx: 14 },
    broker: (broker) => ({
      movements: async (since) =>
        ((await broker.movements?.(since)) ?? []).filter(({ amount }) => !amount.startsWith('-')),
    }),
  },
]

/** The fee of coins that is posted at the end of a day counts as one more, beside that of each execution. */
function bookingPostedFees(transport: SimulatedTransport): SimulatedTransport {
  const asRegulators = (text: string): string =>
    text.replaceAll('Coin Pair Transaction Fee', 'REG fee').replaceAll(/"symbol":"[A-Z]+USD",/g, '')
  return {
    ...transport,
    async fetch(url, init) {
      const { status, headers, text } = await transport.fetch(url, init)
      const isAbout = url.includes('/account/activities')
      return { status, headers, text: async () => (isAbout ? asRegulators(await text()) : text()) }
    },
  }
}

/** What coins cost is not read. */
function forgettingFees(broker: Broker): Partial<Broker> {
  return {
    subscribe: (listener) =>
      broker.subscribe((event) =>
        listener(event.type === 'filled' ? { ...event, execution: { ...event.execution, fee: '0' } } : event),
      ),
    executions: async (since) =>
      ((await broker.executions?.(since)) ?? []).map((one) => ({ ...one, execution: { ...one.execution, fee: '0' } })),
  }
}

/** Mistakes that only show where coins are traded, at Alpaca. */
export const plantedCoinBugs: readonly PlantedAdapterBug[] = [
  {
    name: 'a fee of coins that is booked once more when it is posted',
    foundBy: ['I18'],
    from: { alpaca: 239, okx: 1 },
    transport: bookingPostedFees,
  },
  {
    name: 'a fee of coins that is not read',
    foundBy: ['I18', 'I21'],
    from: { alpaca: 1, okx: 1 },
    broker: forgettingFees,
  },
]
