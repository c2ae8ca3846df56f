import type { Instrument } from '../instruments/instrument.js'
import type {
  Broker,
  BrokerCapabilities,
  BrokerContext,
  BrokerDefinition,
  BrokerEvent,
  Execution,
  OrderExecution,
  VenueBalance,
  VenueMovement,
  VenueOrder,
} from '../orders/broker.js'
import type { OrderRequest } from '../orders/order-request.js'
import type { PermittedOrder } from '../risk/permit.js'

type Word = BrokerEvent extends infer Event
  ? Event extends BrokerEvent
    ? Omit<Event, 'eventId' | 'clientOrderId' | 'venueOrderId' | 'time'>
    : never
  : never

type ReplaceAnswer = 'replace' | 'silent' | Error
type CancelAnswer = 'cancel' | 'silent' | Error

/** A venue for the kernel's tests: it says only what the test has it say. */
export type ScriptedBroker = {
  readonly definition: BrokerDefinition
  /** Requests that passed the guard, in order. */
  readonly sent: OrderRequest[]
  readonly cancels: string[]
  readonly balances: Map<string, string>
  readonly held: Map<string, VenueOrder>
  /** What `place` does after the guard: acknowledge (default), stay silent, or throw. */
  onPlace: (request: OrderRequest) => 'accept' | 'silent' | Error
  onCancel: CancelAnswer | ((clientOrderId: string) => CancelAnswer)
  onLookup: Error | undefined
  /** What the venue can do; without it, what the port says of one that does not tell. */
  capabilities: BrokerCapabilities | undefined
  /** What its instruments have besides, such as the most that one order may be of. */
  terms: Partial<Instrument> | undefined
  /** Requests that took the place of others, in order, and what \`replace\` does after the guard. */
  readonly replacements: { readonly id: string; readonly request: OrderRequest }[]
  onReplace: ReplaceAnswer | ((id: string, request: OrderRequest) => ReplaceAnswer)
  /** What \`executions\` tells; undefined where the venue has no such query. */
  executed: OrderExecution[] | undefined
  /** What \`movements\` tells; undefined where the venue tells of none. */
  moved: VenueMovement[] | undefined
  /** Whether it tells of movements as they happen; default true. */
  tellsMovements: boolean
  /** Tells of a movement as it happens. */
  move(movement: VenueMovement): void
  /** What the venue's clock is ahead of ours. */
  aheadMs: number
  opened(): Broker
  context(): BrokerContext
  say(clientOrderId: string, word: Word, eventId?: string): void
  fill(clientOrderId: string, quantity: string, price: string, tradeId?: string): void
}

const execution = (tradeId: string, quantity: string, price: string, time: number): Execution => ({
  tradeId,
  price,
  quantity,
  fee: '1',
  feeCurrency: 'USD',
  referencePrice: price,
  referenceTime: time,
  liquidity: 'taker',
})

/** All types but a target and a stop in one. */
export const singles: BrokerCapabilities['orderTypes'] = ['market', 'limit', 'stop', 'stop-limit', 'trailing-stop']

/** A venue that can do all there is. */
export const ablest: BrokerCapabilities = {
  orderTypes: [...singles, 'oco'],
  timesInForce: ['day', 'gtc', 'gtd', 'ioc', 'fok', 'at-open', 'at-close'],
  postOnly: true,
  sizedInQuote: true,
  clientOrderIds: 'permanent',
  holdsExitPairs: true,
  replace: 'new-order',
}

