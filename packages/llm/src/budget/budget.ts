import { type Clock, createSystemClock, SwarmError } from '@tradeswarm/core'
import { type Decimal, divide, toFloat, zero } from '@tradeswarm/trading'
import type { CallContext } from '../call-context.js'
import { createBookWriter } from './book-writer.js'
import { accountsOf, type BudgetLimits, type Limit, readLimits } from './budget-limits.js'
import type { BudgetStore } from './budget-store.js'
import { SpendingBook } from './spending-book.js'

/** An account that has come near its limit, or that was billed beyond it. */
export type BudgetAlert = {
  readonly code: 'BUDGET_NEARLY_USED' | 'BUDGET_OVERRUN'
  readonly account: string
  readonly period: 'day' | 'ever'
  /** Spent and reserved, and the limit, in US dollars. */
  readonly usedUsd: string
  readonly limitUsd: string
}

/** How a budget is kept. */
export type BudgetOptions = BudgetLimits & {
  /** Without one the budget begins anew with each process. */
  readonly store?: BudgetStore
  /** Told once for each limit and day when 80 % of it are used, and when a provider bills more than could be foreseen. */
  readonly onAlert?: (alert: BudgetAlert) => void
  readonly clock?: Clock
}

/** Money set aside for one call. Exactly one of the two is called, once; further calls do nothing. */
export type Reservation = {
  /** The call cost this much. */
  settle(usd: Decimal): void
  /** The call was not billed. */
  release(): void
}

/** One account as it stands. Amounts are decimal texts in US dollars. */
export type BudgetLine = {
  readonly account: string
  readonly period: 'day' | 'ever'
  readonly usedUsd: string
  readonly limitUsd: string
  /** used / limit; 1 where the limit is 0. */
  readonly fraction: number
}

/** What may be spent on models, kept before the call and not after it. */
export type Budget = {
  /**
   * Sets the worst case of a call aside in all its accounts at once, durably. Rejects with `BUDGET_EXCEEDED` where one of them has no room
   * and with `BUDGET_UNAVAILABLE` where the book cannot be read or written; then nothing is set aside, and nothing may be sent.
   * With a name it is held over restarts, for work that outlives the process; asked again under that name it is the same reservation.
   */
  reserve(worst: Decimal, context?: CallContext, name?: string): Promise<Reservation>
  /** The reservation that is held under a name; `undefined` where it was settled. Rejects with `BUDGET_UNAVAILABLE`. */
  held(name: string): Promise<Reservation | undefined>
  status(): readonly BudgetLine[]
  /** Settles when all that was booked is in the store. */
  flush(): Promise<void>
}

const alertFraction = 0.8

/** Throws `INVALID_OPTION`. */
export function createBudget(options: BudgetOptions): Budget {
  const { store, onAlert = () => undefined, clock = createSystemClock(), ...limitOptions } = options
  const limits = readLimits(limitOptions)
  const alerted = new Map<Limit, string>()
  let book = new SpendingBook()
  let opened: Promise<void> | undefined
  const writer = createBookWriter(async () => store?.write(book.text()))

  async function open(): Promise<void> {
    const text = await store?.read()
    if (text !== undefined) book = SpendingBook.read(text)
  }

  function refuseBeyond(accounts: readonly string[], worst: Decimal): void {
    for (const limit of limits) {
      if (!accounts.includes(limit.account)) continue
      const used = book.used(limit.account, limit.period)
      if (used.plus(worst).gt(limit.usd)) throw exceeded(limit, used, worst)
    }
  }

  function alertOf(accounts: readonly string[]): void {
    for (const limit of limits) {
      if (!accounts.includes(limit.account)) continue
      const line = lineOf(limit, book)
      const code = line.fraction > 1 ? 'BUDGET_OVERRUN' : 'BUDGET_NEARLY_USED'
      const told = `${limit.period === 'day' ? book.day : ''} ${code}`
      if (line.fraction < alertFraction || alerted.get(limit) === told) continue
      alerted.set(limit, told)
      const { fraction: _fraction, ...facts } = line
      onAlert({ code, ...facts })
    }
  }

  async function ready(): Promise<void> {
    opened ??= open()
    try {
      await opened
    } catch (error) {
      // The next call tries again: a budget that cannot be read is neither empty nor full.
      opened = undefined
      throw unavailable('read', error)
    }
  }

  function heldReservation(name: string, accounts: readonly string[]): Reservation {
    const settle = (usd: Decimal): void => {
      book.settleHold(name, usd)
      alertOf(accounts)
      writer.written().catch(() => undefined)
    }
    return { settle, release: () => settle(zero) }
  }

  return {
    async reserve(worst, context = {}, name?: string) {
      await ready()
      const known = name === undefined ? undefined : book.held(name)
      if (name !== undefined && known !== undefined) return heldReservation(name, known.accounts)
      const accounts = accountsOf(context)
      book.begin(dayOf(clock))
      const { day } = book
      refuseBeyond(accounts, worst)
      if (name === undefined) book.reserve(accounts, worst)
      else book.hold(name, accounts, worst)
      try {
        await writer.written()
      } catch (error) {
        if (name === undefined) book.settle(accounts, worst, zero, day)
        else book.settleHold(name, zero)
        throw unavailable('written', error)
      }
      if (name !== undefined) {
        alertOf(accounts)
        return heldReservation(name, accounts)
      }
      let isOpen = true
      const settle = (usd: Decimal): void => {
        if (!isOpen) return
        isOpen = false
        book.settle(accounts, worst, usd, day)
        alertOf(accounts)
        // What stays reserved in the store is more than was spent: a failure errs on the safe side, and the next write mends it.
        writer.written().catch(() => undefined)
      }
      alertOf(accounts)
      return { settle, release: () => settle(zero) }
    },
    async held(name) {
      await ready()
      const hold = book.held(name)
      return hold === undefined ? undefined : heldReservation(name, hold.accounts)
    },
    status: () => limits.map((limit) => lineOf(limit, book)),
    flush: () => writer.written(),
  }
}

function lineOf({ account, period, usd }: Limit, book: SpendingBook): BudgetLine {
  const used = book.used(account, period)
  const fraction = usd.isZero() ? 1 : toFloat(divide(used, usd, 6, 'half-even'))
  return { account, period, usedUsd: used.toString(), limitUsd: usd.toString(), fraction }
}

function dayOf(clock: Clock): string {
  return new Date(clock.now()).toISOString().slice(0, 10)
}

function exceeded(limit: Limit, used: Decimal, worst: Decimal): SwarmError {
  const period = limit.period === 'day' ? 'for the day' : 'in all'
  return new SwarmError({
    code: 'BUDGET_EXCEEDED',
    message:
      `the model budget of ${limit.account} is ${limit.usd.toString()} USD ${period}; ${used.toString()} are spent or set aside, and this call may cost ${worst.toString()}. ` +
      'Raise the budget, or set maxOutputTokens (of a batch task `call: { maxOutputTokens }`, for one item): without it a call is held to cost as much as the longest answer',
    context: {
      account: limit.account,
      period: limit.period,
      limitUsd: limit.usd.toString(),
      usedUsd: used.toString(),
      callUsd: worst.toString(),
    },
  })
}

function unavailable(what: 'read' | 'written', cause: unknown): SwarmError {
  return new SwarmError({
    code: 'BUDGET_UNAVAILABLE',
    message: `the model budget could not be ${what}; the call was not made, since nobody knows what is left`,
    retryability: 'retryable',
    cause,
  })
}
