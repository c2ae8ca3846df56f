import type { EpochMs } from '@tradeswarm/core'
import { type Decimal, decimal, type MarketEvent } from '@tradeswarm/trading'
import type { FakeAlpacaBar } from './fake-alpaca-options.js'
import { rfc3339 } from './fake-order.js'

/** A row of market data; `t` is its time. */
export type MarketRow = Readonly<Record<string, unknown>> & { readonly t: string }

/** What of a symbol is asked for. */
export type RowKind = 'quotes' | 'trades' | `bars/${string}`

/** So many rows of each kind are kept of each symbol. */
const kept = 10_000
const minuteMs = 60_000

/** What the market has said so far, as market data tells it. */
export class MarketHistory {
  readonly #rows = new Map<string, Map<RowKind, MarketRow[]>>()
  /** The minute of each symbol that trades are counted into now. */
  readonly #minute = new Map<string, string>()
  #trades = 0

  constructor(bars: Readonly<Record<string, Readonly<Record<string, readonly FakeAlpacaBar[]>>>> = {}) {
    for (const [symbol, byFrame] of Object.entries(bars))
      for (const [frame, rows] of Object.entries(byFrame)) this.#of(symbol, `bars/${frame}`).push(...rows)
  }

  /** Notes an event, and answers the messages of the stream that tell of it. */
  note(event: MarketEvent, isCrypto: boolean): readonly Record<string, unknown>[] {
    switch (event.type) {
      case 'quote': {
        const row = quoteRow(event, isCrypto)
        this.#add(event.symbol, 'quotes', row)
        return [{ T: 'q', S: event.symbol, ...row }]
      }
      case 'trade':
        return this.#trade(event.symbol, event.time, event.price, Number(event.quantity), isCrypto)
      case 'open':
        return this.#trade(event.symbol, event.time, event.price, 1, isCrypto)
      case 'bar': {
        const row = dayRow(event)
        this.#add(event.symbol, 'bars/1Day', row)
        return [{ T: 'd', S: event.symbol, ...row }]
      }
      default:
        return []
    }
  }

  /** Rows of a symbol, oldest first. */
  rows(symbol: string, kind: RowKind): readonly MarketRow[] {
    return this.#rows.get(symbol)?.get(kind) ?? []
  }

  latest(symbol: string, kind: RowKind): MarketRow | undefined {
    return this.rows(symbol, kind).at(-1)
  }

  /** The last price of a symbol: of a trade, of a bar, or between the sides of a quote. */
  price(symbol: string): Decimal | undefined {
    const row = this.latest(symbol, 'trades') ?? this.latest(symbol, 'bars/1Day')
    const value = row?.['p'] ?? row?.['c'] ?? this.latest(symbol, 'quotes')?.['bp']
    return typeof value === 'number' ? decimal(plain(value)) : undefined
  }

  /** Trades make minute bars; the one that is finished is told when the next one begins. */
  #trade(
    symbol: string,
    time: EpochMs,
    price: string,
    size: number,
    isCrypto: boolean,
  ): readonly Record<string, unknown>[] {
    this.#trades += 1
    const [p, t, i] = [Number(price), rfc3339(time), this.#trades]
    const row = isCrypto ? { t, p, s: size, tks: 'B', i } : { t, x: 'V', p, s: size, c: ['@'], i, z: 'C' }
    this.#add(symbol, 'trades', row)
    const finished = this.#countIntoMinute(symbol, time, p, size)
    const told = { T: 't', S: symbol, ...row }
    return finished === undefined ? [told] : [{ T: 'b', S: symbol, ...finished }, told]
  }

  #countIntoMinute(symbol: string, time: EpochMs, price: number, size: number): MarketRow | undefined {
    const bars = this.#of(symbol, 'bars/1Min')
    const start = rfc3339(time - (time % minuteMs))
    const last = bars.at(-1)
    if (last?.t !== start) {
      const isLive = last !== undefined && this.#minute.get(symbol) === last.t
      this.#minute.set(symbol, start)
      bars.push({ t: start, o: price, h: price, l: price, c: price, v: size, n: 1, vw: price })
      return isLive ? last : undefined
    }
    const { o, h, l, v, n, vw } = last as unknown as FakeAlpacaBar
    const volume = v + size
    const mean = volume === 0 ? price : (vw * v + price * size) / volume
    bars[bars.length - 1] = {
      t: start,
      o,
      h: Math.max(h, price),
      l: Math.min(l, price),
      c: price,
      v: volume,
      n: n + 1,
      vw: mean,
    }
    return undefined
  }

  #add(symbol: string, kind: RowKind, row: MarketRow): void {
    const rows = this.#of(symbol, kind)
    rows.push(row)
    if (rows.length > 2 * kept) rows.splice(0, kept)
  }

  #of(symbol: string, kind: RowKind): MarketRow[] {
    const kinds = this.#rows.get(symbol) ?? new Map<RowKind, MarketRow[]>()
    this.#rows.set(symbol, kinds)
    const rows = kinds.get(kind) ?? []
    kinds.set(kind, rows)
    return rows
  }
}

/** A float as a plain decimal text. */
function plain(value: number): string {
  const text = String(value)
  return text.includes('e') ? value.toFixed(12) : text
}

function quoteRow(event: Extract<MarketEvent, { type: 'quote' }>, isCrypto: boolean): MarketRow {
  const sides = {
    bp: Number(event.bid),
    bs: Number(event.bidSize ?? '100'),
    ap: Number(event.ask),
    as: Number(event.askSize ?? '100'),
  }
  const t = rfc3339(event.time)
  return isCrypto ? { t, ...sides } : { t, ax: 'V', bx: 'V', ...sides, c: ['R'], z: 'C' }
}

function dayRow(event: Extract<MarketEvent, { type: 'bar' }>): MarketRow {
  const [o, h, l, c, v] = [event.open, event.high, event.low, event.close, event.volume].map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ]
  return { t: `${event.sessionDate}T05:00:00Z`, o, h, l, c, v, n: 1, vw: (h + l + c) / 3 }
}