/** A scripted venue of one account, with the instruments named. */
export function createScriptedBroker(account: string, instruments: readonly Instrument[]): ScriptedBroker {
  const movementListeners = new Set<(movement: VenueMovement) => void | Promise<void>>()
  const listeners = new Set<(event: BrokerEvent) => void | Promise<void>>()
  let context: BrokerContext | undefined
  let broker: Broker | undefined
  let events = 0
  const say = (clientOrderId: string, word: Word, givenId?: string): void => {
    events += 1
    const eventId = givenId ?? `event-${events}`
    const event = {
      ...word,
      eventId,
      clientOrderId,
      // Of an order that it does not know a venue has no id.
      venueOrderId: 'code' in word && word.code === 'ORDER_NOT_FOUND' ? '' : `venue-${clientOrderId}`,
      time: context?.clock.now() ?? 0,
    } as BrokerEvent
    for (const listener of listeners) void listener(event)
  }
  const place = async (order: PermittedOrder): Promise<void> => {
    context?.guard.consume(order)
    const outcome = scripted.onPlace(order.request)
    if (outcome instanceof Error) throw outcome
    scripted.sent.push(order.request)
    if (outcome === 'accept') say(order.request.clientOrderId, { type: 'accepted' })
  }
  const cancel = async (clientOrderId: string): Promise<void> => {
    scripted.cancels.push(clientOrderId)
    const answer = typeof scripted.onCancel === 'function' ? scripted.onCancel(clientOrderId) : scripted.onCancel
    if (answer instanceof Error) throw answer
    if (answer === 'cancel') say(clientOrderId, { type: 'canceled' })
  }
  const replace = async (id: string, order: PermittedOrder): Promise<void> => {
    context?.guard.consume(order)
    const answer = typeof scripted.onReplace === 'function' ? scripted.onReplace(id, order.request) : scripted.onReplace
    if (answer instanceof Error) throw answer
    scripted.replacements.push({ id, request: order.request })
    if (answer === 'replace') say(id, { type: 'replaced', by: order.request.clientOrderId })
  }
  const asked = <T>(answer: T): T => {
    if (scripted.onLookup !== undefined) throw scripted.onLookup
    return answer
  }
  const scripted: ScriptedBroker = {
    sent: [],
    cancels: [],
    balances: new Map(),
    held: new Map(),
    onPlace: () => 'accept',
    onCancel: 'cancel',
    onLookup: undefined,
    capabilities: undefined,
    terms: undefined,
    tellsMovements: true,
    replacements: [],
    onReplace: 'replace',
    executed: undefined,
    moved: undefined,
    move(movement) {
      for (const listener of movementListeners) void listener(movement)
    },
    aheadMs: 0,
    definition: {
      name: 'scripted',
      account,
      mode: 'paper',
      async open(given) {
        context = given
        broker = {
          name: 'scripted',
          ...(scripted.capabilities === undefined ? {} : { capabilities: scripted.capabilities, replace }),
          ...(scripted.executed === undefined
            ? {}
            : {
                executions: async (since: number) =>
                  asked((scripted.executed ?? []).filter(({ time }) => time >= since)),
              }),
          ...(scripted.moved === undefined
            ? {}
            : {
                movements: async (since: number) => asked((scripted.moved ?? []).filter(({ time }) => time >= since)),
              }),
          ...(scripted.tellsMovements
            ? {
                subscribeMovements: (listener: (movement: VenueMovement) => void | Promise<void>) => {
                  movementListeners.add(listener)
                  return () => movementListeners.delete(listener)
                },
              }
            : {}),
          time: async () => (context?.clock.now() ?? 0) + scripted.aheadMs,
          account,
          mode: 'paper',
          instrument: (symbol) => {
            const known = instruments.find((instrument) => instrument.symbol === symbol)
            return known === undefined || scripted.terms === undefined ? known : { ...known, ...scripted.terms }
          },
          place,
          cancel,
          order: async (id) => asked(scripted.held.get(id)),
          openOrders: async () => asked([...scripted.held.values()].filter(({ status }) => status === 'open')),
          balances: async () => asked([...scripted.balances].map(([asset, total]): VenueBalance => ({ asset, total }))),
          subscribe(listener) {
            listeners.add(listener)
            return () => listeners.delete(listener)
          },
          close: async () => undefined,
        }
        return broker
      },
    },
    opened: () => broker as Broker,
    context: () => context as BrokerContext,
    say,
    fill(clientOrderId, quantity, price, tradeId = `trade-${events + 1}`) {
      say(clientOrderId, { type: 'filled', execution: execution(tradeId, quantity, price, context?.clock.now() ?? 0) })
    },
  }
  return scripted
}
