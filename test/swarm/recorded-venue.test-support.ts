import type { Broker, BrokerDefinition, BrokerEvent, OrderRequest, VenueBalance, VenueOrder } from '@tradeswarm/trading'

/** What made the venue speak: the nth market event, or an order that was sent or cancelled. */
type Cause = string

type Word = { readonly order: string; readonly event: BrokerEvent }

/** What a venue held after something happened: an order goes by its name. */
type Holdings = { readonly balances: readonly VenueBalance[]; readonly open: readonly VenueOrder[] }

/** All that a venue said in one run, and what it held, by what made it speak. */
export type VenueRecording = { readonly words: Map<Cause, Word[]>; readonly holdings: Map<Cause, Holdings> }

/** An order by its terms and how many of the same terms were sent before: two runs know it by different ids. */
class OrderNames {
  readonly #counts = new Map<string, number>()
  readonly #names = new Map<string, string>()
  readonly #ids = new Map<string, string>()

  take(request: OrderRequest): string {
    const { clientOrderId, account: _, ...terms } = request
    const text = JSON.stringify(terms, Object.keys(terms).sort())
    const count = (this.#counts.get(text) ?? 0) + 1
    this.#counts.set(text, count)
    const name = `${text} #${count}`
    this.#names.set(clientOrderId, name)
    this.#ids.set(name, clientOrderId)
    return name
  }

  nameOf(clientOrderId: string): string {
    return this.#names.get(clientOrderId) ?? clientOrderId
  }

  idOf(name: string): string | undefined {
    return this.#ids.get(name)
  }
}

/** A venue, and a recording of all that it says. */
export function recorded(definition: BrokerDefinition): {
  readonly definition: BrokerDefinition
  readonly recording: VenueRecording
} {
  const words: VenueRecording['words'] = new Map()
  const holdings: VenueRecording['holdings'] = new Map()
  return {
    recording: { words, holdings },
    definition: {
      ...definition,
      async open(context) {
        const names = new OrderNames()
        let cause: Cause = ''
        let marketEvents = 0
        const during = async <T>(next: Cause, act: () => Promise<T>): Promise<T> => {
          const before = cause
          cause = next
          try {
            return await act()
          } finally {
            cause = before
            void keep(next)
          }
        }
        /** Nobody waits for it: a run that is recorded goes as one that is not. */
        const keep = async (after: Cause): Promise<void> => {
          const [balances, open] = await Promise.all([broker.balances(), broker.openOrders()])
          const named = open.map((order) => ({ ...order, clientOrderId: names.nameOf(order.clientOrderId) }))
          holdings.set(after, { balances, open: named })
        }
        // The venue hears of a price through this feed, so that what it says of it has that price as its cause.
        const broker: Broker = await definition.open({
          ...context,
          feed: {
            ...context.feed,
            subscribe: (listener) =>
              context.feed.subscribe((event) => {
                marketEvents += 1
                return during(`market ${marketEvents}`, async () => listener(event))
              }),
          },
        })
        const listened: Broker = {
          ...wrapped(broker),
          place: (order) => during(`place ${names.take(order.request)}`, () => broker.place(order)),
          cancel: (id) => during(`cancel ${names.nameOf(id)}`, () => broker.cancel(id)),
          subscribe: (listener) =>
            broker.subscribe((event) => {
              const said = words.get(cause) ?? []
              said.push({ order: names.nameOf(event.clientOrderId), event })
              words.set(cause, said)
              return listener(event)
            }),
        }
        return listened
      },
    },
  }
}

/** A venue that says again what was recorded, when the same thing happens; it knows no prices and no rules of its own. */
export function replayed(
  definition: BrokerDefinition,
  { words, holdings }: VenueRecording,
): BrokerDefinition & { unsaid(): number } {
  let left = 0
  for (const said of words.values()) left += said.length
  return {
    ...definition,
    mode: 'demo',
    unsaid: () => left,
    async open(context) {
      const names = new OrderNames()
      const listeners = new Set<(event: BrokerEvent) => void | Promise<void>>()
      let marketEvents = 0
      let held: Holdings = { balances: await startingBalances(definition, context), open: [] }
      const say = async (cause: Cause): Promise<void> => {
        held = holdings.get(cause) ?? held
        for (const { order, event } of words.get(cause) ?? []) {
          left -= 1
          const clientOrderId = names.idOf(order)
          if (clientOrderId === undefined) throw new Error(`the recorded venue speaks of an order never sent: ${order}`)
          for (const listener of listeners) await listener({ ...event, clientOrderId })
        }
      }
      const venue = await definition.open({ ...context, feed: { name: 'none', subscribe: () => () => undefined } })
      context.feed.subscribe(() => {
        marketEvents += 1
        return say(`market ${marketEvents}`)
      })
      return {
        ...wrapped(venue),
        mode: 'demo',
        async place(order) {
          context.guard.consume(order)
          await say(`place ${names.take(order.request)}`)
        },
        cancel: (id) => say(`cancel ${names.nameOf(id)}`),
        balances: async () => held.balances,
        openOrders: async () =>
          held.open.map((order) => ({
            ...order,
            clientOrderId: names.idOf(order.clientOrderId) ?? order.clientOrderId,
          })),
        order: async () => undefined,
        subscribe(listener) {
          listeners.add(listener)
          return () => listeners.delete(listener)
        },
      }
    },
  }
}

async function startingBalances(
  definition: BrokerDefinition,
  context: Parameters<BrokerDefinition['open']>[0],
): Promise<readonly VenueBalance[]> {
  const quiet = { name: 'none', subscribe: () => () => undefined }
  return (await definition.open({ ...context, feed: quiet })).balances()
}

/** A broker's methods, bound: a class's methods do not survive a spread. */
function wrapped(broker: Broker): Broker {
  return {
    name: broker.name,
    account: broker.account,
    mode: broker.mode,
    instrument: (symbol) => broker.instrument(symbol),
    place: (order) => broker.place(order),
    cancel: (id) => broker.cancel(id),
    order: (id) => broker.order(id),
    openOrders: () => broker.openOrders(),
    balances: () => broker.balances(),
    subscribe: (listener) => broker.subscribe(listener),
    close: () => broker.close(),
  }
}
