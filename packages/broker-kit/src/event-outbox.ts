import { type Logger, messageOf } from '@tradeswarm/core'
import type { BrokerEvent } from '@tradeswarm/trading'
import { Listeners } from './listeners.js'

/**
 * Tells events one after the other, each to every listener in the order of subscription. What a listener causes comes after the
 * event that it is handling has reached everybody.
 */
export class EventOutbox {
  readonly #listeners: Listeners<BrokerEvent>
  #queue: BrokerEvent[] = []
  #telling: Promise<void> | undefined

  constructor(logger: Logger) {
    // The venue's word stands whether or not one listener can bear it.
    this.#listeners = new Listeners(({ eventId, type }, thrown) =>
      logger.error('a broker listener failed', { eventId, type, error: messageOf(thrown) }),
    )
  }

  subscribe(listener: (event: BrokerEvent) => void | Promise<void>): () => void {
    return this.#listeners.subscribe(listener)
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
      for (const event of batch) {
        const pending = this.#listeners.tell(event)
        if (pending !== undefined) await pending
      }
    }
    this.#telling = undefined
  }
}
