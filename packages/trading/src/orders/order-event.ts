import type { EpochMs } from '@tradeswarm/core'
import type { RiskFinding } from '../kernel/kernel.js'
import type { BrokerEvent } from './broker.js'

type OwnEventBase = {
  readonly eventId: string
  readonly time: EpochMs
  /** The client order id of the revision that it is about; absent for the order as first made. */
  readonly by?: string
}

/** The terms that an amendment changes; the quantity is that of the whole order, what has been filled included. Decimal texts. */
export type AmendedTerms = {
  readonly quantity: string
  readonly limitPrice?: string
  readonly stopPrice?: string
}

/** What we did with an order, as opposed to what the venue says of it. */
export type OwnOrderEvent = OwnEventBase &
  (
    | { readonly type: 'denied'; readonly findings: readonly RiskFinding[] }
    | { readonly type: 'permitted'; readonly permitId: string }
    /** `quantity` of a revision that is sent anew: what was left to be sent. */
    | { readonly type: 'submitted'; readonly quantity?: string }
    /** The venue may or may not have it. */
    | { readonly type: 'submission-unknown'; readonly message: string }
    /** The adapter knows that nothing took effect. */
    | { readonly type: 'submission-failed'; readonly code: string; readonly message: string }
    | { readonly type: 'cancel-requested'; readonly reason: string }
    /**
     * Revision `revision`, known to the venue by the client order id `by`, is to take the place of what rests. `replace`: the venue amends
     * it; `resend`: it is cancelled, and the rest is sent again as a new order once its end is certain.
     */
    | ({
        readonly type: 'amend-requested'
        readonly by: string
        readonly revision: number
        readonly how: 'replace' | 'resend'
        readonly reason: string
      } & AmendedTerms)
    /** The venue does not know it and can no longer act on it. */
    | { readonly type: 'lapsed' }
  )

/** Whatever may happen to an order. An order's state is a function of the set of these. */
export type OrderEvent = OwnOrderEvent | BrokerEvent
