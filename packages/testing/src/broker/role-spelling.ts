import { SwarmError } from '@tradeswarm/core'
import {
  type Broker,
  type BrokerEvent,
  decimal,
  decimalText,
  type Execution,
  type Instrument,
  type MarketEvent,
  type OrderRequest,
  type PermitGuard,
  type PermittedOrder,
  type VenueMovement,
} from '@tradeswarm/trading'
import type { BenchRole, BrokerSetup, RoleInstrument } from './broker-harness.js'

/** A broker that is spoken to in the words of the cases, and what it is opened with in the words of its venue. */
export type SpelledBroker = {
  /** What the venue lists, pays with and charges, in its own words. */
  readonly setup: BrokerSetup
  /** A guard that is asked with the orders as they were permitted. */
  guard(guard: PermitGuard): PermitGuard
  /** What the market of the cases does, as the venue's market does it. */
  event(event: MarketEvent): MarketEvent
  /** The broker in the words of the cases. */
  broker(broker: Broker): Broker
}

type Roles = Partial<Record<BenchRole, RoleInstrument>>

/**
 * The cases trade AAA and BBB for dollars; a venue lists what it lists. This puts what it lists in their place: symbols, assets, currencies and
 * how high prices stand are translated at its edge, exactly, and nothing else is touched. What has no role keeps its name.
 */
export function spellFor(roles: Roles, setup: BrokerSetup): SpelledBroker {
  const spelling = new RoleSpelling(roles, setup.instruments)
  const original = new WeakMap<PermittedOrder, PermittedOrder>()
  const sent = (order: PermittedOrder): PermittedOrder => {
    const spelled = { ...order, request: spelling.request(order.request) } as PermittedOrder
    original.set(spelled, order)
    return spelled
  }
  return {
    setup: {
      ...setup,
      instruments: setup.instruments.map((one) => spelling.instrument(one)),
      cash: spelling.cash(setup),
    },
    guard: (guard) => ({ consume: (order) => guard.consume(original.get(order) ?? order) }),
    event: (event) => spelling.event(event),
    broker: (broker) => inWordsOfCases(broker, spelling, sent),
  }
}

function inWordsOfCases(
  broker: Broker,
  spelling: RoleSpelling,
  sent: (order: PermittedOrder) => PermittedOrder,
): Broker {
  const { replace, recall, executions, movements, subscribeMovements, time, capabilities } = broker
  const spelled = (told: VenueMovement): VenueMovement => {
    const currency = spelling.ours(told.currency)
    return 'symbol' in told ? { ...told, currency, symbol: spelling.ours(told.symbol) } : { ...told, currency }
  }
  return {
    name: broker.name,
    account: broker.account,
    mode: broker.mode,
    ...(capabilities === undefined ? {} : { capabilities }),
    instrument: (symbol) => broker.instrument(spelling.venue(symbol)),
    place: (order) => broker.place(sent(order)),
    cancel: (id) => broker.cancel(id),
    ...(replace && { replace: (id: string, order: PermittedOrder) => replace.call(broker, id, sent(order)) }),
    ...(recall && { recall: recall.bind(broker) }),
    async order(id) {
      const found = await broker.order(id)
      return found && { ...found, symbol: spelling.ours(found.symbol) }
    },
    openOrders: async () =>
      (await broker.openOrders()).map((found) => ({ ...found, symbol: spelling.ours(found.symbol) })),
    ...(executions && {
      executions: async (since: number) =>
        (await executions.call(broker, since)).map((found) => ({
          ...found,
          execution: spelling.execution(found.execution, spelling.symbolOf(found.clientOrderId)),
        })),
    }),
    ...(movements && {
      movements: async (since: number) => (await movements.call(broker, since)).map(spelled),
    }),
    ...(subscribeMovements && {
      subscribeMovements: (listener: (told: VenueMovement) => void | Promise<void>) =>
        subscribeMovements.call(broker, (told) => listener(spelled(told))),
    }),
    ...(time && { time: time.bind(broker) }),
    balances: async () =>
      (await broker.balances())
        .map(({ asset, total }) => ({ asset: spelling.ours(asset), total }))
        .toSorted((a, b) => (a.asset < b.asset ? -1 : 1)),
    subscribe: (listener) => broker.subscribe((event) => listener(spelling.told(event))),
    close: () => broker.close(),
  }
}

