import { type Decimal, decimal, zero } from '@tradeswarm/trading'
import { z } from 'zod'

/** Dollars of one account: what is spent, and what calls that are under way may still cost; in all, and of that in the book's day. */
type Amounts = { spent: Decimal; reserved: Decimal; spentInDay: Decimal; reservedInDay: Decimal }

/** A reservation that outlives its process, for work that does: whoever made it settles it under its name. */
export type Hold = { readonly accounts: readonly string[]; readonly usd: Decimal; readonly day: string }

/** What has been spent and reserved, by account. It knows nothing of limits. */
export class SpendingBook {
  readonly #accounts = new Map<string, Amounts>()
  readonly #holds = new Map<string, Hold>()
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

  /** Reserves under a name. */
  hold(name: string, accounts: readonly string[], usd: Decimal): void {
    this.reserve(accounts, usd)
    this.#holds.set(name, { accounts, usd, day: this.#day })
  }

  held(name: string): Hold | undefined {
    return this.#holds.get(name)
  }

  /** Settles a reservation that has a name, once. */
  settleHold(name: string, usd: Decimal): void {
    const hold = this.#holds.get(name)
    if (hold === undefined) return
    this.#holds.delete(name)
    this.settle(hold.accounts, hold.usd, usd, hold.day)
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
    if (this.#holds.size === 0) return JSON.stringify({ version: 1, day: this.#day, accounts })
    const holds = Object.fromEntries(
      [...this.#holds].map(([name, hold]) => [name, { ...hold, usd: hold.usd.toString() }]),
    )
    return JSON.stringify({ version: 1, day: this.#day, accounts, holds })
  }

  /**
   * What a former process left: its calls that were under way count as spent at their worst, but for those that are held by name.
   * Throws on a text that is none of ours.
   */
  static read(text: string): SpendingBook {
    const book = new SpendingBook()
    const { day, accounts, holds = {} } = bookSchema.parse(JSON.parse(text))
    book.#day = day
    for (const [account, stored] of Object.entries(accounts)) {
      book.#accounts.set(account, {
        spent: decimal(stored.spent).plus(decimal(stored.reserved)),
        spentInDay: decimal(stored.spentInDay).plus(decimal(stored.reservedInDay)),
        reserved: zero,
        reservedInDay: zero,
      })
    }
    for (const [name, { accounts: held, usd, day: heldDay }] of Object.entries(holds)) {
      const hold: Hold = { accounts: held, usd: decimal(usd), day: heldDay }
      book.#holds.set(name, hold)
      // Counted as spent above.
      for (const account of held) book.#takeUp(account, hold)
    }
    return book
  }

  /** What was counted as spent is reserved again. */
  #takeUp(account: string, { usd, day }: Hold): void {
    const amounts = this.#of(account)
    amounts.spent = amounts.spent.minus(usd)
    amounts.reserved = amounts.reserved.plus(usd)
    if (day !== this.#day) return
    amounts.spentInDay = amounts.spentInDay.minus(usd)
    amounts.reservedInDay = amounts.reservedInDay.plus(usd)
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
  holds: z.record(z.string(), z.object({ accounts: z.array(z.string()), usd: amount, day: z.iso.date() })).optional(),
})
