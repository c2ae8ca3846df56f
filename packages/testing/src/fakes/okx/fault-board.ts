import { FaultBoard } from '../shared/fault-board.js'
import type { FaultTarget } from '../shared/http-fault.js'
import { okxRoutes } from './okx-routes.js'

/**
 * Something that goes wrong at the fake venue with the next requests that fit, or operations over a socket (`on: 'WS order'`). `after` means
 * that the request has taken effect: the order is there, only its answer is not.
 */
export type FakeOkxFault = FaultTarget &
  (
    | { readonly kind: 'hang'; readonly when?: 'before' | 'after' }
    /** `body` as text, such as a proxy's page; a server error of the venue's where it is left out, and of 429 what `too-many` answers. */
    | { readonly kind: 'status'; readonly status: number; readonly when?: 'before' | 'after'; readonly body?: string }
    /** Code 50011, with HTTP 429 or 200, as both occur; no header says when to come back. */
    | { readonly kind: 'too-many'; readonly status?: 200 | 429 }
    | { readonly kind: 'slow-body'; readonly delayMs: number }
    /** The connection breaks without an answer. */
    | { readonly kind: 'cut'; readonly when?: 'before' | 'after' }
    /** An answer that is not JSON, as a proxy in front of the venue gives it. */
    | { readonly kind: 'html'; readonly status: number }
    /** The order is there but not yet to be seen: look-ups answer 51603, and lists are empty. */
    | { readonly kind: 'hidden' }
    | { readonly kind: 'redirect'; readonly to: string }
    /** A refusal of the venue's, such as 50004, 50026 or 51149, with the HTTP status that it comes with. */
    | { readonly kind: 'code'; readonly code: string; readonly status?: number; readonly when?: 'before' | 'after' }
  )

/** What goes wrong with streams and with the whole venue as long as it is set. */
export type FakeOkxConditions = {
  /** Nothing is sent on public and business sockets, not even pongs: half-open. */
  frozenMarketData: boolean
  /** The same for private sockets. */
  frozenUpdates: boolean
  /** Every order update is sent twice, the second with another `uTime`. */
  duplicateUpdates: boolean
  /** Each pair of order updates changes places. */
  shuffleUpdates: boolean
  /** Order updates are lost. */
  loseUpdates: boolean
  /** Updates of books are lost; their sequence numbers count on. */
  loseBookUpdates: boolean
  /** Books carry a checksum, as they did until 2026; the venue sends 0 instead since. */
  checksums: boolean
  /** Books carry a checksum that is wrong by one. */
  wrongChecksums: boolean
  /** All requests but that for the system's status are answered with 50001, and sockets find nobody. */
  maintenance: boolean
  /** How far the venue's clock is ahead. */
  clockSkewMs: number
}

/** Which faults of OKX are to come. */
export class OkxFaultBoard extends FaultBoard<FakeOkxFault, FakeOkxConditions> {
  constructor() {
    super({
      place: 'fake OKX',
      routes: okxRoutes,
      fields: {
        hang: ['when'],
        status: ['status', 'when', 'body'],
        'too-many': ['status'],
        'slow-body': ['delayMs'],
        cut: ['when'],
        html: ['status'],
        hidden: [],
        redirect: ['to'],
        code: ['code', 'status', 'when'],
      },
      needed: { status: ['status'], html: ['status'], 'slow-body': ['delayMs'], redirect: ['to'], code: ['code'] },
      conditions: {
        frozenMarketData: false,
        frozenUpdates: false,
        duplicateUpdates: false,
        shuffleUpdates: false,
        loseUpdates: false,
        loseBookUpdates: false,
        checksums: false,
        wrongChecksums: false,
        maintenance: false,
        clockSkewMs: 0,
      },
    })
  }
}
