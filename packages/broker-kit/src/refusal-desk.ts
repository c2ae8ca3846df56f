import type { Clock } from '@tradeswarm/core'
import type { OrderRequest, VenueOrder } from '@tradeswarm/trading'
import type { EventOutbox } from './event-outbox.js'

/** A refusal in our words: a stable code, and what the venue said with what to do about it. */
export type Explanation = { readonly code: string; readonly message: string }

/** So many orders that the venue turned away are remembered: venues keep no trace of them. */
const rememberedRefusals = 10_000

/** Tells of what the venue refused, and remembers the orders among it. Each resolves when that has been told, as {@link EventOutbox.tell} does. */
export class RefusalDesk {
  readonly #outbox: EventOutbox
  readonly #clock: Clock
  readonly #orders = new Map<string, VenueOrder>()
  #count = 0

  constructor(outbox: EventOutbox, clock: Clock) {
    this.#outbox = outbox
    this.#clock = clock
  }

  /** A refused order, while it is remembered. */
  find(clientOrderId: string): VenueOrder | undefined {
    return this.#orders.get(clientOrderId)
  }

  async order({ clientOrderId, symbol, quantity }: OrderRequest, { code, message }: Explanation): Promise<void> {
    const venueOrderId = `refused-${clientOrderId}`
    const refused = { clientOrderId, venueOrderId, symbol, quantity, filledQuantity: '0', status: 'rejected' } as const
    this.#orders.set(clientOrderId, refused)
    if (this.#orders.size > rememberedRefusals) this.#orders.delete(this.#orders.keys().next().value ?? '')
    const frame = { clientOrderId, venueOrderId, time: this.#clock.now(), code, message }
    await this.#outbox.tell({ ...frame, type: 'rejected', eventId: `${venueOrderId}:rejected` })
  }

  async cancel(clientOrderId: string, venueOrderId: string, why: Explanation): Promise<void> {
    await this.#outbox.tell({ ...this.#frame(clientOrderId, venueOrderId, 'cancel', why), type: 'cancel-rejected' })
  }

  async amendment(clientOrderId: string, venueOrderId: string, by: string, why: Explanation): Promise<void> {
    const frame = this.#frame(clientOrderId, venueOrderId, 'replace', why)
    await this.#outbox.tell({ ...frame, type: 'replace-rejected', by })
  }

  #frame(clientOrderId: string, venueOrderId: string, what: string, { code, message }: Explanation) {
    this.#count += 1
    const time = this.#clock.now()
    // One order may be refused such things several times, in several lives.
    const eventId = `${venueOrderId === '' ? clientOrderId : venueOrderId}:${what}-rejected:${time}:${this.#count}`
    return { eventId, clientOrderId, venueOrderId, time, code, message }
  }
}
