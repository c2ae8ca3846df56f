import { isPlainAmount } from '@tradeswarm/broker-kit'
import type { OkxQuote, OkxTrade } from './parse-market-data.js'

const quotes = '{"arg":{"channel":"bbo-tbt","instId":"'
const trades = '{"arg":{"channel":"trades","instId":"'
/** Ends what is read: one row, and nothing else. */
const end = '}]}'

/**
 * Reads the two pushes that come most, a quote and a trade, in the very form in which OKX writes them, without making objects of their JSON.
 * Everything in another form, however slightly, is left to `JSON.parse` and its checks.
 */
export class PushReader {
  readonly #symbols: ReadonlyMap<string, string>
  #text = ''
  #at = 0

  constructor(symbols: readonly string[]) {
    // Texts made once: a symbol comes with every push.
    this.#symbols = new Map(symbols.map((symbol) => [symbol, symbol]))
  }

  /** A push of `bbo-tbt` with a price on both sides; undefined for what it cannot read. */
  quote(text: string): OkxQuote | undefined {
    const symbol = this.#begin(text, quotes)
    if (symbol === undefined || !this.#skip('"},"data":[{"asks":[["')) return undefined
    const ask = this.#amount()
    const askSize = this.#skip('","') ? this.#amount() : undefined
    if (ask === undefined || askSize === undefined || !this.#skipLevel() || !this.#skip(',"bids":[["')) return undefined
    const bid = this.#amount()
    const bidSize = this.#skip('","') ? this.#amount() : undefined
    if (bid === undefined || bidSize === undefined || !this.#skipLevel() || !this.#skip(',"ts":"')) return undefined
    const time = this.#instant()
    return time === undefined || !this.#isLast() ? undefined : { symbol, time, bid, ask, bidSize, askSize }
  }

  /** A push of `trades` with one trade; undefined for what it cannot read. */
  trade(text: string): OkxTrade | undefined {
    const symbol = this.#begin(text, trades)
    if (symbol === undefined || !this.#skip('"},"data":[{"instId":"') || !this.#skip(symbol)) return undefined
    const id = this.#skip('","tradeId":"') ? this.#amount() : undefined
    const price = this.#skip('","px":"') ? this.#amount() : undefined
    const quantity = this.#skip('","sz":"') ? this.#amount() : undefined
    if (id === undefined || price === undefined || quantity === undefined) return undefined
    const side = this.#skip('","side":"buy"') ? 'buy' : this.#skip('","side":"sell"') ? 'sell' : undefined
    const time = this.#skip(',"ts":"') ? this.#instant() : undefined
    if (side === undefined || time === undefined || !this.#isLast()) return undefined
    return { symbol, time, price, quantity, side, id }
  }

  #begin(text: string, head: string): string | undefined {
    if (!text.startsWith(head)) return undefined
    const till = text.indexOf('"', head.length)
    this.#text = text
    this.#at = till
    return this.#symbols.get(text.slice(head.length, till))
  }

  #skip(expected: string): boolean {
    if (!this.#text.startsWith(expected, this.#at)) return false
    this.#at += expected.length
    return true
  }

  /** An amount that ends with a quotation mark. */
  #amount(): string | undefined {
    const till = this.#text.indexOf('"', this.#at)
    const amount = this.#text.slice(this.#at, till)
    this.#at = till
    return isPlainAmount(amount) ? amount : undefined
  }

  /** What else a level tells, up to the end of its side: a field without a meaning, and how many orders there are. */
  #skipLevel(): boolean {
    return this.#skip('","') && this.#skipDigits() && this.#skip('","') && this.#skipDigits() && this.#skip('"]]')
  }

  #skipDigits(): boolean {
    const from = this.#at
    while (isDigit(this.#text.charCodeAt(this.#at))) this.#at += 1
    return this.#at > from
  }

  /** Milliseconds since 1970, of 13 digits as until the year 2286. */
  #instant(): number | undefined {
    let time = 0
    const till = this.#at + 13
    for (; this.#at < till; this.#at += 1) {
      const code = this.#text.charCodeAt(this.#at)
      if (!isDigit(code)) return undefined
      time = time * 10 + (code - 0x30)
    }
    return this.#skip('"') ? time : undefined
  }

  #isLast(): boolean {
    return this.#text.endsWith(end) && this.#text.indexOf('{', this.#at) < 0
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}
