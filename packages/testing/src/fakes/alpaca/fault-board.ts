import { FaultBoard as SharedFaultBoard } from '../shared/fault-board.js'
import { alpacaRoutes } from './fake-routes.js'

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

/** Which faults are to come. */
export class FaultBoard extends SharedFaultBoard<FakeFault, FakeConditions> {
  constructor() {
    super({
      place: 'fake Alpaca',
      routes: alpacaRoutes,
      fields: faultFields,
      needed: { status: ['status'], html: ['status'], 'slow-body': ['delayMs'], redirect: ['to'] },
      conditions: {
        frozenMarketData: false,
        frozenUpdates: false,
        duplicateUpdates: false,
        shuffleUpdates: false,
        loseUpdates: false,
        maintenance: false,
        clockSkewMs: 0,
      },
    })
  }
}
