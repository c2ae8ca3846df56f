/** What a case waits for at present, so that one that does not end can say so: what was begun last, and has not ended. */
export class AwaitedCalls {
  readonly #open = new Set<{ readonly what: string }>()

  /** What was begun last of all that has not ended. */
  get last(): string | undefined {
    return [...this.#open].at(-1)?.what
  }

  /** Notes a call until what it answers has ended, and answers that. What it calls in turn begins after it. */
  note<T>(what: string, call: () => T): T {
    const entry = { what }
    const end = (): void => void this.#open.delete(entry)
    this.#open.add(entry)
    try {
      const result = call()
      if (result instanceof Promise) result.then(end, end)
      else end()
      return result
    } catch (thrown) {
      end()
      throw thrown
    }
  }

  /** An object with all that another has, whose calls are noted by its name. */
  watched<T extends object>(name: string, target: T): T {
    // Of nothing, or what is frozen could not be stood in for.
    return new Proxy({} as T, {
      has: (_, key) => Reflect.has(target, key),
      get: (_, key) => {
        const value: unknown = Reflect.get(target, key, target)
        if (typeof value !== 'function') return value
        return (...given: unknown[]): unknown =>
          this.note(`${name}.${String(key)}() has ended`, (): unknown => Reflect.apply(value, target, given))
      },
    })
  }
}
