import { type EpochMs, type Random, SwarmError } from '@tradeswarm/core'
import type {
  BrokerCapabilities,
  BrokerEvent,
  Instrument,
  OrderExecution,
  OrderRequest,
  OrderType,
  VenueBalance,
  VenueMovement,
  VenueOrder,
} from '@tradeswarm/trading'
import { type Befallen, takeFault } from './line/take-fault.js'
import type { RequestFault, RequestKind, VenueRules } from './scenario.js'
import type { SimulatedTime } from './simulated-time.js'
import type { VenueRefusal } from './venue-admission.js'
import type { SimulatedVenue } from './venue-port.js'

/**
 * A client's connection to the simulated venue, over a network that loses, delays and repeats: what an adapter under test is built on.
 * Every request may throw `TIMEOUT` or `SERVER_ERROR` (`unknown-outcome`), `RATE_LIMITED` (`retryable`) and what the venue refuses it with.
 */
export type VenueSession = {
  /** What the venue can do, where that is to be said. */
  readonly capabilities: BrokerCapabilities | undefined
  instrument(symbol: string): Instrument | undefined
  place(request: OrderRequest): Promise<void>
  cancel(clientOrderId: string): Promise<void>
  /** Amends a live order; absent where the venue does not. */
  readonly replace?: (clientOrderId: string, request: OrderRequest) => Promise<void>
  order(clientOrderId: string): Promise<VenueOrder | undefined>
  openOrders(): Promise<readonly VenueOrder[]>
  /** What was executed at or after an instant, and the venue's clock: absent where it can be asked for neither. */
  readonly executions?: (since: EpochMs) => Promise<readonly OrderExecution[]>
  readonly time?: () => Promise<EpochMs>
  balances(): Promise<readonly VenueBalance[]>
  /** Everything that the venue said since a place in its history, and the place after it. One that keeps no history has nothing to say. */
  eventsSince(place: number): Promise<{ readonly events: readonly BrokerEvent[]; readonly next: number }>
  /** `onGap` when the stream was broken and stands again: what was said meanwhile is only in `eventsSince`. */
  listen(onEvent: (event: BrokerEvent) => void, onGap: () => void): void
  /** Money that the venue has moved at or after an instant, and as it happens: absent where it does not tell that. */
  readonly movements?: (since: EpochMs) => Promise<readonly VenueMovement[]>
  readonly listenMovements?: (onMovement: (movement: VenueMovement) => void) => void
  /** Calls back on the simulated clock, unless the session has ended. */
  after(ms: number, act: () => void): void
  close(): void
}

/** What the network does at present. */
export type NetworkConditions = {
  requestsDown: boolean
  streamDown: boolean
  /** What befalls every request for a while. */
  storm: { readonly fault: RequestFault; readonly retryAfterMs?: number | undefined } | undefined
  readonly faults: { readonly on: RequestKind; readonly fault: RequestFault; readonly lateMs: number; left: number }[]
}

export type VenueSessionOptions = {
  readonly time: SimulatedTime
  readonly random: Random
  readonly venue: SimulatedVenue
  readonly rules: VenueRules
  readonly instruments: readonly Instrument[]
  readonly conditions: NetworkConditions
  /** The client's clock: each request says when it was sent. */
  readonly clientNow: () => EpochMs
  /** False once the client has died: no answer reaches it any more, what it has sent goes on. */
  readonly alive: () => boolean
  readonly onSent: (request: OrderRequest) => void
  readonly onCancelSent: (clientOrderId: string) => void
  readonly onBalances: () => void
  readonly cover: (what: string) => void
}

/** A session, and the end of the stream that the venue speaks into. */
export type OpenVenueSession = {
  readonly session: VenueSession
  hear(event: BrokerEvent): void
  hearMovement(movement: VenueMovement): void
  restored(): void
}

