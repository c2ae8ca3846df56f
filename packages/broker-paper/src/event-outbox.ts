import { type Logger, messageOf } from '@tradeswarm/core'
import type { BrokerEvent } from '@tradeswarm/trading'

type EventFrame = 'eventId' | 'clientOrderId' | 'venueOrderId' | 'time'
type WithoutFrame<Event> = Event extends unknown ? Omit<Event, EventFrame> : never

/** What an event says, apart from whom, when and under which id. */
export type EventWord = WithoutFrame<BrokerEvent>

type Listener = (event: BrokerEvent) => void | Promise<void>

/**
 * Delivers events one after the other, each to every listener in the order of subscription, so that all listeners see one order.
 * What a listener causes comes after the event it is handling has reached everybody.
 */
export class EventOutbox {
  #listeners: readonly Listener[] = []
  readonly #logger: Logger
  #queue: BrokerEvent[] = []
  #isDelivering = false

  constructor(logger: Logger) {
    this.#logger = logger
  }

  subscribe(listener: Listener): () => void {
    // Wrapped, so that one function subscribed twice counts twice.
    const subscription: Listener = (event) => listener(event)
    this.#listeners = [...this.#listeners, subscription]
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== subscription)
    }
  }

  push(event: BrokerEvent): void {
    this.#queue.push(event)
  }

  get hasWaiting(): boolean {
    return this.#queue.length > 0
  }

  /** Resolves when all events are delivered; at once when called from within a delivery, which then goes on to these events. */
  async deliver(): Promise<void> {
    if (this.#isDelivering) return
    this.#isDelivering = true
    try {
      while (this.#queue.length > 0) {
        const batch = this.#queue
        this.#queue = []
        for (const event of batch) await this.#deliverOne(event)
      }
    } finally {
      this.#isDelivering = false
    }
  }

  async #deliverOne(event: BrokerEvent): Promise<void> {
    for (const listener of this.#listeners) {
      try {
        await listener(event)
      } catch (thrown) {
        // The venue's word stands whether or not one listener can bear it.
        this.#logger.error('a broker listener failed', {
          eventId: event.eventId,
          type: event.type,
          error: messageOf(thrown),
        })
      }
    }
  }
}
