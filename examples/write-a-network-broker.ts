// An adapter for the Bourse of `write-a-broker.ts` where it is reached over HTTP and WebSocket, with the parts that are the same at each venue.
import {
  amountText,
  asList,
  asPayload,
  createScrubber,
  detailsIn,
  EventOutbox,
  epochMs,
  exchange,
  GapFiller,
  jsonIn,
  optionalEpochMs,
  optionalText,
  outcomeOf,
  type Payload,
  parseLine,
  RateBuckets,
  RefusalDesk,
  type RequestClass,
  RequestLanes,
  refusalIn,
  requestFault,
  retryAfterMs,
  text,
  VenueErrors,
  type VenueLine,
  type VenueRefusal,
  VenueSocket,
  type VenueTransport,
} from '@tradeswarm/broker-kit'
import { type EpochMs, messageOf } from '@tradeswarm/core'
import {
  assertSince,
  type Broker,
  type BrokerContext,
  type BrokerDefinition,
  type BrokerEvent,
  type Decimal,
  decimal,
  type Execution,
  type Instrument,
  type OrderExecution,
  type PermittedOrder,
  type VenueBalance,
  type VenueOrder,
  zero,
} from '@tradeswarm/trading'
import { capabilities, reasons, ticketOf } from './write-a-broker.ts'

export type NetworkBourseOptions = {
  readonly key: string
  readonly url: string
  /** What is traded. An adapter of yours asks its venue for it. */
  readonly instruments: readonly Instrument[]
  readonly account?: string
  /** How many requests a second the venue answers; 20 by default. */
  readonly callsPerSecond?: number
  /** How long is waited before each look-up of an order of unknown fate. */
  readonly outcomeWaitsMs?: readonly number[]
  readonly requestTimeoutMs?: number
  readonly heartbeatMs?: number
  readonly transport?: VenueTransport
}

const defaults = { account: 'bourse', callsPerSecond: 20, outcomeWaitsMs: [100, 500, 2_000, 5_000] } as const
const errors = new VenueErrors('the Bourse')

// --- Parsers: what comes from the venue becomes something of ours, or is refused as unreadable. ---

type Deal = { readonly payload: Payload; readonly size: Decimal; readonly done: Decimal; readonly at: EpochMs }
type Ticket = {
  readonly ref: string
  readonly number: string
  readonly paper: string
  readonly size: string
  readonly done: string
  readonly state: string
  readonly side: 'buy' | 'sell'
  readonly listedAt: EpochMs
  readonly endedAt: EpochMs | undefined
  readonly deals: readonly Deal[]
}

function parseTicket(value: unknown): Ticket {
  const ticket = asPayload(value, 'a ticket')
  const given = (field: string): string => text(ticket, field, 'a ticket')
  return {
    ref: given('ref'),
    number: given('number'),
    paper: given('paper'),
    size: amountText(ticket, 'size', 'a ticket'),
    done: amountText(ticket, 'done', 'a ticket'),
    state: given('state'),
    side: given('way') === 'B' ? 'buy' : 'sell',
    listedAt: epochMs(ticket, 'listedAt', 'a ticket'),
    endedAt: optionalEpochMs(ticket, 'endedAt'),
    deals: asList(ticket['deals'], 'the deals of a ticket').map(parseDeal),
  }
}

function parseDeal(value: unknown): Deal {
  const payload = asPayload(value, 'a deal')
  const amount = (field: string): Decimal => decimal(amountText(payload, field, 'a deal'))
  return { payload, size: amount('size'), done: amount('done'), at: epochMs(payload, 'at', 'a deal') }
}

function executionOf(payload: Payload): Execution {
  const price = amountText(payload, 'price', 'a deal')
  return {
    tradeId: text(payload, 'deal', 'a deal'),
    price,
    quantity: amountText(payload, 'size', 'a deal'),
    fee: '0',
    feeCurrency: 'USD',
    liquidity: payload['rested'] === true ? 'maker' : 'taker',
    referencePrice: price,
    referenceTime: epochMs(payload, 'at', 'a deal'),
  }
}

function venueOrderOf({ ref, number, paper, side, size, done, state }: Ticket): VenueOrder {
  const status = ({ DONE: 'filled', WITHDRAWN: 'canceled', LAPSED: 'expired' } as const)[state] ?? 'open'
  return { clientOrderId: ref, venueOrderId: number, symbol: paper, side, quantity: size, filledQuantity: done, status }
}