/** Connects. */
export function openVenueSession(options: VenueSessionOptions): OpenVenueSession {
  const { time, random, venue, rules, conditions } = options
  const { least, most } = rules.latencyMs
  let closed = false
  let onEvent: ((event: BrokerEvent) => void) | undefined
  let onGap: (() => void) | undefined
  let onMovement: ((movement: VenueMovement) => void) | undefined
  const latency = (): number => least + Math.floor(random.next() * (most - least + 1))
  const isThere = (): boolean => !closed && options.alive()

  const request = <T>(kind: RequestKind, work: () => T | VenueRefusal): Promise<T> =>
    new Promise((resolve, reject) => {
      const sentAt = time.now()
      const answer = (at: number, act: () => void): void =>
        time.at(at, () => {
          if (isThere()) act()
        })
      const fail = (at: number, error: SwarmError): void => answer(at, () => reject(error))
      const giveUp = (): void => fail(sentAt + rules.timeoutMs, timedOut(kind))
      const arrival = sentAt + latency()
      const back = latency()
      if (conditions.requestsDown) return giveUp()
      const { fault, lateMs, retryAfterMs } = takeFault(conditions, kind, options.cover) ?? noFault
      const arrive = (at: number, answered: (outcome: T | VenueRefusal) => void): void =>
        time.at(at, () => answered(work()))
      const deliver = (outcome: T | VenueRefusal): void =>
        answer(time.now() + back, () => (isRefusal(outcome) ? reject(refused(outcome)) : resolve(outcome)))
      switch (fault) {
        case 'request-lost':
          return giveUp()
        case 'reply-lost':
          arrive(arrival, () => undefined)
          return giveUp()
        case 'late':
          arrive(sentAt + rules.timeoutMs + (lateMs ?? 0), () => undefined)
          return giveUp()
        case 'rate-limited':
          return fail(arrival + back, tooMany(retryAfterMs))
        case 'server-error-before':
          return fail(arrival + back, serverError())
        case 'server-error-after':
          arrive(arrival, () => undefined)
          return fail(arrival + back, serverError())
        case 'refused':
          return fail(arrival + back, refused({ code: 'VENUE_REFUSED', message: 'not now' }))
        default:
          arrive(arrival, deliver)
      }
    })

  const carry = (arrive: () => void): void => {
    if (conditions.streamDown || !isThere()) return
    if (rules.jitterMs > 0) options.cover('stream: late')
    const deliver = (): void =>
      time.at(time.now() + latency() + Math.floor(random.next() * rules.jitterMs), () => {
        if (isThere()) arrive()
      })
    deliver()
    if (random.next() >= rules.duplicates) return
    options.cover('stream: repeated')
    deliver()
  }

  return {
    hear: (event) => carry(() => onEvent?.(event)),
    hearMovement(movement) {
      if (rules.tellsMovements === 'told') carry(() => onMovement?.(movement))
    },
    restored: () => {
      if (isThere()) onGap?.()
    },
    session: {
      capabilities: rules.declares ? capabilitiesOf(rules) : undefined,
      instrument: (symbol) => options.instruments.find((instrument) => instrument.symbol === symbol),
      place(order) {
        options.onSent(order)
        const inTime = lifetimeOf(options)
        return request<undefined>('place', () => inTime() ?? venue.place(order)).then(() => undefined)
      },
      cancel(clientOrderId) {
        options.onCancelSent(clientOrderId)
        return request<undefined>('cancel', () => venue.cancel(clientOrderId)).then(() => undefined)
      },
      ...(rules.replace === 'none'
        ? {}
        : {
            replace(clientOrderId, order) {
              options.onSent(order)
              const inTime = lifetimeOf(options)
              const work = (): VenueRefusal | undefined => inTime() ?? venue.replace(clientOrderId, order)
              return request<undefined>('replace', work).then(() => undefined)
            },
          }),
      order: (clientOrderId) => request<VenueOrder | undefined>('lookup', () => venue.order(clientOrderId)),
      openOrders: () => request<readonly VenueOrder[]>('lookup', () => venue.openOrders()),
      balances: () =>
        request<readonly VenueBalance[]>('lookup', () => venue.balances()).then((balances) => {
          options.onBalances()
          return balances
        }),
      ...(rules.tellsExecutions
        ? { executions: (since) => request<readonly OrderExecution[]>('lookup', () => venue.executions(since)) }
        : {}),
      ...(rules.tellsMovements === undefined
        ? {}
        : { movements: (since) => request<readonly VenueMovement[]>('lookup', () => venue.movements(since)) }),
      ...(rules.tellsMovements === 'told'
        ? {
            listenMovements: (listener) => {
              onMovement = listener
            },
          }
        : {}),
      ...(rules.tellsTime ? { time: () => request<EpochMs>('lookup', () => time.now()) } : {}),
      eventsSince: (place) =>
        request('lookup', () => {
          const { history } = venue
          return { events: rules.replays ? history.slice(place) : [], next: history.length }
        }),
      listen(event, gap) {
        onEvent = event
        onGap = gap
      },
      after: (ms, act) =>
        time.at(time.now() + ms, () => {
          if (isThere()) act()
        }),
      close() {
        closed = true
      },
    },
  }
}

const noFault: Partial<Befallen> = {}

/** Whether a request that is sent now is still good when it arrives: judged by the venue's clock, from what ours said at its sending. */
function lifetimeOf({ clientNow, time, rules }: VenueSessionOptions): () => VenueRefusal | undefined {
  const { requestLifetimeMs } = rules
  if (requestLifetimeMs === undefined) return () => undefined
  const end = clientNow() + requestLifetimeMs
  return () => (time.now() > end ? { code: 'REQUEST_EXPIRED', message: 'the request came too late' } : undefined)
}

function capabilitiesOf(rules: VenueRules): BrokerCapabilities {
  const { clientOrderIds, holdsStopAndTarget, requestLifetimeMs, replace, sizesInQuote, takesAll, takesPairs } = rules
  const orderTypes: readonly OrderType[] = takesAll
    ? ['market', 'limit', 'stop', 'stop-limit', 'trailing-stop']
    : ['market', 'limit', 'stop']
  return {
    orderTypes: takesPairs === true ? [...orderTypes, 'oco'] : orderTypes,
    timesInForce: takesAll ? ['day', 'gtc', 'gtd', 'ioc', 'fok', 'at-open', 'at-close'] : ['day', 'gtc', 'ioc'],
    postOnly: takesAll === true,
    sizedInQuote: sizesInQuote === true,
    clientOrderIds,
    ...(requestLifetimeMs === undefined ? {} : { requestLifetimeMs }),
    holdsExitPairs: holdsStopAndTarget,
    replace,
  }
}

function isRefusal(outcome: unknown): outcome is VenueRefusal {
  return typeof outcome === 'object' && outcome !== null && 'code' in outcome && 'message' in outcome
}

function timedOut(kind: RequestKind): SwarmError {
  return new SwarmError({
    code: 'TIMEOUT',
    message: `no answer to the request (${kind})`,
    retryability: 'unknown-outcome',
  })
}

function serverError(): SwarmError {
  return new SwarmError({
    code: 'SERVER_ERROR',
    message: 'the venue answered 502',
    retryability: 'unknown-outcome',
  })
}

function tooMany(retryAfterMs: number | undefined): SwarmError {
  return new SwarmError({
    code: 'RATE_LIMITED',
    message: 'the venue answered 429',
    retryability: 'retryable',
    ...(retryAfterMs === undefined ? {} : { context: { retryAfterMs } }),
  })
}

function refused({ code, message }: VenueRefusal): SwarmError {
  return new SwarmError({ code, message: `the venue refused: ${message}` })
}
