import { assertKnownOptions, SwarmError } from '@tradeswarm/core'
import { assertKnownFault } from '../assert-known-fault.js'

/**
 * Something that goes wrong at the fake venue with the next requests that fit. `after` means that the request has taken effect:
 * the order is there, only its answer is not.
 */
export type FakeFault = {
  /** `POST /v2/orders`, `GET /v2`, or a method or a path alone: requests that begin so. All requests when left out. */
  readonly on?: string
  /** How many requests it strikes; 1 by default. */
  readonly times?: number
} & (
  | { readonly kind: 'hang'; readonly when?: 'before' | 'after' }
  | { readonly kind: 'status'; readonly status: number; readonly when?: 'before' | 'after'; readonly body?: string }
  /** 429; the headers say when to come back. */
  | { readonly kind: 'too-many'; readonly retryAfterSeconds?: number }
  | { readonly kind: 'slow-body'; readonly delayMs: number }
  /** The connection breaks without an answer. */
  | { readonly kind: 'cut'; readonly when?: 'before' | 'after' }
  /** An answer that is not JSON, as a proxy in front of the venue gives it. */
  | { readonly kind: 'html'; readonly status: number }
  /** The order is there but not yet to be seen: look-ups answer 404. */
  | { readonly kind: 'hidden' }
  | { readonly kind: 'redirect'; readonly to: string }
)

/** What may be said of each kind of fault. */
const faultFields: Readonly<Record<FakeFault['kind'], readonly string[]>> = {
  hang: ['when'],
  status: ['status', 'when', 'body'],
  'too-many': ['retryAfterSeconds'],
  'slow-body': ['delayMs'],
  cut: ['when'],
  html: ['status'],
  hidden: [],
  redirect: ['to'],
}

/** The faults of the two streams, and of the whole venue. */
export type FakeConditions = {
  /** Nothing is sent on market data streams, not even answers: a half-open socket. */
  frozenMarketData: boolean
  /** The same for the stream of order updates. */
  frozenUpdates: boolean
  /** Every order update is sent twice. */
  duplicateUpdates: boolean
  /** Each pair of order updates changes places. */
  shuffleUpdates: boolean
  /** Order updates are lost. */
  loseUpdates: boolean
  /** All requests are answered with 503. */
  maintenance: boolean
  /** How far the venue's clock is ahead. */
  clockSkewMs: number
}

/** Conditions that refuse what they are not: one that is misspelt would leave all as it is, and a test would pass without it. */
function checkedConditions(conditions: FakeConditions): FakeConditions {
  return new Proxy(conditions, {
    set(target, name, value) {
      assertCondition(target, String(name), value)
      return Reflect.set(target, name, value)
    },
  })
}

function assertCondition(conditions: FakeConditions, name: string, value: unknown): void {
  assertKnownOptions('fake Alpaca: conditions', { [name]: value }, Object.keys(conditions))
  const isSkew = name === 'clockSkewMs'
  if (isSkew ? Number.isFinite(value) : typeof value === 'boolean') return
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `fake Alpaca: conditions: ${name} is ${JSON.stringify(value)}; it must be ${isSkew ? 'a number of milliseconds' : 'true or false'}`,
    context: { option: name },
  })
}

/** Which faults are to come. */
export class FaultBoard {
  readonly conditions = checkedConditions({
    frozenMarketData: false,
    frozenUpdates: false,
    duplicateUpdates: false,
    shuffleUpdates: false,
    loseUpdates: false,
    maintenance: false,
    clockSkewMs: 0,
  })
  #faults: { readonly fault: FakeFault; left: number }[] = []

  /** Throws `INVALID_OPTION` for a fault that there is not. */
  add(fault: FakeFault): void {
    assertKnownFault('fake Alpaca', fault, ['on', 'times'], faultFields)
    this.#faults.push({ fault, left: fault.times ?? 1 })
  }

  /** Sets conditions by name, all or none. Throws `INVALID_OPTION` for one that there is not, or a value that is none of it. */
  impose(conditions: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(conditions)) assertCondition(this.conditions, name, value)
    Object.assign(this.conditions, conditions)
  }

  clear(): void {
    this.#faults = []
  }

  /** The first fault that fits, counted down. */
  take(method: string, path: string): FakeFault | undefined {
    const request = `${method} ${path}`
    const found = this.#faults.find(
      ({ fault: { on } }) => on === undefined || request.startsWith(on) || path.startsWith(on) || method === on,
    )
    if (found === undefined) return undefined
    found.left -= 1
    if (found.left <= 0) this.#faults = this.#faults.filter((one) => one !== found)
    return found.fault
  }
}