// --- The raw client: keys, rate, and which answers mean what. ---

class BourseClient {
  readonly #options: NetworkBourseOptions
  readonly #line: VenueLine
  readonly #lanes: RequestLanes

  constructor(options: NetworkBourseOptions, line: VenueLine, random: BrokerContext['random']) {
    const { clock, requestTimeoutMs } = line
    this.#options = options
    this.#line = line
    const paused = (name: string, pauseMs: number) => errors.rateLimited(name, pauseMs)
    this.#lanes = new RequestLanes({ clock, random, requestTimeoutMs, buckets: new RateBuckets(clock), paused })
  }

  /** The JSON of a success, of a request that is sent once, or, unless it is an order, again where it had no answer. `onSent` is told of each time. */
  send(
    as: RequestClass,
    method: string,
    path: string,
    body?: unknown,
    onSent = (): void => undefined,
  ): Promise<unknown> {
    const { key, url, callsPerSecond = defaults.callsPerSecond } = this.#options
    const name = `${method} ${path}`
    return this.#lanes.send('account', { calls: callsPerSecond, perMs: 1_000 }, as, name, async (signal) => {
      onSent()
      const request = { name, method, url: `${url}${path}`, headers: { 'Bourse-Key': key }, body: JSON.stringify(body) }
      const { status, headers, text } = await exchange(request, this.#line, createScrubber([key]), signal)
      if (status < 300) return jsonIn(text, name)
      const details = detailsIn(text)
      const message = createScrubber([key])(optionalText(details, 'text') ?? 'without a word of JSON')
      if (status === 401) throw errors.unauthorized(name, status, 'look whether the key is that of this account')
      if (status === 429) {
        const waitMs = retryAfterMs(headers, this.#line.clock.now()) ?? 1_000
        this.#lanes.pause('account', waitMs)
        throw errors.rateLimited(name, waitMs)
      }
      const venueCode = details['refused']
      // Without a number of the Bourse somebody on the way has said it: nobody knows what became of the request.
      if (status >= 500 || typeof venueCode !== 'number') throw errors.serverError(name, status, message)
      throw errors.refused({ status, venueCode, message, details }, name)
    })
  }
}

// --- The account. ---

/** What was told of an order. Deals are told in the order in which they were made, the end after the last. */
type Tracked = { readonly id: string; told: Decimal; done: Decimal; end: Ticket | undefined; isOver: boolean }
const mostTracked = 10_000

export class NetworkBourseBroker implements Broker {
  readonly name = 'bourse'
  readonly mode = 'paper'
  readonly account: string
  readonly capabilities = capabilities
  readonly #options: NetworkBourseOptions
  readonly #guard: BrokerContext['guard']
  readonly #line: VenueLine
  readonly #client: BourseClient
  readonly #outbox: EventOutbox
  readonly #refusals: RefusalDesk
  readonly #gaps: GapFiller<Tracked>
  readonly #socket: VenueSocket
  readonly #orders = new Map<string, Tracked>()
  #isClosed = false

