import type { CashMovement, KernelRecord, TradingKernel } from '@tradeswarm/trading'
import { type Exact, exact, exactText, times } from './exact.js'
import type { KernelLife } from './kernel-life.js'
import { callOperator, simulatedOperator } from './operator-desk.js'
import type { SimulatedWorld } from './simulated-world.js'

/** A dividend as the venue has paid it. */
export type PaidDividend = {
  readonly symbol: string
  readonly time: number
  readonly amountPerUnit: string
  readonly currency: string
  readonly quantity: Exact
}

/** The venue's statements: what it paid and charged outside of any order. An operator books what the kernel cannot know. */
export type StatementDesk = {
  /** Money moved at the venue, and is to be booked under an id of its own. */
  note(movement: CashMovement): void
  charge(symbol: string, amount: Exact): void
  paid(dividend: PaidDividend): void
  /** An operator reads them once the kernel has dealt with all that it was told; what is not in the books then is booked. Again, it changes nothing. */
  read(life: KernelLife): void
}

/** Nothing on them yet. */
export function createStatementDesk(
  world: Pick<SimulatedWorld, 'observe' | 'cover' | 'time'>,
  currency: string,
): StatementDesk {
  const lines: CashMovement[] = []
  const dividends: PaidDividend[] = []
  const note = (movement: CashMovement): void => void lines.push(movement)

  const book = (life: KernelLife, movement: CashMovement): void => {
    world.cover(`booked ${movement.type}`)
    const act = (): ReturnType<TradingKernel['book']> => life.kernel.book(movement, simulatedOperator)
    callOperator(world, life, { name: 'book' }, act)
  }
  const compare = (life: KernelLife, paid: readonly PaidDividend[], moved: readonly CashMovement[]): void => {
    const known = new Set<string>()
    /** By symbol and instant: on how many units a dividend was booked. */
    const booked = new Map<string, Exact>()
    for (const { payload } of life.entries()) {
      const record = payload as KernelRecord
      if (record.type !== 'booked') continue
      known.add(record.event.eventId)
      if (record.event.type !== 'dividend') continue
      const { symbol, time, quantity } = record.event
      booked.set(`${symbol} ${time}`, exact(quantity))
    }
    for (const { symbol, time, amountPerUnit, currency: paidIn, quantity } of paid) {
      const missing = quantity - (booked.get(`${symbol} ${time}`) ?? 0n)
      if (missing === 0n) continue
      const amount = exactText(times(missing, exact(amountPerUnit)))
      const eventId = `statement of ${symbol} ${time}`
      if (known.has(eventId)) continue
      world.cover('dividend corrected by statement')
      book(life, { type: 'interest', eventId, amount, ...(paidIn === currency ? {} : { currency: paidIn }) })
    }
    for (const line of moved) if (!known.has(line.eventId)) book(life, line)
  }
  return {
    note,
    charge: (symbol, amount) =>
      note({ type: 'borrow', eventId: `borrow-${lines.length + 1}`, symbol, amount: exactText(amount) }),
    paid: (dividend) => void dividends.push(dividend),
    read(life) {
      const [paid, moved] = [dividends.slice(), lines.slice()]
      // A dividend that still waits behind the withdrawals of a split is not missing.
      void life.heard.then(() => {
        if (!life.ended) compare(life, paid, moved)
      })
    },
  }
}
