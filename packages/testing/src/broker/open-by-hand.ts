import { requestFault } from '@tradeswarm/broker-kit'
import {
  assertKnownOptions,
  type ClockAndTimers,
  createConsoleJsonLogger,
  createSystemClock,
  createSystemIds,
  createSystemRandom,
  type Logger,
  messageOf,
  SwarmError,
  shown,
} from '@tradeswarm/core'
import {
  type Broker,
  type BrokerContext,
  type BrokerEvent,
  type Decimal,
  decimal,
  type Execution,
  type OrderRequest,
  type PermittedOrder,
  type VenueOrder,
  zero,
} from '@tradeswarm/trading'
import { createManualFeed } from './manual-feed.js'
import { createOpenGuard } from './open-guard.js'

/** An order in few words: its id, its account and that it may open a position are filled in. */
export type HandOrder = Omit<OrderRequest, 'account' | 'clientOrderId' | 'reduceOnly'> &
  Partial<Pick<OrderRequest, 'clientOrderId' | 'reduceOnly'>>

/** An account that is open without a swarm. */
export type HandAccount<Opened extends Broker> = {
  readonly broker: Opened
  /** An order with a permit, for what an adapter knows besides the port, such as `placeWithExits`. Throws why, under the code of a refusal, for what is no order. */
  permit(order: HandOrder): PermittedOrder
  /**
   * Places an order, and answers what was told of it by the time that it ended, or with `until: 'accepted'` that it rests. Throws as `permit` does
   * for what is no object, and `TIMED_OUT` where that takes longer than `timeoutMs`: it says what the venue has of the order then.
   */
  trade(order: HandOrder, options?: TradeOptions): Promise<readonly BrokerEvent[]>
}

/** `timeoutMs` from 1, 30,000 by default; `until` is `ended` by default. */
export type TradeOptions = { readonly timeoutMs?: number; readonly until?: 'ended' | 'accepted' }

const ends: ReadonlySet<BrokerEvent['type']> = new Set(['rejected', 'canceled', 'expired'])

/**
 * Opens an account by hand, to try an adapter: with the machine's clock, a feed that says nothing, and every order permitted. Nothing keeps
 * its books and nothing limits what it risks: a swarm opens its accounts by itself. What an adapter warns of, such as a symbol that its venue
 * does not list, goes to the console unless there is a `logger`. Throws `INVALID_OPTION` for what is no definition, and for an option that there is not.
 */
export async function openByHand<Opened extends Broker>(
  definition: { readonly account: string; open(context: BrokerContext): Promise<Opened> },
  options: { readonly logger?: Logger } = {},
): Promise<HandAccount<Opened>> {
  assertDefinition(definition)
  assertKnownOptions('openByHand', options, ['logger'])
  const { logger = createConsoleJsonLogger({ level: 'warn' }) } = options
  const [clock, random, guard] = [createSystemClock(), createSystemRandom(), createOpenGuard()]
  const feed = createManualFeed({ startTime: clock.now() })
  const broker = await definition.open({ clock, random, ids: createSystemIds(), logger, feed, guard })
  const requestOf = (order: HandOrder): OrderRequest => {
    // Legal at every venue, and never used before.
    const own = `hand${clock.now()}n${Math.floor(random.next() * 1e9)}`
    return { reduceOnly: false, clientOrderId: own, ...order, account: definition.account }
  }
  return {
    broker,
    permit(order) {
      const request = requestOf(order)
      assertOrder(order, request)
      return guard.permit(request)
    },
    async trade(order, limits = {}) {
      const { timeoutMs, until } = tradeOptionsOf(limits)
      assertIsObject('trade', order)
      const request = requestOf(order)
      const { clientOrderId } = request
      const told: BrokerEvent[] = []
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const leave = broker.subscribe(async (event) => {
        if (event.clientOrderId !== clientOrderId) return
        told.push(event)
        const isOver = ends.has(event.type) || (event.type === 'filled' && (await hasFilled(broker, request, told)))
        if (isOver || (until === 'accepted' && event.type === 'accepted')) resolve()
      })
      const cancel = clock.at(clock.now() + timeoutMs, async () => {
        reject(timedOut(clientOrderId, timeoutMs, await lookedUp(broker, clientOrderId, clock)))
      })
      try {
        await Promise.all([broker.place(guard.permit(request)), promise])
        return told
      } finally {
        cancel()
        leave()
      }
    },
  }
}