  constructor(options: NetworkBourseOptions, { guard, random, logger, clock }: BrokerContext) {
    this.account = options.account ?? defaults.account
    this.#options = options
    this.#guard = guard
    const { requestTimeoutMs = 10_000, heartbeatMs = 10_000, transport = {} } = options
    this.#line = parseLine('createNetworkBourseBroker', { requestTimeoutMs, heartbeatMs, transport })
    this.#client = new BourseClient(options, this.#line, random)
    this.#outbox = new EventOutbox(logger)
    this.#refusals = new RefusalDesk(this.#outbox, clock)
    const live = () => [...this.#orders.values()].filter(({ isOver }) => !isOver)
    const look = (orders: readonly Tracked[], isAll: boolean) => this.#look(orders, isAll)
    this.#gaps = new GapFiller({ live, look, logger, clock: this.#line.clock })
    const protocol = {
      url: `${options.url.replace('http', 'ws')}/notices`,
      name: 'notices of the Bourse',
      onOpen: (send: (message: unknown) => void) => send({ what: 'login', key: options.key }),
      probe: () => ({ what: 'ping' }),
      onRestored: () => this.#gaps.resync(),
      onMessage: (message: unknown) => {
        const { what } = message as Payload
        if (what === 'ready') return { type: 'ready' } as const
        const error = errors.unauthorized('the stream', String(what), 'look whether the key is that of this account')
        if (what === 'unknown key') return { type: 'refused', error } as const
        try {
          if (what === 'ticket') this.#hear(parseTicket(message))
        } catch (thrown) {
          logger.warn('a notice of the Bourse could not be read', { error: messageOf(thrown) })
          this.#gaps.resync()
        }
        return undefined
      },
    }
    this.#socket = new VenueSocket(protocol, this.#line, random, logger)
  }

  /** Throws where the account cannot be had. */
  async open(): Promise<this> {
    await this.balances()
    await this.#socket.open()
    return this
  }

  instrument(symbol: string): Instrument | undefined {
    return this.#options.instruments.find((one) => one.symbol === symbol)
  }

  async place(order: PermittedOrder): Promise<void> {
    this.#guard.consume(order)
    this.#assertOpen()
    const { request } = order
    const fault = requestFault(request, this.account)
    if (fault !== undefined) return this.#refusals.order(request, fault)
    const ticket = ticketOf(request)
    if ('code' in ticket) return this.#refusals.order(request, ticket)
    const { outcomeWaitsMs: waitsMs = defaults.outcomeWaitsMs } = this.#options
    const { clock } = this.#line
    try {
      const sending = this.#client.send('order', 'POST', '/tickets', ticket).then(parseTicket)
      const find = (ref: string) => this.#find(ref)
      this.#hear(await outcomeOf(sending, ticket.ref, { venue: 'the Bourse', waitsMs, clock, find }))
    } catch (thrown) {
      const refusal = refusalIn(thrown)
      if (refusal === undefined) throw thrown
      if (refusal.venueCode === 200) throw errors.duplicate(ticket.ref)
      await this.#refusals.order(request, explained(refusal))
    }
    await this.#told()
  }

  async cancel(clientOrderId: string): Promise<void> {
    this.#assertOpen()
    let sent = 0
    const path = `/tickets/${encodeURIComponent(clientOrderId)}`
    try {
      await this.#client.send('cancel', 'DELETE', path, undefined, () => (sent += 1))
    } catch (thrown) {
      const refusal = refusalIn(thrown)
      if (refusal === undefined) throw thrown
      const ticket = await this.#find(clientOrderId)
      if (ticket !== undefined) this.#hear(ticket)
      // Not open any more, since the first request, whose answer was lost, has ended it.
      if (sent === 1 || ticket?.state !== 'WITHDRAWN')
        await this.#refusals.cancel(clientOrderId, ticket?.number ?? '', explained(refusal))
    }
    await this.#told()
  }

  async order(clientOrderId: string): Promise<VenueOrder | undefined> {
    const ticket = await this.#find(clientOrderId)
    return ticket === undefined ? this.#refusals.find(clientOrderId) : venueOrderOf(ticket)
  }

  async openOrders(): Promise<readonly VenueOrder[]> {
    return (await this.#list('/tickets')).map((one) => venueOrderOf(parseTicket(one)))
  }

  async executions(since: EpochMs): Promise<readonly OrderExecution[]> {
    assertSince('executions', since)
    return (await this.#list(`/deals?since=${since}`)).map((value) => {
      const deal = asPayload(value, 'a deal')
      const [clientOrderId, venueOrderId] = [text(deal, 'ref', 'a deal'), text(deal, 'number', 'a deal')]
      return { clientOrderId, venueOrderId, time: epochMs(deal, 'at', 'a deal'), execution: executionOf(deal) }
    })
  }

  async balances(): Promise<readonly VenueBalance[]> {
    return (await this.#list('/holdings')).map((value) => {
      const holding = asPayload(value, 'a holding')
      return { asset: text(holding, 'asset', 'a holding'), total: amountText(holding, 'total', 'a holding') }
    })
  }

