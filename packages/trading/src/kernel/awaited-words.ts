import type { BrokerEvent } from '../orders/broker.js'

/**
 * Requests that the venue has not answered yet, by client order id. A stream may tell what became of one long before its answer comes, or
 * where none ever does: whoever waits for it then need not wait any longer.
 */
export class AwaitedWords {
  /** By the id that the request carries. */
  readonly #orders = new Map<string, () => void>()
  /** By the id of the order that is to be cancelled. */
  readonly #cancels = new Map<string, () => void>()

  /** A placement or an amendment. Settles as its answer does, or resolves once the venue tells of it, whichever comes first. */
  order(clientOrderId: string, send: () => Promise<void>): Promise<void> {
    return untilTold(this.#orders, clientOrderId, send)
  }

  /** A cancel. Settles as its answer does, or resolves once the venue tells the end of the order, or that it is not cancelled. */
  cancel(clientOrderId: string, send: () => Promise<void>): Promise<void> {
    return untilTold(this.#cancels, clientOrderId, send)
  }

  /** What the venue tells of an order. */
  hear(event: BrokerEvent): void {
    if (this.#orders.size > 0) tell(this.#orders, 'by' in event ? event.by : event.clientOrderId)
    if (this.#cancels.size > 0 && ends.has(event.type)) tell(this.#cancels, event.clientOrderId)
  }
}

const ends: ReadonlySet<BrokerEvent['type']> = new Set(['canceled', 'cancel-rejected', 'expired', 'rejected'])

function untilTold(waiting: Map<string, () => void>, id: string, send: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    waiting.set(id, resolve)
    const answered = (settle: () => void): void => {
      if (waiting.get(id) === resolve) waiting.delete(id)
      settle()
    }
    send().then(
      () => answered(resolve),
      (thrown: unknown) => answered(() => reject(thrown as Error)),
    )
  })
}

function tell(waiting: Map<string, () => void>, id: string): void {
  waiting.get(id)?.()
  waiting.delete(id)
}
