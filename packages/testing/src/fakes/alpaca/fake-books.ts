import { type Decimal, decimal, type MarketEvent } from '@tradeswarm/trading'

type QuoteEvent = Extract<MarketEvent, { readonly type: 'quote' }>

/** Price and size of a level, in a test's words. */
export type BookLevelText = readonly [price: string, size: string]

type Side = ReadonlyMap<string, string>
type Sides = { readonly bids: Side; readonly asks: Side }
type Level = { readonly p: number; readonly s: number }
/** A book, or a change of one, as the stream and the latest books tell it; `r` where it is the whole. */
export type BookRow = {
  readonly t: string
  readonly b: readonly Level[]
  readonly a: readonly Level[]
  readonly r?: true
}

/** Of a quote that does not say how much. */
const unsaidSize = '100'

/** The books of crypto: what a test says of them, whole or by a quote, and what has changed since it last did. */
export class FakeBooks {
  readonly #books = new Map<string, { readonly sides: Sides; readonly t: string }>()
  readonly #depths = new Map<string, readonly [bids: readonly BookLevelText[], asks: readonly BookLevelText[]]>()

  /** The whole depth that the next quote of a symbol comes with. */
  deepen(symbol: string, bids: readonly BookLevelText[], asks: readonly BookLevelText[]): void {
    this.#depths.set(symbol, [bids, asks])
  }

  /** A quote puts its depth in the place of the book, or where it has none its two sides. */
  quote({ symbol, bid, ask, bidSize, askSize }: QuoteEvent, t: string): BookRow | undefined {
    const [bids, asks] = this.#depths.get(symbol) ?? [[[bid, bidSize ?? unsaidSize]], [[ask, askSize ?? unsaidSize]]]
    this.#depths.delete(symbol)
    return this.replace(symbol, bids, asks, t)
  }

  /** Puts other levels in the place of the ones before. Answers what has changed, of a book that is new the whole; undefined where nothing has. */
  replace(
    symbol: string,
    bids: readonly BookLevelText[],
    asks: readonly BookLevelText[],
    t: string,
  ): BookRow | undefined {
    const before = this.#books.get(symbol)?.sides
    const sides = { bids: new Map(bids), asks: new Map(asks) }
    this.#books.set(symbol, { sides, t })
    const [b, a] = [changed(before?.bids, sides.bids), changed(before?.asks, sides.asks)]
    if (b.length + a.length === 0) return undefined
    return before === undefined ? { t, b, a, r: true } : { t, b, a }
  }

  /** The whole book of a symbol, best levels first. */
  whole(symbol: string): BookRow | undefined {
    const found = this.#books.get(symbol)
    if (found === undefined) return undefined
    return { t: found.t, b: levels(found.sides.bids, -1), a: levels(found.sides.asks, 1) }
  }
}

function levels(side: Side, direction: 1 | -1): readonly Level[] {
  const parsed = [...side].map(([price, size]): readonly [Decimal, Level] => [decimal(price), level(price, size)])
  return parsed.toSorted(([a], [b]) => direction * a.cmp(b)).map(([, one]) => one)
}

function changed(before: Side = new Map(), after: Side): readonly Level[] {
  const put = [...after].filter(([price, size]) => before.get(price) !== size)
  const gone = [...before.keys()].filter((price) => !after.has(price))
  return [...put.map(([price, size]) => level(price, size)), ...gone.map((price) => level(price, '0'))]
}

const level = (price: string, size: string): Level => ({ p: Number(price), s: Number(size) })
