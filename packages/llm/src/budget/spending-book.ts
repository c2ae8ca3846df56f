import { type Decimal, decimal, zero } from '@tradeswarm/trading'
import { z } from 'zod'

/** Dollars of one account: what is spent, and what calls that are under way may still cost; in all, and of that in the book's day. */
type Amounts = { spent: Decimal; reserved: Decimal; spentInDay: Decimal; reservedInDay: Decimal }

/** What has been spent and reserved, by account. It knows nothing of limits. */
export class SpendingBook {
  readonly #accounts = new Map<string, Amounts>()
  #day = ''

  /** The day, YYYY-MM-DD, that is being booked. It never goes back, or a clock that does would let a day be spent twice. */
  get day(): string {
    return this.#day
  }

  /** Begins a day, if it is a later one. */
  begin(day: string): void {
    if (day <= this.#day) return
    this.#day = day
    for (const amounts of this.#accounts.values()) {
      amounts.spentInDay = zero
      amounts.reservedInDay = zero
    }
  }

  /** Spent and reserved of an account, in the day or in all. */
  used(account: string, period: 'day' | 'ever'): Decimal {
    const amounts = this.#accounts.get(account)
    if (amounts === undefined) return zero
    return period === 'day' ? amounts.spentInDay.plus(amounts.reservedInDay) : amounts.spent.plus(amounts.reserved)
  }

  reserve(accounts: readonly string[], usd: Decimal): void {
    for (const account of accounts) {
      const amounts = this.#of(account)
      amounts.reserved = amounts.reserved.plus(usd)
      amounts.reservedInDay = amounts.reservedInDay.plus(usd)
    }
  }

  /** Takes a reservation of `day` back and books what it came to. One of an earlier day is booked to that one. */
  settle(accounts: readonly string[], reserved: Decimal, usd: Decimal, day: string): void {
    for (const account of accounts) {
      const amounts = this.#of(account)
      amounts.reserved = amounts.reserved.minus(reserved)
      amounts.spent = amounts.spent.plus(usd)
      if (day !== this.#day) continue
      amounts.reservedInDay = amounts.reservedInDay.minus(reserved)
      amounts.spentInDay = amounts.spentInDay.plus(usd)
    }
  }

  /** All of it, for a store. */
  text(): string {
    const accounts: Record<string, Record<string, string>> = {}
    for (const [account, amounts] of this.#accounts) {
      const { spent, reserved, spentInDay, reservedInDay } = amounts
      accounts[account] = {
        spent: spent.toString(),
        reserved: reserved.toString(),
        spentInDay: spentInDay.toString(),
        reservedInDay: reservedInDay.toString(),
      }
    }
    return JSON.stringify({ version: 1, day: this.#day, accounts })
  }

  /** What a former process left: its calls that were under way count as spent at their worst. Throws on a text that is none of ours. */
  static read(text: string): SpendingBook {
    const book = new SpendingBook()
    const { day, accounts } = bookSchema.parse(JSON.parse(text))
    book.#day = day
    for (const [account, stored] of Object.entries(accounts)) {
      book.#accounts.set(account, {
        spent: decimal(stored.spent).plus(decimal(stored.reserved)),
        spentInDay: decimal(stored.spentInDay).plus(decimal(stored.reservedInDay)),
        reserved: zero,
        reservedInDay: zero,
      })
    }
    return book
  }

  #of(account: string): Amounts {
    let amounts = this.#accounts.get(account)
    if (amounts === undefined) {
      amounts = { spent: zero, reserved: zero, spentInDay: zero, reservedInDay: zero }
      this.#accounts.set(account, amounts)
    }
    return amounts
  }
}

const amount = z.string()
const bookSchema = z.object({
  version: z.literal(1),
  day: z.iso.date(),
  accounts: z.record(
    z.string(),
    z.object({ spent: amount, reserved: amount, spentInDay: amount, reservedInDay: amount }),
  ),
})
