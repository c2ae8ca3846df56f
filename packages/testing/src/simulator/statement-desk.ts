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

const ofStatement = 'statement of '

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
    /** By symbol and instant: what was booked of a dividend, by the kernel and by statements read before. */
    const booked = new Map<string, Exact>()
    const add = (key: string, amount: Exact): void => void booked.set(key, (booked.get(key) ?? 0n) + amount)
    for (const { payload } of life.entries()) {
      const record = payload as KernelRecord
      if (record.type !== 'booked') continue
      const { event } = record
      known.add(event.eventId)
      if (event.type === 'dividend')
        add(`${event.symbol} ${event.time}`, times(exact(event.quantity), exact(event.amountPerUnit)))
      else if (event.type === 'interest' && event.eventId.startsWith(ofStatement))
        add(event.eventId.slice(ofStatement.length).replace(/ \d+\. time$/, ''), exact(event.amount))
    }
    for (const { symbol, time, amountPerUnit, currency: paidIn, quantity } of paid) {
      const key = `${symbol} ${time}`
      const missing = times(quantity, exact(amountPerUnit)) - (booked.get(key) ?? 0n)
      if (missing === 0n) continue
      world.cover('dividend corrected by statement')
      // What was told since the last reading, the kernel has put right by itself: the statement then takes back what it gave.
      let read = 1
      while (known.has(`${ofStatement}${key} ${read}. time`)) read += 1
      const eventId = `${ofStatement}${key} ${read}. time`
      const named = paidIn === currency ? {} : { currency: paidIn }
      book(life, { type: 'interest', eventId, amount: exactText(missing), ...named })
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
