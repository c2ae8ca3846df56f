import { type Random, SwarmError } from '@tradeswarm/core'
import type { BrokerEvent, Instrument, OrderRequest, VenueBalance, VenueOrder } from '@tradeswarm/trading'
import type { RequestFault, RequestKind, VenueRules } from './scenario.js'
import type { SimulatedTime } from './simulated-time.js'
import type { SimulatedVenue, VenueRefusal } from './simulated-venue.js'

/**
 * A client's connection to the simulated venue, over a network that loses, delays and repeats: what an adapter under test is built on.
 * Every request may throw `TIMEOUT` or `SERVER_ERROR` (`unknown-outcome`), `RATE_LIMITED` (`retryable`) and what the venue refuses it with.
 */
export type VenueSession = {
  instrument(symbol: string): Instrument | undefined
  place(request: OrderRequest): Promise<void>
  cancel(clientOrderId: string): Promise<void>
  order(clientOrderId: string): Promise<VenueOrder | undefined>
  openOrders(): Promise<readonly VenueOrder[]>
  balances(): Promise<readonly VenueBalance[]>
  /** Everything that the venue said since a place in its history, and the place after it. */
  eventsSince(place: number): Promise<{ readonly events: readonly BrokerEvent[]; readonly next: number }>
  /** `onGap` when the stream was broken and stands again: what was said meanwhile is only in `eventsSince`. */
  listen(onEvent: (event: BrokerEvent) => void, onGap: () => void): void
  /** Calls back on the simulated clock, unless the session has ended. */
  after(ms: number, act: () => void): void
  close(): void
}

/** What the network does at present. */
export type NetworkConditions = {
  requestsDown: boolean
  streamDown: boolean
  readonly faults: { readonly on: RequestKind; readonly fault: RequestFault; readonly lateMs: number; left: number }[]
}

export type VenueSessionOptions = {
  readonly time: SimulatedTime
  readonly random: Random
  readonly venue: SimulatedVenue
  readonly rules: VenueRules
  readonly instruments: readonly Instrument[]
  readonly conditions: NetworkConditions
  /** False once the client has died: no answer reaches it any more, what it has sent goes on. */
  readonly alive: () => boolean
  readonly onSent: (request: OrderRequest) => void
  readonly onCancelSent: (clientOrderId: string) => void
  readonly onBalances: () => void
}

/** A session, and the end of the stream that the venue speaks into. */
export type OpenVenueSession = {
  readonly session: VenueSession
  hear(event: BrokerEvent): void
  restored(): void
}

/** Connects. */
export function openVenueSession(options: VenueSessionOptions): OpenVenueSession {
  const { time, random, venue, rules, conditions } = options
  const { least, most } = rules.latencyMs
  let closed = false
  let onEvent: ((event: BrokerEvent) => void) | undefined
  let onGap: (() => void) | undefined
  const latency = (): number => least + Math.floor(random.next() * (most - least + 1))
  const isThere = (): boolean => !closed && options.alive()

  const takeFault = (kind: RequestKind): { readonly fault: RequestFault; readonly lateMs: number } | undefined => {
    const index = conditions.faults.findIndex(({ on }) => on === kind)
    const found = conditions.faults[index]
    if (found === undefined) return undefined
    found.left -= 1
    if (found.left <= 0) conditions.faults.splice(index, 1)
    return found
  }

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
      const { fault, lateMs } = takeFault(kind) ?? {}
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
          return fail(arrival + back, tooMany())
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

  const hear = (event: BrokerEvent): void => {
    if (conditions.streamDown || !isThere()) return
    const deliver = (): void =>
      time.at(time.now() + latency() + Math.floor(random.next() * rules.jitterMs), () => {
        if (isThere()) onEvent?.(event)
      })
    deliver()
    if (random.next() < rules.duplicates) deliver()
  }

  return {
    hear,
    restored: () => {
      if (isThere()) onGap?.()
    },
    session: {
      instrument: (symbol) => options.instruments.find((instrument) => instrument.symbol === symbol),
      place(order) {
        options.onSent(order)
        return request<undefined>('place', () => venue.place(order)).then(() => undefined)
      },
      cancel(clientOrderId) {
        options.onCancelSent(clientOrderId)
        return request<undefined>('cancel', () => venue.cancel(clientOrderId)).then(() => undefined)
      },
      order: (clientOrderId) => request<VenueOrder | undefined>('lookup', () => venue.order(clientOrderId)),
      openOrders: () => request<readonly VenueOrder[]>('lookup', () => venue.openOrders()),
      balances: () =>
        request<readonly VenueBalance[]>('lookup', () => venue.balances()).then((balances) => {
          options.onBalances()
          return balances
        }),
      eventsSince: (place) =>
        request('lookup', () => ({ events: venue.history.slice(place), next: venue.history.length })),
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

function tooMany(): SwarmError {
  return new SwarmError({ code: 'RATE_LIMITED', message: 'the venue answered 429', retryability: 'retryable' })
}

function refused({ code, message }: VenueRefusal): SwarmError {
  return new SwarmError({ code, message: `the venue refused: ${message}` })
}
