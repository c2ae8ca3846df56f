/** The conditions that an order update may meet on its way out. */
export type UpdateConditions = {
  /** Each pair of order updates changes places. */
  shuffleUpdates: boolean
  /** Order updates are lost. */
  loseUpdates: boolean
}

/** Where order updates pass on their way to the sockets: held back, lost or swapped. */
export class UpdateGate<Update> {
  readonly #conditions: UpdateConditions
  readonly #send: (update: Update) => void
  #held: Update[] | undefined
  #kept: Update | undefined
  /** What is held is to be flushed, too, once it is released. */
  #flushesHeld = false

  constructor(conditions: UpdateConditions, send: (update: Update) => void) {
    this.#conditions = conditions
    this.#send = send
  }

  /** How many updates wait to be sent. */
  get unsent(): number {
    return this.#held?.length ?? 0
  }

  /** Keeps what is published until `release`: it is to come after the answer of a request. */
  hold(): void {
    this.#held ??= []
  }

  release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const update of held) this.publish(update)
    if (this.#flushesHeld) this.flush()
  }

  publish(update: Update): void {
    if (this.#held !== undefined) {
      this.#held.push(update)
      return
    }
    if (this.#conditions.loseUpdates) return
    if (this.#conditions.shuffleUpdates && this.#kept === undefined) {
      this.#kept = update
      return
    }
    this.#send(update)
    this.#sendKept()
  }

  /** Sends what shuffling has kept back; of what is held, as soon as it is released. */
  flush(): void {
    this.#flushesHeld = this.#held !== undefined
    this.#sendKept()
  }

  #sendKept(): void {
    const kept = this.#kept
    this.#kept = undefined
    if (kept !== undefined) this.#send(kept)
  }
}
