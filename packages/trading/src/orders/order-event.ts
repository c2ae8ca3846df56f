import type { EpochMs } from '@tradeswarm/core'
import type { RiskFinding } from '../kernel/kernel.js'
import type { BrokerEvent } from './broker.js'

type OwnEventBase = { readonly eventId: string; readonly time: EpochMs }

/** What we did with an order, as opposed to what the venue says of it. */
export type OwnOrderEvent = OwnEventBase &
  (
    | { readonly type: 'denied'; readonly findings: readonly RiskFinding[] }
    | { readonly type: 'permitted'; readonly permitId: string }
    | { readonly type: 'submitted' }
    /** The venue may or may not have it. */
    | { readonly type: 'submission-unknown'; readonly message: string }
    /** The adapter knows that nothing took effect. */
    | { readonly type: 'submission-failed'; readonly code: string; readonly message: string }
    | { readonly type: 'cancel-requested'; readonly reason: string }
    /** The venue does not know it and can no longer act on it. */
    | { readonly type: 'lapsed' }
  )

/** Whatever may happen to an order. An order's state is a function of the set of these. */
export type OrderEvent = OwnOrderEvent | BrokerEvent