/** An opened broker has connected already, and has no way to open: an adapter would be waited for in vain. */
function assertDefinition(definition: unknown): void {
  const { open, account, place } = (definition ?? {}) as Readonly<Record<string, unknown>>
  if (typeof open === 'function' && typeof account === 'string' && place === undefined) return
  const given =
    typeof place === 'function' ? 'is a broker that was opened already' : `is ${shownDefinition(definition)}`
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `openByHand: what to open ${given}; give a definition, such as createOkxBroker({ … }) returns`,
    context: { option: 'definition' },
  })
}

function shownDefinition(definition: unknown): string {
  return typeof definition === 'object' && definition !== null
    ? 'an object without account and open'
    : String(definition)
}

/** An adapter refuses by an event what it is told to place; here nobody would hear of it. */
function assertOrder(order: unknown, request: OrderRequest): void {
  assertIsObject('permit', order)
  const fault = requestFault(request)
  if (fault !== undefined) throw new SwarmError({ code: fault.code, message: `permit: ${fault.message}` })
}

/** What is no object has no field that an adapter could name. */
function assertIsObject(call: string, order: unknown): void {
  if (typeof order === 'object' && order !== null && !Array.isArray(order)) return
  throw new SwarmError({
    code: 'INVALID_ORDER',
    message: `${call}: the order is ${shown(order)}; give an object such as { symbol: … }`,
  })
}

function tradeOptionsOf(options: TradeOptions): Required<TradeOptions> {
  assertKnownOptions('trade', options, ['timeoutMs', 'until'])
  const { timeoutMs = 30_000, until = 'ended' } = options
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 1)
    throw unfitOption('timeoutMs', timeoutMs, 'it must be a whole number of milliseconds from 1')
  if (until !== 'ended' && until !== 'accepted') throw unfitOption('until', until, 'use "ended" or "accepted"')
  return { timeoutMs, until }
}

function unfitOption(option: string, value: unknown, remedy: string): SwarmError {
  return new SwarmError({
    code: 'INVALID_OPTION',
    message: `trade: ${option} is ${shown(value)}; ${remedy}`,
    context: { option },
  })
}

/** The venue may be ahead of what it has told of. One that ended otherwise, as what is left of an amount does, is told to have. */
async function hasFilled(broker: Broker, request: OrderRequest, told: readonly BrokerEvent[]): Promise<boolean> {
  const order = await broker.order(request.clientOrderId)
  if (order?.status !== 'filled') return false
  const measure = ({ quantity, price }: Execution): Decimal =>
    request.sizedIn === undefined ? decimal(quantity) : decimal(quantity).times(decimal(price))
  const filled = told.reduce((sum, event) => (event.type === 'filled' ? sum.plus(measure(event.execution)) : sum), zero)
  return filled.gte(decimal(order.filledQuantity))
}

/** What the venue has of an order, or why that could not be asked in time. */
async function lookedUp(
  broker: Broker,
  clientOrderId: string,
  clock: ClockAndTimers,
): Promise<VenueOrder | string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const stop = clock.at(clock.now() + lookUpMs, () => resolve(`there was no answer within ${lookUpMs} ms`))
  const found = await Promise.race([broker.order(clientOrderId).catch((thrown: unknown) => messageOf(thrown)), promise])
  stop()
  return found
}

const lookUpMs = 5_000

/** `found` is what the venue has of it, or why that could not be asked. */
function timedOut(clientOrderId: string, timeoutMs: number, found: VenueOrder | string | undefined): SwarmError {
  return new SwarmError({
    code: 'TIMED_OUT',
    message: `of order ${clientOrderId} no end was told within ${timeoutMs} ms: ${standing(found)}`,
    retryability: 'unknown-outcome',
    context: { clientOrderId, ...(typeof found === 'object' ? { status: found.status } : {}) },
  })
}

function standing(found: VenueOrder | string | undefined): string {
  if (found === undefined)
    return 'the venue knows no such order, which may yet arrive; look it up before you send another'
  if (typeof found === 'string') return `nobody knows what became of it, as it could not be looked up: ${found}`
  return found.status === 'open'
    ? `it lives on, with ${found.filledQuantity} of ${found.quantity} filled: cancel it, give timeoutMs, or until: 'accepted' for one that is to rest`
    : `the venue has it as ${found.status}, with ${found.filledQuantity} of ${found.quantity} filled, and has not told so: send it no second time`
}
