type Open = {
  readonly symbol: string
  readonly orderIds: Set<string>
  /** Counts up with each symbol that gets its first open order. */
  since: number
}

/**
 * Open orders by symbol, in the order in which they were made; symbols in the order in which they came to have one. A symbol that has none any
 * more is kept: a map of the language walks over every time that a key was taken out and put in again, at each look for it.
 */
export class OpenOrders {
  readonly #bySymbol = new Map<string, Open>()
  #count = 0

  /** Undefined where there are none. What it returns changes with the orders of the symbol. */
  get(symbol: string): ReadonlySet<string> | undefined {
    const open = this.#bySymbol.get(symbol)
    return open === undefined || open.orderIds.size === 0 ? undefined : open.orderIds
  }

  has(symbol: string): boolean {
    return this.get(symbol) !== undefined
  }

  /** Symbols that have some, as of now. */
  symbols(): readonly string[] {
    return this.#inOrder().map(({ symbol }) => symbol)
  }

  /** The ids of all, symbol by symbol, as of now. */
  orderIds(): readonly string[] {
    return this.#inOrder().flatMap(({ orderIds }) => [...orderIds])
  }

  add(symbol: string, orderId: string): void {
    let open = this.#bySymbol.get(symbol)
    if (open === undefined) {
      open = { symbol, orderIds: new Set(), since: 0 }
      this.#bySymbol.set(symbol, open)
    }
    if (open.orderIds.size === 0) {
      this.#count += 1
      open.since = this.#count
    }
    open.orderIds.add(orderId)
  }

  delete(symbol: string, orderId: string): void {
    this.#bySymbol.get(symbol)?.orderIds.delete(orderId)
  }

  #inOrder(): readonly Open[] {
    return [...this.#bySymbol.values()].filter(({ orderIds }) => orderIds.size > 0).sort((a, b) => a.since - b.since)
  }
}