  async time(): Promise<EpochMs> {
    return epochMs(asPayload(await this.#client.send('read', 'GET', '/time'), 'the time'), 'time', 'the time')
  }

  subscribe(listener: (event: BrokerEvent) => void | Promise<void>): () => void {
    return this.#outbox.subscribe(listener)
  }

  /** Resolves when all that it has heard has been told. */
  async settled(): Promise<void> {
    await this.#gaps.settled()
    await this.#outbox.settled()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#gaps.close()
    await this.#socket.close()
  }

  async #list(path: string): Promise<readonly unknown[]> {
    return asList(await this.#client.send('read', 'GET', path), path)
  }

  /** A ticket with all its deals; undefined where the Bourse says that it knows none. */
  async #find(ref: string): Promise<Ticket | undefined> {
    try {
      return parseTicket(await this.#client.send('read', 'GET', `/tickets/${encodeURIComponent(ref)}`))
    } catch (thrown) {
      if (refusalIn(thrown)?.status === 404) return undefined
      throw thrown
    }
  }

  /** After a break all that is open, in one answer; then one by one what is not among that. Answers what is missing still. */
  async #look(orders: readonly Tracked[], isAll: boolean): Promise<readonly Tracked[]> {
    const open = isAll ? (await this.#list('/tickets')).map(parseTicket) : []
    const seen = new Set(open.map(({ ref }) => ref))
    const others = orders.filter(({ id }) => !seen.has(id))
    for (const ticket of open) this.#hear(ticket, false)
    const missing: Tracked[] = []
    for (const order of others) {
      const ticket = await this.#find(order.id)
      if (ticket === undefined || this.#hear(ticket, false)) missing.push(order)
    }
    return missing
  }

  /** The one place where answers, notices and look-ups come together: tells what is new of an order, each thing once; answers whether something is missing. */
  #hear(ticket: Ticket, mayFill = true): boolean {
    const { ref: clientOrderId, number: venueOrderId } = ticket
    const tell = (id: string, time: EpochMs, what: object): void =>
      this.#outbox.push({ eventId: `${venueOrderId}:${id}`, clientOrderId, venueOrderId, time, ...what } as BrokerEvent)
    const known = this.#orders.get(clientOrderId)
    const order: Tracked = known ?? { id: clientOrderId, told: zero, done: zero, end: undefined, isOver: false }
    if (known === undefined) {
      this.#orders.set(clientOrderId, order)
      this.#forgetOldest()
      tell('LISTED', ticket.listedAt, { type: 'accepted' })
    }
    for (const { payload, size, done, at } of ticket.deals) {
      // One that was told before, or before which another is missing.
      if (!done.minus(size).eq(order.told)) continue
      order.told = done
      const execution = executionOf(payload)
      tell(execution.tradeId, at, { type: 'filled', execution })
    }
    if (decimal(ticket.done).gt(order.done)) order.done = decimal(ticket.done)
    if (ticket.endedAt !== undefined) order.end = ticket
    const isMissing = order.told.lt(order.done)
    if (isMissing && mayFill) this.#gaps.fill([order])
    if (isMissing || order.end?.endedAt === undefined || order.isOver) return isMissing
    order.isOver = true
    const type = order.end.state === 'WITHDRAWN' ? 'canceled' : 'expired'
    if (order.end.state !== 'DONE') tell(order.end.state, order.end.endedAt, { type })
    return false
  }

  #forgetOldest(): void {
    if (this.#orders.size <= mostTracked) return
    for (const [id, { isOver }] of this.#orders) if (isOver) return void this.#orders.delete(id)
  }

  /** Who is called from within a listener must not wait for that. */
  async #told(): Promise<void> {
    if (!this.#outbox.isTelling) await this.#outbox.settled()
  }

  #assertOpen(): void {
    if (this.#isClosed) throw errors.closed(this.account)
  }
}

/** The venue's own number and words under a code of ours. */
function explained({ venueCode, message }: VenueRefusal): { readonly code: string; readonly message: string } {
  return { code: reasons.get(Number(venueCode)) ?? 'VENUE_REFUSED', message: `the Bourse ${venueCode}: ${message}` }
}

/** What a swarm is given: inert until it is opened. */
export function createNetworkBourseBroker(options: NetworkBourseOptions) {
  return {
    name: 'bourse',
    account: options.account ?? defaults.account,
    mode: 'paper',
    open: (context: BrokerContext) => new NetworkBourseBroker(options, context).open(),
  } as const satisfies BrokerDefinition
}
