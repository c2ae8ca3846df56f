type Listener<Event> = (event: Event) => void | Promise<void>

/** Those who are told events, in the order of subscription, each awaited before the next. What one of them throws keeps nothing from the others. */
export class Listeners<Event> {
  readonly #failed: (event: Event, thrown: unknown) => void
  #all: readonly Listener<Event>[] = []

  constructor(failed: (event: Event, thrown: unknown) => void) {
    this.#failed = failed
  }

  subscribe(listener: Listener<Event>): () => void {
    // Wrapped, so that one function subscribed twice counts twice.
    const subscription: Listener<Event> = (event) => listener(event)
    this.#all = [...this.#all, subscription]
    return () => {
      this.#all = this.#all.filter((one) => one !== subscription)
    }
  }

  /** Whether nobody listens. */
  get isEmpty(): boolean {
    return this.#all.length === 0
  }

  /** Tells everybody now, and waits for nobody: each hears all events in order, however long another takes. */
  tellAtOnce(event: Event): void {
    for (const listener of this.#all) void this.#tellOne(listener, event)
  }

  /** Tells everybody. Undefined where all were done at once: to wait for that would take longer than to tell. */
  tell(event: Event): Promise<void> | undefined {
    const all = this.#all
    for (let index = 0; index < all.length; index += 1) {
      const pending = this.#tellOne(all[index] as Listener<Event>, event)
      if (pending !== undefined) return this.#tellRest(pending, all.slice(index + 1), event)
    }
    return undefined
  }

  async #tellRest(pending: Promise<void>, rest: readonly Listener<Event>[], event: Event): Promise<void> {
    await pending
    for (const listener of rest) await this.#tellOne(listener, event)
  }

  #tellOne(listener: Listener<Event>, event: Event): Promise<void> | undefined {
    try {
      const pending = listener(event)
      return pending === undefined ? undefined : this.#await(pending, event)
    } catch (thrown) {
      this.#failed(event, thrown)
      return undefined
    }
  }

  async #await(pending: Promise<void>, event: Event): Promise<void> {
    try {
      await pending
    } catch (thrown) {
      this.#failed(event, thrown)
    }
  }
}
