import type { EpochMs, Logger } from '@tradeswarm/core'
import type { VenueMovement } from '@tradeswarm/trading'
import { EventOutbox } from './event-outbox.js'

/** Money that the venue has moved without an order; each movement is told to every listener once. */
export class MovementLog {
  readonly #movements: VenueMovement[] = []
  readonly #outbox: EventOutbox<VenueMovement>

  constructor(logger: Logger) {
    this.#outbox = new EventOutbox(logger)
  }

  add(movement: VenueMovement): void {
    this.#movements.push(movement)
    this.#outbox.push(movement)
  }

  /** In order of time: what is due by the clock may be noticed after what came later. */
  since(time: EpochMs): readonly VenueMovement[] {
    return this.#movements.filter((movement) => movement.time >= time).sort((a, b) => a.time - b.time)
  }

  subscribe(listener: (movement: VenueMovement) => void | Promise<void>): () => void {
    return this.#outbox.subscribe(listener)
  }

  /** A promise only while a listener makes one. */
  deliver(): Promise<void> | undefined {
    return this.#outbox.deliver()
  }
}
