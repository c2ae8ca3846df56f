import { type Logger, messageOf } from '@tradeswarm/core'
import type { BrokerEvent } from '@tradeswarm/trading'

type Listener = (event: BrokerEvent) => void | Promise<void>

/**
 * Tells events one after the other, each to every listener in the order of subscription. What a listener causes comes after the
 * event that it is handling has reached everybody.
 */
export class EventOutbox {
  readonly #logger: Logger
  #listeners: readonly Listener[] = []
  #queue: BrokerEvent[] = []
  #telling: Promise<void> | undefined

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

  /** Queues an event, and begins to tell where nobody does. */
  push(event: BrokerEvent): void {
    this.#queue.push(event)
    this.#telling ??= this.#tellAll()
  }

  /** Queues an event, and waits until it has been told unless the caller is being told something itself. */
  async tell(event: BrokerEvent): Promise<void> {
    const isTelling = this.isTelling
    this.push(event)
    if (!isTelling) await this.settled()
  }

  /** Whether events are being told now: who is called from within a listener must not wait for that. */
  get isTelling(): boolean {
    return this.#telling !== undefined
  }

  /** Resolves when everything that is queued has been told. */
  async settled(): Promise<void> {
    while (this.#telling !== undefined) await this.#telling
  }

  async #tellAll(): Promise<void> {
    // A turn later, so that what is pushed together is in the queue together.
    await Promise.resolve()
    while (this.#queue.length > 0) {
      const batch = this.#queue
      // What listeners cause comes after all that waits already.
      this.#queue = []
      for (const event of batch)
        for (const listener of this.#listeners) {
          const pending = this.#tell(listener, event)
          if (pending !== undefined) await pending
        }
    }
    this.#telling = undefined
  }

  /** Undefined where the listener was done at once: to wait for that would take longer than to tell. */
  #tell(listener: Listener, event: BrokerEvent): Promise<void> | undefined {
    try {
      const pending = listener(event)
      return pending === undefined ? undefined : this.#await(pending, event)
    } catch (thrown) {
      this.#failed(event, thrown)
      return undefined
    }
  }

  async #await(pending: Promise<void>, event: BrokerEvent): Promise<void> {
    try {
      await pending
    } catch (thrown) {
      this.#failed(event, thrown)
    }
  }

  /** The venue's word stands whether or not one listener can bear it. */
  #failed({ eventId, type }: BrokerEvent, thrown: unknown): void {
    this.#logger.error('a broker listener failed', { eventId, type, error: messageOf(thrown) })
  }
}