class RoleSpelling {
  readonly #roles: Roles
  readonly #toVenue = new Map<string, string>()
  readonly #toOurs = new Map<string, string>()
  /** The role that an order is of, by its client order id: executions do not say it. */
  readonly #symbols = new Map<string, string>()
  readonly #calendar: string | undefined

  constructor(roles: Roles, instruments: readonly Instrument[]) {
    this.#roles = roles
    for (const one of instruments) {
      const spelled = this.instrument(one)
      this.#name(one.currency, spelled.currency)
      // Assets are only heard of.
      this.#toOurs.set(spelled.asset, one.asset)
      this.#name(one.symbol, spelled.symbol)
    }
    this.#calendar = roles.AAA?.calendar
  }

  /** Throws `INVALID_OPTION` for two names of one thing: the cases have one account in dollars. */
  #name(ours: string, venue: string): void {
    const before = this.#toVenue.get(ours)
    if (before !== undefined && before !== venue)
      throw new SwarmError({
        code: 'INVALID_OPTION',
        message: `brokerContract: instruments: ${ours} of the cases is ${before} and ${venue}; give what is paid for in one currency of the cases one currency`,
        context: { option: 'instruments' },
      })
    this.#toVenue.set(ours, venue)
    this.#toOurs.set(venue, ours)
  }

  #role(symbol: string): RoleInstrument | undefined {
    return Object.hasOwn(this.#roles, symbol) ? this.#roles[symbol as BenchRole] : undefined
  }

  venue(name: string): string {
    return this.#toVenue.get(name) ?? name
  }

  ours(name: string): string {
    return this.#toOurs.get(name) ?? name
  }

  symbolOf(clientOrderId: string): string {
    return this.#symbols.get(clientOrderId) ?? ''
  }

  cash({ cash }: BrokerSetup): BrokerSetup['cash'] {
    return Object.fromEntries(Object.entries(cash).map(([currency, total]) => [this.venue(currency), total]))
  }

  instrument(one: Instrument): Instrument {
    const role = this.#role(one.symbol)
    if (role === undefined) return one
    const { priceShift: _, ...given } = role
    return { ...one, asset: role.symbol, ...given, tickSize: this.#shifted(one.symbol, one.tickSize) }
  }

  request(request: OrderRequest): OrderRequest {
    const { symbol, clientOrderId } = request
    this.#symbols.set(clientOrderId, symbol)
    const prices = this.#prices(symbol, request, ['limitPrice', 'stopPrice', 'trailAmount'])
    return { ...request, ...prices, symbol: this.venue(symbol) }
  }

  told(event: BrokerEvent): BrokerEvent {
    if (event.type !== 'filled' && event.type !== 'corrected') return event
    return { ...event, execution: this.execution(event.execution, this.symbolOf(event.clientOrderId)) }
  }

  execution(execution: Execution, symbol: string): Execution {
    const prices = this.#prices(symbol, execution, ['price', 'referencePrice'], -1)
    return { ...execution, ...prices, feeCurrency: this.ours(execution.feeCurrency) }
  }

  event(event: MarketEvent): MarketEvent {
    if (event.type === 'session') return { ...event, calendar: this.#calendar ?? event.calendar }
    const prices = this.#prices(event.symbol, event, ['price', 'open', 'high', 'low', 'close', 'bid', 'ask'])
    return { ...event, ...prices, symbol: this.venue(event.symbol) }
  }

  /** Those of the named fields that there are, as they stand at the venue, or with `way` -1 as they stand in the cases. */
  #prices(symbol: string, of: object, names: readonly string[], way: 1 | -1 = 1): Readonly<Record<string, string>> {
    const fields = of as Readonly<Record<string, unknown>>
    const found = names.filter((name) => typeof fields[name] === 'string')
    return Object.fromEntries(found.map((name) => [name, this.#shifted(symbol, fields[name] as string, way)]))
  }

  #shifted(symbol: string, price: string, way: 1 | -1 = 1): string {
    const shift = (this.#role(symbol)?.priceShift ?? 0) * way
    if (shift === 0) return price
    const factor = shift > 0 ? `1${'0'.repeat(shift)}` : `0.${'0'.repeat(-shift - 1)}1`
    return decimalText(decimal(price).times(decimal(factor)))
  }
}
