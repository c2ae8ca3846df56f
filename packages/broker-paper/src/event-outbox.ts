import { type Logger, messageOf } from '@tradeswarm/core'
import type { BrokerEvent } from '@tradeswarm/trading'

type EventFrame = 'eventId' | 'clientOrderId' | 'venueOrderId' | 'time'
type WithoutFrame<Event> = Event extends unknown ? Omit<Event, EventFrame> : never

/** What an event says, apart from whom, when and under which id. */
export type EventWord = WithoutFrame<BrokerEvent>

type Listener<Event> = (event: Event) => void | Promise<void>

type Told = { readonly eventId: string; readonly type: string }

/**
 * Delivers events one after the other, each to every listener in the order of subscription, so that all listeners see one order.
 * What a listener causes comes after the event it is handling has reached everybody.
 */
export class EventOutbox<Event extends Told = BrokerEvent> {
  #listeners: readonly Listener<Event>[] = []
  readonly #logger: Logger
  #queue: Event[] = []
  #isDelivering = false

  constructor(logger: Logger) {
    this.#logger = logger
  }

  subscribe(listener: Listener<Event>): () => void {
    // Wrapped, so that one function subscribed twice counts twice.
    const subscription: Listener<Event> = (event) => listener(event)
    this.#listeners = [...this.#listeners, subscription]
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== subscription)
    }
  }

  push(event: Event): void {
    this.#queue.push(event)
  }

  /**
   * Delivers all events; a promise only while a listener makes one. Nothing when called from within a delivery, which then goes on to
   * these events.
   */
  deliver(): Promise<void> | undefined {
    if (this.#isDelivering || this.#queue.length === 0) return undefined
    this.#isDelivering = true
    const queue = this.#queue
    // The queue grows while it is walked, by what listeners cause.
    for (let next = 0; next < queue.length; next += 1) {
      const event = queue[next] as Event
      const listeners = this.#listeners
      for (let heard = 0; heard < listeners.length; heard += 1) {
        const pending = this.#tell(listeners[heard] as Listener<Event>, event)
        if (pending === undefined) continue
        this.#queue = queue.slice(next + 1)
        return this.#goOn(pending, event, listeners.slice(heard + 1))
      }
    }
    queue.length = 0
    this.#isDelivering = false
    return undefined
  }

  /** Delivers the rest where a listener has to be awaited. */
  async #goOn(pending: Promise<void>, event: Event, others: readonly Listener<Event>[]): Promise<void> {
    await this.#settled(pending, event)
    for (const listener of others) await this.#settled(this.#tell(listener, event), event)
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      for (const listener of this.#listeners) await this.#settled(this.#tell(listener, next), next)
    }
    this.#isDelivering = false
  }

  #tell(listener: Listener<Event>, event: Event): Promise<void> | undefined {
    try {
      return listener(event) ?? undefined
    } catch (thrown) {
      this.#noteFailure(event, thrown)
      return undefined
    }
  }

  async #settled(pending: Promise<void> | undefined, event: Event): Promise<void> {
    if (pending === undefined) return
    try {
      await pending
    } catch (thrown) {
      this.#noteFailure(event, thrown)
    }
  }

  /** The venue's word stands whether or not one listener can bear it. */
  #noteFailure(event: Event, thrown: unknown): void {
    this.#logger.error('a broker listener failed', {
      eventId: event.eventId,
      type: event.type,
      error: messageOf(thrown),
    })
  }
}
